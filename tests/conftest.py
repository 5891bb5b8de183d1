"""Databases for the tests: every test of the contract runs on both, each in a fresh one."""

import itertools
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import structlog

from tests import postgres
from zelo.engine.cluster import Cluster
from zelo.engine.contract import Engine
from zelo.engine.embedded import Embedded
from zelo.engine.migrate import migrate

_serial = itertools.count()
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


@pytest.fixture(scope="session")
def postgres_folder() -> Iterator[str]:
    """One server per test process, with a migrated template."""
    with postgres.server() as folder:
        with psycopg.connect(postgres.url(folder, "postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE template_zelo")
        engine = Cluster(postgres.url(folder, "template_zelo"))
        migrate(engine, lambda: None)
        engine.close()
        yield folder


@pytest.fixture
def new_cluster_url(postgres_folder: str) -> Callable[[], str]:
    """Makes PostgreSQL databases, migrated and empty; their addresses."""

    def make() -> str:
        name = f"zelo_{next(_serial)}"
        with psycopg.connect(postgres.url(postgres_folder, "postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template_zelo")
        return postgres.url(postgres_folder, name)

    return make


@pytest.fixture
def new_cluster(new_cluster_url: Callable[[], str]) -> Iterator[Callable[[], Cluster]]:
    """Makes PostgreSQL databases, migrated and empty, opened."""
    made: list[Cluster] = []

    def make() -> Cluster:
        made.append(Cluster(new_cluster_url()))
        return made[-1]

    yield make
    for engine in made:
        engine.close()


@pytest.fixture
def new_embedded(tmp_path: Path) -> Iterator[Callable[[], Embedded]]:
    """Makes SQLite databases, migrated and empty."""
    made: list[Embedded] = []

    def make() -> Embedded:
        made.append(Embedded(tmp_path / f"zelo{len(made)}.db"))
        migrate(made[-1], lambda: None)
        return made[-1]

    yield make
    for engine in made:
        engine.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def new_engine(request: pytest.FixtureRequest) -> Callable[[], Engine]:
    """Makes databases of one kind; the test runs once for each kind."""
    kind = "new_embedded" if request.param == "sqlite" else "new_cluster"
    make: Callable[[], Engine] = request.getfixturevalue(kind)
    return make


@pytest.fixture
def engine(new_engine: Callable[[], Engine]) -> Engine:
    """A database of each kind in turn, migrated and empty."""
    return new_engine()
