"""The answers as XML: retNFCom, retConsSitNFCom and retConsStatServNFCom, each valid by its official schema."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from xml.sax.saxutils import escape

from zelo.fiscal.ambiente import Ambiente
from zelo.sim.authority import instant
from zelo.sim.message import NAMESPACE
from zelo.sim.register import Registered
from zelo.sim.verdict import Verdict, verdict

VERSION: Final = "1.00"
_TP_AMB: Final = f"<tpAmb>{Ambiente.HOMOLOGACAO.value}</tpAmb>"
_MEAN_SECONDS: Final = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What there is to say: the verdict, the UF it is said for, the note it speaks of, when a pause should end."""

    verdict: Verdict
    cuf: str
    note: Registered | None = None
    returns_at: datetime | None = None


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
        f"{_protocol(outcome.note, autorizador)}</retConsSitNFCom>"
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
