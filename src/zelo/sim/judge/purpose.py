"""What the note is for (G43 to G82): substitution, adjustment, co-billing, invoice; and what we do not simulate."""

from typing import Final

from zelo.fiscal.cnpj import is_cnpj
from zelo.sim.judge.assinante import COFATURAMENTO
from zelo.sim.judge.case import Case, Check, each_item, whole
from zelo.sim.note import Item, group, has, text
from zelo.sim.verdict import NOT_CATALOGUED, Details

NORMAL, SUBSTITUICAO, AJUSTE = "0", "3", "4"
FATURAMENTO_NORMAL, CENTRALIZADO = "0", "1"

_NOT_SIMULATED: Final = "o simulador ainda não trata {}"
_ENTRY_CFOPS: Final = ("1", "2", "3")


def fin(case: Case) -> str:
    """finNFCom."""
    return text(case.note.ide, "finNFCom")


def tp_fat(case: Case) -> str:
    """tpFat."""
    return text(case.note.ide, "tpFat")


def _no_former_note(item: Item, case: Case) -> bool:
    return fin(case) == AJUSTE and not (item.det.attributes.keys() >= {"chNFComAnt", "nItemAnt"})


def _entry_cfop(item: Item, case: Case) -> bool:
    return not has(case.note.ide, "indNotaEntrada") and text(item.prod, "CFOP").startswith(_ENTRY_CFOPS)


def _no_invoice(case: Case) -> bool:
    exempt = has(case.note.ide, "indPrePago") or has(case.note.ide, "indCessaoMeiosRede")
    return tp_fat(case) == FATURAMENTO_NORMAL and fin(case) != AJUSTE and not exempt and not has(case.note.inf, "gFat")


def _needless_invoice(case: Case) -> bool:
    needless = fin(case) == AJUSTE or tp_fat(case) == COFATURAMENTO
    return needless and (has(case.note.inf, "gFat") or has(case.note.inf, "gFatCentral"))


def _wrong_centre(case: Case) -> bool:
    centre = group(case.note.inf, "gFatCentral")
    return centre is not None and not is_cnpj(text(centre, "CNPJ"))


def _substitutes(case: Case) -> bool:
    return has(case.note.inf, "gSub")


def _not_simulated(case: Case) -> Details | None:
    """Asked last, so that every rule which is simulated has spoken before."""
    if fin(case) == SUBSTITUICAO:
        return {"": _NOT_SIMULATED.format("NFCom de Substituição")}
    if fin(case) == AJUSTE:
        return {"": _NOT_SIMULATED.format("NFCom de Ajuste")}
    if tp_fat(case) == COFATURAMENTO:
        return {"": _NOT_SIMULATED.format("Cofaturamento")}
    return None


CHECKS: Final = (
    whole("411", "G43", lambda case: fin(case) == SUBSTITUICAO and not _substitutes(case)),
    whole("412", "G44", lambda case: fin(case) != SUBSTITUICAO and _substitutes(case)),
    each_item("238", "G58", _no_former_note),
    whole("542", "G66a", lambda case: has(case.note.ide, "indNotaEntrada") and fin(case) != AJUSTE),
    each_item("544", "G66c", _entry_cfop),
    whole("515", "G67", lambda case: tp_fat(case) == COFATURAMENTO and not has(case.note.inf, "gCofat")),
    whole("532", "G68", lambda case: tp_fat(case) != COFATURAMENTO and has(case.note.inf, "gCofat")),
    whole("270", "G78", _no_invoice),
    whole("272", "G79", lambda case: tp_fat(case) == CENTRALIZADO and not has(case.note.inf, "gFatCentral")),
    whole("273", "G80", _needless_invoice),
    whole("274", "G81", _wrong_centre),
)
NOT_SIMULATED: Final = (Check(NOT_CATALOGUED, "-", _not_simulated),)
