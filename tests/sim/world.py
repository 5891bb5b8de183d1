"""A simulated authority with what tests need to talk to it, and a reading of its answers by the official schemas."""

import base64
import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Final

from hypothesis import settings
from lxml import etree

from tests.sim import notes
from zelo.sim.config import Config, Pause
from zelo.sim.journal import Journal
from zelo.sim.pki import A1, Authority, issue_a1
from zelo.sim.sefaz import Reply, Request, Sefaz

NOW: Final = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
RECEPCAO: Final = "NFComRecepcao"
CONSULTA: Final = "NFComConsulta"
EVENTO: Final = "NFComRecepcaoEvento"
STATUS: Final = "NFComStatusServico"
UNHURRIED: Final = settings(deadline=None)
"""For properties: a busy machine is no failure."""
NS: Final = f"{{{notes.NFCOM}}}"


@cache
def official_schema(entry: str) -> etree.XMLSchema:
    """A schema read from the files themselves, not through the simulator."""
    return etree.XMLSchema(file=str(files("nfelib") / "nfcom/schemas/v1_0" / f"{entry}_v1.00.xsd"))


@dataclass(frozen=True, slots=True)
class Told:
    """An answer that its official schema accepts."""

    cstat: str
    motivo: str
    xml: etree._Element

    def text(self, path: str) -> str:
        """The text at a path, "" where there is none."""
        return self.xml.findtext("/".join(f"{NS}{name}" for name in path.split("/"))) or ""


def read(reply: Reply) -> Told:
    """The answer in a reply, whatever the style; it fails when the schema refuses it."""
    assert reply.status == 200, reply
    root = etree.fromstring(reply.body)
    result = root[0][0]
    assert etree.QName(result).localname == "nfcomResultMsg"
    answer = result[0] if len(result) else etree.fromstring(gzip.decompress(base64.b64decode(result.text or "")))
    answer = etree.fromstring(etree.tostring(answer))
    schema = official_schema(etree.QName(answer).localname)
    assert schema.validate(answer), (schema.error_log, etree.tostring(answer))
    said = answer if answer.find(f"{NS}infEvento") is None else answer[0]
    return Told(said.findtext(f"{NS}cStat") or "", said.findtext(f"{NS}xMotivo") or "", answer)


@dataclass(slots=True)
class World:
    """An authority, a transmitter and a clock that tests move."""

    authority: Authority
    a1: A1
    sefaz: Sefaz
    now: datetime = NOW
    ip: str = "10.0.0.1"
    autorizador: str = "SVRS"

    def reply(self, body: bytes, servico: str = RECEPCAO, a1: A1 | None = None) -> Reply:
        """What comes back for a body as it is."""
        request = Request(self.autorizador, servico, body, (a1 or self.a1).der, self.ip)
        return self.sefaz.answer(request, self.now)

    def submit(self, document: bytes, a1: A1 | None = None) -> Told:
        """Hand in a document."""
        return read(self.reply(notes.envelope(notes.packed(document), RECEPCAO), a1=a1))

    def submit_packed(self, packed: bytes) -> Told:
        """Hand in what stands in the envelope as it is."""
        return read(self.reply(notes.envelope(packed, RECEPCAO)))

    def send(self, draft: notes.Draft) -> Told:
        """Sign and hand in a note."""
        return self.submit(notes.signed(draft, self.a1))

    def cancel(self, event: bytes, a1: A1 | None = None) -> Told:
        """Hand in an event."""
        return read(self.reply(notes.envelope(event, EVENTO), EVENTO, a1))

    def consult(self, chave: str) -> Told:
        """Ask after a chave."""
        return read(self.reply(notes.envelope(notes.consulta(chave), CONSULTA), CONSULTA))

    def status(self) -> Told:
        """Ask after the service."""
        return read(self.reply(notes.envelope(notes.status(), STATUS), STATUS))

    def pause(self, cstat: str, until: datetime | None = None) -> None:
        """Pause the authorizer from now on."""
        self.sefaz.pause(self.autorizador, Pause(cstat, self.now, until))


def world(authority: Authority, a1: A1, journal: Journal | None = None, **setting: Any) -> World:
    """A new world with a setting of `Config`."""
    return World(authority, a1, Sefaz(Config(trusted=authority.trusted, **setting), journal))


def a1_of(authority: Authority, cnpj: str, **but: Any) -> A1:
    """A certificate valid around NOW; `but` changes it."""
    given: Mapping[str, Any] = {
        "cnpj": cnpj,
        "name": "PROVEDOR TESTE LTDA",
        "valid_from": NOW - timedelta(days=30),
        "valid_until": NOW + timedelta(days=800),
        **but,
    }
    return issue_a1(authority, **given)
