"""Opens the database that the settings name."""

from pathlib import Path
from typing import Final

from zelo.engine.cluster import Cluster
from zelo.engine.contract import Engine
from zelo.engine.embedded import Embedded

FILE_NAME: Final = "zelo.db"
_POSTGRESQL: Final = ("postgresql://", "postgres://")


def open_engine(database_url: str, data_dir: Path) -> Engine:
    """SQLite in `data_dir` when the URL is empty, else PostgreSQL. Raises ValueError for any other URL."""
    if not database_url:
        data_dir.mkdir(parents=True, exist_ok=True)
        return Embedded(data_dir / FILE_NAME)
    if database_url.startswith(_POSTGRESQL):
        return Cluster(database_url.replace("postgres://", "postgresql://", 1))
    raise ValueError("database_url: use um endereço postgresql:// ou deixe vazio para o SQLite.")
