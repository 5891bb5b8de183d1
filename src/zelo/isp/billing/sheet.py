"""Reads a file of any kind into lines of values; what is wrong is told by line and column, what was mended or left out
as a remark. Good lines are kept packed, a text each: a month of them fits in little memory.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, overload

from zelo.fiscal.fault import Fault
from zelo.isp.billing import header as headers
from zelo.isp.billing.cell import CELL_CHARS, Value, squeezed
from zelo.isp.billing.columns import CANCELLED, PAID, Column
from zelo.isp.billing.header import Head, Header
from zelo.isp.billing.remark import Remark, Remarks
from zelo.isp.billing.source import detect
from zelo.isp.billing.source.delimited import REPLACEMENT
from zelo.isp.billing.source.rows import MOST_LINES, Kind, Row, SourceError

MOST_FAULTS: Final = 20_000
MOST_ORPHANS: Final = 2_000
TOLD_LINES: Final = 1_000
KeyNames = Sequence[Sequence[str]]
"""For each part of a key the columns that may hold it, the first that is filled."""

CONTROL: Final = Fault(
    "CELULA-CARACTERE", "A célula tem quebra de linha ou caractere de controle.", "Escreva o texto numa linha só."
)
LETTER: Final = Fault(
    "CELULA-LETRA",
    "A célula tem letra que a SEFAZ não aceita (emoji, ou de outro alfabeto).",
    "Escreva com letras do português.",
)
ENCODING: Final = Fault(
    "CELULA-CODIFICACAO",
    "Letras da célula vieram em outra codificação e se perderam.",
    "Exporte o arquivo inteiro em UTF-8.",
)
NO_LINES: Final = detect.EMPTY
TOO_LONG: Final = Fault("ARQUIVO-LINHAS", f"O arquivo passa de {MOST_LINES} linhas.", "Divida-o em partes.")
TOO_BROKEN: Final = Fault(
    "ARQUIVO-QUEBRADO",
    f"Mais de {MOST_ORPHANS} linhas não se sabe de que fatura são.",
    "Confira separadores e aspas e envie o arquivo outra vez: nada dele foi aproveitado.",
)
TYPOGRAPHY: Final = "Aspas, traços e espaços tipográficos trocados pelos comuns."
SKIPPED: Final = {
    CANCELLED: "Linha de fatura cancelada: pulada.",
    PAID: "Linha de fatura paga: pulada.",
}
TITLE_ROW: Final = "Linha acima do cabeçalho: pulada."
TOTAL_ROW: Final = "Linha de total: pulada."
HEADER_ROW: Final = "Cabeçalho repetido: pulado."
BLANK_ROW: Final = "Linha em branco: pulada."

NO_MAPPING: Final[Mapping[str, str]] = {}

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_STRANGE: Final = re.compile(r"[^ -~¡-ÿ]")
_MOJIBAKE: Final = re.compile(r"Ã[\x80-\xbf\u0152-\u2122]|Â[ªº°§]")
"""UTF-8 that somebody read as Windows-1252: ã becomes Ã£."""
_TYPOGRAPHY: Final = str.maketrans({
    "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u2013": "-",
    "\u2014": "-", "\u2212": "-", "\u2010": "-", "\u2011": "-", "\u2022": "-", "\u2026": "...", "\xa0": " ",
    "\u2009": " ", "\u202f": " ", "\u2007": " ", "\u200b": "", "\ufeff": "",
})  # fmt: skip
_TOTALS: Final = ("total", "subtotal", "totais", "somatorio", "registros", "quantidadede")
_SEPARATOR: Final = "\x1f"
"""No cell holds it: it is a control character."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number in the file and the values of the columns that were filled."""

    number: int
    values: Mapping[str, Value]

    def text(self, name: str) -> str:
        """The text of a column, or ""."""
        value = self.values.get(name, "")
        return value if type(value) is str else str(value)


@dataclass(frozen=True, slots=True)
class LineFault:
    """What is wrong with a line; line 0 is the whole file. `reference` is its fatura, if that could be read."""

    line: int
    fault: Fault
    reference: str = ""


class Lines(Sequence[Line]):
    """Good lines, each packed into one text and unpacked when it is looked at; `numbers` and `keys` are at hand."""

    def __init__(self, columns: Sequence[Column] = (), key: KeyNames = ()) -> None:
        self._columns = [(column.name, column.thaw) for column in columns]
        self._key = key
        self._known: dict[str, str] = {}
        self.numbers: list[int] = []
        self.keys: list[tuple[str, ...]] = []
        self._packed: list[str] = []

    def add(self, number: int, values: Mapping[str, Value]) -> None:
        """Keep one more."""
        self.numbers.append(number)
        self.keys.append(tuple([self._part(values, names) for names in self._key]))
        self._packed.append(_SEPARATOR.join([str(values.get(name, "")) for name, _ in self._columns]))

    def _part(self, values: Mapping[str, Value], names: Sequence[str]) -> str:
        """A part of the key; the same text is kept once."""
        part = next((str(values[name]) for name in names if name in values), "")
        return self._known.setdefault(part, part)

    def __len__(self) -> int:
        return len(self._packed)

    @overload
    def __getitem__(self, place: int) -> Line: ...
    @overload
    def __getitem__(self, place: slice) -> list[Line]: ...
    def __getitem__(self, place: int | slice) -> Line | list[Line]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        values: dict[str, Value] = {}
        for (name, thaw), text in zip(self._columns, self._packed[place].split(_SEPARATOR), strict=True):
            if text:
                values[name] = text if thaw is str else thaw(text)
        return Line(self.numbers[place], values)


@dataclass(slots=True)
class Sheet:
    """How many lines there are, those without fault, the faults, and the keys of the lines that have one.

    `orphans` holds the faulty lines whose key cannot be trusted either, by number, with everything that stands in them;
    "" is among it where the last part of the key is empty. `kind` and `said` tell what the file is, `header` how its
    columns were understood; `skipped` and `remarks` what was left out or mended.
    """

    count: int = 0
    lines: Lines = field(default_factory=Lines)
    faults: list[LineFault] = field(default_factory=list)
    broken: set[tuple[str, ...]] = field(default_factory=set)
    orphans: dict[int, frozenset[str]] = field(default_factory=dict)
    kind: Kind | None = None
    said: str = ""
    header: Header | None = None
    skipped: Sequence[Remark] = ()
    remarks: Sequence[Remark] = ()

    def refused(self, fault: Fault, line: int = 0) -> "Sheet":
        """The same file with nothing of it used."""
        return Sheet(faults=[LineFault(line, fault)], kind=self.kind, said=self.said, header=self.header)


def read_sheet(
    content: bytes,
    columns: Sequence[Column],
    key: KeyNames,
    mapping: Mapping[str, str] = NO_MAPPING,
    tell: Callable[[int, int, int], None] = lambda _lines, _about, _faults: None,
) -> Sheet:
    """The lines of a file. `broken` holds the raw key cells of every line that has a fault. `mapping` says which of our
    columns a squeezed title is. `tell` is told from time to time how many lines there are so far, of about
    how many, and how many faults.
    """
    sheet = Sheet()
    try:
        source = detect.opened(content)
        sheet.kind, sheet.said = source.kind, source.said
        sheet.header, rows = headers.find(source.rows, columns, mapping)
        if sheet.header is None:
            return sheet.refused(NO_LINES)
        wrong = headers.judge(sheet.header, columns)
        if wrong:
            sheet.faults = [LineFault(sheet.header.line, fault) for fault in wrong]
            return sheet
        about = source.about
        return _Reader(sheet, sheet.header, columns, key).read(rows, lambda lines, wrong: tell(lines, about, wrong))
    except SourceError as error:
        return sheet.refused(error.fault, error.line)


class _Reader:
    """Reads the rows below a header into a sheet."""

    def __init__(self, sheet: Sheet, header: Header, columns: Sequence[Column], key: KeyNames) -> None:
        by_name = {column.name: column for column in columns}
        self._sheet, self._key = sheet, key
        self._heads: Sequence[Head] = header.heads
        self._titles = [head.title for head in header.heads]
        self._used = [(place, by_name[head.column]) for place, head in enumerate(header.heads) if head.column]
        self._places = {column.name: place for place, column in self._used}
        self._skipped, self._remarks = Remarks(), Remarks()
        self._untold = 0
        for line in header.above:
            self._skipped.add(TITLE_ROW, line)
        sheet.lines = Lines([column for _, column in self._used], key)

    def read(self, rows: Iterator[Row], tell: Callable[[int, int], None]) -> Sheet:
        """All of them, or the reason why none."""
        sheet = self._sheet
        for number, cells in rows:
            reason = self._why_skipped(cells)
            if reason:
                self._skipped.add(reason, number)
                continue
            sheet.count += 1
            if sheet.count % TOLD_LINES == 0:
                tell(sheet.count, len(sheet.faults))
            if sheet.count > MOST_LINES:
                return sheet.refused(TOO_LONG)
            self._line(number, cells)
            if len(sheet.orphans) > MOST_ORPHANS:
                return sheet.refused(TOO_BROKEN)
        if self._untold:
            fault = Fault("ARQUIVO-ERROS", f"E mais {self._untold} erros.", "Corrija os primeiros e envie outra vez.")
            sheet.faults.append(LineFault(0, fault))
        if not sheet.lines and not sheet.faults and not sheet.count:
            sheet.faults.append(LineFault(0, NO_LINES))
        sheet.skipped, sheet.remarks = self._skipped.all(), self._remarks.all()
        return sheet

    def _why_skipped(self, cells: Sequence[str]) -> str:
        first = next((cell for cell in cells if cell and not cell.isspace()), None)
        if first is None:
            return BLANK_ROW
        if first[0] in "TtSsRrQq" and squeezed(first).startswith(_TOTALS) and self._filled(cells) * 2 < len(self._used):
            return TOTAL_ROW
        place = self._places.get("situacao")
        if place is not None and place < len(cells) and len(cells) <= len(self._heads):
            situation = self._used_column("situacao").read(cells[place].strip())
            if situation in SKIPPED:
                return SKIPPED[str(situation)]
        if first.strip() == next(filter(None, self._titles), "") and [cell.strip() for cell in cells] == self._titles:
            return HEADER_ROW
        return ""

    def _filled(self, cells: Sequence[str]) -> int:
        return sum(1 for place, _ in self._used if place < len(cells) and cells[place].strip())

    def _used_column(self, name: str) -> Column:
        return next(column for _, column in self._used if column.name == name)

    def _line(self, number: int, cells: Sequence[str]) -> None:
        values, wrong = self._values(number, cells)
        if self._misplaced(cells):
            sentence = f"A linha tem {len(cells)} colunas e o cabeçalho {len(self._heads)}."
            wrong.append(Fault("LINHA-COLUNAS", sentence, "Confira os separadores da linha."))
        if wrong:
            self._keep_broken(number, cells, values, wrong)
        else:
            self._sheet.lines.add(number, values)

    def _misplaced(self, cells: Sequence[str]) -> bool:
        """Whether cells may stand under another's title; a workbook names the place of each."""
        if self._sheet.kind is Kind.WORKBOOK:
            return False
        return len(cells) != len(self._heads)

    def _values(self, number: int, cells: Sequence[str]) -> tuple[dict[str, Value], list[Fault]]:
        values: dict[str, Value] = {}
        wrong: list[Fault] = []
        width = len(cells)
        row = "".join(cells)
        suspect = _STRANGE.search(row) is not None or "Ã" in row or "Â" in row
        for place, column in self._used:
            cell = cells[place].strip() if place < width else ""
            if not cell:
                if column.required:
                    wrong.append(Fault("CELULA-VAZIA", "A célula está vazia.", "Preencha a célula.", column.name))
                continue
            value: Value | Fault
            if len(cell) > CELL_CHARS:
                value = Fault("CELULA-TAMANHO", f"A célula passa de {CELL_CHARS} caracteres.", "Encurte.")
            else:
                plain = self._plain(number, column.name, cell) if suspect else cell
                if isinstance(plain, Fault):
                    value = plain
                else:
                    value = column.read(plain if column.mend is None else self._mended(number, column, plain))
            if isinstance(value, Fault):
                wrong.append(value.at(column.name))
            else:
                values[column.name] = value
        return values, wrong

    def _plain(self, number: int, name: str, cell: str) -> str | Fault:
        """The cell in letters that a note may bear, or why that cannot be."""
        if REPLACEMENT in cell or _MOJIBAKE.search(cell):
            return ENCODING
        if _CONTROL.search(cell):
            return CONTROL
        plain = cell.translate(_TYPOGRAPHY).strip()
        if _STRANGE.search(plain):
            return LETTER
        if plain != cell:
            self._remarks.add(TYPOGRAPHY, number, name)
        return plain

    def _mended(self, number: int, column: Column, cell: str) -> str:
        mended = None if column.mend is None else column.mend(cell)
        if mended is None:
            return cell
        self._remarks.add(mended[1], number, column.name)
        return mended[0]

    def _keep_broken(
        self, number: int, cells: Sequence[str], values: Mapping[str, Value], wrong: Sequence[Fault]
    ) -> None:
        sheet = self._sheet
        raw = {name: cells[place].strip() for name, place in self._places.items() if place < len(cells)}
        parts = [next((name for name in names if raw.get(name)), names[-1]) for names in self._key]
        sheet.broken.add(tuple(str(values.get(name, raw.get(name, ""))) for name in parts))
        reference = raw.get(parts[-1], "")
        room = MOST_FAULTS - len(sheet.faults)
        sheet.faults += [LineFault(number, fault, reference) for fault in wrong[: max(room, 0)]]
        self._untold += max(len(wrong) - max(room, 0), 0)
        misplaced = self._misplaced(cells)
        if misplaced or any(name not in values for name in parts):
            sheet.orphans[number] = frozenset(cell.strip() for cell in cells) - {""}
            if not misplaced and not reference:
                sheet.orphans[number] |= {""}
