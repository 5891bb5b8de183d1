"""Every refusal of a cancellation: one event that breaks the rule and nothing before it, and events at the edge."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from lxml import etree

from tests.sim import events, notes
from tests.sim.events import Cancellation, signed
from tests.sim.judge import cases
from tests.sim.world import HOUR, NOW, Told, World, a1_of, official_schema, world
from zelo.facts.cstat import texto
from zelo.sim.journal import cancelled
from zelo.sim.judge.event import ORDER
from zelo.sim.pki import A1, Authority

MINUTE = timedelta(minutes=1)
DEADLINE = datetime(2026, 12, 6, 3, 0, tzinfo=UTC)
"""120 hours after the last second of November in Porto Alegre (Ajuste SINIEF 07/22, cl. 15)."""
OF_ANOTHER = notes.Draft(cnpj=cases.OTHER_CNPJ)
UNKNOWN_NUMBER = replace(events.NOTE, nnf="999")
UNKNOWN_CODE = replace(events.NOTE, cnf="7654321")
IN_MG = replace(events.NOTE, cuf="31")
BY_EVENT = {
    "252": Cancellation(edits=(("<tpAmb>2<", "<tpAmb>1<"),)),
    "298": Cancellation(later=cases.swap_transforms()),
    "215": Cancellation(at="2026-11-20T10:00:00,03:00"),
    "297": Cancellation(later=(("Cobranca em dobro", "Cobranca em triplo"),)),
    "213": Cancellation(cnpj=cases.OTHER_CNPJ),
    "627": Cancellation(cnpj=cases.WRONG_CNPJ),
    "628": Cancellation(edits=((f"{events.NOTE.chave}001", f"{events.NOTE.chave}002"),)),
    "629": Cancellation(tipo="110112"),
    "630": Cancellation(reason="curto"),
    "236": Cancellation(chave=replace(events.NOTE, wrong_digit=True).chave),
    "249": Cancellation(chave=IN_MG.chave),
    "632": Cancellation(chave=OF_ANOTHER.chave),
    "217": Cancellation(chave=UNKNOWN_NUMBER.chave),
    "216": Cancellation(chave=UNKNOWN_CODE.chave),
    "634": Cancellation(at="2026-11-20T08:59:59-03:00"),
    "637": Cancellation(at="2026-11-20T09:54:59-03:00"),
    "635": Cancellation(at="2026-11-20T10:05:01-03:00"),
    "636": Cancellation(seq="2"),
    "222": Cancellation(nprot="3430000000000000"),
}  # fmt: skip
"""What the event itself provokes, said of one authorised note; the rest depends on what the base holds."""
PLAIN_QUOTES = str.maketrans("“”", '""')
BY_BASE = {"203", "631", "218", "224", "524", "220"}
BY_CERTIFICATE = {"290", "291", "292", "293"}


@pytest.fixture
def protocol(sim: World) -> str:
    """The protocol of the one authorised note."""
    return authorise(sim)


def authorise(sim: World, draft: notes.Draft = events.NOTE) -> str:
    """The protocol of a note that is handed in now."""
    told = sim.send(draft)
    assert told.cstat == "100", told.motivo
    return told.text("protNFCom/infProt/nProt")


def cancel(sim: World, event: Cancellation, protocol: str, a1: A1 | None = None) -> Told:
    """Hand it in, with the right protocol unless it says another."""
    return sim.cancel(signed(replace(event, nprot=event.nprot or protocol), a1 or sim.a1))


@pytest.mark.parametrize("cstat", BY_EVENT)
def test_each_event_is_refused_for_what_is_wrong_with_it(sim: World, protocol: str, cstat: str) -> None:
    assert is_refused(cancel(sim, BY_EVENT[cstat], protocol), cstat)
    assert cancelled(sim.sefaz.journal) == {}
    assert cancel(sim, Cancellation(), protocol).cstat == "135", "and the note was not touched"


def is_refused(told: Told, cstat: str) -> bool:
    """Whether it was refused for that, in the official words."""
    assert (told.cstat, told.motivo[:10]) == (cstat, "Rejeição: "), told.motivo
    assert told.motivo.startswith(texto("62", cstat).translate(PLAIN_QUOTES).split(" [")[0])
    return True


def test_every_code_of_the_order_has_its_document() -> None:
    assert {cstat for cstat, _ in ORDER} == {*BY_EVENT, *BY_BASE, *BY_CERTIFICATE}


def test_registered_once_then_a_duplicate_with_the_first_protocol(sim: World, protocol: str) -> None:
    first = cancel(sim, Cancellation(), protocol)
    again = cancel(sim, Cancellation(reason="Outro motivo para a mesma nota"), protocol)
    assert is_refused(again, "631")
    assert first.text("infEvento/nProt") in again.motivo
    assert list(cancelled(sim.sefaz.journal).values()) == [1]


@pytest.mark.parametrize(("standing", "cstat"), [("101", "218"), ("102", "224")])
def test_a_note_that_ended_otherwise(sim: World, protocol: str, standing: str, cstat: str) -> None:
    sim.sefaz.set_standing(events.NOTE.chave, standing, sim.now)
    assert is_refused(cancel(sim, Cancellation(), protocol), cstat)


def test_a_note_of_substitution(sim: World, protocol: str) -> None:
    """The simulator issues none, so the one that it knows is made one."""
    known = sim.sefaz._offices[sim.autorizador].register.by_chave
    known[events.NOTE.chave] = replace(known[events.NOTE.chave], fin="3")
    assert is_refused(cancel(sim, Cancellation(), protocol), "524")


@pytest.mark.parametrize(
    ("late", "refused"), [(timedelta(0), False), (5 * MINUTE, False), (5 * MINUTE + timedelta(seconds=1), True)]
)
def test_the_deadline_to_the_minute_of_tolerance(sim: World, protocol: str, late: timedelta, *, refused: bool) -> None:
    sim.now = DEADLINE + late
    told = cancel(sim, Cancellation(), protocol)
    assert is_refused(told, "220") if refused else told.cstat == "135"


@pytest.mark.parametrize("at", ["2026-11-20T09:55:00-03:00", "2026-11-20T10:05:00-03:00"])
def test_the_clock_to_the_minute_of_tolerance(sim: World, protocol: str, at: str) -> None:
    told = cancel(sim, Cancellation(at=at), protocol)
    assert told.cstat == "135", told.motivo


def test_an_emitter_that_lost_its_accreditation(authority: Authority, a1: A1) -> None:
    before = world(authority, a1)
    protocol = authorise(before)
    after = world(authority, a1, before.sefaz.journal, accredited=frozenset())
    assert is_refused(cancel(after, Cancellation(), protocol), "203")


def test_signers_that_may_not_sign(
    sim: World, authority: Authority, foreign: Authority, key: RSAPrivateKey, protocol: str
) -> None:
    signers = {
        "290": a1_of(authority, notes.CNPJ, key=key, may_sign=False),
        "291": a1_of(authority, notes.CNPJ, key=key, valid_until=NOW - HOUR),
        "292": a1_of(authority, "", key=key),
        "293": a1_of(foreign, notes.CNPJ, key=key),
    }
    assert signers.keys() == BY_CERTIFICATE
    for cstat, signer in signers.items():
        assert is_refused(sim.cancel(signed(Cancellation(nprot=protocol), signer), sim.a1), cstat)


def test_our_example_is_what_the_official_schema_admits(a1: A1) -> None:
    document = etree.fromstring(signed(Cancellation(nprot="3432600000000001"), a1))
    schema = official_schema("eventoNFCom")
    assert schema.validate(document), schema.error_log
