"""How a reviewer of the installation reads a code: other than the shipped table, from a day on, with a reason. Pure.

Rows are only ever added; the newest row of a code whose day has come holds, and one without a class takes us back to
the table. What authorises, pauses or blocks is never read otherwise, and whatever a reviewer says, a rejection goes on
counting as one: no reading reaches the ceiling.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from zelo.facts import cstat as table
from zelo.facts.cstat import Classe, Classify
from zelo.fiscal.fault import Fault

RULE: Final = "CLASSE"

STRICTNESS: Final[Mapping[Classe, int]] = {
    **dict.fromkeys((Classe.ISSUER, Classe.CERT, Classe.CONFIG), 4),
    **dict.fromkeys((Classe.DUP_SAME_KEY, Classe.DUP_OTHER_KEY, Classe.DUP_STATE, Classe.EVENT_DUP, Classe.UNCAT), 3),
    **dict.fromkeys((Classe.DATA, Classe.SCHEMA, Classe.SIGN, Classe.LATE, Classe.CONT, Classe.DENIED), 2),
    **dict.fromkeys((Classe.CLOCK, Classe.IN_FLIGHT), 1),
    Classe.LCR: 0,
}
"""4 stops the emitter, 3 stops the number until a person looks, 2 waits for a correction, less goes on after a while.

A class that is not here may be neither read otherwise nor chosen.
"""
UNKNOWN_STRICTNESS: Final = 3
"""A code that no table knows stops its number."""
CHOICES: Final[Mapping[Classe, str]] = {
    Classe.DATA: "Dados da nota: espera correção",
    Classe.SCHEMA: "Schema: espera correção",
    Classe.SIGN: "Assinatura: espera correção; a segunda seguida para o emitente",
    Classe.LATE: "Prazo: espera correção",
    Classe.CLOCK: "Relógio: espera correção; em outro programa, passageira",
    Classe.LCR: "Passageira: sai de novo depois de um tempo",
    Classe.ISSUER: "Emitente: para tudo do emitente",
    Classe.CERT: "Certificado: para tudo do emitente",
    Classe.CONFIG: "Configuração: para tudo do emitente",
    Classe.DUP_SAME_KEY: "Duplicidade, mesma chave: consulta antes de qualquer envio",
    Classe.DUP_OTHER_KEY: "Duplicidade, outra chave: conflito de numeração",
    Classe.DUP_STATE: "Situação que já existe: consulta antes de qualquer envio",
}
"""What may be chosen, and what it does."""


@dataclass(frozen=True, slots=True)
class Override:
    """One row: how the code is read from that day on, None as in the table; who said so, when and why."""

    id: str
    modelo: str
    cstat: str
    classe: Classe | None
    desde: date
    at: datetime
    actor: str
    why: str


def in_force(rows: Iterable[Override], on: date) -> dict[tuple[str, str], Override]:
    """The reading of each code on that day, by model and code. `rows` from the oldest to the newest."""
    found = {(row.modelo, row.cstat): row for row in rows if row.desde <= on}
    return {code: row for code, row in found.items() if row.classe is not None}


def classify(rows: Iterable[Override], on: date) -> Classify:
    """The classes as they are read on that day."""
    readings = in_force(rows, on)
    if not readings:
        return table.classe

    def read(modelo: str, cstat: str) -> Classe | None:
        row = readings.get((modelo, cstat))
        return row.classe if row else table.classe(modelo, cstat)

    return read


def is_looser(modelo: str, cstat: str, classe: Classe) -> bool:
    """Whether that reading would stop less than the table's: somebody must say that it is meant."""
    return STRICTNESS[classe] < _strictness(table.classe(modelo, cstat))


def judge(modelo: str, cstat: str, classe: Classe | None) -> Fault | None:
    """Why a code may not be read so; None when it may."""
    official = table.classe(modelo, cstat)
    if official is not None and official not in STRICTNESS:
        return Fault(
            RULE, f"O código {cstat} autoriza, bloqueia ou informa: a classe dele não muda.",
            "Só se relê um código de recusa.", "cstat", cstat,
        )  # fmt: skip
    if classe is not None and classe not in CHOICES:
        return Fault(RULE, "Essa classe não se escolhe.", "Escolha uma da lista.", "classe", classe.value)
    return None


def _strictness(official: Classe | None) -> int:
    return UNKNOWN_STRICTNESS if official is None else STRICTNESS[official]
