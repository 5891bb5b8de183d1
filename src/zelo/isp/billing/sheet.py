"""Reads a `;` separated file in UTF-8 into lines of values; what is wrong is told by line and column."""

import csv
import io
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from zelo.fiscal.fault import Fault
from zelo.isp.billing.cell import CELL_CHARS, Value
from zelo.isp.billing.columns import Column

MOST_LINES: Final = 300_000
MOST_COLUMNS: Final = 200

NOT_UTF8: Final = Fault("ARQUIVO-CODIFICACAO", "O arquivo não está em UTF-8.", "Exporte de novo como CSV UTF-8.")
NOT_CSV: Final = Fault(
    "ARQUIVO-CSV",
    "Daqui em diante o arquivo é ilegível: aspas sem par, ou uma célula comprida demais.",
    "Confira aspas e separadores (;) e envie o arquivo outra vez: nada dele foi aproveitado.",
)
CONTROL: Final = Fault(
    "CELULA-CARACTERE", "A célula tem quebra de linha ou caractere de controle.", "Escreva o texto numa linha só."
)
NO_LINES: Final = Fault("ARQUIVO-VAZIO", "O arquivo não tem linhas de faturas.", "Confira o que foi exportado.")
TOO_LONG: Final = Fault("ARQUIVO-LINHAS", f"O arquivo passa de {MOST_LINES} linhas.", "Divida-o em partes.")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number in the file and the values of the columns that were filled."""

    number: int
    values: Mapping[str, Value]

    def text(self, name: str) -> str:
        """The text of a column, or ""."""
        return str(self.values.get(name, ""))


@dataclass(frozen=True, slots=True)
class LineFault:
    """What is wrong with a line; line 0 is the whole file. `reference` is its fatura, if that could be read."""

    line: int
    fault: Fault
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """How many lines there are, those without fault, the faults, and the keys of the lines that have one.

    `orphans` holds the faulty lines whose key cannot be trusted either, by number, with everything that stands in them;
    "" is among it where the last column of the key is empty.
    """

    count: int
    lines: Sequence[Line]
    faults: Sequence[LineFault]
    broken: frozenset[tuple[str, ...]]
    orphans: Mapping[int, frozenset[str]]


def _nothing(*faults: LineFault) -> Sheet:
    return Sheet(0, [], faults, frozenset(), {})


def read_sheet(content: bytes, columns: Sequence[Column], key: Sequence[str]) -> Sheet:
    """The lines of a file. `broken` holds the raw `key` cells of every line that has a fault."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _nothing(LineFault(0, NOT_UTF8))
    if "\0" in text:  # UTF-16 of plain letters is UTF-8 with zeros between them
        return _nothing(LineFault(0, NOT_UTF8))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
    try:
        header = next(reader, None)
        if header is None:
            return _nothing(LineFault(0, NO_LINES))
        names = [name.strip().lower() for name in header]
        wrong = _judge_header(names, columns)
        if wrong:
            return _nothing(*wrong)
        return _read_lines(reader, names, columns, key)
    except csv.Error:
        return _nothing(LineFault(reader.line_num, NOT_CSV))


def _judge_header(names: Sequence[str], columns: Sequence[Column]) -> list[LineFault]:
    if len(names) > MOST_COLUMNS:
        fault = Fault("ARQUIVO-COLUNAS", f"O arquivo tem {len(names)} colunas.", "Exporte só as colunas do manual.")
        return [LineFault(1, fault)]
    known = {column.name for column in columns}
    missing = [column.name for column in columns if column.required and column.name not in names]
    found = [("COLUNA-FALTA", "Falta a coluna.", "Acrescente-a ao arquivo.", name) for name in missing]
    found += [
        ("COLUNA-DESCONHECIDA", "Coluna desconhecida.", "Retire-a, ou confira o nome no manual.", name)
        for name in (name or f"(sem nome, a {place}ª)" for place, name in enumerate(names, start=1))
        if name not in known
    ]
    found += [
        ("COLUNA-REPETIDA", "Coluna repetida.", "Deixe uma só.", name)
        for name in sorted({n for n in names if n and names.count(n) > 1})
    ]
    return [LineFault(1, Fault(rule, sentence, remedy, name)) for rule, sentence, remedy, name in found]


def _read_lines(reader: Any, names: Sequence[str], columns: Sequence[Column], key: Sequence[str]) -> Sheet:
    by_name = {column.name: column for column in columns}
    reference = key[-1]
    lines: list[Line] = []
    faults: list[LineFault] = []
    broken: set[tuple[str, ...]] = set()
    orphans: dict[int, frozenset[str]] = {}
    count, number = 0, reader.line_num + 1
    for cells in reader:
        first, number = number, reader.line_num + 1
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > MOST_LINES:
            return _nothing(LineFault(0, TOO_LONG))
        raw = {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
        values, wrong = _values(raw, by_name)
        if len(cells) != len(names):
            sentence = f"A linha tem {len(cells)} colunas e o cabeçalho {len(names)}."
            wrong.append(Fault("LINHA-COLUNAS", sentence, "Confira os separadores (;) da linha."))
        if wrong:
            broken.add(tuple(str(values.get(name, raw.get(name, ""))) for name in key))
            faults += [LineFault(first, fault, raw.get(reference, "")) for fault in wrong]
            if len(cells) != len(names) or any(name not in values for name in key):
                orphans[first] = frozenset(cell.strip() for cell in cells) - {""}
                if len(cells) == len(names) and not raw[reference]:
                    orphans[first] |= {""}
        else:
            lines.append(Line(first, values))
    if not lines and not faults:
        faults.append(LineFault(0, NO_LINES))
    return Sheet(count, lines, faults, frozenset(broken), orphans)


def _values(raw: Mapping[str, str], by_name: Mapping[str, Column]) -> tuple[dict[str, Value], list[Fault]]:
    values: dict[str, Value] = {}
    wrong: list[Fault] = []
    for name, column in by_name.items():
        cell = raw.get(name, "")
        if not cell:
            if column.required:
                wrong.append(Fault("CELULA-VAZIA", "A célula está vazia.", "Preencha a célula.", name))
        elif len(cell) > CELL_CHARS:
            wrong.append(Fault("CELULA-TAMANHO", f"A célula passa de {CELL_CHARS} caracteres.", "Encurte.", name))
        elif any(unicodedata.category(letter) == "Cc" for letter in cell):
            wrong.append(CONTROL.at(name))
        else:
            value = column.read(cell)
            if isinstance(value, Fault):
                wrong.append(value.at(name))
            else:
                values[name] = value
    return values, wrong
