"""Every command of `zelo-edge` as a row: what it does, its sentence, its arguments."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from zelo.pos.edge.command.shell import work
from zelo.pos.edge.command.shell.run import library, run

CONFIG: Final = "edge.toml"
_COUPON: Final[Mapping[str, Any]] = {"metavar": "chave", "help": "chave do cupom, com ou sem espaços"}
_NUMBER: Final[Mapping[str, Any]] = {"metavar": "numero", "type": int, "help": "número que a lista mostra"}


def everywhere(parser: argparse.ArgumentParser) -> None:
    """What every command takes."""
    parser.add_argument("--config", type=Path, default=Path(CONFIG), help="arquivo de configuração (edge.toml)")


def _nothing(_: argparse.ArgumentParser) -> None:
    """A command without arguments of its own."""


def _status(own: argparse.ArgumentParser) -> None:
    own.add_argument("--json", action="store_true", help="tudo em JSON, para outros programas")


def _test(own: argparse.ArgumentParser) -> None:
    own.add_argument("equipamento", nargs="?", help="só este; sem ele, todos")
    own.add_argument("--fim-a-fim", type=Path, metavar="VENDA.xml", help="faz também TesteFimAFim com esta venda")


def _sell(own: argparse.ArgumentParser) -> None:
    own.add_argument("arquivo", type=Path, metavar="VENDA.xml", help="a venda, no leiaute 0.06 a 0.08")
    own.add_argument("--caixa", default="001", help="número do caixa (001)")
    own.add_argument("--chave", help="chave de idempotência de uma venda que ficou sem resposta")
    own.add_argument("--pasta", type=Path, default=Path(), help="onde gravar o XML do cupom (aqui)")


def _code(own: argparse.ArgumentParser) -> None:
    own.add_argument("equipamento", help="nome do equipamento em edge.toml")


def _doubts(own: argparse.ArgumentParser) -> None:
    acts = own.add_subparsers(dest="what", metavar="decisão")
    for name, sentence, of, least in (
        ("accept", "Deixa valer uma venda em dúvida.", _COUPON, True),
        ("cancel", "Cancela uma venda em dúvida, dentro do prazo.", _COUPON, False),
        ("check", "Anota o que se viu de um pedido de que nenhum equipamento sabe dizer o fim.", _NUMBER, True),
    ):
        act = acts.add_parser(name, help=sentence, description=sentence)
        act.add_argument("which", **of)
        act.add_argument("--motivo", required=least, default="pela linha de comando", help="por quê")
        act.add_argument("--quem", help="quem decide (o usuário desta máquina)")


def _refused(own: argparse.ArgumentParser) -> None:
    acts = own.add_subparsers(dest="what", metavar="o que fazer")
    sentence = "Manda-os de novo à central, depois que ela foi corrigida."
    acts.add_parser("retry", help=sentence, description=sentence)


Command = tuple[Callable[[argparse.Namespace], int], str, Callable[[argparse.ArgumentParser], None]]
COMMANDS: Final[Mapping[str, Command]] = {
    "init": (work.init, "Escreve um edge.toml comentado, com todas as opções.", _nothing),
    "run": (run, "Atende os caixas até ser encerrado.", _nothing),
    "status": (work.status, "Mostra como tudo está; sai com 1 se algo está errado.", _status),
    "test": (work.test, "Pergunta a cada equipamento se está bem.", _test),
    "sell": (work.sell, "Vende o que está num arquivo, pelo gateway que está no ar.", _sell),
    "code": (work.code, "Grava o código de ativação de um equipamento, digitado duas vezes.", _code),
    "doubts": (work.doubts, "Lista as vendas em dúvida e anota o que uma pessoa decide.", _doubts),
    "refused": (work.refused, "Lista os documentos que a central recusa, e manda-os de novo.", _refused),
    "library": (library, "Mostra onde está a biblioteca que os caixas carregam.", _nothing),
    "token": (work.token, "Mostra o token da página local e da API.", _nothing),
}
