"""`zelo print`: one note in a PDF, a month in a zip, and a plain word for what cannot be printed."""

import zipfile
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from tests.cli.installation import Run, environ, example, opened
from tests.printing.notes import said
from zelo.engine.schema.flow import document
from zelo.sim.shell.server import Handle

NOTES = ("2026-11-0001", "2026-11-0002", "2026-11-0010")


@pytest.fixture
def month(run: Run, data_dir: Path, simulator: Handle, tmp_path: Path) -> tuple[dict[str, str], list[str]]:
    """An installation whose notes of November stand authorised, and their chaves."""
    env = environ(data_dir, simulator)
    assert run(env, "emit", str(example(tmp_path / "files", NOTES))).code == 0
    with opened(env) as tools, tools.engine.read() as connection:
        return env, sorted(row.chave for row in connection.execute(document.select()))


def test_one_note_by_its_chave_as_people_write_it(
    run: Run, month: tuple[dict[str, str], list[str]], tmp_path: Path
) -> None:
    env, chaves = month
    file = tmp_path / "uma.pdf"
    blocks = " ".join(chaves[0][i : i + 4] for i in range(0, 44, 4))
    assert run(env, "print", blocks, "-o", str(file)).code == 0
    assert blocks in said(pdfium.PdfDocument(file.read_bytes()))


def test_a_month_in_a_zip(run: Run, month: tuple[dict[str, str], list[str]], tmp_path: Path) -> None:
    env, chaves = month
    file = tmp_path / "mes.zip"
    ended = run(env, "print", "--month", "2026-11", "--output", str(file))
    assert ended.code == 0
    assert f"{len(NOTES)} DANFE-COM em" in ended.said
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == [f"{chave}-danfecom.pdf" for chave in chaves]
    assert [path.name for path in tmp_path.glob("*.parte")] == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Informe a chave"),
        (("4326", "--month", "2026-11"), "Informe a chave"), (("4326",), "Nenhuma nota guardada"),
        (("--month", "11/2026"), "Escreva o mês"), (("--month", "2026-11"), "Nenhuma nota autorizada"),
    ],
)  # fmt: skip
def test_what_cannot_be_printed_is_said_in_a_sentence(
    run: Run, env: dict[str, str], tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    ended = run(env, "print", *words, "-o", str(tmp_path / "x"))
    assert ended.code == 1
    assert sentence in ended.sentence
    assert not (tmp_path / "x").exists()
