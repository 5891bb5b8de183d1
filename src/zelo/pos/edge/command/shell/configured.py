"""Reads the configuration that a command was given."""

from pathlib import Path
from typing import Final

from zelo.pos.edge.command.shell.stopped import StoppedError
from zelo.pos.edge.config import Config, placed, read_config
from zelo.pos.edge.outbox.shell.file import refusal_words

MOST_CONFIG_BYTES: Final = 1_000_000
_WHERE: Final = (
    "Indique o do gateway, como --config /etc/zelo-edge/edge.toml; numa instalação nova, escreva um com zelo-edge init."
)
_WHO: Final = "Rode com o usuário do serviço do gateway (experimente com sudo)."


def configured(path: Path) -> Config:
    """The configuration in a file, whose paths are seen from its folder. Raises StoppedError with all that is wrong."""
    try:
        if path.stat().st_size > MOST_CONFIG_BYTES:
            raise StoppedError(f"{path} é grande demais para uma configuração.")
        text = path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise StoppedError(f"Não existe {path}. {_WHERE}") from error
    except UnicodeDecodeError as error:
        raise StoppedError(
            f"{path} não está em UTF-8. Grave-o de novo com essa codificação (no Bloco de Notas: Salvar como)."
        ) from error
    except OSError as error:
        raise StoppedError(f"Não consigo ler {path}: {refusal_words(error)}. {_WHO}") from error
    config = read_config(text)
    if isinstance(config, Config):
        return placed(config, lambda named: str(path.parent / named))
    raise StoppedError("\n".join(f"{path}: {each.where}: {each.sentence} {each.remedy}" for each in config))
