"""The commands that ask the running gateway, each a function of what was typed, returning the exit status."""

import argparse
import base64
import getpass
import json
import logging
import os
import re
import uuid
import warnings
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import apsw

from zelo.models.cfe.reading import MOST_SALE_BYTES
from zelo.pos.edge.command.sample import sample
from zelo.pos.edge.command.shell.ask import AbsentError, SilentError, ask, read_token
from zelo.pos.edge.command.shell.configured import configured
from zelo.pos.edge.command.shell.stopped import StoppedError
from zelo.pos.edge.command.words import doubt_lines, is_well, refused_lines, sale_lines, status_lines, test_lines
from zelo.pos.edge.config import Config
from zelo.pos.edge.door.api.reading import KEY_PATTERN
from zelo.pos.edge.journal.shell.store import FILE, Store
from zelo.pos.edge.outbox.shell.file import FileError, trouble
from zelo.pos.edge.page.house import code_fault
from zelo.pos.edge.page.words import NOTED
from zelo.pos.edge.shell.gateway import TOKEN_FILE
from zelo.pos.edge.shell.vault import Vault

WRONG: Final = 1
_DECISIONS: Final = {
    "accept": ("/v1/local/duvidas/{}/aceitar", "Anotado: a venda vale."),
    "cancel": ("/v1/local/duvidas/{}/cancelar", "Pedido: o zelo a cancela assim que puder."),
    "check": (
        "/v1/local/perguntas/{}/conferir",
        NOTED,
    ),
}
"""What a person may decide: whom it is told, and what is said of it."""


def init(told: argparse.Namespace) -> int:
    """Write an edge.toml with every option."""
    try:
        with open(told.config, "x", encoding="utf-8", opener=_owners_only) as file:
            file.write(sample())
    except FileExistsError as error:
        raise StoppedError(f"{told.config} já existe e não foi tocado. Indique outro com --config.") from error
    _print([f"{told.config} foi escrito. Corrija o bloco [[equipamento]] e inicie com: zelo-edge run."])
    return 0


def _owners_only(path: str, flags: int) -> int:
    """Tokens are going to stand in it."""
    return os.open(path, flags, 0o600)


def status(told: argparse.Namespace) -> int:
    """How everything stands; 1 when something is wrong."""
    found = ask(configured(told.config), "GET", "/v1/local/status")
    _print([json.dumps(found, ensure_ascii=False, indent=1)] if told.json else status_lines(found))
    return 0 if is_well(found) else WRONG


def test(told: argparse.Namespace) -> int:
    """Ask every device, or one, whether it is well."""
    sale = _sale(told.fim_a_fim).decode("utf-8", "replace") if told.fim_a_fim else ""
    asked = {"equipamento": told.equipamento or "", "xml": sale}
    tests = ask(configured(told.config), "POST", "/v1/local/teste", asked)["testes"]
    _print(test_lines(tests))
    return 0 if all(each["bem"] for each in tests) else WRONG


def sell(told: argparse.Namespace) -> int:
    """One sale through the API; the key is printed before, so that it can be asked for whatever happens."""
    config, sale = configured(told.config), _sale(told.arquivo)
    if not told.pasta.is_dir():
        raise StoppedError(f"Não existe a pasta {told.pasta}, onde ficaria o XML. Nada foi vendido.")
    key = told.chave or f"zelo-edge-{uuid.uuid4()}"
    if re.fullmatch(KEY_PATTERN, key, re.ASCII) is None:
        raise StoppedError("A chave de --chave tem até 100 letras sem acento, algarismos e . _ : -. Nada foi vendido.")
    _print([f"Chave de idempotência: {key}"])
    path = f"/v1/vendas?{urlencode({'caixa': told.caixa})}"
    try:
        found = ask(config, "POST", path, sale, Idempotency_Key=key, Content_Type="application/xml")
    except SilentError as error:
        remedy = f"Não se sabe se vendeu. Repita com a mesma chave, que não vende de novo: --chave {key}"
        raise StoppedError(f"{error} {remedy}") from error
    lines = sale_lines(found)
    if found["xml"]:
        file = told.pasta / (f"CFe{found['chave']}.xml" if found["chave"] else f"{key.replace(':', '-')}.xml")
        lines.append(saved(file, base64.b64decode(found["xml"]), key))
    _print(lines)
    return 0 if found["estado"] == "emitida" else WRONG


def code(told: argparse.Namespace) -> int:
    """Keep an activation code, typed twice; where no gateway runs, straight into its file."""
    config = configured(told.config)
    names = [values["nome"] for values in config.devices]
    if told.equipamento not in names:
        raise StoppedError(f"Não há equipamento {told.equipamento!r} em {told.config}. Existem: {', '.join(names)}.")
    typed = _unseen("Código de ativação: ")
    fault = code_fault(typed)
    if fault is not None:
        raise StoppedError(f"{fault.sentence} {fault.remedy}")
    if _unseen("De novo: ") != typed:
        raise StoppedError("Os dois não são iguais. Nada foi gravado.")
    _keep_code(config, told.equipamento, typed)
    _print([f'O código de {told.equipamento} foi gravado, cifrado. Confira com: zelo-edge test "{told.equipamento}"'])
    return 0


def doubts(told: argparse.Namespace) -> int:
    """The sales in doubt, or what a person decides about one; 1 while there are any."""
    config = configured(told.config)
    if told.what is None:
        found = ask(config, "GET", "/v1/local/duvidas")
        _print(doubt_lines(found, datetime.now(UTC)))  # noqa: TID251 a command has one clock
        return WRONG if found["duvidas"] or found["sem_resposta"] else 0
    path, said = _DECISIONS[told.what]
    name = "".join(str(told.which).split()).removeprefix("CFe")
    ask(config, "POST", path.format(name), {"quem": told.quem or getpass.getuser(), "motivo": told.motivo})
    _print([said])
    return 0


def refused(told: argparse.Namespace) -> int:
    """What the centre refuses, or once more to it; 1 while there is any."""
    config = configured(told.config)
    if told.what is None:
        found = ask(config, "GET", "/v1/local/recusados")
        _print(refused_lines(found, datetime.now(UTC)))  # noqa: TID251 a command has one clock
        return WRONG if found["quantidade"] else 0
    count = ask(config, "POST", "/v1/local/recusados/tentar", {})["quantidade"]
    _print([f"De volta à fila: {count}. O que a central recusar de novo volta para a lista."])
    return 0


def token(told: argparse.Namespace) -> int:
    """The token of page and API, for whoever may read the folder."""
    _print([read_token(configured(told.config))])
    return 0


def _unseen(prompt: str) -> str:
    """What is typed without being shown; from another program it is a line of the standard input."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", getpass.GetPassWarning)
        try:
            return getpass.getpass(prompt)
        except EOFError as error:
            raise StoppedError("Nada foi digitado. Nada foi gravado.") from error


def _keep_code(config: Config, device: str, typed: str) -> None:
    try:
        ask(config, "POST", "/v1/local/codigo", {"equipamento": device, "codigo": typed})
    except AbsentError:
        keep_code_in_file(config, device, typed)
    except StoppedError:
        if (Path(config["gateway"]["pasta"]) / TOKEN_FILE).exists():
            raise
        keep_code_in_file(config, device, typed)


def keep_code_in_file(config: Config, device: str, typed: str) -> None:
    """Keep a code where no gateway runs: the file is ours. Raises StoppedError."""
    folder = Path(config["gateway"]["pasta"])
    logging.getLogger("zelo.edge").addHandler(logging.NullHandler())  # a command speaks to people; `run` keeps a log
    try:
        store = Store(folder, config["gateway"]["fila_mb"])
        try:
            Vault(folder, store).keep(device, typed)
        finally:
            store.close()
    except FileError as error:
        raise StoppedError(str(error)) from error
    except apsw.Error as error:
        raise StoppedError(str(trouble(error, folder / FILE))) from error


def _sale(file: Path) -> bytes:
    """A sale in a file; one byte too many is enough for the device to refuse it."""
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_SALE_BYTES + 1)
    except OSError as error:
        raise StoppedError(f"Não consigo ler a venda em {file}. Confira o nome e a permissão.") from error


def saved(file: Path, xml: bytes, key: str) -> str:
    """Where the XML of a sale is now; the sale stands, whatever the disk says."""
    try:
        file.write_bytes(xml)
    except OSError as error:
        return f"XML:     não foi gravado em {file} ({error.strerror}). O cupom vale: repita com --chave {key}"
    return f"XML:     {file}"


def _print(lines: Iterable[str]) -> None:
    print("\n".join(lines), flush=True)  # noqa: T201 what a command says
