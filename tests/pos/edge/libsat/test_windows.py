"""The three Windows libraries in a Windows till, run by Wine: `make windows`, where Wine and its 32-bit half are."""

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from tests.pos.edge.gateway import Forward
from tests.pos.edge.libsat.build import SOURCE, run
from tests.pos.edge.libsat.test_built import BUILD, built
from tests.pos.edge.libsat.till import settings
from tests.sim.sat import sales

pytestmark = pytest.mark.wine

TARGETS: Final = {
    "windows-x86_64": ("x86_64-windows.win7-gnu",),
    "windows-x86-cdecl": ("x86-windows.win7-gnu",),
    "windows-x86-stdcall": ("x86-windows.win7-gnu", "-DSAT_STDCALL"),
}
THREADS: Final = 4
CALLS: Final = 25


@pytest.fixture(scope="session")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Windows of its own for this run."""
    return tmp_path_factory.mktemp("wine")


def built_till(folder: Path, kind: str) -> Path:
    program = folder / "till.exe"
    source = Path(__file__).with_name("windows_till.c")
    compiler = [sys.executable, "-m", "ziglang", "cc", "-target", *TARGETS[kind], "-std=c11", "-O1", f"-I{SOURCE}"]
    run([*compiler, "-Wno-deprecated-declarations", "-o", str(program), str(source)])
    return program


@pytest.mark.parametrize("kind", TARGETS)
def test_a_till_of_windows_sells_through_its_library(
    kind: str, tmp_path: Path, prefix: Path, gateway: tuple[int, Forward]
) -> None:
    """Many threads, and a function of five arguments: with the wrong convention the till would not live through it."""
    assert shutil.which("wine"), "Wine is not installed"
    port, forward = gateway
    shutil.copy(built(BUILD / kind / "sat.dll"), tmp_path)
    (tmp_path / "zelo-sat.conf").write_text(settings([port]), "utf-8")
    (tmp_path / "sale.xml").write_text(sales.sale(), "utf-8")
    words = ("sat.dll", str(THREADS), str(CALLS), sales.CODE, "sale.xml")
    done = subprocess.run(
        ["wine", str(built_till(tmp_path, kind)), *words],
        cwd=tmp_path,
        env=os.environ | {"WINEPREFIX": str(prefix), "WINEDEBUG": "-all"},
        capture_output=True,
        timeout=300,
        check=False,
    )
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 0, (lines[-3:], done.stderr[-500:])
    answers = Counter(line.split("|")[1] for line in lines)
    assert answers == {"06000": THREADS * CALLS, "08000": 1, "04003": CALLS}
    sessions = {line.split("|")[0] for line in lines}
    assert len(sessions) == len(lines)
    assert len(forward.asked) == len(lines)
