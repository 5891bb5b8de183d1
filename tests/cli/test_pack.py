"""`zelo month --pack`: a month in one file, and a plain word where there is none."""

import zipfile
from pathlib import Path

import pytest

from tests.cli.installation import Run, environ, example, opened
from zelo.engine.schema.access import audit
from zelo.sim.shell.server import Handle

NOTES = ("2026-11-0001", "2026-11-0002", "2026-11-0010")


def test_a_month_in_one_file(run: Run, data_dir: Path, simulator: Handle, tmp_path: Path) -> None:
    env = environ(data_dir, simulator)
    assert run(env, "emit", str(example(tmp_path / "files", NOTES))).code == 0
    file = tmp_path / "mes.zip"
    ended = run(env, "month", "2026-11", "--pack", str(file), "--danfe")
    assert ended.code == 0
    assert f"{len(NOTES)} arquivos guardados de Novembro/2026 em" in ended.said
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert "por linha de comando" in archive.read("resumo.txt").decode()
    assert [sum(name.startswith(folder) for name in names) for folder in ("xml/", "danfe/")] == [len(NOTES)] * 2
    assert [path.name for path in tmp_path.glob("*.parte")] == []
    with opened(env) as tools, tools.engine.read() as connection:
        told = [row.action for row in connection.execute(audit.select())]
    assert "baixou o pacote do mês" in told


@pytest.mark.parametrize(
    ("words", "sentence"),
    [(("11/2026",), "O mês se escreve"), (("2026-11", "--establishment", "1"), "Nenhum estabelecimento com o CNPJ 1")],
)
def test_what_cannot_be_packed_is_said_in_a_sentence(
    run: Run, env: dict[str, str], tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    ended = run(env, "month", *words, "--pack", str(tmp_path / "x"))
    assert ended.code == 1
    assert sentence in ended.sentence
    assert not (tmp_path / "x").exists()
