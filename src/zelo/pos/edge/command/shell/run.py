"""`zelo-edge run`: serve until a signal."""

import argparse
import errno
import logging
import socket
import sys
from pathlib import Path

import apsw

from zelo.pos.edge import libsat
from zelo.pos.edge.command.shell.configured import configured
from zelo.pos.edge.command.shell.stopped import StoppedError
from zelo.pos.edge.journal.shell.store import FILE
from zelo.pos.edge.outbox.shell.file import FileError, refusal_words, trouble
from zelo.pos.edge.shell import gateway


def run(told: argparse.Namespace) -> int:
    """Serve until a signal."""
    config = configured(told.config)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    try:
        gateway.run(config, _ready)
    except (ValueError, FileError) as error:
        raise StoppedError(str(error)) from error
    except apsw.Error as error:
        raise StoppedError(str(trouble(error, Path(config["gateway"]["pasta"]) / FILE))) from error
    except OSError as error:
        raise StoppedError(_refused(error)) from error
    return 0


def _refused(error: OSError) -> str:
    """What the system would not do, with a remedy."""
    if error.errno == errno.EADDRINUSE:
        return "Uma das portas já está em uso. Outro zelo-edge está rodando? Senão, mude endereco em [linha] ou [web]."
    if error.errno == errno.EADDRNOTAVAIL:
        return "O endereço em [linha] ou [web] não é desta máquina. Use um dela, ou 0.0.0.0 para todos os que ela tem."
    if error.errno == errno.EACCES and not error.filename:
        return "O sistema não deixa usar uma das portas, em [linha] ou [web]. Use uma acima de 1023."
    if isinstance(error, socket.gaierror):
        return "O endereço em [linha] ou [web] não existe nesta máquina. Use 127.0.0.1 e uma porta."
    where = f" {error.filename}" if error.filename else ""
    return f"O sistema recusou{where}: {refusal_words(error)}. Confira a pasta e as permissões dela."


def _ready(line: int, web: int) -> None:
    print(f"pronto linha={line} web={web}", flush=True)  # noqa: T201 whoever started it waits for this


def library(_: argparse.Namespace) -> int:
    """Say where the library that tills load lies."""
    built = sorted(Path(libsat.__path__[0]).glob("build/*/*sat*"))
    if not built:
        raise StoppedError("Esta instalação não traz a biblioteca dos caixas; ela se constrói com: make edge-lib.")
    print("\n".join(map(str, built)))  # noqa: T201 what a command says
    return 0
