"""The items (G83 to G98, G105a, G105b): codes, amounts, prepaid, centralised and shared billing, CFOP and CST."""

from decimal import Decimal
from typing import Final

from zelo.facts.item import accepts_cfop, cclass
from zelo.fiscal.cnpj import is_cnpj
from zelo.sim.judge.assinante import COFATURAMENTO
from zelo.sim.judge.case import Case, each_item
from zelo.sim.judge.purpose import CENTRALIZADO, NORMAL, SUBSTITUICAO, fin, tp_fat
from zelo.sim.note import Item, amount, has, text

CENTRAL_GROUP: Final = "120"
COFAT_GROUP: Final = "130"
TOLERANCE_REAIS: Final = Decimal("0.05")

_MAIN_PURPOSES: Final = frozenset({NORMAL, SUBSTITUICAO})


def _wrong_cfop(item: Item, case: Case) -> bool:
    return has(item.prod, "CFOP") and not accepts_cfop(text(item.prod, "CFOP"), case.day)


def _wrong_value(item: Item, _: Case) -> bool:
    gross = amount(item.prod, "vItem") * amount(item.prod, "qFaturada")
    due = gross - amount(item.prod, "vDesc") + amount(item.prod, "vOutro")
    return abs(amount(item.prod, "vProd") - due) > TOLERANCE_REAIS


def _prepaid_unmarked(item: Item, case: Case) -> bool:
    row = cclass(item.cclass, case.day)
    return row is not None and row.pre_pago and not has(case.note.ide, "indPrePago")


def _central(item: Item) -> bool:
    return item.cclass.startswith(CENTRAL_GROUP)


def _shared(item: Item) -> bool:
    return item.cclass.startswith(COFAT_GROUP)


def _taxed(item: Item) -> bool:
    return not has(item.imposto, "indSemCST") or has(item.prod, "CFOP")


def _main_purpose(case: Case) -> bool:
    return fin(case) in _MAIN_PURPOSES


def _central_out_of_place(item: Item, case: Case) -> bool:
    """In an adjustment or a co-billed note; the centralised note itself has a cStat of its own, 268."""
    return _central(item) and (not _main_purpose(case) or tp_fat(case) == COFATURAMENTO)


CHECKS: Final = (
    each_item("276", "G83", lambda item, case: cclass(item.cclass, case.day) is None),
    each_item("433", "G84", _wrong_cfop),
    each_item("435", "G86", _wrong_value),
    each_item("522", "G87", _prepaid_unmarked),
    each_item("277", "G88", _central_out_of_place),
    each_item("269", "G89", lambda item, _: _central(item) and _taxed(item)),
    each_item("268", "G92", lambda item, case: _central(item) and tp_fat(case) == CENTRALIZADO),
    each_item("262", "G93", lambda item, case: _shared(item) and not _main_purpose(case)),
    each_item("266", "G94", lambda item, _: _shared(item) and _taxed(item)),
    each_item("265", "G95", lambda item, case: _shared(item) and tp_fat(case) == COFATURAMENTO),
    each_item("263", "G96", lambda item, _: _shared(item) and not has(item.prod, "CNPJLD")),
    each_item("288", "G97", lambda item, _: not _shared(item) and has(item.prod, "CNPJLD")),
    each_item("264", "G98", lambda item, _: has(item.prod, "CNPJLD") and not is_cnpj(text(item.prod, "CNPJLD"))),
)
CST_AND_CFOP: Final = (
    each_item("540", "G105a", lambda item, _: item.icms is not None and not has(item.prod, "CFOP")),
    each_item("541", "G105b", lambda item, _: has(item.imposto, "indSemCST") and has(item.prod, "CFOP")),
)
