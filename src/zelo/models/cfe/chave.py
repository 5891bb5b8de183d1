"""The chave of a CF-e: the device's number and a counter of its own stand where other models have série and tpEmis.

cUF 2, AAMM 4, CNPJ 14, mod 2 (59), nserieSAT 9, nCFe 6, cNF 6, check digit (ER SAT; verified on public coupons).
"""

import re
from dataclasses import dataclass
from typing import Final, Self

from zelo.fiscal.chave import check_digit

MODELO: Final = "59"
PREFIX: Final = "CFe"
"""What stands before the 44 digits in an Id and in the interface of the device."""
_SHAPE: Final = re.compile(r"[0-9]{6}[A-Z0-9]{12}[0-9]{2}59[0-9]{22}")


@dataclass(frozen=True, slots=True)
class Chave:
    """A chave taken apart, all text, zeros kept."""

    cuf: str
    aamm: str
    cnpj: str
    nserie: str
    ncfe: str
    cnf: str
    dv: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take a chave apart, with or without its "CFe". Raises ValueError when shape or check digit is wrong."""
        bare = text.removeprefix(PREFIX)
        if _SHAPE.fullmatch(bare) is None:
            raise ValueError(f"not a chave of model {MODELO}: {text!r}")
        if check_digit(bare[:43]) != bare[43]:
            raise ValueError(f"wrong check digit in chave {bare}: expected {check_digit(bare[:43])}")
        return cls(bare[:2], bare[2:6], bare[6:20], bare[22:31], bare[31:37], bare[37:43], bare[43])

    def __str__(self) -> str:
        """The 44 characters, without the prefix."""
        return f"{self.cuf}{self.aamm}{self.cnpj}{MODELO}{self.nserie}{self.ncfe}{self.cnf}{self.dv}"
