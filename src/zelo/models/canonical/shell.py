"""Loads schema packages from folders, and installs new ones.

A folder holds `manifest.toml` (name, modelo, published, root, entry, [since] homologacao/producao), the XSD files, and
`layout.txt` as our reader wrote it. A package that ships names instead a folder of XSDs inside a Python package
(`package`, `schemas`). What a crash left half installed ends in `.new` and is no package.
"""

import os
import re
import shutil
import threading
import tomllib
import zipfile
import zlib
from collections.abc import Callable, Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Any, Final

from lxml import etree

from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.fault import Fault
from zelo.models.canonical import layout
from zelo.models.canonical.package import SchemaPackage
from zelo.models.canonical.xsd import closed, layout_text

MANIFEST: Final = "manifest.toml"
LAYOUT: Final = "layout.txt"
HALF: Final = ".new"
SCHEMA_REFUSED: Final = "XSD"
MOST_MANIFEST_BYTES: Final = 65_536
MOST_ZIP_BYTES: Final = 5_000_000
"""Of a zip as it lies there, and of everything in it unpacked."""
MOST_FILES: Final = 200
MOST_NAME_CHARS: Final = 100
MOST_FAULTS: Final = 20
_XSD: Final = ".xsd"
_WORDS: Final = {"homologacao": Ambiente.HOMOLOGACAO, "producao": Ambiente.PRODUCAO}
_TEXTS: Final = ("name", "modelo", "root", "entry")
_KEYS: Final = (*_TEXTS, "published", "since")
_SHIPPED_KEYS: Final = ("package", "schemas")
_UNUSABLE: Final = (etree.LxmlError, OSError, ValueError, KeyError, RecursionError, re.error)
"""How a schema that libxml2, the layout or the disk does not take makes itself known."""
_UNREADABLE: Final = (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


class BadPackageError(ValueError):
    """A schema package that cannot be used; the message says why, in pt-BR."""


def shipped() -> list[SchemaPackage]:
    """The packages that come with zelo: a manifest per model beside its layout."""
    return [_load(folder, _manifest(folder, ours=True)) for folder in _shipped_folders()]


def installed(folder: Path) -> list[SchemaPackage]:
    """The packages that this installation has added. Raises BadPackageError for one that was damaged."""
    found = [manifest.parent for manifest in sorted(folder.glob(f"*/{MANIFEST}"))]
    return [_opened(each) for each in found if not each.name.endswith(HALF)]


def _shipped_folders() -> list[Path]:
    models = Path(str(files("zelo.models")))
    return [manifest.parent for manifest in sorted(models.glob(f"*/{MANIFEST}"))]


def _opened(folder: Path) -> SchemaPackage:
    try:
        return _load(folder, _manifest(folder))
    except BadPackageError:
        raise
    except _UNUSABLE as error:
        raise BadPackageError(f"O pacote em {folder} não abre: {_why(error)}. Apague a pasta e reinstale.") from error


def _load(folder: Path, manifest: dict[str, Any]) -> SchemaPackage:
    where = Path(str(files(manifest["package"]))) / manifest["schemas"] if "package" in manifest else folder
    return SchemaPackage(
        name=manifest["name"],
        modelo=manifest["modelo"],
        published=manifest["published"],
        since={_WORDS[word]: day for word, day in manifest["since"].items()},
        layout=layout.parse((folder / LAYOUT).read_text("utf-8")),
        check=_checker(where / manifest["entry"]),
    )


def _manifest(folder: Path, *, ours: bool = False) -> dict[str, Any]:
    return _read_manifest(read_manifest(folder / MANIFEST), str(folder), ours=ours)


def read_manifest(file: Path) -> str:
    """The text of a manifest. Raises BadPackageError when it is none."""
    try:
        with file.open("rb") as content:
            text = content.read(MOST_MANIFEST_BYTES + 1)
        if len(text) > MOST_MANIFEST_BYTES:
            raise BadPackageError(f"{file}: o manifesto passa de {MOST_MANIFEST_BYTES} bytes.")
        return text.decode()
    except OSError as error:
        raise BadPackageError(f"{file}: não consigo ler o manifesto: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadPackageError(f"{file}: o manifesto não está em UTF-8.") from error


def _read_manifest(text: str, where: str, *, ours: bool = False) -> dict[str, Any]:
    """The members of a manifest, each of its kind. Only one that ships may point into a Python package."""
    try:
        manifest = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadPackageError(f"{where}: manifest.toml ilegível: {error}.") from error
    for key in _KEYS:
        if key not in manifest:
            raise BadPackageError(f"{where}: falta {key} em manifest.toml.")
    strange = set(manifest) - {*_KEYS, *(_SHIPPED_KEYS if ours else ())}
    if strange:
        raise BadPackageError(f"{where}: manifest.toml não pode ter {', '.join(sorted(strange))}.")
    for key in _TEXTS:
        value = manifest[key]
        if not isinstance(value, str) or not value.strip() or len(value) > MOST_NAME_CHARS:
            raise BadPackageError(f"{where}: {key} de manifest.toml é um texto de até {MOST_NAME_CHARS} caracteres.")
    since = manifest["since"]
    if not isinstance(since, dict) or not since or not set(since) <= set(_WORDS):
        raise BadPackageError(f"{where}: [since] de manifest.toml diz desde quando: homologacao, producao ou ambas.")
    if not all(type(day) is date for day in (manifest["published"], *since.values())):
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
    manifest = _read_manifest(manifest_text, MANIFEST)
    target = folder / _safe_name(manifest["name"])
    _fits(manifest, target)
    xsds = _read_source(source)
    if manifest["entry"] not in xsds:
        raise BadPackageError(f"{source}: falta o arquivo de entrada {manifest['entry']}.")
    try:
        closed(xsds)
        text = layout_text(xsds, manifest["entry"], manifest["root"])
    except _UNUSABLE as error:
        raise BadPackageError(f"{source}: não entendi o schema: {_why(error)}.") from error
    fresh = target.with_name(target.name + HALF)
    try:
        if fresh.exists():
            shutil.rmtree(fresh)
        fresh.mkdir(parents=True)
        for name, content in {**xsds, LAYOUT: text.encode(), MANIFEST: manifest_text.encode()}.items():
            _write(fresh / name, content)
        package = _load(fresh, manifest)
        fresh.rename(target)
    except _UNUSABLE as error:
        shutil.rmtree(fresh, ignore_errors=True)
        raise BadPackageError(f"{source}: o schema não compila: {_why(error)}.") from error
    return package


def _fits(manifest: dict[str, Any], target: Path) -> None:
    """Whether a package may stand beside the others. Raises BadPackageError."""
    ours = [_manifest(folder, ours=True) for folder in _shipped_folders()]
    if target.exists() or manifest["name"] in [each["name"] for each in ours]:
        raise BadPackageError(f"O pacote {manifest['name']} já está instalado.")
    roots = {each["modelo"]: each["root"] for each in ours}
    if roots.get(manifest["modelo"]) != manifest["root"]:
        known = ", ".join(f"{modelo} ({root})" for modelo, root in roots.items())
        raise BadPackageError(
            f"O zelo não emite o modelo {manifest['modelo']} com raiz {manifest['root']}. Modelos: {known}."
        )


def _write(path: Path, content: bytes) -> None:
    """On the disk when this returns, so that a power cut leaves no package of empty files."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _why(error: BaseException) -> str:
    """The part of a sentence that names the trouble."""
    if isinstance(error, KeyError):
        return f"não há {error.args[0]!r}"
    return "um tipo contém a si mesmo" if isinstance(error, RecursionError) else str(error)


def _safe_name(name: str) -> str:
    safe = "".join(c if c.isalnum() or c in "._-" else "_" for c in name).strip(".")
    if not safe or safe.endswith(HALF):
        raise BadPackageError(f"O pacote precisa de um nome que não termine em {HALF}.")
    return safe


def _read_source(source: Path) -> dict[str, bytes]:
    """XSD files by bare name, from a folder or a zip; counted and measured before they are read."""
    try:
        return _read_folder(source) if source.is_dir() else _read_zip(source)
    except (*_UNREADABLE, UnicodeDecodeError) as error:
        raise BadPackageError(f"{source}: nem pasta nem zip legível: {error}.") from error


def _read_folder(source: Path) -> dict[str, bytes]:
    found = [path for path in sorted(source.iterdir()) if path.name.lower().endswith(_XSD)]
    _bound([(path.name, path.stat().st_size) for path in found])
    return {path.name: path.read_bytes() for path in found}


def _read_zip(source: Path) -> dict[str, bytes]:
    if source.stat().st_size > MOST_ZIP_BYTES:
        raise BadPackageError(f"{source} tem {source.stat().st_size} bytes; o aceito é até {MOST_ZIP_BYTES}.")
    with zipfile.ZipFile(source) as archive:
        inside = [info for info in archive.infolist() if info.filename.lower().endswith(_XSD)]
        _bound([(info.filename, info.file_size) for info in inside])
        return {PurePosixPath(info.filename).name: _unpacked(archive, info) for info in inside}


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """No more than was declared and counted: `ZipFile.read` would unpack a liar to its end first."""
    with archive.open(info) as file:
        return file.read(info.file_size + 1)


def _bound(entries: Sequence[tuple[str, int]]) -> None:
    """How many, how large, and all of them side by side under names of their own."""
    total = sum(size for _, size in entries)
    if not entries or len(entries) > MOST_FILES or total > MOST_ZIP_BYTES:
        raise BadPackageError(
            f"O pacote tem {len(entries)} arquivos XSD e {total} bytes; o aceito é até {MOST_FILES} e {MOST_ZIP_BYTES}."
        )
    paths = [PurePosixPath(name) for name, _ in entries]
    for path in paths:
        if path.is_absolute() or ".." in path.parts or "\\" in str(path):
            raise BadPackageError(f"O pacote tem um nome de arquivo inseguro: {path}.")
    names = [path.name for path in paths]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadPackageError(f"O pacote tem dois arquivos com o nome {twice[0]}.")
    folders = sorted({str(path.parent) for path in paths})
    if len(folders) > 1:
        raise BadPackageError(f"Os XSD estão em mais de uma pasta ({', '.join(folders[:3])}): deixe-os numa só.")
