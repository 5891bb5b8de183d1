"""Brings a database to the shape that this release knows, or refuses one that it does not know.

The whole way is one transaction. A database that already holds something is copied aside before its first step.
"""

from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from zelo.engine.contract import Engine

_FOLDER: Final = Path(__file__).parent / "migrations"
_LOCK: Final = 620_062


class Shape(Enum):
    """How a database stands to this release."""

    EMPTY = "empty"
    CURRENT = "current"
    OLD = "old"
    UNKNOWN = "unknown"


class UnknownShapeError(RuntimeError):
    """The database was written by a newer release; the message says so in pt-BR."""


def shape(engine: Engine) -> Shape:
    """How the database stands."""
    with engine.read() as connection:
        return _shape(connection)


def _shape(connection: Connection) -> Shape:
    script = ScriptDirectory.from_config(_config(connection))
    present = MigrationContext.configure(connection).get_current_revision()
    if present is None:
        return Shape.EMPTY
    if present == script.get_current_head():
        return Shape.CURRENT
    known = {revision.revision for revision in script.walk_revisions()}
    return Shape.OLD if present in known else Shape.UNKNOWN


def migrate(engine: Engine, copy_aside: Callable[[], object]) -> Shape:
    """Bring the database up to date; the shape it had. `copy_aside` is called before an old one is changed.

    Raises UnknownShapeError, and then nothing was touched.
    """
    before = shape(engine)
    if before is Shape.UNKNOWN:
        raise UnknownShapeError("Este banco foi gravado por uma versão mais nova do zelo. Atualize o programa.")
    if before is Shape.CURRENT:
        return before
    if before is Shape.OLD:
        copy_aside()
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        if _shape(connection) is not Shape.CURRENT:
            _upgrade(connection)
    return before


def _upgrade(connection: Connection) -> None:
    command.upgrade(_config(connection), "head")


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    return config
