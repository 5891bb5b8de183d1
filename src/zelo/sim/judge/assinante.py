"""The subscriber (G34a to G36b): contract and terminals."""

from typing import Final

from zelo.sim.judge.case import Case, whole, without
from zelo.sim.note import groups, has, text

COFATURAMENTO: Final = "2"


def _no_contract(case: Case) -> bool:
    """Needed unless the note is co-billed or cedes network (NT 2023.002)."""
    if text(case.note.ide, "tpFat") == COFATURAMENTO or has(case.note.ide, "indCessaoMeiosRede"):
        return False
    return without(case.note.assinante, "nContrato", "dContratoIni")


def _ends_before_it_begins(case: Case) -> bool:
    begin, end = (text(case.note.assinante, name) for name in ("dContratoIni", "dContratoFim"))
    return begin != "" and end != "" and end < begin


def _terminal_repeated(case: Case) -> bool:
    numbers = [node.text for node in groups(case.note.assinante, "NroTermAdic")]
    return len(numbers) != len(set(numbers))


def _terminal_of_other_uf(case: Case, tag: str) -> bool:
    uf = text(case.note.ide, "cUF")
    return any(node.text != uf for node in groups(case.note.assinante, tag))


CHECKS: Final = (
    whole("537", "G34a", _no_contract),
    whole("425", "G35", _ends_before_it_begins),
    whole("474", "G36", _terminal_repeated),
    whole("535", "G36a", lambda case: _terminal_of_other_uf(case, "cUFPrinc")),
    whole("536", "G36b", lambda case: _terminal_of_other_uf(case, "cUFAdic")),
)
