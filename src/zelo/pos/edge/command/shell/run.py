"""The commands: each a function of what was typed, returning the exit status."""

import argparse
import logging
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import apsw

from zelo.pos.edge import libsat
from zelo.pos.edge.config import Config, read_config
from zelo.pos.edge.shell import gateway
from zelo.pos.edge.shell.vault import LockedError

MOST_CONFIG_BYTES: Final = 1_000_000


class StoppedError(RuntimeError):
    """Why a command cannot go on, in pt-BR."""


def configured(path: Path) -> Config:
    """The configuration in a file. Raises StoppedError with everything that is wrong."""
    try:
        if path.stat().st_size > MOST_CONFIG_BYTES:
            raise StoppedError(f"{path} é grande demais para uma configuração.")
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StoppedError(f"Não consigo ler {path}: {error}. Indique outro com --config.") from error
    config = read_config(text)
    if isinstance(config, Config):
        return config
    raise StoppedError("\n".join(f"{path}: {each.where}: {each.sentence} {each.remedy}" for each in config))


def run(told: argparse.Namespace) -> int:
    """Serve until a signal."""
    config = configured(Path(told.config))
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    try:
        gateway.run(config, _ready)
    except (OSError, LockedError, apsw.Error) as error:
        raise StoppedError(str(error)) from error
    return 0


def _ready(line: int, web: int) -> None:
    print(f"pronto linha={line} web={web}", flush=True)  # noqa: T201 whoever started it waits for this


def library(_: argparse.Namespace) -> int:
    """Say where the library that tills load lies."""
    built = sorted(Path(libsat.__path__[0]).glob("build/*/*sat*"))
    if not built:
        raise StoppedError("Esta instalação não traz a biblioteca dos caixas; ela se constrói com: make edge-lib.")
    print("\n".join(map(str, built)))  # noqa: T201 what a command says
    return 0


def _nothing(_: argparse.ArgumentParser) -> None:
    """A command without arguments of its own."""


Command = tuple[Callable[[argparse.Namespace], int], str, Callable[[argparse.ArgumentParser], None]]
COMMANDS: Final[Mapping[str, Command]] = {
    "run": (run, "Atende os caixas até ser encerrado.", _nothing),
    "library": (library, "Mostra onde está a biblioteca que os caixas carregam.", _nothing),
}
