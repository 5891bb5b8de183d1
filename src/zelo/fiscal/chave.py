"""The chave de acesso: 44 characters that name one document in the whole country.

Layout (MOC NFCom 1.00a, item 5.1): cUF 2, AAMM 4, CNPJ 14, mod 2, serie 3, nNF 9, tpEmis 1, then for models with
`nSiteAutoriz` (62) that digit and a cNF of 7; for the others a cNF of 8; last the check digit. A CNPJ holds letters
since July 2026 (NT conjunta 2025.001), therefore a chave is text and its digit is taken over ASCII - 48.
"""

import re
from dataclasses import dataclass
from operator import mul
from typing import Final, Self

from zelo.fiscal.ambiente import Ambiente

SHAPE: Final = re.compile(r"[0-9]{6}[A-Z0-9]{12}[0-9]{26}")
MODELS_WITH_SITE: Final = frozenset({"62"})
"""Models whose chave carries `nSiteAutoriz` before a seven-digit cNF."""

_WIDTHS: Final = {False: (2, 4, 14, 2, 1, 0, 8), True: (2, 4, 14, 2, 1, 1, 7)}
"""Of cUF, AAMM, CNPJ, mod, tpEmis, nSiteAutoriz and cNF, without and with a site digit."""
_WEIGHTS: Final = tuple(2 + (42 - i) % 8 for i in range(43))
_ZEROES: Final = 48 * sum(_WEIGHTS)


def check_digit(body: str) -> str:
    """Check digit of the first 43 characters: modulus 11, weights 2 to 9 from the right; rest 0 or 1 gives 0."""
    rest = (sum(map(mul, body.encode("ascii"), _WEIGHTS)) - _ZEROES) % 11
    return "0" if rest < 2 else str(11 - rest)


@dataclass(frozen=True, slots=True)
class Chave:
    """A chave taken apart. `cnf` has 7 digits and `nsite` one where the model has a site digit, else 8 and ""."""

    cuf: str
    aamm: str
    cnpj: str
    mod: str
    serie: int
    nnf: int
    tpemis: str
    nsite: str
    cnf: str
    dv: str

    @classmethod
    def build(
        cls,
        *,
        cuf: str,
        aamm: str,
        cnpj: str,
        mod: str,
        serie: int,
        nnf: int,
        tpemis: str,
        nsite: str,
        cnf: str,
    ) -> Self:
        """Compose a chave and its check digit. Raises ValueError when a part does not fit its place."""
        body = f"{cuf}{aamm}{cnpj}{mod}{serie:03d}{nnf:09d}{tpemis}{nsite}{cnf}"
        widths = tuple(map(len, (cuf, aamm, cnpj, mod, tpemis, nsite, cnf)))
        if widths != _WIDTHS[mod in MODELS_WITH_SITE] or SHAPE.fullmatch(f"{body}0") is None:
            raise ValueError(f"a part does not fit its place in the chave: {body}")
        return cls(cuf, aamm, cnpj, mod, serie, nnf, tpemis, nsite, cnf, check_digit(body))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take a chave apart. Raises ValueError when the shape or the check digit is wrong."""
        if SHAPE.fullmatch(text) is None:
            raise ValueError(f"not a chave (44 characters, letters only inside the CNPJ): {text!r}")
        if check_digit(text[:43]) != text[43]:
            raise ValueError(f"wrong check digit in chave {text}: expected {check_digit(text[:43])}")
        mod = text[20:22]
        site = 1 if mod in MODELS_WITH_SITE else 0
        return cls(
            text[:2], text[2:6], text[6:20], mod, int(text[22:25]), int(text[25:34]), text[34],
            text[35 : 35 + site], text[35 + site : 43], text[43],
        )  # fmt: skip

    def __str__(self) -> str:
        """The 44 characters."""
        return (
            f"{self.cuf}{self.aamm}{self.cnpj}{self.mod}{self.serie:03d}{self.nnf:09d}"
            f"{self.tpemis}{self.nsite}{self.cnf}{self.dv}"
        )

    def natural_key(self, ambiente: Ambiente) -> str:
        """What SEFAZ may count by besides the chave: environment, emitter, model, série and number."""
        return natural_key(ambiente, self.cnpj, self.mod, self.serie, self.nnf)


def natural_key(ambiente: Ambiente, cnpj: str, mod: str, serie: int, nnf: int) -> str:
    """One number of one série of one emitter, whatever AAMM, cNF or tpEmis its chave has."""
    return f"{ambiente.value}|{cnpj}|{mod}|{serie}|{nnf}"


def is_chave(text: str) -> bool:
    """Whether shape and check digit are right."""
    return SHAPE.fullmatch(text) is not None and check_digit(text[:43]) == text[43]


def in_blocks(text: str) -> str:
    """The chave in eleven blocks of four, as people read it; letters stay."""
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))
