"""What a fiscal device (SAT, MFE) and its SEFAZ answer, and the words of its paper that hang on a code."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from zelo.facts.table import load


@dataclass(frozen=True, slots=True)
class _Row:
    tabela: str
    codigo: str
    texto: str
    fonte: str
    desde: date
    ate: date | None


@cache
def codes(table: str) -> dict[str, str]:
    """Code → official text of a table.

    "EEEEE" of a function (five digits), "CCCC" of the content (four), "cod" of a lot (three); "cMP" a means of payment
    (two); by cUF, "cUF" what the device is called there and "aplicativo" how a consumer looks a coupon up; by cRegTrib,
    "cRegTrib" what the paper of such an emitter must say.
    """
    return {row.codigo: row.texto for row in load("sat", _Row) if row.tabela == table}


def texto(table: str, codigo: str) -> str:
    """The official text of a code, or an empty string."""
    return codes(table).get(codigo, "")
