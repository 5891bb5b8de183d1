"""The question after one chave: from the environment to what the base knows (100, 101, 102, 150 or why not)."""

from calendar import monthrange
from datetime import date, datetime, timedelta

from zelo.facts.authorizer import ufs_of
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.uf import from_codigo
from zelo.sim import chave as chaves
from zelo.sim.judge.case import Terms
from zelo.sim.note import Group, text
from zelo.sim.register import Register, Registered
from zelo.sim.verdict import MODELO, Verdict, verdict

_CENTURY = 2000


def wrong_environment(question: Group) -> Verdict | None:
    """252 for a question meant for production."""
    return verdict("252") if text(question, "tpAmb") != str(Ambiente.HOMOLOGACAO.value) else None


def consult(
    question: Group, *, autorizador: str, register: Register, terms: Terms, now: datetime
) -> tuple[Verdict, Registered | None]:
    """The answer to a `consSitNFCom` that fits its schema, and the note it speaks of."""
    if wrong := wrong_environment(question):
        return wrong, None
    chave = text(question, "chNFCom")
    if reason := chaves.why_impossible(chave):
        return verdict("236", {"Motivo": reason}), None
    parts = chaves.take_apart(chave)
    if from_codigo(parts.cuf) not in ufs_of(MODELO, autorizador, now.date()):
        return verdict("249"), None
    if _too_old(parts, terms.consulta_days, now.date()):
        return verdict("478"), None
    note = register.by_chave.get(chave)
    if note is not None:
        return verdict(note.cstat), note
    taken = chaves.natural_key(parts) in register.by_natural_key
    return verdict("216" if taken else "217"), None


def _too_old(parts: chaves.Parts, days: int, today: date) -> bool:
    """A chave tells the month only: it counts from the month's last day."""
    year, month = _CENTURY + int(parts.ano), int(parts.mes)
    emitted = date(year, month, monthrange(year, month)[1])
    return today - emitted > timedelta(days=days)
