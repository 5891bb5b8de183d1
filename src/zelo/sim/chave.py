"""The chave of a NFCom, taken apart and checked by ourselves: positions, check digit, what makes it impossible.

Written apart from the rest of the house on purpose, for it judges what the rest composes. Source: MOC NFCom 1.00a item
5.1; letters of the CNPJ count as ASCII - 48 (NT conjunta 2025.001).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from zelo.fiscal.cnpj import is_cnpj
from zelo.fiscal.uf import from_codigo

SHAPE: Final = re.compile(r"[0-9]{6}[A-Z0-9]{12}[0-9]{26}", re.ASCII)
MODELO: Final = "62"
LENGTH: Final = 44

_PLACES: Final = (0, 2, 4, 6, 20, 22, 25, 34, 35, 36, 43, 44)
_LEAST_WEIGHT, _MOST_WEIGHT, _MODULUS = 2, 9, 11
_MONTHS: Final = range(1, 13)
_FIRST_YEAR: Final = 22


@dataclass(frozen=True, slots=True)
class Parts:
    """The 44 characters by name, all text, zeros kept."""

    cuf: str
    ano: str
    mes: str
    cnpj: str
    mod: str
    serie: str
    nnf: str
    tpemis: str
    nsite: str
    cnf: str
    dv: str


def take_apart(chave: str) -> Parts:
    """The parts of a text of 44 characters, right or wrong. Raises ValueError for another length."""
    if len(chave) != LENGTH:
        raise ValueError(f"a chave has {LENGTH} characters, not {len(chave)}")
    return Parts(*(chave[start:end] for start, end in pairwise(_PLACES)))


def check_digit(body: str) -> str:
    """Modulus 11 of the first 43 characters, weights 2 to 9 from the right and again; a rest of 0 or 1 gives 0."""
    total, weight = 0, _LEAST_WEIGHT
    for character in reversed(body):
        total += (ord(character) - ord("0")) * weight
        weight = _LEAST_WEIGHT if weight == _MOST_WEIGHT else weight + 1
    rest = total % _MODULUS
    return "0" if rest in (0, 1) else str(_MODULUS - rest)


def natural_key(parts: Parts) -> str:
    """What the authority keeps one note for (rules 204 and 539): UF, CNPJ, model, série, number, tpEmis and site."""
    return "|".join((parts.cuf, parts.cnpj, parts.mod, parts.serie, parts.nnf, parts.tpemis, parts.nsite))


_REASONS: Final[tuple[tuple[str, Callable[[Parts], bool]], ...]] = (
    ("código de UF inexistente", lambda parts: from_codigo(parts.cuf) is None),
    ("ano anterior a 2022", lambda parts: int(parts.ano) < _FIRST_YEAR),
    ("mês inexistente", lambda parts: int(parts.mes) not in _MONTHS),
    ("CNPJ inválido", lambda parts: not is_cnpj(parts.cnpj)),
    ("modelo diferente de 62", lambda parts: parts.mod != MODELO),
    ("número zerado", lambda parts: int(parts.nnf) == 0),
    ("tipo de emissão inexistente", lambda parts: parts.tpemis not in {"1", "2"}),
)


def why_impossible(chave: str) -> str:
    """Why no note can have that chave, in pt-BR for the brackets of xMotivo (cStat 236), or ""."""
    if SHAPE.fullmatch(chave) is None:
        return "formato inválido"
    parts = take_apart(chave)
    if check_digit(chave[:-1]) != parts.dv:
        return "dígito verificador inválido"
    return next((reason for reason, breaks in _REASONS if breaks(parts)), "")
