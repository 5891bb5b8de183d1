"""What the terminal shows: one console for words, one for errors."""

import errno
import socket
from typing import Final

from rich.console import Console
from rich.markup import escape

out: Final = Console(highlight=False)
err: Final = Console(stderr=True, highlight=False)

_REFUSALS: Final = {
    errno.ENOENT: "Não existe {where}. Confira o caminho.",
    errno.EISDIR: "{where} é uma pasta, e não um arquivo. Confira o caminho.",
    errno.ENOTDIR: "Em {where} falta uma pasta. Confira o caminho.",
    errno.EEXIST: "{where} já existe, e não é o que precisa ser. Confira o caminho.",
    errno.EACCES: "Sem permissão para usar {where}. Confira quem é o dono.",
    errno.EPERM: "Sem permissão para usar {where}. Confira quem é o dono.",
    errno.EROFS: "{where} está num disco só para leitura. Escolha outro lugar.",
    errno.ENOSPC: "O disco está cheio: não coube {where}. Libere espaço e repita.",
    errno.EADDRINUSE: "A porta está ocupada por outro programa. Encerre-o, ou escolha outra porta (ZELO_LISTEN_PORT).",
    errno.EADDRNOTAVAIL: "O endereço não é desta máquina. Confira ZELO_LISTEN_HOST.",
}


def say(text: str) -> None:
    """A line for whoever runs the command, with rich's marks: what others wrote goes through `plain` first."""
    out.print(text, soft_wrap=True)


def complain(text: str) -> None:
    """A line that tells what went wrong and what to do; marks in it are text."""
    err.print(f"[bold red]Erro:[/] {plain(text)}", soft_wrap=True)


def plain(text: object) -> str:
    """Text in which a bracket is a bracket."""
    return escape(str(text))


def refusal(error: OSError) -> str:
    """What the operating system refused, as a sentence with its remedy."""
    if isinstance(error, socket.gaierror):
        return "O endereço não existe. Confira ZELO_LISTEN_HOST."
    sentence = _REFUSALS.get(error.errno or 0, "O sistema recusou {where} ({why}). Confira o caminho e repita.")
    return sentence.format(where=error.filename or "o que foi pedido", why=error.strerror or error)
