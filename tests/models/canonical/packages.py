"""Schema packages for the tests, derived from the official XSDs: tightened, put in a folder or a zip."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.models.canonical.official import ENTRY, package

NAME: Final = "PL_NFCOM_1.01_TESTE"
TYPES: Final = "nfcomTiposBasico_v1.00.xsd"
MOST_NAME: Final = 12
"""The tightened package takes no longer name of a recipient."""


def tightened() -> dict[str, bytes]:
    """The official files, but for the recipient's name: at most 12 characters."""
    files = dict(package())
    text = files[TYPES].decode()
    start = text.index('<xs:element name="xNome">', text.index('<xs:element name="dest">'))
    end = text.index("</xs:element>", start)
    declared = text[start:end]
    assert declared.count('<xs:maxLength value="60"/>') == 1
    changed = declared.replace('<xs:maxLength value="60"/>', f'<xs:maxLength value="{MOST_NAME}"/>')
    files[TYPES] = (text[:start] + changed + text[end:]).encode()
    return files


def manifest(
    name: str = NAME, *, homologacao: str = "2026-11-22", producao: str = "2026-12-01", published: str = "2026-11-02"
) -> str:
    """A manifest of the right form."""
    return (
        f'name = "{name}"\nmodelo = "62"\nroot = "NFCom"\nentry = "{ENTRY}"\npublished = {published}\n\n'
        f"[since]\nhomologacao = {homologacao}\nproducao = {producao}\n"
    )


def in_folder(folder: Path, files: Mapping[str, bytes]) -> Path:
    """The files in a folder."""
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def zipped(path: Path, files: Mapping[str, bytes]) -> Path:
    """The files in a zip, under the names that they have in the mapping."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path
