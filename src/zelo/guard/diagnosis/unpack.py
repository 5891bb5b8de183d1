"""Documents of a zip, one after the other, bounded while they grow; their names are labels and never paths."""

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Final

from zelo.guard.diagnosis.evidence import Trouble
from zelo.guard.diagnosis.reading import MOST_BYTES

_NESTED: Final = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")
"""First bytes of archives: what is packed twice is not opened."""
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)
_END: Final = b"PK\x05\x06"
_END_64: Final = b"PK\x06\x06"
_LOCATOR: Final = b"PK\x06\x07"
_LOCATOR_BYTES: Final = 20
_LARGE_BYTES: Final = 56 + _LOCATOR_BYTES
_MOST_END_BYTES: Final = 22 + 65_535 + 20 + 56
"""The end record with its longest comment, the locator and the end record of zip64 (APPNOTE 4.3)."""
_MOST_LABEL_BYTES: Final = 400
"""Of one entry in the directory, its name included."""


class TooMuchError(ValueError):
    """More than is accepted, or no zip at all; the message says what to do, in pt-BR."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Files in all, bytes of each, and bytes of all together once unpacked."""

    files: int = 500_000
    each_bytes: int = MOST_BYTES
    total_bytes: int = 4_000_000_000


def is_nested(content: bytes) -> bool:
    """Whether it is an archive itself."""
    return content.startswith(_NESTED)


def opened(file: IO[bytes], bounds: Bounds) -> tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]:
    """The zip and the files in it. Raises TooMuchError."""
    if _directory_bytes(file) > bounds.files * _MOST_LABEL_BYTES:
        raise TooMuchError(too_many(bounds))
    try:
        archive = zipfile.ZipFile(file)
    except _BROKEN as error:
        raise TooMuchError("Não é um zip que se abra. Compacte a pasta de novo, sem senha.") from error
    inside = [info for info in archive.infolist() if not info.is_dir()]
    if len(inside) > bounds.files:
        raise TooMuchError(too_many(bounds))
    return archive, inside


def documents(
    archive: zipfile.ZipFile, inside: list[zipfile.ZipInfo], bounds: Bounds
) -> Iterator[tuple[str, bytes | Trouble]]:
    """Name and bytes of each. Raises TooMuchError when all together grow beyond the bound."""
    total = 0
    for info in inside:
        content = _unpacked(archive, info, bounds.each_bytes)
        total += bounds.each_bytes if content is Trouble.TOO_LARGE else len(content)
        if total > bounds.total_bytes:
            most = f"{bounds.total_bytes // 1_000_000} MB"
            raise TooMuchError(f"O conteúdo passa de {most} descompactado. Divida por mês ou por emitente.")
        yield info.filename, content


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes | Trouble:
    """No more than the bound, whatever the entry says of itself."""
    try:
        with archive.open(info) as file:
            content = file.read(most + 1)
    except _BROKEN:
        return Trouble.UNREADABLE
    if len(content) > most:
        return Trouble.TOO_LARGE
    return Trouble.NESTED if is_nested(content) else content


def _directory_bytes(file: IO[bytes]) -> int:
    """How long the directory says it is, before anybody reads all of it into memory; 0 where there is none."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _MOST_END_BYTES))
    tail = file.read(_MOST_END_BYTES)
    file.seek(0)
    end = tail.rfind(_END)
    if end < 0:
        return 0
    # The large form stands right before its locator, and that right before the end: anywhere else it is content.
    large = tail[max(0, end - _LARGE_BYTES) : end]
    if large.startswith(_END_64) and large[-_LOCATOR_BYTES:].startswith(_LOCATOR):
        return int.from_bytes(large[40:48], "little")
    return int.from_bytes(tail[end + 12 : end + 16], "little")


def too_many(bounds: Bounds) -> str:
    """What is said of more files than are accepted."""
    return f"São mais de {bounds.files} arquivos, o máximo aceito. Divida por mês ou por emitente."
