"""The drop folder: a program that only knows files is guarded as one that calls the API, whatever lies there."""

import errno
import os
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select

from tests.cli.dropping import MINUTE, NAME, answered, owner, paper, put, spent, told, where
from tests.guard import papers
from tests.house import House, new_house
from tests.simulation.crash import ProcessDied
from zelo.cli import watch
from zelo.cli.watch import Desk, WatchError, open_desk, turn
from zelo.engine.contract import Engine
from zelo.engine.schema.guard import foreign as sends
from zelo.guard import shell as guard
from zelo.guard.core import Release, Stop


@pytest.fixture
def house(new_embedded: Callable[[], Engine]) -> House:
    return new_house(new_embedded())


@pytest.fixture
def desk(house: House, tmp_path: Path) -> Desk:
    return open_desk(tmp_path / "pasta", owner(house))


def test_a_document_is_let_go_sent_once_and_its_answer_counted(desk: Desk, house: House) -> None:
    content = paper()
    put(desk, NAME, content)
    assert turn(desk) == 1
    assert where(desk) == {NAME: "liberados"}
    assert (desk.root / "liberados" / NAME).read_bytes() == content
    words = told(desk, "liberados")
    assert (words["answer"], words["until"]) == ("admit", None)
    assert spent(house) == 1
    (desk.root / "liberados" / NAME).unlink()
    put(desk, "0001-pro-rec.xml", answered(1, "539"), "retornos")
    assert turn(desk) == 1
    assert where(desk) == {"0001-pro-rec.xml": "lidos"}
    [result] = told(desk, "lidos", "0001-pro-rec.xml")["results"]
    assert result["meaning"] == "duplicate"
    assert spent(house) == 1, "one send, one rejection"
    assert turn(desk) == 0


def test_what_must_wait_goes_by_itself_when_its_time_comes(desk: Desk, house: House) -> None:
    for _ in range(2):
        put(desk, NAME, paper())
        turn(desk)
        (desk.root / "liberados" / NAME).unlink(missing_ok=True)
    words = told(desk, "retidos")
    assert (where(desk), words["answer"]) == ({NAME: "retidos"}, "wait")
    assert words["sentence"].endswith("Até 20/11/2026 09:03:00."), "the hour of the emitter"
    house.clock.advance(MINUTE)
    turn(desk)
    assert where(desk) == {NAME: "retidos"}
    house.clock.advance(2 * MINUTE)
    turn(desk)
    assert where(desk) == {NAME: "liberados"}
    assert spent(house) == 2, "the first was never answered and is charged"


def held(desk: Desk, house: House) -> None:
    """The number reaches the limit of safety by plain rejections."""
    for _ in range(10):
        put(desk, NAME, paper())
        turn(desk)
        (desk.root / "liberados" / NAME).unlink()
        put(desk, "0001-rec.xml", answered(1, "778"), "retornos")
        turn(desk)
        house.clock.advance(MINUTE)
    assert spent(house) == 10
    put(desk, NAME, paper())
    turn(desk)


def test_a_person_releases_what_is_held(desk: Desk, house: House) -> None:
    held(desk, house)
    words = told(desk, "retidos")
    assert (words["answer"], words["stop"], words["until"]) == ("held", "safety", None)
    house.clock.advance(10 * MINUTE)
    turn(desk)
    assert where(desk)[NAME] == "retidos"
    with house.tools.engine.begin() as connection:
        what = Release(Stop.SAFETY, 1, "Ana", "corrigida")
        key = "2|11222333000181|55|1|1"
        guard.release(connection, natural_key=key, chave=papers.chave(1), now=house.clock(), what=what)
    house.clock.advance(MINUTE)
    turn(desk)
    assert where(desk)[NAME] == "liberados"


def test_a_number_that_is_authorised_is_not_let_go_again(desk: Desk, house: House) -> None:
    put(desk, NAME, paper())
    turn(desk)
    put(desk, "again-nfe.xml", paper())
    turn(desk)
    put(desk, "0001-ret.xml", answered(1, "100"), "retornos")
    for _ in range(5):
        house.clock.advance(MINUTE)
        turn(desk)
    assert where(desk) == {NAME: "liberados", "again-nfe.xml": "retidos", "0001-ret.xml": "lidos"}
    assert told(desk, "retidos", "again-nfe.xml")["sentence"].startswith("Este número já foi autorizado")


def test_a_corrected_file_takes_the_place_of_the_one_that_was_held(desk: Desk, house: House) -> None:
    held(desk, house)
    other = paper(2)
    put(desk, NAME, other)
    turn(desk)
    assert where(desk)[NAME] == "liberados"
    assert (desk.root / "liberados" / NAME).read_bytes() == other
    assert not (desk.root / "retidos" / f"{NAME}.json").exists()


def test_events_and_inutilizacoes_ask_by_their_id(desk: Desk, house: House) -> None:
    event = papers.event(papers.chave(1)).replace("<tpAmb>1<", "<tpAmb>2<")
    voiding = papers.inutilizacao(first=5, last=6).replace("<tpAmb>1<", "<tpAmb>2<")
    put(desk, "0001-eve.xml", event.encode())
    put(desk, "0001-inu.xml", voiding.encode())
    turn(desk)
    assert set(where(desk).values()) == {"liberados"}
    refused = papers.inutilizacao(first=5, last=6, cstat="241", at=None).replace("<tpAmb>1<", "<tpAmb>2<")
    put(desk, "a-ret.xml", refused.encode(), "retornos")
    put(
        desk,
        "b-ret.xml",
        papers.event_answer(papers.chave(1), "135", None).replace("b>1<", "b>2<").encode(),
        "retornos",
    )
    turn(desk)
    with house.tools.engine.read() as connection:
        told_of = {row.servico: row.outcome for row in connection.execute(select(sends))}
    assert told_of == {"evento": "135", "inutilizacao": "241"}


def test_a_block_that_names_no_note_belongs_to_the_document_of_that_name(desk: Desk) -> None:
    put(desk, NAME, paper())
    turn(desk)
    put(desk, "0001-ret.xml", papers.blocked("Consumo indevido", None).encode(), "retornos")
    put(desk, "0002-nfe.xml", paper(2))
    turn(desk)
    assert where(desk)["0001-ret.xml"] == "lidos"
    assert told(desk, "retidos", "0002-nfe.xml")["answer"] == "blocked"


REFUSED: Final = {
    "other company": (paper(cnpj=papers.OTHER_CNPJ), "não é da empresa"),
    "production": (papers.note(papers.chave(1)).encode(), "outro ambiente"),
    "two notes": (b"<lote>" + paper(1) + paper(2) + b"</lote>", "2 documentos"),
    "something else": (b"<configuracao/>", "Não é um documento"),
    "not a chave": (
        paper().replace(papers.chave(1).encode(), papers.chave(1)[:-1].encode() + b"x"),
        "Não é um documento",
    ),
    "an archive": (b"PK\x03\x04" + bytes(99), "não pôde ser lido"),
    "too large": (b"<a>" + b" " * 5_000_001 + b"</a>", "não pôde ser lido"),
    "entities": (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "Não é um XML inteiro"),
    "deep": (b"<a>" * 400 + b"</a>" * 400, "XML inteiro"),
    "empty": (b"", "Não é um XML inteiro"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_judged_is_refused_with_a_sentence(desk: Desk, house: House, name: str) -> None:
    content, said = REFUSED[name]
    put(desk, NAME, content)
    house.clock.advance(watch.PATIENCE)
    turn(desk)
    assert where(desk) == {NAME: "recusados"}
    words = told(desk, "recusados")
    assert words["answer"] == "refused"
    assert said in words["sentence"]
    assert words["remedy"]


@pytest.mark.parametrize("cut", [1, 100, -1])
def test_a_file_that_is_still_being_written_is_left_alone(desk: Desk, house: House, cut: int) -> None:
    path = put(desk, NAME, paper()[:cut])
    assert turn(desk) == 0
    assert where(desk) == {NAME: "entrada"}
    path.write_bytes(paper())
    house.clock.advance(MINUTE / 2)
    assert turn(desk) == 1
    assert where(desk) == {NAME: "liberados"}


def test_links_pipes_folders_and_unfinished_names_are_not_touched(desk: Desk, house: House, tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_bytes(paper())
    entrada = desk.root / "entrada"
    (entrada / "link-nfe.xml").symlink_to(secret)
    (entrada / "loop-nfe.xml").symlink_to(entrada)
    (entrada / "folder-nfe.xml").mkdir()
    os.mkfifo(entrada / "pipe-nfe.xml")
    for name in (".hidden-nfe.xml", "x-nfe.xml.tmp", "x.part"):
        (entrada / name).write_bytes(paper())
    house.clock.advance(10 * MINUTE)
    before = sorted(path.name for path in entrada.iterdir())
    assert turn(desk) == 0
    assert sorted(path.name for path in entrada.iterdir()) == before
    assert secret.read_bytes() == paper()
    with house.tools.engine.read() as connection:
        assert connection.execute(select(sends)).all() == []


def test_a_file_swapped_for_a_link_meanwhile_leads_nowhere(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_bytes(paper())
    path = put(desk, NAME, paper())
    hold = watch._hold

    def swapped(*given: Any) -> Path:
        path.unlink()
        path.symlink_to(secret)
        return hold(*given)

    monkeypatch.setattr(watch, "_hold", swapped)
    turn(desk)
    assert told(desk, "recusados")["answer"] == "refused"
    assert secret.read_bytes() == paper()


NAMES: Final = (
    "com espaço e çã-nfe.xml", "quebra\nde linha.xml", "'; DROP TABLE guard_note;--.xml", "[bold]x.xml", "-rf",
    "a" * 255, os.fsdecode(b"\xff\xfe-nfe.xml"), "CON.xml", "sem-fim",
)  # fmt: skip


def test_a_name_may_be_anything(desk: Desk) -> None:
    for number, name in enumerate(NAMES, start=1):
        put(desk, name, paper(number))
    while turn(desk):
        pass
    assert Counter(where(desk).values()) == {"liberados": len(NAMES)}
    assert len(list((desk.root / "liberados").glob("*.json"))) == len(NAMES)


def test_a_folder_that_leads_elsewhere_is_not_watched(house: House, tmp_path: Path) -> None:
    (tmp_path / "pasta").mkdir()
    (tmp_path / "fora").mkdir()
    (tmp_path / "pasta" / "liberados").symlink_to(tmp_path / "fora")
    with pytest.raises(WatchError, match="atalho"):
        open_desk(tmp_path / "pasta", owner(house))


def test_a_million_of_one_folder_do_not_keep_the_others_waiting(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "BATCH_FILES", 3)
    for number in range(1, 21):
        put(desk, f"{number}-nfe.xml", paper(number))
    assert turn(desk) == 3
    put(desk, "x-ret.xml", answered(99, "539"), "retornos")
    assert turn(desk) == 4
    assert where(desk)["x-ret.xml"] == "recusados", "nobody asked about it"


def test_a_full_disk_is_told_and_passes(desk: Desk, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    put(desk, NAME, paper())

    def full(*_: object, **__: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device", "x")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        assert turn(desk) == 0
        assert desk.trouble.startswith("O disco está cheio")
    turn(desk)
    assert desk.trouble == ""
    assert where(desk) == {NAME: "liberados"}
    assert spent(house) == 1, "the same token, the same reservation"


def test_what_was_let_go_and_left_lying_beyond_its_lease_is_asked_about_anew(
    desk: Desk, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(desk, NAME, paper())
    with monkeypatch.context() as patch, pytest.raises(ProcessDied):
        patch.setattr(watch, "_say", lambda *_: (_ for _ in ()).throw(ProcessDied("full stop")))
        turn(desk)
    assert spent(house) == 1
    house.clock.advance(house.tools.lease)
    turn(desk)
    assert where(desk) == {NAME: "liberados"}
    assert spent(house) == 2, "who had it before may have sent it"


def test_an_answer_without_a_send_or_from_before_it_counts_for_nothing(desk: Desk, house: House) -> None:
    put(desk, NAME, paper())
    turn(desk)
    old = papers.rejected(papers.chave(1), "108", house.clock() - timedelta(hours=1)).encode()
    put(desk, "0001-rec.xml", old, "retornos")
    put(desk, "0002-rec.xml", answered(2, "100"), "retornos")
    put(desk, "0003-rec.xml", b"<nada/>", "retornos")
    turn(desk)
    assert Counter(where(desk).values()) == {"liberados": 1, "recusados": 3}
    assert "antes" in told(desk, "recusados", "0001-rec.xml")["results"][0]["sentence"]
    with house.tools.engine.read() as connection:
        assert guard.state_of(connection, "2|11222333000181|55|1|1").token is not None
