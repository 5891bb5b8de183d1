"""Asks the gateway that runs on this machine, with the token of its folder."""

import http.client
import json
from pathlib import Path
from typing import Any, Final

from zelo.pos.edge.command.shell.stopped import StoppedError
from zelo.pos.edge.config import Config, address
from zelo.pos.edge.shell.gateway import TOKEN_FILE

SECONDS: Final = 200.0
"""A test waits behind sales, a sale behind others."""
MOST_ANSWER_BYTES: Final = 16_000_000
_EVERYWHERE: Final = ("0.0.0.0", "::")  # noqa: S104 what a configuration may say
_MOST_STATUS: Final = 300
_BAD_TOKEN: Final = 401
_START: Final = (
    "Inicie o serviço dele: systemctl start zelo-edge, ou a tarefa do Windows. Onde não há serviço: zelo-edge run."
)


class SilentError(StoppedError):
    """No gateway answers; nothing is known of what was asked."""


class AbsentError(StoppedError):
    """No gateway runs here."""


def read_token(config: Config) -> str:
    """The token of the gateway. Raises StoppedError."""
    path = Path(config["gateway"]["pasta"]) / TOKEN_FILE
    try:
        return path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StoppedError(
            f"Não consigo ler o token em {path}: o gateway ainda não foi iniciado, ou é preciso ser quem o roda "
            "(experimente com sudo)."
        ) from error


def ask(config: Config, method: str, path: str, body: Any = None, **headers: str) -> Any:
    """What the gateway answers, in JSON. Raises StoppedError with its sentence when it refuses."""
    host, port = address(config["web"]["endereco"])
    token = read_token(config)
    connection = http.client.HTTPConnection("127.0.0.1" if host in _EVERYWHERE else host, port, timeout=SECONDS)
    sent = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    told = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, path, sent, told)
        response = connection.getresponse()
        status, content = response.status, response.read(MOST_ANSWER_BYTES)
    except ConnectionRefusedError as error:
        raise AbsentError(f"O gateway não está no ar em {host}:{port}. {_START}") from error
    except (ValueError, http.client.InvalidURL) as error:
        raise StoppedError("O que foi digitado traz um caractere que não pode ir ao gateway.") from error
    except (OSError, http.client.HTTPException) as error:
        raise SilentError(f"O gateway em {host}:{port} não respondeu: {error or type(error).__name__}.") from error
    finally:
        connection.close()
    if status == _BAD_TOKEN:
        where = Path(config["gateway"]["pasta"]) / TOKEN_FILE
        raise StoppedError(
            f"O gateway que atende em {host}:{port} não aceita o token de {where}: é outro gateway, ou o arquivo mudou "
            "depois que ele foi iniciado. Confira --config, ou reinicie-o."
        )
    return _read(status, content)


def _read(status: int, content: bytes) -> Any:
    try:
        told = json.loads(content)
    except ValueError as error:
        raise StoppedError("O que atende nesse endereço não é o gateway. Confira [web] endereco.") from error
    if status >= _MOST_STATUS:
        raise StoppedError(f"{told.get('erro', status)} {told.get('remedio', '')}".strip())
    return told
