"""The line is down: a person begins a contingency, notes are issued off-line, and sent when the line returns."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1
from lxml import etree

from tests.drafts import internet
from tests.flow.test_cancel import cancel
from tests.house import PLACES, House, a1, new_house
from tests.simulation.judge import violations
from zelo.archive import shell as archive
from zelo.engine.contract import Engine
from zelo.facts.contingency import is_holiday
from zelo.fiscal.fault import Fault
from zelo.fiscal.retorno import NoAnswer, Silence
from zelo.flow import contingency
from zelo.flow import nfcom as composing
from zelo.flow.contingency import Turned
from zelo.flow.lifecycle import State
from zelo.flow.worker import Worker
from zelo.models.nfcom.deadline import transmit_until
from zelo.models.nfcom.document import NAMESPACE
from zelo.sign.certificate import load_pkcs12
from zelo.sign.xmldsig import sign_text
from zelo.sim import journal as journals
from zelo.sim.sefaz import Sefaz
from zelo.transmit.contract import Transport

WHY = "Sem acesso à SEFAZ desde as nove horas"
NOTHING_LEFT = NoAnswer(Silence.NOT_SENT, "sem rota")
NO_ANSWER = NoAnswer(Silence.TIMEOUT, "sem resposta")


class Line:
    """A way to the authorizer that a test cuts: `silence` instead of an answer; `heard`: the authorizer still hears."""

    def __init__(self, inner: Transport) -> None:
        self.inner = inner
        self.silence: NoAnswer | None = None
        self.heard = False

    def post(self, *, url: str, headers: dict[str, str], body: bytes, certificate_id: str) -> bytes | NoAnswer:
        """See transmit.contract.Transport."""
        if self.silence is not None and not self.heard:
            return self.silence
        answer = self.inner.post(url=url, headers=headers, body=body, certificate_id=certificate_id)
        return answer if self.silence is None else self.silence


@pytest.fixture
def house(new_embedded: Callable[[], Engine]) -> House:
    """One establishment, its série at 1."""
    return new_house(new_embedded(), places=PLACES[:1])


def start(house: House, why: str = WHY) -> Turned | Fault:
    """As the administrator presses it."""
    with house.tools.engine.begin() as connection:
        return contingency.start(connection, house.tools, house.establishments["RS"], reason=why, actor="Ana (ana)")


def cut(house: House, references: int, silence: NoAnswer, *, heard: bool = False) -> tuple[Line, Worker]:
    """Notes come in while the line is down, until the authorizer counts as down."""
    line = Line(house.transport)
    line.silence, line.heard = silence, heard
    worker = house.worker(transport=line)
    for n in range(references):
        house.submit(f"F{n}", internet(value=f"{100 + n}.00"))
    for _ in range(40):
        while worker.turn():
            pass
        house.clock.advance(timedelta(seconds=31))
    return line, worker


def tag(xml: bytes, name: str) -> str:
    """The text of a tag of a note."""
    return etree.fromstring(xml).findtext(f".//{{{NAMESPACE}}}{name}") or ""


def issued(house: House, chave: str) -> bytes:
    """The signed note that may be printed."""
    with house.tools.engine.read() as connection:
        content = archive.read(connection, chave, "NFCom")
    assert content is not None
    return content


def test_what_never_left_keeps_its_number_and_leaves_when_the_line_returns(house: House) -> None:
    line, worker = cut(house, 6, NOTHING_LEFT)
    before = {row.reference: (row.nnf, row.cnf, row.chave) for row in house.rows()}
    assert start(house) == Turned(kept=6, renumbered=0)
    while worker.turn():
        pass
    for row in house.rows():
        nnf, cnf, chave = before[row.reference]
        assert (row.state, row.nnf, row.cnf) == (State.SIGNED, nnf, cnf)
        assert (row.chave[34], chave[34]) == ("2", "1")
        note = issued(house, row.chave)
        assert (tag(note, "tpEmis"), tag(note, "xJust")) == ("2", WHY)
        assert datetime.fromisoformat(tag(note, "dhCont")) < datetime.fromisoformat(tag(note, "dhEmi"))
        _qr_is_signed(tag(note, "qrCodNFCom"), row.chave)
    line.silence = None
    house.settle(worker)
    assert house.states() == {State.AUTHORISED: 6}
    sent = [entry.chave for entry in house.sefaz.journal.entries if entry.servico == "NFComRecepcao"]
    assert sent == sorted(sent), "in the order of their numbers"
    assert journals.numbers_used_twice(house.sefaz.journal) == {}
    assert violations(house) == []


def _qr_is_signed(text: str, chave: str) -> None:
    """`sign` is RSA-SHA1 of the chave by the certificate that signs the note, by another library's reckoning."""
    query = parse_qs(urlsplit(text).query.replace("+", "%2B"))
    loaded = load_pkcs12(a1(PLACES[0].cnpj).pfx, a1(PLACES[0].cnpj).password)
    assert not isinstance(loaded, Fault)
    key = x509.load_pem_x509_certificates(loaded.chain_pem)[0].public_key()
    assert isinstance(key, RSAPublicKey)
    key.verify(base64.b64decode(unquote(query["sign"][0])), chave.encode(), PKCS1v15(), SHA1())  # noqa: S303 as the QR code of NFCom has it


def test_a_note_without_answer_hands_its_invoice_to_a_successor_and_ends_unused(house: House) -> None:
    line, worker = cut(house, 1, NO_ANSWER)
    [old] = house.rows()
    assert old.state == State.UNKNOWN
    assert start(house) == Turned(kept=0, renumbered=1)
    line.silence = None
    house.settle(worker)
    by_number = {row.nnf: row for row in house.rows()}
    assert {nnf: row.state for nnf, row in by_number.items()} == {1: State.UNUSED, 2: State.AUTHORISED}
    assert (by_number[2].reference, by_number[2].chave[34]) == ("F0", "2")
    assert list(journals.authorised(house.sefaz.journal)) == [by_number[2].chave]


def test_authorised_in_spite_of_the_silence_is_somebodys_duty(house: House) -> None:
    line, worker = cut(house, 1, NO_ANSWER, heard=True)
    start(house)
    line.silence = None
    house.settle(worker)
    assert house.states() == {State.AUTHORISED: 2}
    with house.tools.engine.read() as connection:
        [duty] = contingency.doubled(connection, house.company_id)
    assert (duty.nnf, duty.successor, duty.owner) == (1, 2, "Ana (ana)")
    cancel(house, duty.id)
    house.settle(worker)
    with house.tools.engine.read() as connection:
        assert contingency.doubled(connection, house.company_id) == []
    assert house.states() == {State.AUTHORISED: 1, State.CANCELLED: 1}


def test_it_is_offered_only_while_the_authorizer_is_down(house: House) -> None:
    assert start(house) == contingency.NOT_DOWN
    line, worker = cut(house, 6, NOTHING_LEFT)
    assert start(house, "curto") == contingency.BAD_REASON
    assert isinstance(start(house), Turned)
    assert start(house) == contingency.ALREADY
    while worker.turn():
        pass
    with house.tools.engine.begin() as connection:
        assert contingency.end(connection, house.establishments["RS"], now=house.clock(), actor="Ana")
    line.silence = None
    house.settle(worker)
    house.submit("DEPOIS", internet())
    house.settle(worker)
    assert [row.chave[34] for row in house.rows()] == ["2"] * 6 + ["1"], "normal again once it is ended"


def test_later_than_the_limit_it_is_authorised_out_of_time(house: House) -> None:
    line, worker = cut(house, 6, NOTHING_LEFT)
    start(house)
    while worker.turn():
        pass
    house.clock.advance(timedelta(hours=121))
    line.silence = None
    house.settle(worker)
    assert {row.situacao for row in house.rows()} == {"autorizada fora do prazo"}


@pytest.mark.parametrize(
    ("emitted", "until"),
    [
        (datetime(2026, 11, 19, 15, tzinfo=UTC), "2026-11-24T00:00:00-03:00"),  # the 20th is a holiday since 2023
        (datetime(2026, 11, 23, 2, tzinfo=UTC), "2026-11-24T00:00:00-03:00"),  # still Sunday at the emitter
        (datetime(2026, 12, 24, 15, tzinfo=UTC), "2026-12-29T00:00:00-03:00"),
    ],
)
def test_until_the_end_of_the_first_business_day(emitted: datetime, until: str) -> None:
    assert transmit_until(emitted, ZoneInfo("America/Sao_Paulo"), is_holiday).isoformat() == until


def test_the_simulator_refuses_a_contingency_signed_by_nobody(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oracle has teeth: with another text signed, the authority says 471."""
    original = sign_text
    monkeypatch.setattr(composing, "sign_text", lambda text, certificate: original(text[::-1], certificate))
    line, worker = cut(house, 6, NOTHING_LEFT)
    start(house)
    line.silence = None
    house.settle(worker, most=timedelta(hours=2))
    assert isinstance(house.sefaz, Sefaz)
    assert {row.cstat for row in house.rows()} == {"471"}
