"""What a fiscal device (SAT, MFE) and its SEFAZ answer: EEEEE of a function, CCCC of the content, cod of a lot."""

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
    """Code → official text of a table: "EEEEE" (five digits), "CCCC" (four) or "cod" (three)."""
    return {row.codigo: row.texto for row in load("sat", _Row) if row.tabela == table}


def texto(table: str, codigo: str) -> str:
    """The official text of a code, or an empty string."""
    return codes(table).get(codigo, "")
