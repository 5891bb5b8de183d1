"""The entry point `zelo-edge`."""

import argparse
import sys
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from zelo.pos.edge.command.shell.stopped import StoppedError
from zelo.pos.edge.command.shell.table import COMMANDS, everywhere
from zelo.pos.edge.outbox.shell.file import refusal_words

_INTERRUPTED: Final = 130
_MISTYPED: Final = 2


_HEADINGS: Final = {"positional arguments": "argumentos", "options": "opções"}


class _Help(argparse.HelpFormatter):
    """The frame of a command's help in pt-BR."""

    def add_usage(self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None) -> None:
        """How it is typed."""
        super().add_usage(usage, actions, groups, "uso: " if prefix is None else prefix)

    def start_section(self, heading: str | None) -> None:
        """A group of arguments."""
        super().start_section(_HEADINGS.get(heading or "", heading))


class _Parser(argparse.ArgumentParser):
    """Says in pt-BR what may be typed, and that what was typed is not understood."""

    def __init__(self, **told: Any) -> None:
        super().__init__(**told, add_help=False, formatter_class=_Help)
        self.add_argument("-h", "--help", action="help", help="mostra esta ajuda")

    def error(self, message: str) -> NoReturn:
        """End with how it is typed. `message` is in English and only names what is odd."""
        odd = message.rpartition(": ")[2].partition(" (")[0]
        self.exit(_MISTYPED, f"Não entendi o comando: {odd}. Escreva: {self.prog} --help\n")


def parser() -> argparse.ArgumentParser:
    """What may be typed."""
    made = _Parser(prog="zelo-edge", description="O gateway do caixa: SAT, MFE e fila.")
    everywhere(made)
    commands = made.add_subparsers(dest="command", required=True, metavar="comando")
    for name, (act, sentence, shape) in COMMANDS.items():
        own = commands.add_parser(name, help=sentence, description=sentence)
        shape(own)
        own.set_defaults(act=act)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 when it went well."""
    told = parser().parse_args(arguments)
    try:
        return int(told.act(told))
    except StoppedError as error:
        print(error, file=sys.stderr)  # noqa: T201 what a command says
        return 1
    except OSError as error:
        print(f"O sistema recusou {error.filename or 'o que foi pedido'}: {refusal_words(error)}.", file=sys.stderr)  # noqa: T201
        return 1
    except (KeyboardInterrupt, EOFError):
        return _INTERRUPTED
