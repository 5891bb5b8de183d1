"""The authority as a whole: pauses, remembering, and an answer for every request there can be."""

import base64
import gzip
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sim import notes
from tests.sim.judge import cases
from tests.sim.world import CONSULTA, HOUR, NOW, RECEPCAO, STATUS, UNHURRIED, World, a1_of, read, world
from zelo.fiscal.ambiente import Ambiente
from zelo.sim.config import Config, Pause
from zelo.sim.journal import Journal, authorised, from_lines, to_line
from zelo.sim.pki import A1, Authority, new_authority
from zelo.sim.sefaz import Request, Sefaz
from zelo.sim.soap import Style


@pytest.mark.parametrize("cstat", ["108", "109"])
def test_a_paused_authorizer_says_so_at_every_service(sim: World, cstat: str) -> None:
    sim.pause(cstat, NOW + HOUR)
    assert {sim.send(cases.BASE).cstat, sim.consult(cases.BASE.chave).cstat, sim.status().cstat} == {cstat}
    assert sim.status().text("dhRetorno") == "2026-11-20T11:00:00-03:00"
    assert not authorised(sim.sefaz.journal)
    assert sim.sefaz.paused(NOW) == {"SVRS": cstat}
    sim.autorizador = "MG"
    assert sim.status().cstat == "107"
    sim.autorizador, sim.now = "SVRS", NOW + HOUR
    assert sim.status().cstat == "107"
    assert sim.sefaz.paused(sim.now) == {}


def test_a_pause_without_end_ends_by_hand(sim: World) -> None:
    sim.pause("109")
    sim.now += 1000 * HOUR
    told = sim.status()
    assert (told.cstat, told.text("dhRetorno")) == ("109", "")
    sim.sefaz.resume("SVRS")
    assert sim.status().cstat == "107"


def test_a_pause_may_begin_later(authority: Authority, a1: A1) -> None:
    sim = world(authority, a1, paused={"SVRS": Pause("108", NOW + HOUR)})
    assert sim.status().cstat == "107"
    sim.now += HOUR
    assert sim.status().cstat == "108"


def test_questions_for_production_and_of_another_version(sim: World) -> None:
    for body, cstat in ((notes.status(tp_amb="1"), "252"), (notes.status(versao="2.00"), "239")):
        assert read(sim.reply(notes.envelope(body, STATUS), STATUS)).cstat == cstat
    assert read(sim.reply(notes.envelope(notes.consulta(cases.BASE.chave), STATUS), STATUS)).cstat == "215"
    assert read(sim.reply(notes.envelope(b"", STATUS), STATUS)).cstat == "243"
    huge = notes.status().replace(b"STATUS", b"S" * 1_048_576)
    assert read(sim.reply(notes.envelope(huge, STATUS), STATUS)).cstat == "214"


def _again(sim: World) -> World:
    """The same authority after a restart: only the lines of its journal are left."""
    lines = [to_line(entry) for entry in sim.sefaz.journal.entries]
    later = world(sim.authority, sim.a1, from_lines(lines))
    later.now = sim.now
    return later


def test_a_restart_remembers_what_was_authorised(sim: World) -> None:
    document = notes.signed(cases.BASE, sim.a1)
    first = sim.submit(document)
    sim.send(replace(cases.BASE, nnf="124"))
    sim.sefaz.set_standing(replace(cases.BASE, nnf="124").chave, "101", sim.now)
    later = _again(sim)
    again = later.submit(document)
    assert again.cstat == "204"
    assert again.text("protNFCom/infProt/nProt") == first.text("protNFCom/infProt/nProt")
    assert later.consult(replace(cases.BASE, nnf="124").chave).cstat == "101"
    assert later.send(replace(cases.BASE, cnf="7654321")).cstat == "539"
    fourth = later.send(replace(cases.BASE, nnf="125"))
    assert fourth.text("protNFCom/infProt/nProt") == "3432600000000004"
    assert later.sefaz.journal.entries[: len(sim.sefaz.journal.entries)] == sim.sefaz.journal.entries


def test_a_restart_remembers_rejections_and_blocks(sim: World) -> None:
    wrong = notes.signed(cases.BY_NOTE["435"], sim.a1)
    for _ in range(29):
        assert sim.submit(wrong).cstat == "435"
    later = _again(sim)
    assert later.submit(wrong).cstat == "435"
    assert later.submit(wrong).cstat == "678"
    last = _again(later)
    assert last.submit(wrong).motivo == later.submit(wrong).motivo
    last.now += HOUR
    assert last.send(replace(cases.BASE, nnf="124")).cstat == "100"


def test_a_journal_with_faults_can_be_remembered(sim: World) -> None:
    sim.reply(b"nonsense")
    sim.sefaz.answer(Request("XX", "YY", b"", None, ""), NOW)
    assert len(_again(sim).sefaz.journal.entries) == 2


WRONG_CONFIGS: dict[str, dict[str, Any]] = {
    "homologação": {"ambiente": Ambiente.PRODUCAO},
    "Autorizador desconhecido: XX": {"styles": {"XX": Style.PLAIN}},
    "Falha desconhecida": {"rates": {"x": 1}},
    "latência": {"latency_ms": (9, 1)},
}


@pytest.mark.parametrize("sentence", WRONG_CONFIGS)
def test_settings_that_cannot_be(authority: Authority, a1: A1, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        world(authority, a1, **WRONG_CONFIGS[sentence])


def test_commands_that_cannot_be(sim: World) -> None:
    with pytest.raises(ValueError, match="108 ou 109"):
        Pause("100", NOW)
    with pytest.raises(ValueError, match="Autorizador desconhecido"):
        sim.sefaz.resume("XX")
    with pytest.raises(ValueError, match="Autorizador desconhecido"):
        sim.sefaz.pause("XX", Pause("108", NOW))
    with pytest.raises(ValueError, match="101 ou 102"):
        sim.sefaz.set_standing(cases.BASE.chave, "100", NOW)
    with pytest.raises(ValueError, match="Não há nota autorizada"):
        sim.sefaz.set_standing(cases.BASE.chave, "101", NOW)
    sim.send(cases.BASE)
    sim.sefaz.set_standing(cases.BASE.chave, "101", NOW)
    with pytest.raises(ValueError, match="Não há nota autorizada"):
        sim.sefaz.set_standing(cases.BASE.chave, "102", NOW)


@pytest.mark.parametrize("now", [NOW.replace(tzinfo=None), datetime(2025, 10, 31, tzinfo=UTC)])
def test_a_clock_that_cannot_be(sim: World, now: datetime) -> None:
    with pytest.raises(ValueError, match="clock"):
        sim.sefaz.answer(Request("SVRS", STATUS, b"", sim.a1.der, ""), now)


def test_time_begins_with_the_obligation(sim: World) -> None:
    sim.now = datetime(2025, 11, 1, tzinfo=UTC)
    sim.a1 = a1_of(sim.authority, notes.CNPJ, key=sim.a1.key, valid_from=sim.now)
    assert sim.status().cstat == "107"


def test_another_style_may_be_chosen(authority: Authority, a1: A1) -> None:
    sim = world(authority, a1, styles={"SVRS": Style.COMPRESSED})
    assert b">H4sI" in sim.reply(notes.envelope(notes.status(), STATUS), STATUS).body
    assert sim.status().cstat == "107"


@pytest.fixture(scope="module")
def document(a1: A1) -> bytes:
    return notes.signed(cases.BASE, a1)


@UNHURRIED
@given(servico=st.sampled_from([RECEPCAO, CONSULTA, STATUS]), body=st.binary(max_size=3_000))
def test_any_body_gets_an_answer(authority: Authority, a1: A1, servico: str, body: bytes) -> None:
    sim = world(authority, a1)
    for each in (body, notes.envelope(body, servico), notes.envelope(notes.packed(body), servico)):
        assert sim.reply(each, servico).body


@settings(UNHURRIED, max_examples=150)
@given(data=st.data())
def test_a_note_damaged_anywhere_gets_an_answer_and_no_authorisation(
    authority: Authority, a1: A1, document: bytes, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(document) - 1))
    length = data.draw(st.integers(0, 30))
    filling = data.draw(st.binary(max_size=8))
    damaged = document[:place] + filling + document[place + length :]
    sim = world(authority, a1)
    if sim.submit(damaged).cstat == "100":
        assert f"<DigestValue>{sim.sefaz.journal.entries[-1].digest}</DigestValue>".encode() in document
    else:
        assert damaged != document


@UNHURRIED
@given(der=st.binary(max_size=600))
def test_any_certificate_gets_an_answer(authority: Authority, a1: A1, der: bytes) -> None:
    request = Request("SVRS", STATUS, notes.envelope(notes.status(), STATUS), der, "10.0.0.9")
    assert read(world(authority, a1).sefaz.answer(request, NOW)).cstat == "280"


def test_a_note_of_990_items_within_a_second(sim: World) -> None:
    extra = "".join(notes.PLAIN_ITEM.replace('"2"', f'"{number}"') for number in range(2, 991))
    total = f"{100 + 20 * 989}.00"
    many = cases.BASE.but((notes.PLAIN_ITEM, extra))
    for tag in ("<total><vProd>", "<vNF>", "<vTotDFe>"):
        many = many.but((f"{tag}120.00", f"{tag}{total}"))
    told = sim.send(many)
    assert told.cstat == "100", told.motivo


def test_a_document_like_a_bomb_costs_little(sim: World) -> None:
    bomb = base64.b64encode(gzip.compress(b"<a>" + b"0" * 50_000_000, 1))
    assert sim.submit_packed(bomb).cstat == "214"


def test_nothing_of_another_authority_is_trusted(a1: A1) -> None:
    other = Sefaz(Config(trusted=new_authority(NOW).trusted), Journal())
    body = notes.envelope(notes.status(), STATUS)
    assert read(other.answer(Request("SVRS", STATUS, body, a1.der, ""), NOW)).cstat == "283"


def test_a_certificate_of_an_unknown_kind_of_name_has_no_cnpj(authority: Authority, a1: A1) -> None:
    sim = world(authority, a1)
    person = a1_of(authority, "", key=a1.key)
    assert read(sim.reply(notes.envelope(notes.status(), STATUS), STATUS, person)).cstat == "282"
