"""Where the header of a file stands and which of its columns are ours: by our names, by a saved mapping, else by what
ERPs call them. A column that nobody knows is left out and shown.
"""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from zelo.fiscal.fault import Fault
from zelo.isp.billing.cell import squeezed
from zelo.isp.billing.columns import Column
from zelo.isp.billing.names import BY_NAME
from zelo.isp.billing.source.rows import MOST_COLUMNS, Row

SEARCHED_ROWS: Final = 30
"""Titles, filters and logos of a report end before."""
LEAST_KNOWN: Final = 2
"""A row with fewer names that we know is no header while another has more."""
SAMPLE_ROWS: Final = 3
TITLE_CHARS: Final = 100


@dataclass(frozen=True, slots=True)
class Head:
    """A column of the file: its title, and which of ours it is ("" for none)."""

    title: str
    column: str


@dataclass(frozen=True, slots=True)
class Header:
    """The row of titles: its number, its columns, the rows above that are none, and the first cells below."""

    line: int
    heads: Sequence[Head]
    above: Sequence[int]
    below: Sequence[Sequence[str]]


def find(
    rows: Iterator[Row], columns: Sequence[Column], mapping: Mapping[str, str]
) -> tuple[Header | None, Iterator[Row]]:
    """The header among the first rows, and the rows that follow it. None where every row is blank."""
    first = [row for row in itertools.islice(rows, SEARCHED_ROWS) if any(cell.strip() for cell in row[1])]
    if not first:
        return None, rows
    ours = {column.name for column in columns}
    known = [len({name for name in _named(cells, ours, mapping) if name}) for _, cells in first]
    place = known.index(max(known)) if max(known) >= LEAST_KNOWN else 0
    line, titles = first[place]
    heads = [
        Head(title.strip()[:TITLE_CHARS], name)
        for title, name in zip(titles, _named(titles, ours, mapping), strict=True)
    ]
    below = [*first[place + 1 :], *itertools.islice(rows, max(0, SAMPLE_ROWS - len(first[place + 1 :])))]
    samples = [cells for _, cells in below[:SAMPLE_ROWS]]
    return Header(line, heads, [number for number, _ in first[:place]], samples), itertools.chain(below, rows)


def _named(titles: Sequence[str], ours: set[str], mapping: Mapping[str, str]) -> list[str]:
    """Our column for each title. What ERPs call a column counts only where nothing bears our own name for it."""
    if len(titles) > MOST_COLUMNS:
        return [""] * len(titles)
    keys = [squeezed(title) for title in titles]
    by_own = {squeezed(name): name for name in ours}
    sure = [mapping[key] if key in mapping else by_own.get(key, "") for key in keys]
    taken = set(sure)
    return [
        name or (other if key not in mapping and (other := BY_NAME.get(key, "")) in ours and other not in taken else "")
        for key, name in zip(keys, sure, strict=True)
    ]


def judge(header: Header, columns: Sequence[Column]) -> list[Fault]:
    """What keeps the file from being read at all."""
    if len(header.heads) > MOST_COLUMNS:
        sentence = f"O arquivo tem {len(header.heads)} colunas; o limite é {MOST_COLUMNS}."
        return [Fault("ARQUIVO-COLUNAS", sentence, "Exporte só as colunas do manual.")]
    counted = Counter(head.column for head in header.heads if head.column)
    faults = [
        Fault("COLUNA-FALTA", "Falta a coluna.", "Acrescente-a ao arquivo, ou diga no mapeamento qual é.", column.name)
        for column in columns
        if column.required and column.name not in counted
    ]
    for name, count in sorted(counted.items()):
        if count > 1:
            titles = ", ".join(head.title for head in header.heads if head.column == name)
            remedy = "Diga no mapeamento qual delas vale e tire as outras."
            faults.append(Fault("COLUNA-REPETIDA", "Várias colunas do arquivo são a mesma.", remedy, name, titles))
    return faults


def titled(heads: Sequence[Head]) -> dict[str, str]:
    """What a mapping must say for these columns to be understood so."""
    return {squeezed(head.title): head.column for head in heads if head.title}
