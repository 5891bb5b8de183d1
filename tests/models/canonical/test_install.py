"""Installing a schema package: whatever is wrong is told in a sentence, and then nothing was installed."""

import io
import shutil
import struct
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models.canonical.packages import NAME, in_folder, manifest, zipped
from zelo.models.canonical import shell
from zelo.models.canonical.shell import (
    HALF,
    LAYOUT,
    MANIFEST,
    MOST_FILES,
    MOST_MANIFEST_BYTES,
    MOST_ZIP_BYTES,
    BadPackageError,
    install,
    installed,
    read_manifest,
)  # fmt: skip

HEAD: Final = (
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:t" targetNamespace="urn:t" '
    'elementFormDefault="qualified">'
)
ENTRY: Final = "nfcom_v1.00.xsd"
TYPES: Final = "types.xsd"
BREATH: Final = 20_000_000
"""Bytes that an install may take at most while it refuses."""


def xsd(inside: str, before: str = "") -> bytes:
    return f"{before}{HEAD}{inside}</xs:schema>".encode()


def entry(*, leaf: str = 'type="TCode"', more: str = f'<xs:include schemaLocation="{TYPES}"/>') -> bytes:
    """The entry file: a root with one leaf, and what else stands beside it."""
    inside = f'<xs:complexType><xs:sequence><xs:element name="code" {leaf}/></xs:sequence></xs:complexType>'
    return xsd(f'{more}<xs:element name="NFCom">{inside}</xs:element>')


CODE: Final = (
    '<xs:simpleType name="TCode"><xs:restriction base="xs:string"><xs:maxLength value="3"/></xs:restriction>'
    "</xs:simpleType>"
)
SMALL: Final = {ENTRY: entry(), TYPES: xsd(CODE)}
"""A package that is right, and quickly compiled."""


def refused(source: Path, text: str, schemas: Path) -> str:
    """The sentence; nothing is there afterwards that was not before."""
    before = sorted(schemas.rglob("*"))
    with pytest.raises(BadPackageError) as told:
        install(source, text, schemas)
    assert sorted(schemas.rglob("*")) == before
    return str(told.value)


def test_a_small_package_installs(tmp_path: Path) -> None:
    package = install(zipped(tmp_path / "p.zip", SMALL), manifest(), tmp_path / "schemas")
    assert package.check(b'<NFCom xmlns="urn:t"><code>abc</code></NFCom>') == []
    assert package.check(b'<NFCom xmlns="urn:t"><code>abcd</code></NFCom>')
    names = {path.name for path in (tmp_path / "schemas" / NAME).iterdir()}
    assert names == {ENTRY, TYPES, LAYOUT, MANIFEST}


CONTENTS: Final[dict[str, tuple[Mapping[str, bytes], str]]] = {
    "no XSD": ({"readme.txt": b"x"}, "0 arquivos XSD"),
    "too many": ({f"{n}.xsd": b"" for n in range(MOST_FILES + 1)}, f"{MOST_FILES + 1} arquivos XSD"),
    "too large unpacked": ({**SMALL, "big.xsd": bytes(MOST_ZIP_BYTES)}, "bytes; o aceito é até"),
    "no entry": ({TYPES: SMALL[TYPES]}, f"falta o arquivo de entrada {ENTRY}"),
    "an include that is missing": ({ENTRY: SMALL[ENTRY]}, f"aponta para {TYPES}, que não está no pacote"),
    "an address in the net": (
        {**SMALL, ENTRY: entry(more='<xs:include schemaLocation="http://127.0.0.1:9/types.xsd"/>')},
        "aponta para http://127.0.0.1:9/types.xsd",
    ),
    "an address outside": (
        {**SMALL, ENTRY: entry(more='<xs:include schemaLocation="../types.xsd"/>')}, "aponta para ../types.xsd",
    ),
    "an import outside, in an included file": (
        {**SMALL, TYPES: xsd(f'<xs:import namespace="urn:u" schemaLocation="file:///etc/x.xsd"/>{CODE}')},
        "aponta para file:///etc/x.xsd",
    ),
    "an entity": (
        {**SMALL, TYPES: xsd(CODE, '<!DOCTYPE xs:schema [<!ENTITY x SYSTEM "file:///etc/hostname">]>')},
        f"{TYPES} traz uma DTD",
    ),
    "an entity in a file that nobody includes": (
        {**SMALL, "z.xsd": xsd("", '<!DOCTYPE xs:schema [<!ENTITY x "y">]>')}, "z.xsd traz uma DTD",
    ),
    "a DTD elsewhere": ({**SMALL, TYPES: xsd(CODE, '<!DOCTYPE xs:schema SYSTEM "x.dtd">')}, "traz uma DTD"),
    "no XML": ({**SMALL, TYPES: b"%PDF"}, "não entendi o schema"),
    "a root that is not there": ({**SMALL, ENTRY: SMALL[ENTRY].replace(b"NFCom", b"Outro")}, "não há 'NFCom'"),
    "a type that is not there": ({**SMALL, TYPES: xsd("")}, "não há 'TCode'"),
    "an unknown construct": (
        {ENTRY: xsd('<xs:element name="NFCom"><xs:complexType><xs:all/></xs:complexType></xs:element>')},
        "não entendi o schema: unknown content",
    ),
    "a type that holds itself": (
        {
            ENTRY: xsd(
                '<xs:element name="NFCom" type="T"/><xs:complexType name="T"><xs:sequence>'
                '<xs:element name="T" type="T" minOccurs="0"/></xs:sequence></xs:complexType>'
            )
        },
        "um tipo contém a si mesmo",
    ),
    "a list with blanks": (
        {**SMALL, TYPES: SMALL[TYPES].replace(b'<xs:maxLength value="3"/>', b'<xs:enumeration value="a b"/>')},
        "blanks in the list",
    ),
    "a pattern that is none": (
        {**SMALL, TYPES: SMALL[TYPES].replace(b'<xs:maxLength value="3"/>', b'<xs:pattern value="[a"/>')},
        "o schema não compila",
    ),
    "what only libxml2 refuses": (
        {**SMALL, TYPES: xsd(CODE + '<xs:element name="e" type="TUnknown"/>')}, "o schema não compila",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["folder", "zip"])
@pytest.mark.parametrize("name", CONTENTS)
def test_a_package_that_cannot_be_used(tmp_path: Path, name: str, kind: str) -> None:
    files, sentence = CONTENTS[name]
    source = in_folder(tmp_path / "s", files) if kind == "folder" else zipped(tmp_path / "s.zip", files)
    assert sentence in refused(source, manifest(), tmp_path / "schemas")


def _types_as(*names: str) -> dict[str, bytes]:
    return {ENTRY: SMALL[ENTRY], **dict.fromkeys(names, SMALL[TYPES])}


def _liar(path: Path) -> Path:
    """A zip whose one large file says that it is small, in both of its headers."""
    content = bytes(200 * MOST_ZIP_BYTES // 10)
    zipped(path, {**SMALL, "z.xsd": content})
    raw, size = path.read_bytes(), struct.pack("<I", len(content))
    assert raw.count(size) == 2
    path.write_bytes(raw.replace(size, struct.pack("<I", 100)))
    return path


def _flagged(path: Path, offset: int, value: int) -> Path:
    """A zip whose central directory says something else of its first file."""
    raw = bytearray(zipped(path, SMALL).read_bytes())
    raw[raw.index(b"PK\x01\x02") + offset] = value
    path.write_bytes(raw)
    return path


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _directory_named(path: Path) -> Path:
    in_folder(path, SMALL)
    (path / "z.xsd").mkdir()
    return path


SOURCES: Final[dict[str, tuple[Callable[[Path], Path], str]]] = {
    "a name that climbs": (lambda p: zipped(p, _types_as("../types.xsd")), "nome de arquivo inseguro: ../types.xsd"),
    "a name from the root": (lambda p: zipped(p, _types_as("/tmp/types.xsd")), "inseguro: /tmp/types.xsd"),  # noqa: S108
    "a name of Windows": (lambda p: zipped(p, _types_as("..\\types.xsd")), "inseguro"),
    "folders inside": (lambda p: zipped(p, _types_as("a/types.xsd")), "em mais de uma pasta (., a)"),
    "one bare name twice": (lambda p: zipped(p, _types_as("a/t.xsd", "b/t.xsd")), "dois arquivos com o nome t.xsd"),
    "a liar": (_liar, "nem pasta nem zip legível"),
    "encrypted": (lambda p: _flagged(p, 8, 1), "nem pasta nem zip legível"),
    "an unknown compression": (lambda p: _flagged(p, 10, 99), "nem pasta nem zip legível"),
    "a large zip": (lambda p: _written(p, bytes(10 * MOST_ZIP_BYTES)), f"o aceito é até {MOST_ZIP_BYTES}"),
    "no zip": (lambda p: _written(p, b"%PDF"), "nem pasta nem zip legível"),
    "an empty file": (lambda p: _written(p, b""), "nem pasta nem zip legível"),
    "nothing there": (lambda p: p, "nem pasta nem zip legível"),
    "a folder named like a file": (_directory_named, "nem pasta nem zip legível"),
}


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_that_cannot_be_read_takes_no_memory_either(tmp_path: Path, name: str) -> None:
    make, sentence = SOURCES[name]
    source = make(tmp_path / "source.zip")
    tracemalloc.start()
    try:
        assert sentence in refused(source, manifest(), tmp_path / "schemas")
        assert tracemalloc.get_traced_memory()[1] < BREATH
    finally:
        tracemalloc.stop()


RIGHT: Final = {
    "name": f'"{NAME}"',
    "modelo": '"62"',
    "root": '"NFCom"',
    "entry": f'"{ENTRY}"',
    "published": "2026-11-02",
    "since": "{homologacao = 2026-11-22}",
}
WRONG: Final[dict[str, tuple[dict[str, str | None], str]]] = {
    **{f"{key} missing": ({key: None}, f"falta {key}") for key in RIGHT},
    **{f"{key} no text": ({key: "62"}, f"{key} de manifest.toml é um texto") for key in list(RIGHT)[:4]},
    **{f"{key} empty": ({key: '" "'}, f"{key} de manifest.toml é um texto") for key in list(RIGHT)[:4]},
    "a long name": ({"name": f'"{"x" * 101}"'}, "é um texto de até 100 caracteres"),
    "a name of dots": ({"name": '"..."'}, "precisa de um nome"),
    "the name of a half installed one": ({"name": f'"x{HALF}"'}, "precisa de um nome"),
    "the name of one that ships": ({"name": '"PL_NFCOM_1.00_NT2026.002_RTC_1.01"'}, "já está instalado"),
    "another model": ({"modelo": '"55"'}, "O zelo não emite o modelo 55"),
    "another root": ({"root": '"NFe"'}, "com raiz NFe. Modelos: 62 (NFCom)."),
    "an entry elsewhere": ({"entry": f'"../{ENTRY}"'}, f"falta o arquivo de entrada ../{ENTRY}"),
    "a date in quotes": ({"published": '"2026-11-02"'}, "AAAA-MM-DD"),
    "a date with a time": ({"published": "2026-11-02T00:00:00"}, "AAAA-MM-DD"),
    "a day in quotes": ({"since": '{homologacao = "2026-11-22"}'}, "AAAA-MM-DD"),
    "a day with a time": ({"since": "{producao = 2026-11-22T00:00:00Z}"}, "AAAA-MM-DD"),
    "no table of days": ({"since": "2026-11-22"}, "[since]"),
    "no day at all": ({"since": "{}"}, "[since]"),
    "a third environment": ({"since": "{teste = 2026-11-22}"}, "[since]"),
    "a package of Python": ({"package": '"os"'}, "não pode ter package"),
    "a folder of one": ({"package": '"nfelib"', "schemas": '"../../.."'}, "não pode ter package, schemas"),
    "no TOML": ({"name": "="}, "manifest.toml ilegível"),
    "brackets without end": ({"name": "[" * 5_000}, "manifest.toml ilegível"),
}


def _manifest(change: Mapping[str, str | None]) -> str:
    return "".join(f"{key} = {value}\n" for key, value in {**RIGHT, **change}.items() if value is not None)


@pytest.mark.parametrize("name", WRONG)
def test_a_manifest_that_says_something_else(tmp_path: Path, name: str) -> None:
    change, sentence = WRONG[name]
    source = in_folder(tmp_path / "s", SMALL)
    assert sentence in refused(source, _manifest(change), tmp_path / "schemas")
    assert install(source, _manifest({}), tmp_path / "schemas").name == NAME, "only for what was changed"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('name = "pacote de março"'.encode("latin-1"), "não está em UTF-8"),
        (b"#" * (MOST_MANIFEST_BYTES + 1), f"passa de {MOST_MANIFEST_BYTES} bytes"),
        (None, "não consigo ler o manifesto"),
    ],
)
def test_a_manifest_that_cannot_be_read(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    file = tmp_path / MANIFEST
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadPackageError, match=sentence):
        read_manifest(file)


def _all(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_second_install_of_the_same_name_is_refused_and_the_first_stays(tmp_path: Path) -> None:
    source, schemas = in_folder(tmp_path / "s", SMALL), tmp_path / "schemas"
    install(source, manifest(), schemas)
    before = _all(schemas)
    other = in_folder(tmp_path / "other", {**SMALL, TYPES: SMALL[TYPES].replace(b"3", b"4")})
    assert "já está instalado" in refused(other, manifest(), schemas)
    assert _all(schemas) == before


class PowerCut(BaseException):
    """Nobody may catch it."""


@pytest.mark.parametrize("survived", range(5))
def test_a_crash_while_installing_leaves_nothing_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, survived: int
) -> None:
    source, schemas, write, done = in_folder(tmp_path / "s", SMALL), tmp_path / "schemas", shell._write, list[Path]()

    def cut(path: Path, content: bytes) -> None:
        if len(done) == survived:
            raise PowerCut
        done.append(path)
        write(path, content)

    monkeypatch.setattr(shell, "_write", cut)
    if survived == 4:
        monkeypatch.setattr(Path, "rename", lambda *_: cut(tmp_path, b""))
    with pytest.raises(PowerCut):
        install(source, manifest(), schemas)
    monkeypatch.undo()
    assert [path.name for path in schemas.iterdir()] == [NAME + HALF]
    assert installed(schemas) == []
    install(source, manifest(), schemas)
    assert [package.name for package in installed(schemas)] == [NAME]
    assert [path.name for path in schemas.iterdir()] == [NAME]


@pytest.mark.parametrize("written", range(4))
def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: int) -> None:
    write, done = shell._write, list[Path]()

    def full(path: Path, content: bytes) -> None:
        if len(done) == written:
            raise OSError(28, "No space left on device")
        done.append(path)
        write(path, content)

    monkeypatch.setattr(shell, "_write", full)
    schemas = tmp_path / "schemas"
    schemas.mkdir()
    assert "No space left" in refused(in_folder(tmp_path / "s", SMALL), manifest(), schemas)


@pytest.mark.parametrize("damage", ["gone", "empty"])
@pytest.mark.parametrize("file", [LAYOUT, ENTRY, TYPES])
def test_an_installed_package_that_was_damaged_says_which_and_what_to_do(
    tmp_path: Path, file: str, damage: str
) -> None:
    install(in_folder(tmp_path / "s", SMALL), manifest(), tmp_path)
    place = tmp_path / NAME / file
    place.unlink() if damage == "gone" else place.write_bytes(b"")
    with pytest.raises(BadPackageError, match=f"{NAME} não abre: .*Apague a pasta e reinstale"):
        installed(tmp_path)


def test_a_manifest_changed_by_hand_leads_nowhere_else(tmp_path: Path) -> None:
    install(in_folder(tmp_path / "s", SMALL), _manifest({}), tmp_path)
    (tmp_path / NAME / MANIFEST).write_text(_manifest({"package": '"nfelib"', "schemas": '"nfe"'}), "utf-8")
    with pytest.raises(BadPackageError, match=f"{NAME}: .*não pode ter package, schemas"):
        installed(tmp_path)


def test_what_is_no_folder_of_a_package_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x", "utf-8")
    (tmp_path / "empty").mkdir()
    assert installed(tmp_path) == []
    assert installed(tmp_path / "never made") == []


@pytest.fixture(scope="module")
def grounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("grounds")


@settings(max_examples=150, deadline=None)
@given(place=st.integers(0, 10_000), bytes_=st.binary(max_size=4), cut=st.booleans())
def test_a_zip_with_any_damage_installs_or_is_refused(grounds: Path, place: int, bytes_: bytes, *, cut: bool) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in SMALL.items():
            archive.writestr(name, content)
    raw = file.getvalue()
    place %= len(raw)
    damaged = raw[:place] + bytes_ + (b"" if cut else raw[place + len(bytes_) :])
    source, schemas = _written(grounds / "p.zip", damaged), grounds / "schemas"
    try:
        install(source, manifest(), schemas)
    except BadPackageError:
        assert not list(schemas.glob("*"))
    else:
        shutil.rmtree(schemas)
