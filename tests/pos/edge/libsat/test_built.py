"""What `make edge-lib` built: old enough for any till, only the interface in it, and inside the wheel."""

import base64
import csv
import hashlib
import platform
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Final

import pytest
from flit_core import buildapi

from tests.pos.edge.libsat.build import SOURCE
from tests.pos.edge.libsat.test_calls import declared
from tests.wheels import IncompleteError, wheels

BUILD: Final = SOURCE / "build"
LIBRARY: Final = BUILD / "linux-x86_64/libsat.so"
WINDOWS: Final = ("windows-x86_64", "windows-x86-cdecl", "windows-x86-stdcall")
PACKED: Final = "zelo/pos/edge/libsat/build/"
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


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that the backend makes, with stand-ins for the libraries: it is the packing that is in question."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    package = folder / "src/zelo"
    package.mkdir(parents=True)
    shutil.copy(ROOT / "src/zelo/__init__.py", package)
    for kind in ("linux-x86_64/libsat.so", *(f"{kind}/sat.dll" for kind in WINDOWS)):
        place = package / BUILD.relative_to(ROOT / "src/zelo") / kind
        place.parent.mkdir(parents=True)
        place.write_bytes(kind.encode())
    with pytest.MonkeyPatch.context() as here:
        here.chdir(folder)
        return folder / str(buildapi.build_wheel(str(folder)))


def _held(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as parts:
        return {name: parts.read(name) for name in parts.namelist()}


def _libraries(held: dict[str, bytes]) -> set[str]:
    return {name.removeprefix(PACKED) for name in held if name.startswith(PACKED)}


def test_each_wheel_holds_the_libraries_of_its_system_and_says_which(whole: Path, tmp_path: Path) -> None:
    every = _libraries(_held(whole))
    made = {wheel.stem.rpartition("-")[2]: _held(wheel) for wheel in wheels(whole, tmp_path)}
    windows = {f"{kind}/sat.dll" for kind in WINDOWS}
    linux = {"linux-x86_64/libsat.so"}
    assert every == windows | linux
    held = {tag: _libraries(parts) for tag, parts in made.items()}
    assert held == {"any": set(), "manylinux_2_17_x86_64": linux, "win_amd64": windows, "win32": windows}
    for tag, parts in made.items():
        [about] = [body.decode() for name, body in parts.items() if name.endswith(".dist-info/WHEEL")]
        assert f"Tag: py3-none-{tag}\n" in about
        assert f"Root-Is-Purelib: {'true' if tag == 'any' else 'false'}\n" in about
        [record] = [body.decode() for name, body in parts.items() if name.endswith(".dist-info/RECORD")]
        rows = {name: (digest, size) for name, digest, size in csv.reader(record.splitlines())}
        assert rows.keys() == parts.keys()
        for name, (digest, size) in rows.items():
            if digest:
                told = base64.urlsafe_b64encode(hashlib.sha256(parts[name]).digest()).rstrip(b"=").decode()
                assert (digest, size) == (f"sha256={told}", str(len(parts[name])))


@pytest.mark.skipif(sys.platform != "linux" or platform.machine() != "x86_64", reason="not the system of the tag")
def test_pip_installs_here_what_is_for_here_and_refuses_the_others(whole: Path, tmp_path: Path) -> None:
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--no-deps", "--no-index", "--target")
    done = {}
    for wheel in wheels(whole, tmp_path):
        tag = wheel.stem.rpartition("-")[2]
        asked = [*pip, str(tmp_path / tag), str(wheel)]
        done[tag] = subprocess.run(asked, capture_output=True, text=True, check=False).returncode == 0
    assert done == {"any": True, "manylinux_2_17_x86_64": True, "win_amd64": False, "win32": False}
    assert (tmp_path / "manylinux_2_17_x86_64" / PACKED / "linux-x86_64/libsat.so").exists()


def test_a_library_that_was_not_built_makes_no_wheel(whole: Path, tmp_path: Path) -> None:
    poor = tmp_path / whole.name
    with zipfile.ZipFile(poor, "w") as parts:
        for name, body in _held(whole).items():
            if "stdcall" not in name:
                parts.writestr(name, body)
    with pytest.raises(IncompleteError, match="windows-x86-stdcall"):
        wheels(poor, tmp_path / "made")
    assert not (tmp_path / "made").exists()


def test_stdcall_cleans_the_stack_and_cdecl_leaves_it() -> None:
    """Of a function with five arguments; the wrong one of the two crashes a till."""
    returns = [
        len(re.findall(r"ret +\$0x14", symbols("objdump", "-d", str(built(BUILD / kind / "sat.dll")))))
        for kind in WINDOWS[1:]
    ]
    five = [name for name, kinds in declared().items() if len(kinds) == 5]
    assert returns[1] - returns[0] == len(five)
