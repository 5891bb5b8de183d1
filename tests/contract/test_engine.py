"""The contract that SQLite and PostgreSQL both keep: commits stay, claims never collide, hints may be lost."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from zelo.engine import backup, periodic
from zelo.engine.contract import Engine
from zelo.engine.migrate import Shape, UnknownShapeError, migrate, shape
from zelo.engine.schema.access import audit, company
from zelo.engine.schema.all import METADATA, ROOMS
from zelo.engine.schema.base import Cents, Instant
from zelo.engine.schema.engine import meta
from zelo.engine.statement import claim, insert_new, put
from zelo.fiscal.identity import new_id

NOW = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)


def _company(number: int) -> dict[str, object]:
    return {
        "id": new_id(NOW, number.to_bytes(10, "big")),
        "bucket": number % 1024,
        "name": f"Provedor {number}",
        "cnpj_base": f"{number:08d}",
        "created_at": NOW,
    }


def test_what_is_committed_is_there_and_what_is_rolled_back_is_not(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(company).values(**_company(1)))
    with pytest.raises(RuntimeError, match="undo"), engine.begin() as connection:
        connection.execute(insert(company).values(**_company(2)))
        raise RuntimeError("undo")
    with engine.read() as connection:
        rows = connection.execute(select(company.c.name, company.c.created_at)).all()
    assert [tuple(row) for row in rows] == [("Provedor 1", NOW)]


def test_instants_and_amounts_come_back_exactly(engine: Engine) -> None:
    instants = [datetime(1970, 1, 1, tzinfo=UTC), NOW, datetime(2999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)]
    with engine.begin() as connection:
        for number, instant in enumerate(instants):
            connection.execute(insert(company).values(**_company(number) | {"created_at": instant}))
        got = connection.execute(select(company.c.created_at).order_by(company.c.id)).scalars().all()
    assert got == instants
    assert Cents().process_bind_param(Decimal("0.07"), None) == 7  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="fraction"):
        Cents().process_bind_param(Decimal("0.075"), None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="time zone"):
        Instant().process_bind_param(datetime(2026, 1, 1), None)  # type: ignore[arg-type]  # noqa: DTZ001


def test_four_claimers_get_every_row_exactly_once(engine: Engine) -> None:
    rows = 200
    with engine.begin() as connection:
        for number in range(rows):
            connection.execute(insert(company).values(**_company(number)))
    claimed: list[str] = []
    lock = threading.Lock()

    def work() -> None:
        while True:
            with engine.begin() as connection:
                got = claim(
                    connection,
                    company,
                    where=[company.c.disabled_at.is_(None)],
                    order_by=[company.c.id],
                    limit=7,
                    values={"disabled_at": NOW},
                )
            if not got:
                return
            with lock:
                claimed.extend(row.id for row in got)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == rows
    assert len(set(claimed)) == rows


def test_concurrent_increments_are_all_counted(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(meta).values(key="n", value="0"))

    def work() -> None:
        for _ in range(25):
            with engine.begin() as connection:
                query = select(meta.c.value).where(meta.c.key == "n").with_for_update()
                value = int(connection.execute(query).scalar_one())
                connection.execute(update(meta).where(meta.c.key == "n").values(value=str(value + 1)))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.read() as connection:
        assert connection.execute(select(meta.c.value).where(meta.c.key == "n")).scalar_one() == "100"


def test_insert_new_and_put_are_idempotent_by_key(engine: Engine) -> None:
    with engine.begin() as connection:
        assert insert_new(connection, meta, {"key": "a", "value": "1"})
        assert not insert_new(connection, meta, {"key": "a", "value": "2"})
        put(connection, meta, {"key": "a"}, {"value": "3"})
        put(connection, meta, {"key": "b"}, {"value": "4"})
        rows = {row.key: row.value for row in connection.execute(select(meta).order_by(meta.c.key))}
    assert rows == {"a": "3", "b": "4"}


def test_a_failed_savepoint_leaves_the_rest_of_the_transaction(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(meta).values(key="kept", value="1"))
        savepoint = connection.begin_nested()
        connection.execute(insert(meta).values(key="undone", value="1"))
        savepoint.rollback()
    with engine.read() as connection:
        assert connection.execute(select(meta.c.key)).scalars().all() == ["kept"]


def test_a_waiter_wakes_when_work_is_committed(engine: Engine) -> None:
    woken: list[float] = []

    def wait() -> None:
        start = time.monotonic()
        engine.wait(10)
        woken.append(time.monotonic() - start)

    engine.wait(0.01)
    waiter = threading.Thread(target=wait)
    waiter.start()
    time.sleep(0.2)
    with engine.begin() as connection:
        connection.execute(insert(meta).values(key="work", value="1"))
        engine.wake(connection)
    waiter.join(timeout=10)
    assert woken
    assert woken[0] < 5


def test_a_waiter_gives_up_after_its_time(engine: Engine) -> None:
    start = time.monotonic()
    engine.wait(0.15)
    assert 0.1 < time.monotonic() - start < 5


def test_a_periodic_job_runs_once_per_period_for_everybody(engine: Engine) -> None:
    every = timedelta(minutes=1)
    with engine.begin() as connection:
        assert periodic.due(connection, "job", every, NOW)
        assert not periodic.due(connection, "job", every, NOW + timedelta(seconds=59))
        assert periodic.due(connection, "job", every, NOW + timedelta(seconds=60))
        assert periodic.due(connection, "job", every, NOW - timedelta(hours=5)), "the clock stepped back"


def test_the_database_itself_lets_the_audit_only_grow(engine: Engine) -> None:
    with engine.begin() as connection:
        line = {"id": "1", "at": NOW, "actor": "a", "action": "b", "object": "c"}
        connection.execute(insert(audit).values(**line))
    for statement in (update(audit).values(actor="x"), delete(audit)):
        with pytest.raises(DBAPIError, match="only grows"), engine.begin() as connection:
            connection.execute(statement)


def test_every_table_of_the_metadata_is_migrated_and_belongs_to_one_room(engine: Engine) -> None:
    assert shape(engine) is Shape.CURRENT
    with engine.read() as connection:
        for table in METADATA.sorted_tables:
            assert table.name.split("_")[0] in ROOMS
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_migrating_twice_changes_nothing_and_an_unknown_shape_is_refused(engine: Engine) -> None:
    assert migrate(engine, lambda: None) is Shape.CURRENT
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UnknownShapeError, match="versão mais nova"):
        migrate(engine, lambda: None)


def test_a_backup_reads_into_the_other_kind_of_database(
    new_embedded: Callable[[], Engine], new_cluster: Callable[[], Engine], tmp_path: Path
) -> None:
    source, target = new_embedded(), new_cluster()
    with source.begin() as connection:
        for number in range(600):
            connection.execute(insert(company).values(**_company(number)))
        line = {"id": "1", "at": NOW, "actor": "José", "action": "b", "object": "c", "detail": {"ç": ["é", None]}}
        connection.execute(insert(audit).values(**line))
    file = tmp_path / "copy.zelo"
    with file.open("wb") as out:
        written = backup.write(source, out, NOW)
    assert backup.read(target, lambda: file.open("rb")) == written
    for table in METADATA.sorted_tables:
        with source.read() as one, target.read() as other:
            query = select(table).order_by(*table.primary_key)
            assert [tuple(r) for r in one.execute(query)] == [tuple(r) for r in other.execute(query)]


def test_a_damaged_or_foreign_backup_is_refused_whole(new_embedded: Callable[[], Engine], tmp_path: Path) -> None:
    source = new_embedded()
    with source.begin() as connection:
        connection.execute(insert(company).values(**_company(1)))
    good = tmp_path / "good.zelo"
    with good.open("wb") as out:
        backup.write(source, out, NOW)
    content = good.read_bytes()
    bad = tmp_path / "bad.zelo"
    for damage in (content[:-20], content[:40], b"", b"not a backup", content[:60] + b"\x00" + content[61:]):
        bad.write_bytes(damage)
        target = new_embedded()
        with pytest.raises(backup.BadBackupError):
            backup.read(target, lambda: bad.open("rb"))
        with target.read() as connection:
            assert connection.execute(select(company)).all() == []
    with pytest.raises(backup.BadBackupError, match="vazio"):
        backup.read(source, lambda: good.open("rb"))
