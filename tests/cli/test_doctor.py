"""`zelo doctor`: what is well is called so, and each thing that can be wrong is found, with what to do about it."""

import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import insert, select, update

from tests.cli.installation import Ended, Run, environ, opened, rows_of
from zelo.cli import doctor
from zelo.engine.schema.access import certificate, company
from zelo.engine.schema.flow import worker
from zelo.engine.schema.isp import reading as readings
from zelo.flow import house
from zelo.guard import halt
from zelo.guard import shell as guard
from zelo.isp import reading
from zelo.monitor import shell as monitor

Break = Callable[[Mapping[str, str], Path], Mapping[str, str] | None]
"""Breaks one thing of an installation; the environment to look with, where it is another."""


def hear(
    env: Mapping[str, str], *, answered: bool = True, drift_millis: int = 0, ago: timedelta = timedelta(0)
) -> None:
    """Note how the authorizer answered, or that it did not."""
    with opened(env) as tools, tools.engine.begin() as connection:
        monitor.note_health(
            connection,
            autorizador="SVRS",
            ambiente=tools.ambiente,
            at=tools.clock() - ago,
            answered=answered,
            cstat="107" if answered else "",
            motivo="Serviço em Operação" if answered else "conexão recusada",
            latency_millis=20,
            drift_millis=drift_millis,
        )


@pytest.fixture
def well(env: dict[str, str]) -> dict[str, str]:
    """An installation in which nothing is wrong: a worker alive, an authorizer that has answered."""
    hear(env)
    with opened(env) as tools, tools.engine.begin() as connection:
        now = tools.clock()
        connection.execute(insert(worker).values(id="w", host="aqui", pid=7, started_at=now, seen_at=now))
    return env


def marks(ended: Ended) -> dict[str, tuple[str, str]]:
    """Mark and text of each item."""
    found: dict[str, tuple[str, str]] = {}
    for subject, mark, text in rows_of(ended.said):
        if subject:
            found[subject] = (mark, text)
    return found


def test_a_healthy_installation_is_well(run: Run, well: dict[str, str]) -> None:
    ended = run(well, "doctor")
    assert ended.code == 0
    found = marks(ended)
    assert found.pop("E-mail")[0] == "atenção", "nobody has named a mail server"
    assert {mark for mark, _ in found.values()} == {"certo"}
    expected = ["Banco de dados", "Disco", "Chave-mestra", "Certificado", "Schema da NFCom", "Relógio (SVRS)"]
    assert [*found] == [*expected, "SEFAZ SVRS", "Trabalho"]


def sql(env: Mapping[str, str], statement: str) -> None:
    """Change the database behind the program's back."""
    with closing(sqlite3.connect(Path(env["ZELO_DATA_DIR"]) / "zelo.db")) as connection, connection:
        connection.execute(statement)


def _clock(env: Mapping[str, str], _folder: Path) -> None:
    hear(env, drift_millis=-600_000)


def _database_damaged(_env: Mapping[str, str], folder: Path) -> None:
    for beside in folder.glob("zelo.db-*"):
        beside.unlink()
    (folder / "zelo.db").write_bytes(b"not a database at all" * 100)


def _database_away(env: Mapping[str, str], _folder: Path) -> Mapping[str, str]:
    return {**env, "ZELO_DATABASE_URL": "postgresql://127.0.0.1:1/zelo"}


def _database_of_another_kind(env: Mapping[str, str], _folder: Path) -> Mapping[str, str]:
    return {**env, "ZELO_DATABASE_URL": "mysql://127.0.0.1/zelo"}


def _database_url(env: Mapping[str, str], _folder: Path) -> Mapping[str, str]:
    return {**env, "ZELO_DATABASE_URL": "postgresql://x:y@:::/"}


def _database_newer(env: Mapping[str, str], _folder: Path) -> None:
    sql(env, "UPDATE alembic_version SET version_num = '9999'")


def _ambiente(env: Mapping[str, str], _folder: Path) -> Mapping[str, str]:
    return {**env, "ZELO_AMBIENTE": "producao"}


def _key_of_another(_env: Mapping[str, str], folder: Path) -> None:
    (folder / "master.key").write_bytes(Fernet.generate_key())


def _key_damaged(_env: Mapping[str, str], folder: Path) -> None:
    (folder / "master.key").write_bytes(b"x")


def _expired(env: Mapping[str, str], _folder: Path) -> None:
    with opened(env) as tools, tools.engine.begin() as connection:
        connection.execute(update(certificate).values(valid_until=tools.clock() - timedelta(days=2)))


def _package_damaged(_env: Mapping[str, str], folder: Path) -> None:
    (folder / "schemas" / "x").mkdir(parents=True)
    (folder / "schemas" / "x" / "manifest.toml").write_text("name = ", "utf-8")


def _setting(env: Mapping[str, str], _folder: Path) -> Mapping[str, str]:
    return {**env, "ZELO_LISTEN_PORT": "abc"}


def _file_of_settings(_env: Mapping[str, str], folder: Path) -> None:
    (folder / "zelo.toml").write_bytes("log_level = 'não'".encode("latin-1"))


def _folder(env: Mapping[str, str], folder: Path) -> Mapping[str, str]:
    shutil.rmtree(folder)
    folder.touch()
    return env


def test_every_case_is_a_case() -> None:
    made = {value for name, value in globals().items() if name.startswith("_") and callable(value)}
    assert {broken for broken, _, _ in BROKEN} <= made


BROKEN: tuple[tuple[Break, str, str], ...] = (
    (_clock, "Relógio (SVRS)", "acerte o relógio"),
    (_database_damaged, "Banco de dados", "danificado"),
    (_database_away, "Banco de dados", "confira se ele está no ar"),
    (_database_of_another_kind, "Configuração e banco", "postgresql://"),
    (_database_url, "Configuração e banco", "não é um endereço de banco"),
    (_database_newer, "Configuração e banco", "Atualize o programa"),
    (_ambiente, "Configuração e banco", "outro banco para cada ambiente"),
    (_key_of_another, "Chave-mestra", "restaure o arquivo master.key original"),
    (_key_damaged, "Chave-mestra", "restaure o original"),
    (_expired, "Certificado", "Instale o novo A1"),
    (_package_damaged, "Configuração e banco", "manifest.toml"),
    (_setting, "Configuração e banco", "ZELO_LISTEN_PORT: use um número inteiro"),
    (_file_of_settings, "Configuração e banco", "UTF-8"),
    (_folder, "Pasta de dados", "Confira o caminho"),
)


@pytest.mark.parametrize(("broken", "subject", "remedy"), BROKEN, ids=lambda value: getattr(value, "__name__", ""))
def test_what_is_wrong_is_found_with_its_remedy(
    run: Run, well: dict[str, str], data_dir: Path, broken: Break, subject: str, remedy: str
) -> None:
    ended = run(broken(well, data_dir) or well, "doctor")
    assert ended.code == 1
    assert ended.complained == ""
    wrong = {name: text for name, (mark, text) in marks(ended).items() if mark == "errado"}
    assert [*wrong] == [subject]
    assert remedy in ended.said


def test_a_full_disk_is_found(run: Run, well: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LEAST_FREE_BYTES", 10**18)
    ended = run(well, "doctor")
    assert (ended.code, marks(ended)["Disco"][0]) == (1, "errado")
    assert "libere espaço" in marks(ended)["Disco"][1]


def test_a_day_without_schema_is_found(run: Run, env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house, "now", lambda: datetime(2001, 1, 1, tzinfo=UTC))
    ended = run(env, "doctor")
    assert (ended.code, marks(ended)["Schema da NFCom"][0]) == (1, "errado")
    assert "zelo schema install" in marks(ended)["Schema da NFCom"][1]


def test_a_machine_in_the_wrong_century_is_told(
    run: Run, well: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house, "now", lambda: datetime(1970, 1, 1, tzinfo=UTC))
    ended = run(well, "doctor")
    assert ended.code == 1
    assert marks(ended)["Relógio"] == (
        "errado",
        "aqui são 01/01/1970, antes da primeira NFCom: acerte o relógio desta máquina (NTP).",
    )


def test_an_authorizer_that_does_not_answer_is_a_warning_since_work_goes_on_by_itself(
    run: Run, well: dict[str, str]
) -> None:
    hear(well, ago=timedelta(minutes=5))
    hear(well, answered=False)
    ended = run(well, "doctor")
    assert ended.code == 0
    mark, text = marks(ended)["SEFAZ SVRS"]
    assert (mark, text.startswith("não responde: conexão recusada. Confira a rede")) == ("atenção", True)
    hear(well)
    assert marks(run(well, "doctor"))["SEFAZ SVRS"] == ("certo", "última resposta: 107 Serviço em Operação")


def test_a_certificate_that_ends_soon_is_a_warning(run: Run, well: dict[str, str]) -> None:
    with opened(well) as tools, tools.engine.begin() as connection:
        soon = tools.clock() + doctor.CERTIFICATE_WARNING - timedelta(hours=1)
        connection.execute(update(certificate).values(valid_until=soon))
    ended = run(well, "doctor")
    assert (ended.code, marks(ended)["Certificado"][0]) == (0, "atenção")


def test_a_halt_is_a_warning_and_its_words_are_text(run: Run, well: dict[str, str]) -> None:
    with opened(well) as tools, tools.engine.begin() as connection:
        scope = halt.of_establishment("X")
        guard.stop(
            connection, scope=scope, reason=halt.QUARANTINE, now=tools.clock(), until=None, detail="[/x] conferindo"
        )
    ended = run(well, "doctor")
    mark, text = marks(ended)["Parada"]
    assert (ended.code, mark) == (0, "atenção")
    assert "[/x] conferindo" in text


def test_a_file_that_stopped_is_a_warning_with_its_remedy(run: Run, well: dict[str, str]) -> None:
    with opened(well) as tools:
        with tools.engine.read() as connection:
            company_id = connection.execute(select(company.c.id).limit(1)).scalar_one()
        reading.receive(
            tools, company_id=company_id, name="[/x] mês.csv", billing=b"x", composicoes=b"y", chosen="", actor="Ana"
        )
        with tools.engine.begin() as connection:
            connection.execute(update(readings).values(due_at=None, stopped_at=tools.clock()))
    ended = run(well, "doctor")
    mark, text = marks(ended)["Faturamento"]
    assert (ended.code, mark, text.startswith("[/x] mês.csv: Parou")) == (0, "atenção", True)
    assert "Divida o arquivo em partes" in text


def test_a_new_installation_says_what_is_still_to_be_done(run: Run, tmp_path: Path) -> None:
    ended = run(environ(tmp_path / "new"), "doctor")
    found = marks(ended)
    assert ended.code == 0
    assert {name for name, (mark, _) in found.items() if mark == "atenção"} == {
        "Certificados", "E-mail", "SEFAZ", "Trabalho",
    }  # fmt: skip
