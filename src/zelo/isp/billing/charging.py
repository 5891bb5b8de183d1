"""How a fatura is charged, and what then stands in gFat/codBarras, which the layout demands of every charge.

A boleto has its linha digitável. For anything else zelo never makes a number up: either the file brings the line, or
the company has said, for that form, which digits its accountant or its SEFAZ wants there. Unsaid is a fault.
"""

import re
from collections.abc import Mapping
from typing import Final

from zelo.fiscal.fault import Fault

BOLETO: Final = "boleto"
PIX: Final = "pix"
CARD: Final = "cartao"
DEBIT: Final = "debito"
WITHOUT_BOLETO: Final = (PIX, CARD, DEBIT)
FORMS: Final[Mapping[str, str]] = {
    "boleto": BOLETO, "boleto bancário": BOLETO, "carnê": BOLETO, "bolepix": BOLETO, "boleto pix": BOLETO,
    "pix": PIX, "pix qr code": PIX, "pix automático": PIX,
    "cartao": CARD, "cartão de crédito": CARD, "cartão recorrente": CARD, "credito": CARD, "cartão de débito": CARD,
    "debito": DEBIT, "débito automático": DEBIT, "débito em conta": DEBIT, "debito conta corrente": DEBIT,
}  # fmt: skip
"""Words of ERPs for each form (`debito_conta_corrente` and `boleto_bancario` are HubSoft's)."""

CODE_DIGITS: Final = 48
_CODE: Final = re.compile(rf"[0-9]{{1,{CODE_DIGITS}}}")
NO_LINE: Final = Fault(
    "LINHA-FALTA",
    "Falta a linha digitável do boleto.",
    "Registre o boleto no banco e exporte de novo.",
    "linha_digitavel",
)
BAD_CODE: Final = Fault(
    "COBRANCA-CODIGO", f"O código tem de 1 a {CODE_DIGITS} dígitos.", "Escreva só dígitos, ou deixe vazio."
)


def bar_code(form: str, linha: str, codes: Mapping[str, str]) -> str | Fault:
    """What stands in codBarras. `codes` holds the digits that the company has said for a form without boleto."""
    if linha:
        return linha
    if form == BOLETO:
        return NO_LINE
    said = codes.get(form, "")
    if said:
        return said
    return Fault(
        "COBRANCA-POLITICA",
        f"A fatura é cobrada por {form} e não tem linha digitável, que a NFCom exige.",
        "Traga a linha no arquivo, ou diga em Formas de cobrança o que seu contador manda pôr ali.",
        "forma_cobranca",
        form,
    )


def check_code(code: str) -> Fault | None:
    """What is wrong with the digits that a company says for a form; nothing is said by an empty text."""
    return None if not code or _CODE.fullmatch(code) else BAD_CODE
