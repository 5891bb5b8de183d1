"""Databases for the tests: every test of the contract runs on both, each in a fresh one. And: CI skips nothing."""

import itertools
import logging
import os
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import hypothesis
import pytest
import structlog

from tests import postgres
from tests.ownership import WATCH
from zelo.engine.cluster import Cluster
from zelo.engine.contract import Engine
from zelo.engine.embedded import Embedded
from zelo.engine.migrate import migrate

SKIP_NOTHING = "ZELO_SKIP_NOTHING"
"""Set where every test must run (`.ci/run`): what would be skipped fails, and properties are tried with the same
examples each time. Elsewhere each run draws others.
"""
hypothesis.settings.register_profile("ci", derandomize=True)
if os.environ.get(SKIP_NOTHING):
    hypothesis.settings.load_profile("ci")

_serial = itertools.count()
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped test is counted in the summary, or a failure."""
    report = yield
    if report.skipped and os.environ.get(SKIP_NOTHING):
        report.outcome = "failed"
        report.longrepr = f"{SKIP_NOTHING} is set, and this was skipped: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def each_room_writes_its_own_tables() -> Iterator[None]:
    """Whatever a test does: no room writes a table that bears another's name."""
    WATCH.take()
    yield
    assert WATCH.breaches() == []


@pytest.fixture(scope="session")
def postgres_folder() -> Iterator[str]:
    """One server per test process, with a migrated template."""
    with postgres.server(postgres.memory()) as folder:
        engine = Cluster(postgres.new_database(folder, "template_zelo"))
        migrate(engine, lambda: None)
        engine.close()
        yield folder


@pytest.fixture
def new_cluster_url(postgres_folder: str) -> Iterator[Callable[[], str]]:
    """Makes PostgreSQL databases, migrated and empty; their addresses."""
    made: list[str] = []

    def make() -> str:
        made.append(f"zelo_{next(_serial)}")
        return postgres.new_database(postgres_folder, made[-1], "template_zelo")

    yield make
    for name in made:
        postgres.drop(postgres_folder, name)


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


@pytest.fixture(scope="session")
def embedded_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file: to copy it costs a hundredth of migrating anew."""
    path = tmp_path_factory.mktemp("template") / "zelo.db"
    engine = Embedded(path)
    migrate(engine, lambda: None)
    engine.close()
    return path


@pytest.fixture
def new_embedded(tmp_path: Path, embedded_template: Path) -> Iterator[Callable[[], Embedded]]:
    """Makes SQLite databases, migrated and empty."""
    made: list[Embedded] = []

    def make() -> Embedded:
        path = tmp_path / f"zelo{len(made)}.db"
        shutil.copyfile(embedded_template, path)
        made.append(Embedded(path))
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
