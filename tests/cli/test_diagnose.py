"""`zelo guard diagnose` on an empty machine: a folder or a zip, what is hostile in it, and the JSON."""

import json
import os
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from tests.cli.installation import Run, finished, rows_of
from tests.guard import papers
from zelo.cli.diagnose import findings
from zelo.cli.emit import progress_bar
from zelo.guard.diagnosis.diagnose import diagnose
from zelo.guard.diagnosis.report import Report
from zelo.guard.diagnosis.unpack import Bounds, TooMuchError

REJECTED = papers.rejected(papers.chave(9), "539").encode()
EACH = 20_000
SMALL = Bounds(files=200, each_bytes=EACH, total_bytes=1_000_000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A month as files."""
    made = tmp_path / "mes"
    for name, content in papers.month(40):
        path = made / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return made


def zipped(path: Path, files: dict[str, bytes] | None = None) -> Path:
    """A zip of these, or of the month."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (files or dict(papers.month(40))).items():
            archive.writestr(name, content)
    return path


def judged(source: Path, bounds: Bounds = SMALL) -> Report:
    with progress_bar() as bar:
        return diagnose(findings(source, bounds, bar))


def test_the_culprit_comes_first_with_its_proof(run: Run, folder: Path) -> None:
    ended = run({}, "guard", "diagnose", str(folder))
    assert (ended.code, ended.complained) == (0, "")
    lines = [line for line in ended.said.splitlines() if line.strip()]
    assert next(line for line in lines if "NF-e" in line).startswith("Foi: NF-e 7, série 1.")
    facts = {row[0]: row[1] for row in rows_of(ended.said) if len(row) == 2}
    assert facts["Como se sabe"] == "apontada pela própria SEFAZ"
    assert facts["Programa"] == "ERP 1.0"
    assert "Recusada 32 vezes com 539" in ended.said
    assert "o limite oficial é 30" in ended.said
    assert "Causou 1 bloqueio: 5 respostas 656" in ended.said
    assert "124 arquivos, 122 com documentos ou retornos" in ended.said


def test_a_folder_and_its_zip_say_the_same(folder: Path, tmp_path: Path) -> None:
    assert judged(folder) == judged(zipped(tmp_path / "mes.zip"))


def test_the_json_is_written_where_it_is_wanted(run: Run, folder: Path, tmp_path: Path) -> None:
    ended = run({}, "guard", "diagnose", str(folder), "--json", str(tmp_path / "d.json"))
    assert ended.code == 0
    found = json.loads((tmp_path / "d.json").read_text("utf-8"))
    assert (found["format"], found["culprits"][0]["refused"]) == ("zelo-guard-diagnose/1", 5)


def test_it_needs_no_installation_and_makes_none(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    ended = finished({"HOME": str(tmp_path)}, "guard", "diagnose", "x", cwd=tmp_path)
    assert ended.code == 0
    assert "Nenhum retorno da SEFAZ nestes arquivos." in ended.said
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_a_name_can_neither_steer_the_terminal_nor_break_the_json(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    for number in range(2):
        text = papers.rejected(papers.chave(9), "539", papers.after(number))
        Path(os.fsdecode(os.fsencode(tmp_path / "x") + f"/{number}\x1b[2J\x07".encode() + b"\xff.xml")).write_text(text)
    (tmp_path / "x" / "b.xml").write_text(papers.blocked("Consumo Indevido", papers.after(9)), "utf-8")
    ended = run({}, "guard", "diagnose", "x", "--json", "d.json")
    assert (ended.code, "0 [2J  .xml" in ended.said) == (0, True)
    assert "\x1b[2J" not in ended.said + (tmp_path / "d.json").read_text("utf-8")


def test_what_a_document_says_is_no_markup(run: Run, tmp_path: Path) -> None:
    files = [papers.rejected(papers.chave(9), "539", papers.after(n), "[red]x[/] [/]") for n in range(2)]
    for number, text in enumerate(files):
        (tmp_path / f"{number}[red].xml").write_text(text, "utf-8")
    note = papers.note(papers.chave(9), program="[bold]ERP[/x]")
    (tmp_path / "n.xml").write_text(note, "utf-8")
    ended = run({}, "guard", "diagnose", str(tmp_path))
    assert ended.code == 0
    assert "[bold]ERP[/x]" in ended.said


@pytest.mark.parametrize("words", [("gone",), ("not.zip",), ("there", "--json", "gone/d.json")])
def test_what_cannot_be_read_or_written_is_a_sentence(run: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "not.zip").write_bytes(b"PK\x03\x04 garbage")
    (tmp_path / "there").mkdir()
    ended = run({}, "guard", "diagnose", *words)
    assert ended.code == 1
    assert ended.sentence


# what is hostile


def test_links_are_not_followed_and_pipes_not_opened(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (outside / "a.xml").write_bytes(REJECTED)
    (inside / "a.xml").symlink_to(outside / "a.xml")
    (inside / "folder").symlink_to(outside)
    (inside / "round").symlink_to(inside)
    os.mkfifo(inside / "pipe.xml")
    (inside / "b.xml").write_bytes(REJECTED)
    assert judged(inside).files.looked_at == 1


def test_large_and_nested_files_are_left_out_and_counted(tmp_path: Path) -> None:
    files = {"large.xml": b"<a>" + b" " * EACH + b"</a>", "good.xml": REJECTED}
    files["inner.zip"] = zipped(tmp_path / "inner.zip", {"a.xml": REJECTED}).read_bytes()
    for source in (tmp_path / "mes", zipped(tmp_path / "all.zip", files)):
        if source.suffix != ".zip":
            source.mkdir()
            for name, content in files.items():
                (source / name).write_bytes(content)
        found = judged(source).files
        assert (found.looked_at, found.too_large, found.nested, found.useful) == (3, 1, 1, 1)


def test_a_single_file_of_30_mb_is_left_out(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "a.xml").write_bytes(b"<a>" + b" " * 30_000_000 + b"</a>")
    assert "1 grandes demais" in run({}, "guard", "diagnose", "x").said


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for number in range(4):
        (many / f"{number}.xml").write_bytes(REJECTED)
    three = Bounds(files=3)
    for source in (many, zipped(tmp_path / "m.zip", {f"{n}.xml": b"<a/>" for n in range(4)})):
        with pytest.raises(TooMuchError, match="mais de 3 arquivos"):
            judged(source, three)
        assert judged(source, Bounds(files=4)).files.looked_at == 4


def test_a_zip_is_counted_while_it_grows(tmp_path: Path) -> None:
    """Each file fits and they compress to nothing; together they do not fit."""
    source = zipped(tmp_path / "bomb.zip", {f"{n}.xml": b" " * EACH for n in range(60)})
    assert source.stat().st_size < EACH
    with pytest.raises(TooMuchError, match="passa de 1 MB"):
        judged(source)


def test_an_entry_that_lies_about_its_size_is_read_no_further_than_the_bound(tmp_path: Path) -> None:
    source = zipped(tmp_path / "liar.zip", {"a.xml": b"<a>" + b" " * 900_000 + b"</a>"})
    content = bytearray(source.read_bytes())
    place = content.index(b"PK\x01\x02") + 24
    content[place : place + 4] = struct.pack("<I", 10)
    source.write_bytes(content)
    found = judged(source).files
    assert found.too_large + found.unreadable == 1


def test_an_entry_is_unpacked_no_further_than_the_bound(tmp_path: Path) -> None:
    source = zipped(tmp_path / "tall.zip", {"a.xml": b" " * 60_000_000})
    tracemalloc.start()
    try:
        assert judged(source).files.too_large == 1
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 6_000_000


def test_a_directory_that_would_fill_the_memory_is_not_read(tmp_path: Path) -> None:
    source = zipped(tmp_path / "wide.zip", {"a.xml": REJECTED})
    content = bytearray(source.read_bytes())
    end = content.index(b"PK\x05\x06")
    content[end + 12 : end + 16] = struct.pack("<I", 3_000_000_000)
    source.write_bytes(content)
    with pytest.raises(TooMuchError, match="mais de 200 arquivos"):
        judged(source)


def test_names_of_a_zip_are_never_paths(tmp_path: Path) -> None:
    names = ["../../escaped.xml", "/etc/escaped.xml", "a/../../escaped.xml", "C:\\escaped.xml"]
    before = sorted(tmp_path.rglob("*"))
    source = zipped(tmp_path / "n.zip", dict.fromkeys(names, REJECTED))
    assert judged(source).files.useful == 4
    assert sorted(tmp_path.rglob("*")) == [*before, source]


def test_damaged_and_sealed_entries_are_counted(tmp_path: Path) -> None:
    source = zipped(tmp_path / "d.zip", {"a.xml": REJECTED, "b.xml": REJECTED})
    content = bytearray(source.read_bytes())
    content[60] ^= 0xFF
    sealed = content.rindex(b"PK\x01\x02") + 8
    content[sealed] |= 1
    source.write_bytes(content)
    assert judged(source).files.unreadable == 2
