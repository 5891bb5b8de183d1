"""One prepared installation for a test process, copied for each test; and a way to run commands in this process."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.installation import COLUMNS, Ended, Run, environ, set_up
from zelo.cli import doctor, logs, main, memory, screen
from zelo.flow.tools import Tools
from zelo.sim.shell.server import Handle, start


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the data of an installation that has a company, and the authority that issued its certificate."""
    folder = tmp_path_factory.mktemp("prepared")
    set_up(environ(folder / "data"), folder / "sefaz")
    return folder


@pytest.fixture
def sefaz_folder(prepared: Path, tmp_path: Path) -> Path:
    """The folder of a simulated authority of this test's own that trusts the installation's certificate."""
    return Path(shutil.copytree(prepared / "sefaz", tmp_path / "sefaz"))


@pytest.fixture
def simulator(sefaz_folder: Path) -> Iterator[Handle]:
    """The authority, running on free ports."""
    with start(sefaz_folder) as handle:
        yield handle


@pytest.fixture
def data_dir(prepared: Path, tmp_path: Path) -> Path:
    """The data of an installation of this test's own."""
    return Path(shutil.copytree(prepared / "data", tmp_path / "data"))


@pytest.fixture
def env(data_dir: Path) -> dict[str, str]:
    """Its environment; there is no authority in it."""
    return environ(data_dir)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Run]:
    """Run a command in this process; what it opened is closed afterwards."""
    houses: list[Tools] = []

    def kept(open_house: Callable[..., Tools]) -> Callable[..., Tools]:
        def open_and_keep(*args: Any) -> Tools:
            houses.append(open_house(*args))
            return houses[-1]

        return open_and_keep

    for name in [name for name in os.environ if name.startswith("ZELO_")]:
        monkeypatch.delenv(name)
    for module in (main, doctor):
        monkeypatch.setattr(module, "open_house", kept(module.open_house))
    for stream in (logs.to_file, logs.to_stream):
        monkeypatch.setattr(logs, stream.__name__, lambda *_: None)
    monkeypatch.setattr(memory, "settle", lambda: None)
    monkeypatch.setattr(screen.out, "width", COLUMNS)
    monkeypatch.chdir(tmp_path)

    def run_here(env: Mapping[str, str], *words: str) -> Ended:
        with monkeypatch.context() as patch:
            for name, value in env.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["zelo", *words])
            capsys.readouterr()
            with pytest.raises(SystemExit) as ended:
                main.main()
        said, complained = capsys.readouterr()
        code = ended.value.code
        return Ended(code if isinstance(code, int) else 0, said, complained)

    yield run_here
    for house in houses:
        house.engine.close()
