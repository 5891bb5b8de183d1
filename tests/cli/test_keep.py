"""`zelo backup` and `zelo restore`: everything comes back, in quarantine, or nothing does and a sentence says why."""

import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.cli.installation import PATIENCE_SECONDS, Run, environ, example, opened, sent
from zelo.access.shell import companies
from zelo.cli.worker import new_worker
from zelo.engine.schema.access import certificate
from zelo.engine.schema.all import METADATA
from zelo.flow import quarantine
from zelo.flow import worker as working
from zelo.flow.tools import Tools
from zelo.flow.worker import Worker
from zelo.guard import halt
from zelo.guard import shell as guard
from zelo.sim.journal import CONSULTA, RECEPCAO
from zelo.sim.shell.folder import journal_in
from zelo.sim.shell.server import Handle

FIRST = ("2026-11-0001", "2026-11-0002")
NEXT = ("2026-11-0003",)


def counts(tools: Tools) -> dict[str, int]:
    """Rows of every table."""
    with tools.engine.read() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in METADATA.sorted_tables
        }


def quarantined(tools: Tools) -> int:
    """How many emitters are."""
    with tools.engine.read() as connection:
        rows = guard.halts(connection, tools.clock())
        kinds = [halt.parts(row.scope)[0] for row in rows if row.reason == halt.QUARANTINE]
        return kinds.count(halt.ESTABLISHMENT)


@contextmanager
def at_work(tools: Tools) -> Iterator[Worker]:
    """A worker with its way to the authority, turned by hand."""
    with ThreadPoolExecutor(4) as executor:
        worker, transport = new_worker(tools, executor)
        yield worker
        worker.finish()
        transport.close()


@pytest.fixture
def empty(data_dir: Path, tmp_path: Path) -> Path:
    """The data folder of an empty installation that was given the master key."""
    folder = tmp_path / "restored"
    folder.mkdir()
    shutil.copy(data_dir / "master.key", folder)
    return folder


@pytest.fixture
def file(run: Run, env: dict[str, str], tmp_path: Path) -> Path:
    """A backup of the prepared installation."""
    made = tmp_path / "a[bold].zelo"
    ended = run(env, "backup", str(made))
    assert ended.code == 0
    assert f"Backup em {made}" in ended.said
    assert "master.key" in ended.said, "what it does not hold is said"
    return made


def test_everything_comes_back_and_every_emitter_is_in_quarantine(
    run: Run, env: dict[str, str], file: Path, empty: Path
) -> None:
    ended = run(environ(empty), "restore", str(file))
    assert ended.code == 0
    assert "quarentena" in ended.said
    with opened(env) as before, opened(environ(empty)) as after:
        grown = {name: count for name, count in counts(after).items() if count != counts(before)[name]}
        assert set(grown) <= {"guard_halt", "flow_probe", "guard_restore"}
        assert quarantined(after) == 6
        with after.engine.read() as connection:
            certificate_id = connection.execute(select(certificate.c.id)).scalar_one()
            assert companies.open_certificate(connection, after.vault, certificate_id) is not None


def test_nothing_is_sent_until_the_authority_was_asked(
    run: Run,
    data_dir: Path,
    simulator: Handle,
    sefaz_folder: Path,
    empty: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing was lost, so every emitter is let go by itself, but not before the following numbers were asked for."""
    monkeypatch.setattr(quarantine, "MISSES", 2)
    monkeypatch.setattr(working, "PROBE", timedelta(milliseconds=20))
    monkeypatch.setattr(working, "HOUSEKEEPING", timedelta(milliseconds=20))
    assert run(environ(data_dir, simulator), "emit", str(example(tmp_path / "first", FIRST))).code == 0
    assert run(environ(data_dir, simulator), "backup", str(tmp_path / "b.zelo")).code == 0
    env = environ(empty, simulator)
    assert run(env, "restore", str(tmp_path / "b.zelo")).code == 0
    known = len(journal_in(sefaz_folder).entries)
    assert run(env, "emit", str(example(tmp_path / "next", NEXT)), "--no-wait").code == 1
    asked: list[str] = []
    with opened(env) as tools, at_work(tools) as worker:
        until = time.monotonic() + PATIENCE_SECONDS
        while RECEPCAO not in asked and time.monotonic() < until:
            before = quarantined(tools)
            worker.turn()
            asked = [entry.servico for entry in journal_in(sefaz_folder).entries[known:]]
            assert before < 6 or RECEPCAO not in asked
    assert asked.index(RECEPCAO) >= 2, "the numbers that follow were asked for first"
    assert set(asked[: asked.index(RECEPCAO)]) <= {CONSULTA, "NFComStatusServico"}
    assert len({entry.natural_key for entry in sent(sefaz_folder)}) == len(FIRST) + len(NEXT)


def test_a_restore_into_an_installation_with_data_is_refused(run: Run, env: dict[str, str], file: Path) -> None:
    with opened(env) as tools:
        before = counts(tools)
    ended = run(env, "restore", str(file))
    assert (ended.code, ended.sentence) == (1, "Este banco já tem dados: restaure só num banco vazio.")
    with opened(env) as tools:
        assert counts(tools) == before
        assert quarantined(tools) == 0


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "another file"])
def test_a_damaged_backup_is_refused_and_nothing_of_it_is_taken(run: Run, file: Path, empty: Path, damage: str) -> None:
    whole = file.read_bytes()
    middle = len(whole) // 2
    file.write_bytes(
        {
            "cut": whole[:middle],
            "changed": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
            "empty": b"",
            "another file": b"cnpj_emitente;fatura\n",
        }[damage]
    )
    ended = run(environ(empty), "restore", str(file))
    assert ended.code == 1
    assert "ackup" in ended.sentence
    with opened(environ(empty)) as tools:
        assert {name: count for name, count in counts(tools).items() if count} == {"engine_meta": 1}


def test_a_backup_of_the_other_environment_is_refused(run: Run, file: Path, empty: Path) -> None:
    env = {**environ(empty), "ZELO_AMBIENTE": "producao"}
    ended = run(env, "restore", str(file))
    assert ended.code == 1
    assert "homologacao" in ended.sentence
    with opened(env) as tools:
        assert quarantined(tools) == 0


def test_a_file_that_is_not_there_or_cannot_be_written_is_told(run: Run, env: dict[str, str], empty: Path) -> None:
    assert run(environ(empty), "restore", "nope.zelo").sentence == "Não existe nope.zelo. Confira o caminho."
    assert "Confira o caminho." in run(env, "backup", "nowhere/b.zelo").sentence


def test_a_backup_that_fails_leaves_the_one_before_alone(
    run: Run, env: dict[str, str], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = file.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", str(file))

    monkeypatch.setattr("zelo.cli.keep.copies.write", full)
    ended = run(env, "backup", str(file))
    assert (ended.code, "O disco está cheio" in ended.sentence) == (1, True)
    assert file.read_bytes() == before


def test_a_backup_is_its_owner_s_alone(file: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
