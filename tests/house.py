"""A whole installation in one process for the tests: virtual clock, seeded chance, the simulator in process."""

import random
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

from zelo.access.shell import companies
from zelo.access.vault import Vault
from zelo.assemble import shell as numbers
from zelo.engine.contract import Engine
from zelo.engine.schema.flow import document
from zelo.facts.place import find_municipio
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.fault import Fault
from zelo.fiscal.retorno import NoAnswer, Silence
from zelo.flow.emitter import Keyring
from zelo.flow.intake import Arrival, Go, Receipt, submit
from zelo.flow.lifecycle import State
from zelo.flow.tools import Tools
from zelo.flow.worker import Identity, Worker, next_due
from zelo.models.canonical.package import SchemaPackage
from zelo.models.canonical.shell import shipped
from zelo.models.nfcom.draft import NfcomDraft
from zelo.settings.table import Settings
from zelo.sign.certificate import Certificate, load_pkcs12
from zelo.sim import pki
from zelo.sim.config import Config
from zelo.sim.faults import Cut
from zelo.sim.sefaz import Request, Sefaz
from zelo.transmit.contract import Transport

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BORN = datetime(2026, 1, 1, tzinfo=UTC)
DIES = datetime(2027, 12, 31, tzinfo=UTC)
STEP = timedelta(seconds=3)
LONGEST_STEP = timedelta(minutes=2)


@dataclass(frozen=True)
class Place:
    """Where an example establishment is."""

    uf: str
    municipio: str
    cep: str
    cnpj: str
    ie: str


PLACES = (
    Place("RS", "Porto Alegre", "90010000", "11222333000181", "0968854214"),
    Place("MG", "Belo Horizonte", "30110000", "11222333000262", "0622481865250"),
    Place("MS", "Campo Grande", "79002000", "11222333000343", "283819871"),
    Place("MT", "Cuiabá", "78005000", "11222333000424", "00130633178"),
)


@cache
def packages() -> tuple[SchemaPackage, ...]:
    """The shipped schema packages, compiled once per test process."""
    return tuple(shipped())


@cache
def authority() -> pki.Authority:
    """The test authority, made once per test process."""
    return pki.new_authority(BORN)


@cache
def a1(cnpj: str) -> pki.A1:
    """An e-CNPJ of that company, made once per test process."""
    return pki.issue_a1(authority(), cnpj, "PROVEDOR DE TESTE", BORN, DIES)


class VirtualClock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, step: timedelta) -> None:
        """Let time pass."""
        self.now += step


class Inline(Executor):
    """Runs what is submitted at once, so that a turn of the worker is a function of its seed."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 handed on as an executor does
            future.set_exception(error)
        return future


class InProcess:
    """The transport that hands messages to a simulator in this process."""

    def __init__(
        self,
        sefaz: Sefaz,
        clock: Callable[[], datetime],
        find: Callable[[str], bytes],
        timeout_seconds: float = Settings().http_timeout_seconds,
    ) -> None:
        self.sefaz = sefaz
        self._clock = clock
        self._find = find
        self._timeout_seconds = timeout_seconds

    def post(self, *, url: str, headers: dict[str, str], body: bytes, certificate_id: str) -> bytes | NoAnswer:  # noqa: ARG002
        """See transmit.contract.Transport."""
        autorizador, servico = url.rsplit("/", 2)[-2:]
        request = Request(autorizador, servico, body, self._find(certificate_id), "127.0.0.1")
        reply = self.sefaz.answer(request, self._clock())
        if reply.delay_seconds >= self._timeout_seconds:
            return NoAnswer(Silence.TIMEOUT, "slow")
        if reply.cut is not Cut.NONE:
            return NoAnswer(Silence.CONNECTION_LOST, "dropped")
        if reply.status != 200:
            return NoAnswer(Silence.HTTP_ERROR, f"HTTP {reply.status}")
        return reply.body


@dataclass
class House:
    """An installation with one company, its establishments and a worker."""

    tools: Tools
    clock: VirtualClock
    sefaz: Sefaz
    keyring: Keyring
    company_id: str
    establishments: dict[str, str] = field(default_factory=dict)

    @property
    def transport(self) -> Transport:
        """In process, with the certificates of this house."""
        return InProcess(self.sefaz, self.clock, self._der)

    def _der(self, certificate_id: str) -> bytes:
        with self.tools.engine.read() as connection:
            found = self.keyring.certificate(connection, certificate_id)
        assert not isinstance(found, Fault)
        return _leaf(found.chain_pem)

    def worker(self, name: str = "w1", transport: Transport | None = None) -> Worker:
        """A worker that does everything in the caller's thread."""
        identity = Identity(name, "test", 1, self.clock())
        return Worker(self.tools, transport or self.transport, self.keyring, Inline(), identity)

    def submit(self, reference: str, content: NfcomDraft, uf: str = "RS", go: Go = Go.KEPT) -> Receipt:
        """Take a draft in."""
        with self.tools.engine.begin() as connection:
            establishment = companies.find_establishment(connection, self.establishments[uf])
            assert establishment is not None
            arrival = Arrival(
                establishment=establishment,
                reference=reference,
                content=content,
                serie=1,
                actor="teste",
                now=self.clock(),
                go=go,
            )
            return submit(connection, self.tools, arrival)

    def settle(self, worker: Worker | None = None, *, most: timedelta = timedelta(days=2)) -> None:
        """Let time pass, in longer steps while nothing happens, until nothing moves by itself or `most` has gone."""
        worker = worker or self.worker()
        until, step = self.clock.now + most, STEP
        while self.clock.now < until:
            moved = False
            while worker.turn():
                moved = True
            due = self._next_due()
            if due is None:
                return
            step = STEP if moved else min(2 * step, LONGEST_STEP)
            self.clock.now = max(due, self.clock.now + step)

    def _next_due(self) -> datetime | None:
        with self.tools.engine.read() as connection:
            return next_due(connection)

    def rows(self) -> Sequence[Any]:
        """Every document."""
        with self.tools.engine.read() as connection:
            return connection.execute(select(document).order_by(document.c.id)).fetchall()

    def row(self, document_id: str) -> Any:
        """One document."""
        return next(row for row in self.rows() if row.id == document_id)

    def states(self) -> dict[State, int]:
        """How many documents stand where."""
        found: dict[State, int] = {}
        for row in self.rows():
            found[State(row.state)] = found.get(State(row.state), 0) + 1
        return found


@cache
def _opened(pfx: bytes, password: str) -> Certificate:
    """Opening a file takes 40 ms, and what it holds never changes."""
    loaded = load_pkcs12(pfx, password)
    assert not isinstance(loaded, Fault)
    return loaded


@cache
def _leaf(chain_pem: bytes) -> bytes:
    return x509.load_pem_x509_certificates(chain_pem)[0].public_bytes(Encoding.DER)


def new_house(
    engine: Engine, *, seed: int = 0, settings: Settings | None = None, config: Config | None = None,
    places: Sequence[Place] = PLACES, clock: VirtualClock | None = None,
) -> House:  # fmt: skip
    """A company with an establishment in each place, certificates installed, série 1 starting at 1."""
    clock = clock or VirtualClock()
    chance = random.Random(seed)
    tools = Tools(
        engine=engine,
        settings=settings or Settings(simulator_url="https://127.0.0.1"),
        vault=Vault([Fernet.generate_key()]),
        packages=packages(),
        clock=clock,
        chance=chance.randbytes,
        sleep=lambda seconds: clock.advance(timedelta(seconds=seconds)),
    )
    config = replace(config, trusted=authority().trusted) if config else Config(trusted=authority().trusted, seed=seed)
    with engine.begin() as connection:
        company_id = companies.create_company(
            connection, now=clock(), chance=tools.chance, name="Provedor de Teste", cnpj_base="11222333"
        )
    house = House(tools, clock, Sefaz(config), Keyring(engine, tools.vault), company_id)
    certificate = a1(PLACES[0].cnpj)
    for place in places:
        house.establishments[place.uf] = establish(tools, company_id, place, certificate.pfx, certificate.password)
    with engine.read() as connection:
        kept = companies.certificates(connection, company_id)
    house.keyring._open.update({row.id: _opened(certificate.pfx, certificate.password) for row in kept})
    return house


def establish(tools: Tools, company_id: str, place: Place, pfx: bytes, password: str) -> str:
    """An establishment that may emit: certificate (one for the company), série 1 starting at 1; its id."""
    loaded = _opened(pfx, password)
    town = find_municipio(place.municipio, place.uf)
    assert town is not None
    with tools.engine.begin() as connection:
        kept = companies.certificates(connection, company_id)
        certificate_id = (
            kept[0].id
            if kept
            else companies.keep_certificate(
                connection,
                now=tools.clock(),
                chance=tools.chance,
                vault=tools.vault,
                company_id=company_id,
                file=pfx,
                password=password,
                shown=loaded.shown(),
            )
        )
        establishment_id = companies.create_establishment(
            connection,
            now=tools.clock(),
            chance=tools.chance,
            company_id=company_id,
            values={
                "ambiente": Ambiente.HOMOLOGACAO.value,
                "cnpj": place.cnpj,
                "ie": place.ie,
                "crt": "3",
                "nome": f"PROVEDOR DE TESTE {place.uf}",
                "uf": place.uf,
                "municipio": town.codigo,
                "logradouro": "Avenida Central",
                "numero": "100",
                "bairro": "Centro",
                "cep": place.cep,
                "certificate_id": certificate_id,
            },
        )
        numbers.set_up(
            connection,
            establishment_id=establishment_id,
            modelo="62",
            serie=1,
            next_nnf=1,
            evidence="nunca emitiu nesta série",
            evidence_chave=None,
        )
    return establishment_id
