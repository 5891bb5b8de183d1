"""Every reading of consumo indevido through the front door: the exact edge, the release, the punished, for good."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.sim import notes
from tests.sim.judge import cases
from tests.sim.world import HOUR, World, a1_of, world
from zelo.sim.consumption import Counting
from zelo.sim.journal import blocks, equal_rejections, refused_for_use
from zelo.sim.pki import A1, Authority
from zelo.sim.reading import READINGS, CountedBy, Punished, Reading

WRONG = cases.BY_NOTE["435"]
OTHERWISE_WRONG = cases.BY_NOTE["444"]
OTHER_NUMBER = replace(cases.BASE, nnf="999")


@pytest.fixture(scope="module")
def wrong(a1: A1) -> bytes:
    return notes.signed(WRONG, a1)


@pytest.fixture(scope="module")
def otherwise_wrong(a1: A1) -> bytes:
    return notes.signed(OTHERWISE_WRONG, a1)


@pytest.fixture(scope="module")
def right(a1: A1) -> bytes:
    return notes.signed(OTHER_NUMBER, a1)


Under = Callable[[Reading], World]


@pytest.fixture
def under(authority: Authority, a1: A1) -> Under:
    return lambda reading: world(authority, a1, reading=reading)


def limit(reading: Reading) -> int:
    """The official number unless the reading has its own."""
    return reading.rejections or 30


def fill(sim: World, document: bytes, times: int, cstat: str = "435") -> None:
    """So many rejections that are tolerated."""
    for _ in range(times):
        assert sim.submit(document).cstat == cstat


each_reading = pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)


def test_there_are_readings_enough_and_each_explains_itself() -> None:
    assert len(READINGS) >= 8
    assert all(name == reading.name and reading.meaning for name, reading in READINGS.items())
    assert len({replace(reading, name="", meaning="") for reading in READINGS.values()}) == len(READINGS)


@each_reading
def test_the_last_tolerated_and_the_first_refused(under: Under, reading: Reading, wrong: bytes, right: bytes) -> None:
    sim, most = under(reading), limit(reading)
    fill(sim, wrong, most)
    first = sim.submit(wrong)
    det = "[det: Quantidade de rejeições encontradas: {}, NFCom: " + WRONG.chave + "]"
    assert first.cstat == "678"
    assert first.motivo == f"Rejeição: Consumo Indevido {det.format(most + 1)}"
    assert sim.submit(wrong).motivo.endswith(det.format(most + 2))
    assert sim.submit(right).motivo.endswith(det.format(most + 2))
    assert equal_rejections(sim.sefaz.journal)[WRONG.chave, "435"] == most + 1
    assert (len(blocks(sim.sefaz.journal)), len(refused_for_use(sim.sefaz.journal))) == (1, 3)


@each_reading
def test_released_after_the_hour_unless_touched(under: Under, reading: Reading, wrong: bytes, right: bytes) -> None:
    sim = under(reading)
    fill(sim, wrong, limit(reading))
    assert sim.submit(wrong).cstat == "678"
    sim.now += HOUR / 2
    assert sim.submit(right).cstat == "678"
    sim.now += HOUR / 2
    assert sim.submit(right).cstat == ("678" if reading.restarts_on_touch else "100")


@each_reading
def test_after_the_hour_the_same_note_is_blocked_again_while_it_counts(
    under: Under, reading: Reading, wrong: bytes
) -> None:
    sim = under(reading)
    fill(sim, wrong, limit(reading))
    assert sim.submit(wrong).cstat == "678"
    sim.now += HOUR
    assert sim.submit(wrong).cstat == ("435" if reading.window_seconds else "678")


@each_reading
def test_another_outcome_between(under: Under, reading: Reading, wrong: bytes, otherwise_wrong: bytes) -> None:
    sim = under(reading)
    fill(sim, wrong, limit(reading))
    fill(sim, otherwise_wrong, 1, "444")
    assert sim.submit(wrong).cstat == ("435" if reading.counting is Counting.CONSECUTIVE else "678")


@each_reading
def test_another_chave_of_the_same_number(under: Under, reading: Reading, wrong: bytes) -> None:
    sim = under(reading)
    fill(sim, wrong, limit(reading))
    told = sim.send(replace(WRONG, cnf="7654321"))
    assert told.cstat == ("678" if reading.counted_by is CountedBy.NATURAL_KEY else "435")


@each_reading
def test_who_is_punished(
    under: Under, authority: Authority, key: RSAPrivateKey, reading: Reading, wrong: bytes, right: bytes
) -> None:
    sim = under(reading)
    fill(sim, wrong, limit(reading))
    assert sim.submit(wrong).cstat == "678"
    by_transmitter = reading.punished is Punished.TRANSMITTER
    bureau = a1_of(authority, cases.OTHER_CNPJ, key=key)
    assert sim.submit(right, bureau).cstat == ("100" if by_transmitter else "678")
    sim.ip = "10.0.0.2"
    assert sim.submit(right).cstat == ("204" if by_transmitter else "678")
    establishment = "06117473000230"
    branch = a1_of(authority, establishment, key=key)
    other_emitter = notes.signed(replace(cases.BASE, cnpj=establishment), branch)
    sim.ip = "10.0.0.1"
    assert sim.submit(other_emitter).cstat == ("678" if by_transmitter else "100")


@each_reading
def test_fifty_blocks_and_then_for_good(under: Under, reading: Reading, wrong: bytes, right: bytes) -> None:
    reading = replace(reading, rejections=1, block_seconds=60, window_seconds=reading.window_seconds and 10**9)
    sim = under(reading)
    fill(sim, wrong, 1)
    for _ in range(50):
        assert sim.submit(wrong).cstat == "678"
        sim.now += timedelta(seconds=60)
    assert len(blocks(sim.sefaz.journal)) == 50
    sim.now += timedelta(days=1)
    assert sim.submit(right).cstat == ("678" if reading.becomes_permanent else "100")


def test_other_services_go_on_during_a_block(sim: World, wrong: bytes) -> None:
    fill(sim, wrong, 30)
    assert sim.submit(wrong).cstat == "678"
    assert (sim.status().cstat, sim.consult(WRONG.chave).cstat) == ("107", "217")
    sim.autorizador = "MG"
    assert sim.status().cstat == "107"


def test_ten_consultas_of_a_chave_in_an_hour(sim: World) -> None:
    for _ in range(10):
        assert sim.consult(WRONG.chave).cstat == "217"
    told = sim.consult(WRONG.chave)
    assert told.cstat == "678"
    assert told.motivo.endswith(f"[det: Número máximo de consultas excedido (10) para a NFCom: {WRONG.chave}]")
    assert sim.consult(OTHER_NUMBER.chave).cstat == "678"
    sim.now += HOUR
    for _ in range(10):
        assert sim.consult(WRONG.chave).cstat == "217"
    assert sim.consult(WRONG.chave).cstat == "678"


def test_consultas_of_many_chaves_are_free(sim: World) -> None:
    drafts = [replace(cases.BASE, nnf=str(number)) for number in range(1, 41)]
    assert {sim.consult(draft.chave).cstat for draft in drafts} == {"217"}


def test_sixty_status_in_five_minutes(sim: World) -> None:
    for _ in range(60):
        assert sim.status().cstat == "107"
    told = sim.status()
    assert told.cstat == "678"
    assert told.motivo.endswith("[det: Mais de 60 chamadas em 5 minutos]")
    sim.now += HOUR
    assert sim.status().cstat == "107"


def test_status_every_five_seconds_is_tolerated(sim: World) -> None:
    for _ in range(70):
        assert sim.status().cstat == "107"
        sim.now += timedelta(seconds=5)


def test_what_has_no_chave_is_counted_by_its_bytes(sim: World) -> None:
    for _ in range(30):
        assert sim.submit(b"<a>").cstat == "243"
    assert sim.submit(b"<b>").cstat == "243"
    told = sim.submit(b"<a>")
    assert told.motivo == "Rejeição: Consumo Indevido [det: Quantidade de rejeições encontradas: 31]"


def test_a_pause_is_no_rejection(sim: World, wrong: bytes) -> None:
    fill(sim, wrong, 30)
    sim.pause("108")
    for _ in range(5):
        assert sim.submit(wrong).cstat == "108"
    sim.sefaz.resume("SVRS")
    assert sim.submit(wrong).motivo.endswith(f"encontradas: 31, NFCom: {WRONG.chave}]")


def test_an_authorisation_ends_no_cumulative_count(sim: World, wrong: bytes) -> None:
    fill(sim, wrong, 30)
    assert sim.send(cases.BASE).cstat == "100"
    assert sim.submit(wrong).cstat == "204"


def test_another_reading_counts_what_has_been(sim: World, wrong: bytes) -> None:
    fill(sim, wrong, 28)
    sim.sefaz.read_as(READINGS["pr-25"])
    assert sim.submit(wrong).motivo.endswith(f"encontradas: 29, NFCom: {WRONG.chave}]")
    sim.sefaz.read_as(READINGS["official"])
    fill(sim, wrong, 2)
    assert sim.submit(wrong).cstat == "678"
