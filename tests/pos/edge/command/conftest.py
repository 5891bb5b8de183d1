"""A device and a gateway as processes of their own, as at a shop, for all of these tests."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from zelo.pos.edge.command.shell.configured import configured
from zelo.pos.edge.command.shell.work import keep_code_in_file
from zelo.sim.sat.shell.folder import CODE
from zelo.sim.sat.shell.server import Setup, started

NAME = "SAT 1"


def write_config(file: Path, device: int, web: int = 0) -> None:
    """An edge.toml beside its folder."""
    file.write_text(
        f"[gateway]\nnome = \"loja\"\npasta = '{file.parent / 'edge'}'\nfila_mb = 64\n"
        f'[linha]\nendereco = "127.0.0.1:0"\n[web]\nendereco = "127.0.0.1:{web}"\n'
        f'[[equipamento]]\nnome = "{NAME}"\ntipo = "emulado"\nendereco = "127.0.0.1:{device}"\n',
        "utf-8",
    )


@contextmanager
def running(file: Path, device: int) -> Iterator["subprocess.Popen[str]"]:
    """`zelo-edge run`, ready inside the block; its file names the port that it took."""
    process = subprocess.Popen(
        [sys.executable, "-m", "zelo.pos.edge.command", "--config", str(file), "run"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("pronto")
        write_config(file, device, int(line.rpartition("=")[2]))
        yield process
    finally:
        process.terminate()
        process.wait(20)
        if process.stdout is not None:
            process.stdout.close()


@pytest.fixture(scope="session")
def device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of an emulated device."""
    with started(tmp_path_factory.mktemp("sat"), Setup(transmit_seconds=3600)) as (port, _):
        yield port


@pytest.fixture(scope="session")
def edge(tmp_path_factory: pytest.TempPathFactory, device: int) -> Iterator[Path]:
    """The edge.toml of a gateway that runs and has its code."""
    file = tmp_path_factory.mktemp("shop") / "edge.toml"
    write_config(file, device)
    keep_code_in_file(configured(file), NAME, CODE)
    with running(file, device):
        yield file
