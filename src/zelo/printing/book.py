"""Notes on paper: one, many in one PDF with an outline, or one file each in a zip that is written as it goes."""

import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import RawIOBase
from typing import BinaryIO, Final

from zelo.fiscal.fault import Fault
from zelo.fiscal.situacao import Situacao
from zelo.printing import danfecom
from zelo.printing.paper import Paper
from zelo.printing.reading import Note, read

MOST_NOTES: Final = 500
"""In one PDF, which is whole in memory until it is done; a zip has no limit."""


LEFT_OUT: Final = "nao-impressas.txt"


@dataclass(frozen=True, slots=True)
class Sheaf:
    """One note to be printed: its XML, what the authorizer holds of it, and the emitter's logo (a JPEG of ours)."""

    xml: bytes
    situacao: Situacao | None = None
    logo: bytes | None = None


def danfe(sheaf: Sheaf) -> bytes | Fault:
    """The DANFE-COM of one note as PDF, or why there is none."""
    note = read(sheaf.xml)
    return note if isinstance(note, Fault) else _print([(note, sheaf)])


def together(sheaves: Iterable[Sheaf]) -> bytes | Fault:
    """Many in one PDF, in their order, each in the outline; the first fault where one cannot be printed."""
    notes: list[tuple[Note, Sheaf]] = []
    for sheaf in sheaves:
        note = read(sheaf.xml)
        if isinstance(note, Fault):
            return note
        notes.append((note, sheaf))
        if len(notes) > MOST_NOTES:
            return Fault("DANFECOM-MUITAS", f"São mais de {MOST_NOTES} notas.", "Baixe o zip, que não tem limite.")
    if not notes:
        return Fault("DANFECOM-NENHUMA", "Não há nota a imprimir.", "Mude a busca: só notas autorizadas têm DANFE-COM.")
    return _print(notes)


def _print(notes: list[tuple[Note, Sheaf]]) -> bytes:
    first = notes[0][0]
    title = f"DANFE-COM {first.number} série {first.serie}" if len(notes) == 1 else f"{len(notes)} DANFE-COM"
    on = Paper(title, first.created)
    for note, sheaf in notes:
        danfecom.draw(on, note, sheaf.situacao, sheaf.logo)
    return on.bytes()


def zipped(sheaves: Iterable[tuple[str, Sheaf]], out: BinaryIO | RawIOBase) -> Iterator[str | Fault]:
    """Write a zip of one PDF each to `out`, which need not seek; yields each name, or the fault of a note left out.

    Nothing is kept but the names, so that a month of notes costs no more memory than one; notes that were left out
    are listed in a file of their own. Consume it to the end.
    """
    left_out: list[str] = []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, sheaf in sheaves:
            printed = danfe(sheaf)
            if isinstance(printed, Fault):
                left_out.append(f"{name}: {printed.sentence} {printed.remedy}")
                yield printed
                continue
            archive.writestr(zipfile.ZipInfo(name, _FIRST_DAY), printed)
            yield name
        if left_out:
            archive.writestr(zipfile.ZipInfo(LEFT_OUT, _FIRST_DAY), "\n".join(left_out))


_FIRST_DAY: Final = (1980, 1, 1, 0, 0, 0)
"""Of every file in a zip: the same notes give the same bytes."""
