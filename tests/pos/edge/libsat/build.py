"""Builds the library and its driver from the sources: with the system's compiler, else with ziglang; else nothing."""

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

SOURCE: Final = Path(__file__).parents[4] / "src/zelo/pos/edge/libsat"
PARTS: Final = ("sat.c", "ask.c", "wire.c", "conf.c", "system_posix.c")
IMPATIENT: Final = ("-DSILENCE_MILLIS=300", "-DMOST_CALL_MILLIS=1500", "-DRETURN_MILLIS=400")
"""Waits shorter than a till's, for the tests that wait them out."""


def compiler() -> Sequence[str]:
    """A command that compiles C here, () where there is none."""
    if shutil.which("cc"):
        return ("cc",)
    return (sys.executable, "-m", "ziglang", "cc") if importlib.util.find_spec("ziglang") else ()


def needed() -> Sequence[str]:
    """A command that compiles C here. Skips the test where there is none."""
    return compiler() or pytest.skip("neither cc nor ziglang here (make edge-lib installs the latter)")


def build_library(folder: Path, *flags: str) -> Path:
    """The library for this machine, by its own Makefile."""
    run(
        [
            "make",
            "-s",
            "-C",
            str(SOURCE),
            "linux",
            f"BUILD={folder}",
            f"CC={' '.join((*needed(), *flags))}",
            "TARGET=",
        ]
    )
    return folder / "linux-x86_64/libsat.so"


def build_driver(folder: Path, *flags: str) -> Path:
    """A program with the library inside, under the compiler's own watch. Skips where that watch does not run."""
    nothing, idle, program = folder / "nothing.c", folder / "nothing", folder / "drive"
    nothing.write_text("int main(void) { return 0; }\n", "utf-8")
    command = [*needed(), "-std=c11", "-g", "-O1", "-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE", f"-I{SOURCE}"]
    try:
        run([*command, *flags, "-o", str(idle), str(nothing)])
        run([str(idle)])
    except AssertionError:
        pytest.skip(f"a program built with {' '.join(flags)} does not run here")
    sources = [str(Path(__file__).with_name("drive.c")), *(str(SOURCE / part) for part in PARTS)]
    run([*command, *IMPATIENT, *flags, "-o", str(program), *sources, "-lpthread", "-ldl"])
    return program


def run(command: list[str]) -> None:
    """A command that must succeed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
