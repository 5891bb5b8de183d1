"""Who else uses the certificate, with evidence; and the dossier, whose digests, letter and tables are checked apart."""

import csv
import hashlib
import io
import json
import zipfile
from datetime import timedelta
from typing import Final

from sqlalchemy import update

from tests.messages import chave
from tests.web.test_guard_api import BLOCK, CULPRIT, ask, report, send
from tests.web.town import Town, said, tree
from zelo.engine.schema.guard import note

OFFICE: Final = "11444777000161"
CPF: Final = "529.982.247-25"


def page(town: Town, persona: str = "user") -> str:
    return said(town.get(persona, f"{town.home}/guarda/certificado"))


def test_where_nothing_is_known_the_page_says_so(town: Town) -> None:
    assert "Nada mostra que outro programa use o certificado" in page(town)
    assert "diagnóstico" not in page(town, "reader").split("Nada mostra")[1]


def test_a_block_for_more_than_we_sent_is_not_ours(town: Town) -> None:
    for _ in range(2):
        send(town, chave(nnf=7), "778")
    send(town, chave(nnf=8), "656", CULPRIT.format(count=31, subject=chave(nnf=7)))
    text = page(town)
    assert "não é nosso" in text
    assert "a SEFAZ contou 31 ; por aqui passaram 2" in text


def test_a_block_for_a_note_that_never_passed_here_is_not_ours(town: Town) -> None:
    send(town, chave(nnf=8), "656", CULPRIT.format(count=31, subject=chave(nnf=77)))
    assert "nada dela passou por aqui" in page(town)


def test_a_block_of_our_own_making_is_no_evidence(town: Town) -> None:
    for _ in range(2):
        send(town, chave(nnf=7), "778")
    send(town, chave(nnf=8), "656", CULPRIT.format(count=2, subject=chave(nnf=7)))
    assert "não é nosso" not in page(town)


def test_a_number_that_was_taken_before_the_first_send(town: Town) -> None:
    send(town, chave(nnf=1), "778")
    send(town, chave(nnf=1), "204")
    assert "Números que outro já tinha usado" not in page(town), "the second send may have met our first"
    send(town, chave(nnf=2), "539", f"Rejeição: Duplicidade [chNFe: {chave(nnf=2, code=9)}]")
    assert "Números que outro já tinha usado" in page(town)


def test_certificates_that_asked_and_those_a_diagnosis_saw(town: Town) -> None:
    ask(town, chave(), transmitter=OFFICE)
    assert "11.444.777/0001-61" in page(town)
    seen = {"emitter": "11222333000181", "notes": 4, "last": "2026-11-19T10:00:00-03:00"}
    sender = {"ips": ["10.0.0.7"]}
    told = {
        "format": "zelo-guard-diagnose/1",
        "programs": [{**seen, "name": "CaixaPDV 3.1"}, {**seen, "name": "Alheio", "emitter": "99999999000191"}, 7],
        "certificates": "x",
        "culprits": [{"standing": {"subject": seen, "sender": sender, "last": "ontem"}}],
    }
    path = f"{town.home}/guarda/diagnostico/guardar"
    assert town.post("user", path, {"diagnostico": json.dumps(told)}).status_code == 303
    text = page(town)
    assert "programa CaixaPDV 3.1" in text
    assert "ip 10.0.0.7" in text
    assert "Alheio" not in text


def unpack(town: Town, persona: str = "user") -> dict[str, str]:
    """The dossier's files, each against the manifest."""
    answer = town.get(persona, f"{town.home}/guarda/dossie")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = dict(line.split("  ")[::-1] for line in files.pop("manifesto.txt").decode().splitlines())
    assert manifest == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return {name: content.decode("utf-8-sig") for name, content in files.items()}


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_the_dossier_has_the_facts_of_sends_by_other_programs(town: Town) -> None:
    for _ in range(3):
        send(town, chave(nnf=7), "778", f"Rejeição: NCM {CPF}")
    send(town, chave(nnf=8), "656", CULPRIT.format(count=31, subject=chave(nnf=7)), transmitter=OFFICE)
    files = unpack(town)
    assert set(files) == {"carta.txt", "leia.html", "bloqueios.csv", "notas.csv", "tentativas.csv", "diario.csv"}
    letter = files["carta.txt"]
    assert "1 resposta de bloqueio foi recebida." in letter
    assert f"a SEFAZ apontou {chave(nnf=7)} com 31 rejeições contadas pela SEFAZ; este programa registrou 3" in letter
    assert "11.444.777/0001-61" in letter
    assert "conferido, está inteiro" in letter
    (block,) = rows(files["bloqueios.csv"])
    assert (block["apontado"], block["contou_sefaz"], block["contamos"]) == (chave(nnf=7), "31", "3")
    tries = rows(files["tentativas.csv"])
    assert [row["cstat"] for row in tries] == ["778", "778", "778", "656"]
    assert all(CPF not in text for text in files.values())
    assert "***.982.247-**" in files["tentativas.csv"]
    journal = rows(files["diario.csv"])
    assert len({row["hash"] for row in journal}) == len(journal) == 9


def test_the_dossier_has_the_facts_of_our_own_sends(town: Town, notes: dict[str, str]) -> None:
    assert notes
    files = unpack(town)
    assert "0 respostas de bloqueio foram recebidas" in files["carta.txt"]
    assert "Nada." in files["leia.html"]


def test_a_journal_that_was_changed_is_said_in_the_letter(town: Town) -> None:
    send(town, chave(nnf=7), "778")
    send(town, chave(nnf=8), "656", CULPRIT.format(count=31, subject=chave(nnf=7)))
    with town.engine.begin() as connection:
        connection.execute(update(note).where(note.c.natural_key.endswith("|7")).values(counts={}))
    assert "não confere com a cadeia" in unpack(town)["carta.txt"]


def test_the_same_facts_are_the_same_bytes_and_the_halt_leads_here(town: Town) -> None:
    send(town, chave(nnf=8), "656", CULPRIT.format(count=31, subject=chave(nnf=7)))
    first, second = (town.get("user", f"{town.home}/guarda/dossie").content for _ in range(2))
    assert first == second
    whole = tree(town.get("reader", f"{town.home}/guarda"))
    assert f"{town.home}/guarda/certificado" in whole.xpath("//li[@class='card']//a/@href")


def test_what_is_written_by_others_is_text(town: Town) -> None:
    token = ask(town, chave(nnf=8)).json()["token"]
    report(town, token, "656", "=1+1 <script>alert(1)</script>")
    files = unpack(town)
    assert "<script>" not in files["leia.html"]
    assert rows(files["bloqueios.csv"])[0]["xmotivo"].startswith("'=")
    town.clock.advance(BLOCK + timedelta(seconds=1))
    assert "<script>alert" not in town.get("user", f"{town.home}/guarda/certificado").text
