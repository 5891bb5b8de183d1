"""Value = base x rate, tax by tax. Source: MOC NFCom 1.00a Anexo I, "Validações dos Itens (Tributos)" (G99 to G104)."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final

from zelo.fiscal.fault import Found, Rule
from zelo.models.nfcom.rules.amount import beside, beyond
from zelo.models.nfcom.rules.subject import Note, items
from zelo.models.nfcom.total import fits

TAX_TOLERANCE_REAIS: Final = Decimal("0.10")
"""MOC NFCom 1.00a Anexo I, G99 to G104."""

_PERCENT: Final = 100


def _wrong_product(tax: str, *groups: str) -> Callable[[Note], Iterator[Found]]:
    """The check of one tax in the groups that may bear it: tags vBC, p<tax> and v<tax>; without all three, nothing."""
    tags = ("vBC", f"p{tax}", f"v{tax}")

    def check(note: Note) -> Iterator[Found]:
        for path, det in items(note):
            for name in groups:
                group = getattr(det.imposto, name)
                amounts = [amount for tag in tags if (amount := getattr(group, tag, None)) is not None and fits(amount)]
                if len(amounts) == len(tags):
                    base, rate, value = amounts
                    expected = base * rate / _PERCENT
                    if beyond(value, expected, TAX_TOLERANCE_REAIS):
                        yield f"{path}/imposto/{name}/v{tax}", beside(value, expected)

    return check


_PRODUCTS: Final = (
    ("G99", "444", "do ICMS (CST 00 ou 20)", "17", "17,00", _wrong_product("ICMS", "ICMS00", "ICMS20")),
    ("G100", "444", "do ICMS (CST 90)", "17", "17,00", _wrong_product("ICMS", "ICMS90")),
    ("G101", "443", "do PIS", "0,65", "0,65", _wrong_product("PIS", "PIS")),
    ("G102", "445", "da COFINS", "3", "3,00", _wrong_product("COFINS", "COFINS")),
    ("G103", "446", "do FUST", "1", "1,00", _wrong_product("FUST", "FUST")),
    ("G104", "476", "do FUNTTEL", "0,5", "0,50", _wrong_product("FUNTTEL", "FUNTTEL")),
)

RULES: Final = tuple(
    Rule(
        id=f"NFCOM-{moc}",
        cstat=cstat,
        sentence=f"O valor {words} não é base × alíquota.",
        remedy="Recalcule o imposto do item; a SEFAZ tolera R$ 0,10.",
        source=f"MOC NFCom 1.00a Anexo I, {moc}",
        good=f"base 100,00 × {rate}% = {value}",
        bad=f"base 100,00 × {rate}% = 19,90",
        check=check,
    )
    for moc, cstat, words, rate, value, check in _PRODUCTS
)
