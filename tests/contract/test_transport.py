"""What HTTPS and in process both keep: the same answer to the same note, the same silence, one POST a call.

What arrived is judged by the simulator's own journal.
"""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final, Protocol

import httpx2
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from tests.house import InProcess
from tests.sim import notes
from tests.sim.judge.cases import BASE
from tests.sim.world import CONSULTA, RECEPCAO, STATUS, read
from zelo.fiscal.retorno import NoAnswer
from zelo.sim import pki
from zelo.sim.config import Config
from zelo.sim.faults import TROUBLES, Cut, OneShot
from zelo.sim.journal import to_json
from zelo.sim.sefaz import Reply, Sefaz
from zelo.sim.shell.folder import a1_in, authority_in
from zelo.sim.shell.server import Handle, Setup, start
from zelo.transmit.contract import Transport
from zelo.transmit.shell import ClientCertificate, HttpsTransport

REAL_NOW: Final = datetime.now(UTC)  # noqa: TID251 TLS lives in real time
DRAFT: Final = replace(
    BASE, dhemi=REAL_NOW.astimezone(timezone(timedelta(hours=-3))).isoformat(timespec="seconds"), serie="7"
)
OTHER_CNPJ: Final = "11222333000181"
SEED: Final = 1
SLOW_MS: Final = 20_000
SHORT_SECONDS: Final = 1
PATIENCE_SECONDS: Final = 15
HEADERS: Final = {"Content-Type": "application/soap+xml; charset=utf-8"}
_NUMBERS: Final = itertools.count(1)
_MOVING: Final = re.compile(r'<(dhRecbto|nProt|dhRetorno)>[^<]*|\[(nProt|dhAut): ?[^\]]*\]| Id="ID\w*"')


class Line(Protocol):
    """A transport with the simulator at its other end."""

    patient: Transport
    hasty: Transport

    def url(self, servico: str) -> str:
        """Where a service is."""
        ...

    def order(self, trouble: str, chave: str) -> None:
        """Let this befall the next request of a chave."""
        ...

    def entries(self) -> Sequence[Mapping[str, Any]]:
        """The whole journal."""
        ...


@dataclass(slots=True)
class Wire:
    """HTTPS to a simulator that is another process."""

    handle: Handle
    patient: Transport
    hasty: Transport

    def url(self, servico: str) -> str:
        return self.handle.url("SVRS", servico)

    def order(self, trouble: str, chave: str) -> None:
        address = self.handle.management_url("/faults")
        done = httpx2.post(address, json={"trouble": trouble, "chave": chave}, trust_env=False)
        assert done.status_code == 200, done.text

    def entries(self) -> Sequence[Mapping[str, Any]]:
        answer = httpx2.get(self.handle.management_url("/journal"), trust_env=False)
        entries: Sequence[Mapping[str, Any]] = answer.json()["entries"]
        return entries


@dataclass(slots=True)
class Inside:
    """The simulator in this process."""

    sefaz: Sefaz
    patient: Transport
    hasty: Transport

    def url(self, servico: str) -> str:
        return f"https://in.process/SVRS/{servico}"

    def order(self, trouble: str, chave: str) -> None:
        self.sefaz.order(OneShot(trouble, chave))

    def entries(self) -> Sequence[Mapping[str, Any]]:
        return [to_json(entry) for entry in self.sefaz.journal.entries]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Authority and certificates that both simulators share, so that one and the same note can go to either."""
    made = tmp_path_factory.mktemp("sim")
    for cnpj in (notes.CNPJ, OTHER_CNPJ):
        a1_in(made, cnpj, "PROVEDOR TESTE LTDA", REAL_NOW)
    return made


def opened(folder: Path, cnpj: str) -> tuple[Any, list[Any]]:
    """Key and chain of a certificate, leaf first."""
    bundle = pkcs12.load_pkcs12((folder / f"a1-{cnpj}.pfx").read_bytes(), pki.PASSWORD.encode())
    assert bundle.cert is not None
    return bundle.key, [bundle.cert.certificate, *(each.certificate for each in bundle.additional_certs)]


@pytest.fixture(scope="module")
def a1(folder: Path) -> pki.A1:
    """What the notes are signed with."""
    key, chain = opened(folder, notes.CNPJ)
    return pki.A1(notes.CNPJ, chain[0], key, b"", "")


@pytest.fixture(scope="module")
def wire(folder: Path) -> Iterator[Wire]:
    def find(cnpj: str) -> ClientCertificate:
        key, chain = opened(folder, cnpj)
        return ClientCertificate(key, b"".join(each.public_bytes(Encoding.PEM) for each in chain))

    with start(folder, Setup(seed=SEED, slow_ms=SLOW_MS)) as handle:
        patient, hasty = (
            HttpsTransport(
                find,
                ca_file=str(handle.ca_file),
                connect_seconds=PATIENCE_SECONDS,
                timeout_seconds=seconds,
                connections=2,
            )
            for seconds in (PATIENCE_SECONDS, SHORT_SECONDS)
        )
        yield Wire(handle, patient, hasty)
        patient.close()
        hasty.close()


@pytest.fixture(scope="module")
def inside(folder: Path) -> Inside:
    sefaz = Sefaz(Config(trusted=authority_in(folder, REAL_NOW).trusted, seed=SEED, slow_ms=SLOW_MS))

    def find(cnpj: str) -> bytes:
        der: bytes = opened(folder, cnpj)[1][0].public_bytes(Encoding.DER)
        return der

    patient, hasty = (
        InProcess(sefaz, lambda: REAL_NOW, find, seconds) for seconds in (PATIENCE_SECONDS, SHORT_SECONDS)
    )
    return Inside(sefaz, patient, hasty)


@pytest.fixture(params=["wire", "inside"])
def line(request: pytest.FixtureRequest) -> Line:
    """Each in turn."""
    found: Line = request.getfixturevalue(request.param)
    return found


def fresh() -> notes.Draft:
    """A note that no other test sends."""
    return replace(DRAFT, nnf=str(next(_NUMBERS)))


def submission(draft: notes.Draft, a1: pki.A1) -> bytes:
    """The request that hands a note in."""
    return notes.envelope(notes.packed(notes.signed(draft, a1)), RECEPCAO)


def post(
    line: Line, body: bytes, servico: str = RECEPCAO, cnpj: str = notes.CNPJ, *, hasty: bool = False
) -> bytes | NoAnswer:
    transport = line.hasty if hasty else line.patient
    return transport.post(url=line.url(servico), headers=HEADERS, body=body, certificate_id=cnpj)


def kind(answer: bytes | NoAnswer) -> str:
    """What came, in a word."""
    if isinstance(answer, NoAnswer):
        assert answer.detail
        return str(answer.why)
    if not answer or answer.startswith(b"<!DOCTYPE"):
        return "page" if answer else "empty"
    return read(Reply(200, answer, 0, Cut.NONE)).cstat


def told(answer: bytes | NoAnswer) -> str:
    """The answer without what the instant and the order of arrival decide."""
    assert isinstance(answer, bytes), answer
    return _MOVING.sub("", answer.decode())


AUTHORISED: Final = "100"
DUPLICATE: Final = "204"
OUTCOMES: Final = {
    "lost_before": ("connection lost", AUTHORISED),
    "lost_after": ("connection lost", DUPLICATE),
    "truncated": ("connection lost", DUPLICATE),
    "http_500": ("http error", DUPLICATE),
    "http_503": ("http error", AUTHORISED),
    "html_200": ("page", AUTHORISED),
    "empty_200": ("empty", DUPLICATE),
    "slow": ("timeout", DUPLICATE),
    "reject_once": ("286", AUTHORISED),
    "pause_108": ("108", AUTHORISED),
}
"""Fault → what the sender learns of it, and what it learns when it hands in the same note once more."""


def test_every_fault_that_the_simulator_knows_is_in_the_contract() -> None:
    assert set(OUTCOMES) == set(TROUBLES)


@pytest.mark.parametrize("trouble", OUTCOMES)
def test_a_fault_is_the_same_silence_and_one_post(line: Line, a1: pki.A1, trouble: str) -> None:
    draft = fresh()
    body = submission(draft, a1)
    line.order(trouble, draft.chave)
    outcomes = []
    for times, hasty in ((1, trouble == "slow"), (2, False)):
        outcomes.append(kind(post(line, body, hasty=hasty)))
        befallen = [entry["trouble"] for entry in line.entries() if entry["chave"] == draft.chave]
        assert befallen == [trouble, ""][:times], "one call is one POST, whatever comes of it"
    assert tuple(outcomes) == OUTCOMES[trouble]


def test_the_same_note_gets_the_same_answer(wire: Wire, inside: Inside, a1: pki.A1) -> None:
    body = submission(fresh(), a1)
    for expected in (AUTHORISED, DUPLICATE):
        answers = [post(line, body) for line in (wire, inside)]
        assert [kind(answer) for answer in answers] == [expected] * 2
        assert told(answers[0]) == told(answers[1])


def test_the_same_question_gets_the_same_answer(wire: Wire, inside: Inside) -> None:
    unknown = fresh().chave
    questions = {
        STATUS: notes.envelope(notes.status(), STATUS),
        CONSULTA: notes.envelope(notes.consulta(unknown), CONSULTA),
    }
    for servico, body in questions.items():
        first, second = (post(line, body, servico) for line in (wire, inside))
        assert told(first) == told(second)


@pytest.mark.parametrize(
    ("servico", "body"),
    [("NoSuchService", b"<m/>"), (RECEPCAO, b"no envelope"), (RECEPCAO, b" " * 3_000_000)],
    ids=["no such service", "no envelope", "too large"],
)
def test_what_is_no_message_is_an_http_error_on_both(line: Line, servico: str, body: bytes) -> None:
    before = len(line.entries())
    assert kind(post(line, body, servico)) == "http error"
    assert len(line.entries()) == before + 1


def test_the_certificate_named_is_the_one_that_is_shown(line: Line, a1: pki.A1) -> None:
    draft = fresh()
    for cnpj in (notes.CNPJ, OTHER_CNPJ):
        post(line, submission(draft, a1), cnpj=cnpj)
    seen = [entry["transmitter"] for entry in line.entries() if entry["chave"] == draft.chave]
    assert seen == [notes.CNPJ, OTHER_CNPJ]
