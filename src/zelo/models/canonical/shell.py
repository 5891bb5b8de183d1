"""Loads schema packages from folders, and installs new ones.

A folder holds `manifest.toml` (name, modelo, published, root, entry, [since] homologacao/producao; optionally
`schemas`, a folder inside an installed Python package), the XSD files, and `layout.txt` as our reader wrote it.
"""

import io
import threading
import tomllib
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from lxml import etree

from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.fault import Fault
from zelo.models.canonical import layout
from zelo.models.canonical.package import SchemaPackage
from zelo.models.canonical.xsd import layout_text

MANIFEST: Final = "manifest.toml"
LAYOUT: Final = "layout.txt"
SCHEMA_REFUSED: Final = "XSD"
MOST_ZIP_BYTES: Final = 5_000_000
MOST_FILES: Final = 200
MOST_FAULTS: Final = 20
_WORDS: Final = {"homologacao": Ambiente.HOMOLOGACAO, "producao": Ambiente.PRODUCAO}


class BadPackageError(ValueError):
    """A schema package that cannot be used; the message says why, in pt-BR."""


def shipped() -> list[SchemaPackage]:
    """The packages that come with zelo: a manifest per model beside its layout."""
    models = Path(str(files("zelo.models")))
    return [_load(manifest.parent) for manifest in sorted(models.glob(f"*/{MANIFEST}"))]


def installed(folder: Path) -> list[SchemaPackage]:
    """The packages that this installation has added."""
    return [_load(manifest.parent) for manifest in sorted(folder.glob(f"*/{MANIFEST}"))]


def _load(folder: Path) -> SchemaPackage:
    manifest = _manifest((folder / MANIFEST).read_text("utf-8"), str(folder))
    where = Path(str(files(manifest["package"]))) / manifest["schemas"] if "package" in manifest else folder
    return SchemaPackage(
        name=manifest["name"],
        modelo=manifest["modelo"],
        published=manifest["published"],
        since={_WORDS[word]: day for word, day in manifest["since"].items()},
        layout=layout.parse((folder / LAYOUT).read_text("utf-8")),
        check=_checker(where / manifest["entry"]),
    )


def _manifest(text: str, where: str) -> dict[str, Any]:
    try:
        manifest = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadPackageError(f"{where}: manifest.toml ilegível: {error}.") from error
    for key in ("name", "modelo", "root", "entry", "published", "since"):
        if key not in manifest:
            raise BadPackageError(f"{where}: falta {key} em manifest.toml.")
    days = [manifest["published"], *manifest["since"].values()]
    if not all(isinstance(day, date) for day in days) or not set(manifest["since"]) <= set(_WORDS):
        raise BadPackageError(f"{where}: datas de manifest.toml devem ser AAAA-MM-DD, em published e [since].")
    return manifest


def _checker(entry: Path) -> Callable[[bytes], list[Fault]]:
    """A validator; libxml2 keeps the errors of a schema in the schema itself, hence one document at a time."""
    schema = etree.XMLSchema(etree.parse(str(entry), _parser()))  # noqa: TID251 relative includes need a path
    lock, parser = threading.Lock(), _parser()

    def check(xml: bytes) -> list[Fault]:
        with lock:
            document = etree.fromstring(xml, parser)
            if schema.validate(document):
                return []
            log: Any = schema.error_log  # an iterable that the type stubs do not know as one
            errors = [(error.message, error.path or "") for error in log]
        return [
            Fault(SCHEMA_REFUSED, f"O schema oficial recusa o documento: {message}", _REMEDY, path, "", "215")
            for message, path in errors[:MOST_FAULTS]
        ]

    return check


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, collect_ids=False)


_REMEDY: Final = "O documento não foi enviado. Guarde esta mensagem e avise o suporte: o defeito é nosso."


def install(source: Path, manifest_text: str, folder: Path) -> SchemaPackage:
    """Add a package from a folder or zip of XSDs: bounded, its layout read, tried once before it counts.

    Raises BadPackageError, and then nothing was installed.
    """
    manifest = _manifest(manifest_text, MANIFEST)
    xsds = _read_source(source)
    try:
        text = layout_text(xsds, manifest["entry"], manifest["root"])
    except (KeyError, ValueError, etree.XMLSyntaxError) as error:
        raise BadPackageError(f"{source}: não entendi o schema: {error}.") from error
    target = folder / _safe_name(manifest["name"])
    if target.exists():
        raise BadPackageError(f"O pacote {manifest['name']} já está instalado.")
    fresh = target.with_name(target.name + ".new")
    fresh.mkdir(parents=True)
    for name, content in xsds.items():
        (fresh / name).write_bytes(content)
    (fresh / LAYOUT).write_text(text, "utf-8")
    (fresh / MANIFEST).write_text(manifest_text, "utf-8")
    try:
        _load(fresh)
    except (etree.XMLSchemaParseError, OSError, ValueError) as error:
        _remove(fresh)
        raise BadPackageError(f"{source}: o schema não compila: {error}.") from error
    fresh.rename(target)
    return _load(target)


def _remove(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()


def _safe_name(name: str) -> str:
    safe = "".join(c if c.isalnum() or c in "._-" else "_" for c in name).strip(".")
    if not safe:
        raise BadPackageError("O pacote precisa de um nome.")
    return safe


def _read_source(source: Path) -> dict[str, bytes]:
    """XSD files by bare name, from a folder or a zip; counted and measured before they are read."""
    if source.is_dir():
        entries: Sequence[tuple[str, int]] = [(p.name, p.stat().st_size) for p in source.glob("*.xsd")]
        read = {name: (source / name) for name, _ in entries}
        _bound(entries)
        return {name: path.read_bytes() for name, path in read.items()}
    try:
        with zipfile.ZipFile(io.BytesIO(source.read_bytes())) as archive:
            inside = [i for i in archive.infolist() if i.filename.lower().endswith(".xsd")]
            _bound([(i.filename, i.file_size) for i in inside])
            return {Path(i.filename).name: archive.read(i) for i in inside}
    except (OSError, zipfile.BadZipFile) as error:
        raise BadPackageError(f"{source}: nem pasta nem zip legível: {error}.") from error


def _bound(entries: Sequence[tuple[str, int]]) -> None:
    total = sum(size for _, size in entries)
    if not entries or len(entries) > MOST_FILES or total > MOST_ZIP_BYTES:
        raise BadPackageError(
            f"O pacote tem {len(entries)} arquivos XSD e {total} bytes; o aceito é até {MOST_FILES} e {MOST_ZIP_BYTES}."
        )
