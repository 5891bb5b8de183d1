"""When the note was emitted and what the base knows of it (G37 to G42): clock, delay, duplicates, end of life."""

from typing import Final

from zelo.sim.authority import instant
from zelo.sim.judge.case import Case, Check, whole
from zelo.sim.judge.ide import NORMAL, tp_emis
from zelo.sim.register import Registered
from zelo.sim.verdict import CANCELADA, SUBSTITUIDA, Details


def _holder_of_the_number(case: Case) -> Registered | None:
    return case.register.by_natural_key.get(case.note.natural_key)


def _number_taken(case: Case) -> Details | None:
    """The number is authorised under another chave: another month or another cNF."""
    holder = _holder_of_the_number(case)
    return {"chNFCom": holder.chave} if holder and holder.chave != case.note.chave else None


def _authorised_before(case: Case) -> Details | None:
    known = case.register.by_chave.get(case.note.chave)
    if known is None or not known.stands:
        return None
    return {"nProt": known.nprot, "dhAut": instant(known.at, case.autorizador)}


def _ended(cstat: str, when: str) -> Check:
    """The note is known and its standing is `cstat`; `when` names the bracket of the date."""

    def find(case: Case) -> Details | None:
        known = case.register.by_chave.get(case.note.chave)
        if known is None or known.cstat != cstat or known.changed_at is None:
            return None
        return {"nProt": known.change_nprot, when: instant(known.changed_at, case.autorizador)}

    return Check({CANCELADA: "218", SUBSTITUIDA: "224"}[cstat], "G41/G42", find)


CHECKS: Final = (
    whole("212", "G37", lambda case: case.emitted_at - case.now > case.terms.ahead),
    whole("228", "G38", lambda case: tp_emis(case, NORMAL) and case.late),
    Check("539", "G39", _number_taken),
    Check("204", "G40", _authorised_before),
    _ended(CANCELADA, "dhCanc"),
    _ended(SUBSTITUIDA, "dhSubst"),
)
