"""`zelo print`: one note in a PDF, a month in a zip, and a plain word for what cannot be printed."""

import zipfile
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from tests.cli.installation import Run, environ, example, opened
from tests.printing import coupons, thermal
from tests.printing.notes import PLAIN, authorised, said
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


@pytest.fixture
def coupon_files(tmp_path: Path) -> tuple[Path, Path]:
    """A sale and its cancel, as the device gave them."""
    files = tmp_path / "venda.xml", tmp_path / "cancelamento.xml"
    for file, xml in zip(files, coupons.sold_and_cancelled(coupons.rich()), strict=True):
        file.write_bytes(xml)
    return files


@pytest.fixture
def nowhere(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine without an installation."""
    return {"ZELO_DATA_DIR": str(tmp_path / "nada")}


def test_a_coupon_is_printed_without_an_installation(
    run: Run, nowhere: dict[str, str], coupon_files: tuple[Path, Path], tmp_path: Path
) -> None:
    sale, cancel = map(str, coupon_files)
    pdf, brief, job = (tmp_path / name for name in ("a.pdf", "b.pdf", "c.bin"))
    assert run(nowhere, "print", sale, "-o", str(pdf)).code == 0
    assert run(nowhere, "print", sale, "--resumido", "--largura", "58", "-o", str(brief)).code == 0
    assert run(nowhere, "print", cancel, sale, "--escpos", "--pagina", "860", "-o", str(job)).code == 0
    assert "PÃO FRANCÊS" in said(pdfium.PdfDocument(pdf.read_bytes()))
    assert "PÃO FRANCÊS" not in said(pdfium.PdfDocument(brief.read_bytes()))
    assert pdfium.PdfDocument(brief.read_bytes())[0].get_width() == pytest.approx(58 / 25.4 * 72, abs=0.1)
    assert "CANCELAMENTO" in thermal.run(job.read_bytes()).text
    assert not (tmp_path / "nada").exists()


def test_a_note_in_a_file_is_printed_too(run: Run, nowhere: dict[str, str], tmp_path: Path) -> None:
    file, pdf = tmp_path / "nota-proc.xml", tmp_path / "nota.pdf"
    file.write_bytes(authorised(PLAIN))
    assert run(nowhere, "print", str(file), "-o", str(pdf)).code == 0
    assert "DANFE-COM" in said(pdfium.PdfDocument(pdf.read_bytes()))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("cancelamento.xml",), "Informe também o XML da venda"), (("venda.xml", "venda.xml"), "Informe o XML de uma"),
        (("falta.xml",), "não pôde ser lido"), (("outro.xml",), "não é um XML legível"),
        (("venda.xml", "--largura", "70"), "A largura é uma de 80, 58"),
        (("venda.xml", "--pagina", "437"), "página de códigos"), (("cancelamento.xml", "outro.xml"), "Informe o XML"),
        (("venda.xml", "outro.xml"), "Informe o XML"), (("torta.xml",), "A chave não tem 44"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("coupon_files")
def test_a_file_that_cannot_be_printed_is_said_in_a_sentence(
    run: Run, nowhere: dict[str, str], tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    (tmp_path / "outro.xml").write_text("não é XML", "utf-8")
    (tmp_path / "torta.xml").write_text("<CFe><infCFe/></CFe>", "utf-8")
    named = [str(tmp_path / word) if word.endswith(".xml") else word for word in words]
    ended = run(nowhere, "print", *named, "-o", str(tmp_path / "x"))
    assert ended.code == 1
    assert sentence in ended.complained
    assert ended.sentence
    assert not (tmp_path / "x").exists()
