"""One authorizer at work: what a call deserves there, before anybody counts it or anything goes wrong on the way."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Final

from zelo.facts.authorizer import ufs_of
from zelo.facts.place import zone
from zelo.fiscal.uf import from_codigo
from zelo.sim.answer import Outcome
from zelo.sim.authority import AUTHORITIES, official
from zelo.sim.call import Call
from zelo.sim.certificate import Holder, transmitter_fault
from zelo.sim.certificate import read as read_certificate
from zelo.sim.config import Config, Pause
from zelo.sim.consumption import Meter
from zelo.sim.journal import CONSULTA, EVENTO
from zelo.sim.judge.case import Case, Terms
from zelo.sim.judge.consulta import consult, wrong_environment
from zelo.sim.judge.event import EventCase, judge_event
from zelo.sim.judge.order import judge, layout
from zelo.sim.judge.signature import signed_by
from zelo.sim.note import Note, text
from zelo.sim.register import Event, Register, Registered
from zelo.sim.verdict import CANCELADA, EVENTO_REGISTRADO, MODELO, verdict

_SERVICE_RUNS: Final = "107"
_DUPLICATE: Final = "204"
_SITE: Final = "0"


@dataclass(slots=True)
class Office:
    """What one authorizer keeps: its base, its counts, and the pause it is in."""

    name: str
    register: Register = field(default_factory=Register)
    meter: Meter = field(default_factory=Meter)
    pause: Pause | None = None


@cache
def terms(autorizador: str, on: date) -> Terms:
    """The official numbers in force on that day."""
    return Terms(
        late=timedelta(hours=official("atraso_emissao", autorizador, on)),
        ahead=timedelta(minutes=official("tolerancia_relogio", autorizador, on)),
        consulta_days=official("consulta_prazo", autorizador, on),
    )


def decide(call: Call, office: Office, holder: Holder | None, config: Config, now: datetime) -> Outcome:
    """The judgement of a call: transmitter (group A), message (B, C), layout (D), then what the service asks for."""
    cuf = speaking_for(call, office.name, now.date())
    if fault := transmitter_fault(holder, now):
        return Outcome(verdict(*fault), cuf)
    if call.problem is not None or call.root is None or call.asked is None:
        return Outcome(call.problem or verdict("243"), cuf)
    stated = (call.note.inf if call.note else call.asked).attributes.get("versao", "")
    breach = layout(call.service.schema, call.root, stated)
    if breach is not None:
        return Outcome(breach, cuf)
    if call.note is not None:
        return _reception(call.note, office, config, cuf, now)
    if call.service.name == CONSULTA:
        spoken, known = consult(
            call.asked, autorizador=office.name, register=office.register, terms=terms(office.name, now.date()), now=now
        )
        events = tuple(office.register.events.get(call.chave, ()))
        return Outcome(spoken, cuf, known, events=events if known else ())
    if call.service.name == EVENTO:
        return _event(call, office, config, cuf, now)
    return Outcome(wrong_environment(call.asked) or verdict(_SERVICE_RUNS), cuf)


def _reception(note: Note, office: Office, config: Config, cuf: str, now: datetime) -> Outcome:
    case = Case(
        autorizador=office.name,
        note=note,
        signer=read_certificate(signed_by(note.xml), config.trusted),
        register=office.register,
        accredited=config.accredited,
        contributors=config.contributors,
        terms=terms(office.name, now.date()),
        now=now,
    )
    spoken = judge(case)
    known = office.register.by_chave.get(note.chave) if spoken.cstat == _DUPLICATE else None
    if known is None or known.digest != note.digest or not config.duplicate_returns_protocol:
        return Outcome(spoken, cuf)
    return Outcome(spoken, cuf, known)


def _event(call: Call, office: Office, config: Config, cuf: str, now: datetime) -> Outcome:
    """The judgement of an event whose layout is right."""
    if call.root is None or call.asked is None:
        return Outcome(verdict("243"), cuf)
    on = now.date()
    case = EventCase(
        autorizador=office.name,
        xml=call.root,
        asked=call.asked,
        signer=read_certificate(signed_by(call.root), config.trusted),
        register=office.register,
        accredited=config.accredited,
        ahead=terms(office.name, on).ahead,
        cancel_hours=official("cancelamento", office.name, on),
        now=now,
    )
    return Outcome(judge_event(case), cuf, chave=call.chave)


def enter_event(call: Call, office: Office, now: datetime) -> Event:
    """Enter a cancellation into the base: the event under a protocol of its own, the note as cancelled."""
    nprot = office.register.next_nprot(nprot_prefix(office.name, call.chave, now))
    event = Event(call.event, call.document.decode(), nprot, now, EVENTO_REGISTRADO)
    office.register.add_event(call.chave, event)
    office.register.change(call.chave, CANCELADA, now, nprot)
    return event


def authorise(note: Note, office: Office, cstat: str, now: datetime) -> Registered:
    """Enter a note into the base under a protocol of its own."""
    registered = Registered(
        chave=note.chave,
        natural_key=note.natural_key,
        digest=note.digest,
        nprot=office.register.next_nprot(nprot_prefix(office.name, note.chave, now)),
        at=now,
        authorised_as=cstat,
        cstat=cstat,
        emitted=text(note.ide, "dhEmi"),
        fin=text(note.ide, "finNFCom"),
    )
    office.register.add(registered)
    return registered


def nprot_prefix(autorizador: str, chave: str, now: datetime) -> str:
    """What a protocol begins with: kind of authorizer, UF of the chave, year, site (MOC item 6)."""
    authority = AUTHORITIES[autorizador]
    return f"{authority.kind}{chave[:2]}{now.astimezone(zone(authority.home)):%y}{_SITE}"


def speaking_for(call: Call, autorizador: str, on: date) -> str:
    """cUF of an answer: of the note or chave in question where the authorizer serves it, else its home."""
    stated = text(call.note.ide, "cUF") if call.note else call.chave[:2]
    served = from_codigo(stated) in ufs_of(MODELO, autorizador, on)
    return stated if served else AUTHORITIES[autorizador].home.codigo
