"""The entry point `zelo-edge`."""

import argparse
import sys
from collections.abc import Sequence
from typing import Final

from zelo.pos.edge.command.shell import run as running

CONFIG: Final = "edge.toml"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 when it went well."""
    parser = argparse.ArgumentParser(prog="zelo-edge", description="O gateway do caixa: SAT, MFE e fila.")
    parser.add_argument("--config", default=CONFIG, help="arquivo de configuração (edge.toml)")
    commands = parser.add_subparsers(dest="command", required=True, metavar="comando")
    for name, (act, sentence, shape) in running.COMMANDS.items():
        own = commands.add_parser(name, help=sentence, description=sentence)
        shape(own)
        own.set_defaults(act=act)
    told = parser.parse_args(arguments)
    try:
        return int(told.act(told))
    except running.StoppedError as error:
        print(error, file=sys.stderr)  # noqa: T201 what a command says
        return 1
