"""What the authority says of a request: a cStat and its official text with the details filled in.

A text such as "... [nItem: NNN]" names its details in brackets; those that are known are filled in, the others are
left out, and what the text has no place for follows it in brackets of its own, as the real answers do.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from zelo.facts.cstat import texto

MODELO: Final = "62"
NOT_CATALOGUED: Final = "999"
"""For what no official number was found for; its text comes from the general rule of the DF-e manuals."""

AUTORIZADA: Final = "100"
AUTORIZADA_FORA_DO_PRAZO: Final = "150"
CANCELADA: Final = "101"
SUBSTITUIDA: Final = "102"
AUTHORISED: Final = frozenset({AUTORIZADA, AUTORIZADA_FORA_DO_PRAZO})
EVENTO_REGISTRADO: Final = "135"
PAUSES: Final = frozenset({"108", "109"})
CONSUMO_INDEVIDO: Final = "678"

Details = Mapping[str, str]
"""Name of a bracket and its content; the name "" stands for a bracket without one."""

NOTHING: Final[Details] = MappingProxyType({})

_MOST_CHARACTERS: Final = 255
_PLACE: Final = re.compile(r"(\s*)\[(\w+):(\s*)[^\]]*\]")
_TYPOGRAPHIC: Final = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "..."})
_OUTSIDE_LATIN: Final = re.compile(r"[^ -ÿ]")
_OWN_TEXT: Final = {NOT_CATALOGUED: "Rejeição: Erro não catalogado"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A cStat with its xMotivo, which fits the type TMotivo: at most 255 characters up to U+00FF."""

    cstat: str
    motivo: str


def verdict(cstat: str, details: Details = NOTHING) -> Verdict:
    """The verdict of a code. Raises KeyError for a code that no table knows."""
    text = texto(MODELO, cstat) or _OWN_TEXT[cstat]
    placed = set()

    def place(match: re.Match[str]) -> str:
        name = match[2]
        placed.add(name)
        return f"{match[1]}[{name}:{match[3]}{details[name]}]" if name in details else ""

    text = _PLACE.sub(place, text)
    for name, value in details.items():
        if name not in placed:
            text += f" [{name}: {value}]" if name else f" [{value}]"
    return Verdict(cstat, fit(text))


def fit(text: str) -> str:
    """A text as the type TMotivo admits it."""
    plain = _OUTSIDE_LATIN.sub("?", " ".join(text.translate(_TYPOGRAPHIC).split()))
    return plain[:_MOST_CHARACTERS].strip()
