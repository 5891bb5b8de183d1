"""Turns text from the environment and from zelo.toml into Settings, or says plainly what does not parse."""

import tomllib
from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any, Final

from zelo.settings.table import FILE_NAME, PREFIX, Settings

_YES: Final = frozenset({"1", "true", "yes", "sim"})
_NO: Final = frozenset({"0", "false", "no", "nao", "não", ""})


class SettingError(ValueError):
    """A setting that cannot be used; the message names it, its source and the remedy, in pt-BR."""


def load(environ: Mapping[str, str], file_text: str = "") -> Settings:
    """The settings of this process. Raises SettingError."""
    known = {f.name: f for f in fields(Settings)}
    try:
        from_file = tomllib.loads(file_text)
    except tomllib.TOMLDecodeError as error:
        raise SettingError(f"{FILE_NAME}: {error}. Corrija o arquivo.") from error
    unknown = sorted(set(from_file) - set(known))
    if unknown:
        raise SettingError(f"{FILE_NAME}: configuração desconhecida: {', '.join(unknown)}. Veja docs/settings.md.")
    values: dict[str, Any] = {}
    for name, row in known.items():
        variable = PREFIX + name.upper()
        if variable in environ:
            values[name] = _parse(row, environ[variable], variable)
        elif name in from_file:
            values[name] = _parse(row, str(from_file[name]), f"{FILE_NAME}: {name}")
    settings = Settings(**values)
    _check(settings)
    return settings


def _parse(row: "Field[Any]", text: str, source: str) -> object:
    if row.type == "bool" or row.type is bool:
        if text.lower() not in _YES | _NO:
            raise SettingError(f"{source}: use sim ou não, e não {text!r}.")
        return text.lower() in _YES
    if row.type == "int" or row.type is int:
        least = row.metadata["least"]
        if not text.lstrip("-").isdecimal() or int(text) < least:
            raise SettingError(f"{source}: use um número inteiro a partir de {least} ({row.metadata['unit']}).")
        return int(text)
    return text


def _check(settings: Settings) -> None:
    if settings.ambiente not in ("homologacao", "producao"):
        raise SettingError(f"ambiente: use homologacao ou producao, e não {settings.ambiente!r}.")
    if settings.simulator_url and settings.ambiente == "producao":
        raise SettingError("simulator_url: o simulador nunca é usado em produção. Retire a configuração.")
    if settings.simulator_url and not settings.simulator_url.startswith("https://"):
        raise SettingError("simulator_url: use um endereço https.")
    if settings.unknown_horizon_seconds <= settings.http_timeout_seconds:
        raise SettingError(
            "unknown_horizon_seconds: precisa ser maior que http_timeout_seconds."
        )
    if settings.lease_seconds <= settings.http_connect_seconds + settings.http_timeout_seconds:
        raise SettingError("lease_seconds: precisa ser maior que a espera por uma resposta da SEFAZ.")
