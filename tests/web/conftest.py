"""One seeded town per test process, with and without notes; each test works on a copy of its database."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal

from tests.web.town import Town, build, notes_in_every_state
from zelo.engine.embedded import Embedded


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Town]]:
    """The database file and the town in it."""
    path = tmp_path_factory.mktemp("town") / "zelo.db"
    town = build(path)
    with start_blocking_portal() as town.portal:
        yield path, town


@pytest.fixture(scope="session")
def seeded_notes(seeded: tuple[Path, Town]) -> tuple[Path, dict[str, str]]:
    """The same with a note in each state, and their ids."""
    path, built = seeded
    full = path.with_name("full.db")
    shutil.copyfile(path, full)
    engine = Embedded(full)
    notes = notes_in_every_state(built.on(engine))
    engine.close()
    return full, notes


@pytest.fixture
def notes(seeded_notes: tuple[Path, dict[str, str]]) -> dict[str, str]:
    """A note in each state that needs no authorizer; ids by state. Asking for it fills the town."""
    return dict(seeded_notes[1])


@pytest.fixture
def town(seeded: tuple[Path, Town], request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    """A town of its own."""
    path, built = seeded
    if "notes" in request.fixturenames:
        path = request.getfixturevalue("seeded_notes")[0]
    own = tmp_path / "zelo.db"
    shutil.copyfile(path, own)
    engine = Embedded(own)
    yield built.on(engine)
    engine.close()
