"""The answers as XML, each valid by its official schema: retNFCom, retConsSitNFCom, retConsStatServNFCom and
retEventoNFCom.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from xml.sax.saxutils import escape

from zelo.fiscal.ambiente import Ambiente
from zelo.sim.authority import instant
from zelo.sim.message import NAMESPACE
from zelo.sim.register import Event, Registered
from zelo.sim.verdict import Verdict, verdict

VERSION: Final = "1.00"
_TP_AMB: Final = f"<tpAmb>{Ambiente.HOMOLOGACAO.value}</tpAmb>"
_MEAN_SECONDS: Final = 1
_NAMES: Final = {"110111": "Cancelamento"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What there is to say: the verdict, the UF it is said for, the note it speaks of, when a pause should end.

    `events`: of that note, or the one just registered; `chave`: of the note that an event was meant for.
    """

    verdict: Verdict
    cuf: str
    note: Registered | None = None
    returns_at: datetime | None = None
    events: tuple[Event, ...] = ()
    chave: str = ""


def program(autorizador: str) -> str:
    """verAplic: nobody shall take an answer of the simulator for a real one."""
    return f"ZELO-SIM-{autorizador}"


def recepcao(outcome: Outcome, autorizador: str, _: datetime) -> str:
    """The answer of NFComRecepcao."""
    return (
        f'<retNFCom xmlns="{NAMESPACE}" versao="{VERSION}">{_TP_AMB}<cUF>{outcome.cuf}</cUF>'
        f"<verAplic>{program(autorizador)}</verAplic>{_stat(outcome.verdict)}"
        f"{_protocol(outcome.note, autorizador)}</retNFCom>"
    )


def consulta(outcome: Outcome, autorizador: str, _: datetime) -> str:
    """The answer of NFComConsulta."""
    return (
        f'<retConsSitNFCom xmlns="{NAMESPACE}" versao="{VERSION}">{_TP_AMB}'
        f"<verAplic>{program(autorizador)}</verAplic>{_stat(outcome.verdict)}<cUF>{outcome.cuf}</cUF>"
        f"{_protocol(outcome.note, autorizador)}{_events(outcome, autorizador)}</retConsSitNFCom>"
    )


def evento(outcome: Outcome, autorizador: str, _: datetime) -> str:
    """The answer of NFComRecepcaoEvento."""
    registered = outcome.events[0] if outcome.events else None
    if registered is not None:
        return _registered(registered, outcome, autorizador, f' xmlns="{NAMESPACE}"')
    named = f"<chNFCom>{outcome.chave}</chNFCom>" if outcome.chave else ""
    return (
        f'<retEventoNFCom xmlns="{NAMESPACE}" versao="{VERSION}"><infEvento>{_TP_AMB}'
        f"<verAplic>{program(autorizador)}</verAplic><cOrgao>{outcome.cuf}</cOrgao>{_stat(outcome.verdict)}{named}"
        "</infEvento></retEventoNFCom>"
    )


def _registered(event: Event, outcome: Outcome, autorizador: str, namespace: str) -> str:
    """The retEvento of an event that was registered, the same whenever it is asked for."""
    return (
        f'<retEventoNFCom{namespace} versao="{VERSION}"><infEvento Id="ID{event.nprot}">{_TP_AMB}'
        f"<verAplic>{program(autorizador)}</verAplic><cOrgao>{outcome.cuf}</cOrgao>{_stat(verdict(event.cstat))}"
        f"<chNFCom>{event.id[8:52]}</chNFCom><tpEvento>{event.id[2:8]}</tpEvento><xEvento>{_NAMES[event.id[2:8]]}</xEvento>"
        f"<nSeqEvento>{int(event.id[52:])}</nSeqEvento><dhRegEvento>{instant(event.at, autorizador)}</dhRegEvento>"
        f"<nProt>{event.nprot}</nProt></infEvento></retEventoNFCom>"
    )


def _events(outcome: Outcome, autorizador: str) -> str:
    """Each event of the note, inside the element that the schema of the consulta leaves open for it."""
    return "".join(
        f'<procEventoNFCom versao="{VERSION}"><procEventoNFCom versao="{VERSION}">{event.content}'
        f"{_registered(event, outcome, autorizador, '')}</procEventoNFCom></procEventoNFCom>"
        for event in outcome.events
    )


def status(outcome: Outcome, autorizador: str, now: datetime) -> str:
    """The answer of NFComStatusServico."""
    back = outcome.returns_at
    return (
        f'<retConsStatServNFCom xmlns="{NAMESPACE}" versao="{VERSION}">{_TP_AMB}'
        f"<verAplic>{program(autorizador)}</verAplic>{_stat(outcome.verdict)}<cUF>{outcome.cuf}</cUF>"
        f"<dhRecbto>{instant(now, autorizador)}</dhRecbto><tMed>{_MEAN_SECONDS}</tMed>"
        f"{f'<dhRetorno>{instant(back, autorizador)}</dhRetorno>' if back else ''}</retConsStatServNFCom>"
    )


def _stat(spoken: Verdict) -> str:
    return f"<cStat>{spoken.cstat}</cStat><xMotivo>{escape(spoken.motivo)}</xMotivo>"


def _protocol(note: Registered | None, autorizador: str) -> str:
    """The protocol of authorisation, the same whenever it is asked for, whatever became of the note since."""
    if note is None:
        return ""
    return (
        f'<protNFCom versao="{VERSION}"><infProt>{_TP_AMB}<verAplic>{program(autorizador)}</verAplic>'
        f"<chNFCom>{note.chave}</chNFCom><dhRecbto>{instant(note.at, autorizador)}</dhRecbto>"
        f"<nProt>{note.nprot}</nProt><digVal>{note.digest}</digVal>{_stat(verdict(note.authorised_as))}"
        "</infProt></protNFCom>"
    )
