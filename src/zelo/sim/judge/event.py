"""An event before the judge: the general rules of events, then those of a cancellation (groups K and L of the manual).

Only 110111 of the emitter is known; whatever else is 629. What the base does not hold (525 and 526: notes of ajuste and
of cofaturamento) is not simulated.
"""

import base64
import hashlib
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lxml import etree

from zelo.facts.authorizer import ufs_of
from zelo.facts.place import zone
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.cnpj import is_cnpj
from zelo.fiscal.uf import from_codigo
from zelo.sim import chave as chaves
from zelo.sim import schema
from zelo.sim.authority import instant
from zelo.sim.certificate import Holder, signer_fault
from zelo.sim.judge.ide import readable
from zelo.sim.judge.signature import differs, off_pattern, other_company
from zelo.sim.message import NAMESPACE
from zelo.sim.note import Group, canonical, group, text
from zelo.sim.register import Event, Register, Registered
from zelo.sim.verdict import CANCELADA, EVENTO_REGISTRADO, MODELO, NOTHING, SUBSTITUIDA, Details, Verdict, verdict

CANCELLATION: Final = "110111"
SUBSTITUTION: Final = "3"
_ONLY_SEQ: Final = 1
_SCHEMA: Final = "evCancNFCom_v1.00.xsd"


@dataclass(frozen=True, slots=True)
class EventCase:
    """An event with what is known of its note. `accredited` None: every emitter is."""

    autorizador: str
    xml: etree._Element
    asked: Group
    signer: Holder | None
    register: Register
    accredited: frozenset[str] | None
    ahead: timedelta
    cancel_hours: int
    now: datetime

    def said(self, tag: str) -> str:
        """A tag of infEvento."""
        return text(self.asked, f"infEvento/{tag}")

    @property
    def id(self) -> str:
        """The Id of infEvento."""
        inner = group(self.asked, "infEvento")
        return "" if inner is None else inner.attributes.get("Id", "")

    @property
    def note(self) -> Registered | None:
        """The note that the event is about, if the base has it."""
        return self.register.by_chave.get(self.said("chNFCom"))

    @property
    def at(self) -> datetime:
        """dhEvento."""
        return datetime.fromisoformat(self.said("dhEvento"))


Find = Callable[[EventCase], Details | None]


def _whole(breaks: Callable[[EventCase], bool]) -> Find:
    return lambda case: NOTHING if breaks(case) else None


def _signer(code: str) -> Find:
    def find(case: EventCase) -> Details | None:
        fault = signer_fault(case.signer, case.now)
        return fault[1] if fault and fault[0] == code else None

    return find


def _changed(case: EventCase) -> bool:
    signed = case.xml.find(f"{{{NAMESPACE}}}infEvento")
    if signed is None:
        return True
    digest = base64.b64encode(hashlib.sha1(canonical(signed), usedforsecurity=False).digest()).decode()
    return differs(case.xml, digest, case.signer)


def _specific_schema(case: EventCase) -> Details | None:
    inside = case.xml.find(f"{{{NAMESPACE}}}infEvento/{{{NAMESPACE}}}detEvento")
    if inside is None or len(inside) != 1:
        return NOTHING
    alone = etree.fromstring(etree.tostring(inside[0], with_tail=False))
    fault = schema.first_fault(_SCHEMA, alone)
    return {"": fault} if fault else None


def _other_uf(case: EventCase) -> bool:
    uf = from_codigo(case.said("chNFCom")[:2])
    return uf not in ufs_of(MODELO, case.autorizador, case.now.date())


def _impossible(case: EventCase) -> Details | None:
    why = chaves.why_impossible(case.said("chNFCom"))
    return {"Motivo": why} if why else None


def _before(case: EventCase) -> Event | None:
    return next((one for one in case.register.events.get(case.said("chNFCom"), ()) if one.id == case.id), None)


def _duplicate(case: EventCase) -> Details | None:
    known = _before(case)
    return {"nProt": known.nprot, "dhRegEvento": instant(known.at, case.autorizador)} if known else None


def _before_emission(case: EventCase) -> bool:
    note = case.note
    return note is not None and bool(note.emitted) and case.at < datetime.fromisoformat(note.emitted)


def _before_authorisation(case: EventCase) -> bool:
    note = case.note
    return note is not None and case.at < note.at.replace(microsecond=0) - case.ahead


def _ended(standing: str, when: str) -> Find:
    def find(case: EventCase) -> Details | None:
        note = case.note
        if note is None or note.cstat != standing or note.changed_at is None:
            return None
        return {"nProt": note.change_nprot, when: instant(note.changed_at, case.autorizador)}

    return find


def _past_deadline(case: EventCase) -> bool:
    """So many hours after the last day of the month of authorisation, by the emitter's clock."""
    note = case.note
    uf = from_codigo(case.said("chNFCom")[:2])
    if note is None or uf is None:
        return False
    day = note.at.astimezone(zone(uf))
    last = day.replace(day=monthrange(day.year, day.month)[1], hour=0, minute=0, second=0, microsecond=0)
    return case.now > last + timedelta(days=1, hours=case.cancel_hours) + case.ahead


def _unknown_note(case: EventCase) -> str:
    taken = chaves.natural_key(chaves.take_apart(case.said("chNFCom"))) in case.register.by_natural_key
    return "216" if taken else "217"


ORDER: Final[tuple[tuple[str, Find], ...]] = (
    ("215", _whole(lambda case: not readable(case.said("dhEvento")))),
    *((code, _signer(code)) for code in ("290", "291", "292", "293")),
    ("298", _whole(lambda case: off_pattern(case.xml, case.id))),
    ("297", _whole(_changed)),
    ("213", _whole(lambda case: other_company(case.signer, case.said("CNPJ")))),
    ("252", _whole(lambda case: case.said("tpAmb") != str(Ambiente.HOMOLOGACAO.value))),
    ("627", _whole(lambda case: not is_cnpj(case.said("CNPJ")))),
    (
        "628",
        _whole(
            lambda case: case.id != f"ID{case.said('tpEvento')}{case.said('chNFCom')}{case.said('nSeqEvento').zfill(3)}"
        ),
    ),
    ("629", _whole(lambda case: case.said("tpEvento") != CANCELLATION)),
    ("630", _specific_schema),
    ("236", _impossible),
    ("249", _whole(_other_uf)),
    ("632", _whole(lambda case: case.said("CNPJ") != case.said("chNFCom")[6:20])),
    ("203", _whole(lambda case: case.accredited is not None and case.said("CNPJ") not in case.accredited)),
    ("217", _whole(lambda case: case.note is None and _unknown_note(case) == "217")),
    ("216", _whole(lambda case: case.note is None)),
    ("631", _duplicate),
    ("634", _whole(_before_emission)),
    ("637", _whole(_before_authorisation)),
    ("635", _whole(lambda case: case.at - case.now > case.ahead)),
    ("636", _whole(lambda case: int(case.said("nSeqEvento")) > _ONLY_SEQ)),
    ("218", _ended(CANCELADA, "dhCanc")),
    ("224", _ended(SUBSTITUIDA, "dhSubst")),
    ("524", _whole(lambda case: case.note is not None and case.note.fin == SUBSTITUTION)),
    ("222", _whole(lambda case: case.note is not None and case.note.nprot != text(case.asked, _NPROT))),
    ("220", _whole(_past_deadline)),
)
_NPROT: Final = "infEvento/detEvento/evCancNFCom/nProt"


def judge_event(case: EventCase) -> Verdict:
    """The verdict on an event whose layout is right: the first breach, or registered and linked (135)."""
    for cstat, find in ORDER:
        details = find(case)
        if details is not None:
            return verdict(cstat, details)
    return verdict(EVENTO_REGISTRADO)
