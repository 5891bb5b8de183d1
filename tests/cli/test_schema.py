"""`zelo schema`: what is installed is listed with its dates; what is no package is refused in a sentence."""

import zipfile
from pathlib import Path

import pytest

from tests.cli.installation import Run, rows_of
from zelo.models.canonical.shell import shipped

MANIFEST = """
name = "PL [x] 1"
modelo = "62"
root = "NFCom"
entry = "entry.xsd"
published = 2026-11-01

[since]
homologacao = 2026-11-10
"""
XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.portalfiscal.inf.br/nfcom"
 xmlns="http://www.portalfiscal.inf.br/nfcom" elementFormDefault="qualified">
<xs:element name="NFCom"><xs:complexType><xs:sequence>
<xs:element name="texto"><xs:simpleType><xs:restriction base="xs:string"><xs:maxLength value="5"/></xs:restriction>
</xs:simpleType></xs:element></xs:sequence></xs:complexType></xs:element></xs:schema>"""


@pytest.fixture
def manifest(tmp_path: Path) -> str:
    """The manifest of a small package."""
    file = tmp_path / "manifest.toml"
    file.write_text(MANIFEST, "utf-8")
    return str(file)


def zipped(folder: Path, files: dict[str, str]) -> str:
    """A zip of these files."""
    path = folder / "package.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return str(path)


def names(run: Run, env: dict[str, str]) -> list[str]:
    """The packages that the command lists."""
    ended = run(env, "schema", "list")
    assert ended.code == 0
    return [row[1] for row in rows_of(ended.said)]


def test_the_shipped_packages_are_listed_with_their_dates(run: Run, env: dict[str, str]) -> None:
    ended = run(env, "schema", "list")
    [package] = shipped()
    [row] = rows_of(ended.said)
    assert row[:3] == ["62", package.name, f"{package.published:%d/%m/%Y}"]


def test_a_good_package_is_installed_and_listed_by_its_name(
    run: Run, env: dict[str, str], tmp_path: Path, manifest: str
) -> None:
    ended = run(env, "schema", "install", zipped(tmp_path, {"entry.xsd": XSD}), manifest)
    assert (ended.code, ended.complained) == (0, "")
    assert "PL [x] 1" in ended.said
    assert "Reinicie" in ended.said
    listed = run(env, "schema", "list")
    assert ["62", "PL [x] 1", "01/11/2026", "10/11/2026", "nunca"] in [row[:5] for row in rows_of(listed.said)]


@pytest.mark.parametrize(
    "files",
    [{}, {"leia.txt": "x"}, {"other.xsd": XSD}, {"entry.xsd": "<xs:schema"}, {"entry.xsd": XSD.replace("NFCom", "X")}],
    ids=["empty", "no schema", "another entry", "cut", "another root"],
)
def test_a_zip_that_is_no_package_is_refused(
    run: Run, env: dict[str, str], tmp_path: Path, manifest: str, files: dict[str, str]
) -> None:
    before = names(run, env)
    ended = run(env, "schema", "install", zipped(tmp_path, files), manifest)
    assert ended.code == 1
    assert ended.sentence
    assert names(run, env) == before


@pytest.mark.parametrize("content", [None, b"not a zip", b"PK\x03\x04"])
def test_a_file_that_is_no_zip_is_refused(
    run: Run, env: dict[str, str], tmp_path: Path, manifest: str, content: bytes | None
) -> None:
    file = tmp_path / "package.zip"
    if content is not None:
        file.write_bytes(content)
    ended = run(env, "schema", "install", str(file), manifest)
    assert (ended.code, "package.zip" in ended.sentence) == (1, True)


@pytest.mark.parametrize("text", [None, b"", b"name = ", "name = 'ção'".encode("latin-1")])
def test_a_manifest_that_is_none_is_refused(
    run: Run, env: dict[str, str], tmp_path: Path, manifest: str, text: bytes | None
) -> None:
    Path(manifest).unlink()
    if text is not None:
        Path(manifest).write_bytes(text)
    ended = run(env, "schema", "install", zipped(tmp_path, {"entry.xsd": XSD}), manifest)
    assert (ended.code, "manifest" in ended.sentence) == (1, True)
