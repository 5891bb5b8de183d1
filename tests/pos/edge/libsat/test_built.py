"""What `make edge-lib` built: old enough for any till, only the interface in it, and inside the wheel."""

import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Final

import pytest
from flit_core import buildapi

from tests.pos.edge.libsat.build import SOURCE
from tests.pos.edge.libsat.test_calls import declared

BUILD: Final = SOURCE / "build"
LIBRARY: Final = BUILD / "linux-x86_64/libsat.so"
WINDOWS: Final = ("windows-x86_64", "windows-x86-cdecl", "windows-x86-stdcall")
OLDEST_GLIBC: Final = (2, 17)
ROOT: Final = SOURCE.parents[4]


def symbols(*words: str) -> str:
    """What a tool of binutils says of a library. Skips where there is none."""
    if not shutil.which(words[0]):
        pytest.skip(f"no {words[0]} here")
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if "not recognized" in done.stderr:
        pytest.skip("this binutils does not read Windows libraries")
    return done.stdout


def built(path: Path) -> Path:
    if not path.exists():
        pytest.skip("make edge-lib has not built it here")
    return path


def test_the_library_runs_on_an_old_linux_and_needs_only_libc() -> None:
    told = symbols("objdump", "-p", str(built(LIBRARY)))
    versions = {tuple(map(int, each.split("."))) for each in re.findall(r"GLIBC_([\d.]+)", told)}
    assert max(versions) <= OLDEST_GLIBC
    assert {each.split(".")[0] for each in re.findall(r"NEEDED +(\S+)", told)} <= {"libc", "libpthread", "libdl"}
    exported = symbols("nm", "-D", "--defined-only", str(LIBRARY))
    assert set(re.findall(r" T (\w+)", exported)) == set(declared())


@pytest.mark.parametrize("kind", WINDOWS)
def test_the_windows_libraries_export_the_plain_names(kind: str) -> None:
    told = symbols("objdump", "-p", str(built(BUILD / kind / "sat.dll")))
    table = told.partition("[Ordinal/Name Pointer] Table")[2].partition("\n\n")[0]
    assert set(re.findall(r"\] (?:\+base\[ *\d+\] +[0-9a-f]+ )?(\S+)", table)) == set(declared())


def test_a_wheel_holds_what_lies_in_the_package(tmp_path: Path) -> None:
    """With a stand-in for the library where none was built: it is the backend that is in question."""
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    package = tmp_path / "src/zelo"
    place = package / LIBRARY.relative_to(ROOT / "src/zelo")
    place.parent.mkdir(parents=True)
    shutil.copy(ROOT / "src/zelo/__init__.py", package)
    place.write_bytes(LIBRARY.read_bytes() if LIBRARY.exists() else b"\x7fELF")
    with pytest.MonkeyPatch.context() as here:
        here.chdir(tmp_path)
        wheel = tmp_path / buildapi.build_wheel(str(tmp_path))
    with zipfile.ZipFile(wheel) as parts:
        assert parts.read("zelo/pos/edge/libsat/build/linux-x86_64/libsat.so") == place.read_bytes()


def test_stdcall_cleans_the_stack_and_cdecl_leaves_it() -> None:
    """Of a function with five arguments; the wrong one of the two crashes a till."""
    returns = [
        len(re.findall(r"ret +\$0x14", symbols("objdump", "-d", str(built(BUILD / kind / "sat.dll")))))
        for kind in WINDOWS[1:]
    ]
    five = [name for name, kinds in declared().items() if len(kinds) == 5]
    assert returns[1] - returns[0] == len(five)
