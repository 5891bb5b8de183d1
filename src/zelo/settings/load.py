"""Turns text from the environment and from zelo.toml into Settings, or says plainly what does not parse."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import Field, fields
from ipaddress import ip_address
from typing import Any, Final

from zelo.settings.table import FILE_NAME, PREFIX, Settings

_INTEGER: Final = re.compile(r"-?[0-9]{1,18}")
_YES: Final = frozenset({"1", "true", "yes", "sim"})
_NO: Final = frozenset({"0", "false", "no", "nao", "não", ""})


class SettingError(ValueError):
    """A setting that cannot be used; the message names it, its source and the remedy, in pt-BR."""


def load(environ: Mapping[str, str], file_text: str = "") -> Settings:
    """The settings of this process. Raises SettingError."""
    known = {f.name: f for f in fields(Settings)}
    from_file = _read_file(file_text, known)
    sources = {name: name for name in known}
    values: dict[str, Any] = {}
    for name, row in known.items():
        variable = PREFIX + name.upper()
        if variable in environ:
            sources[name] = variable
            values[name] = _parse(row, environ[variable], variable)
        elif name in from_file:
            sources[name] = f"{FILE_NAME}: {name}"
            values[name] = _parse(row, _text(from_file[name], sources[name]), sources[name])
    settings = Settings(**values)
    _check(settings, sources)
    return settings


def _read_file(text: str, known: Mapping[str, object]) -> dict[str, Any]:
    try:
        from_file = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingError(f"{FILE_NAME}: o arquivo não é TOML válido ({error}). Corrija-o.") from error
    unknown = sorted(set(from_file) - set(known))
    if unknown:
        raise SettingError(
            f"{FILE_NAME}: configuração desconhecida: {', '.join(unknown)}. Veja docs/reference/settings.md."
        )
    return from_file


def _text(value: object, source: str) -> str:
    """A value of the file as the environment would give it."""
    if isinstance(value, str | int | float):
        return str(value)
    raise SettingError(f"{source}: use um texto entre aspas, um número inteiro, true ou false.")


def _parse(row: "Field[Any]", text: str, source: str) -> object:
    if isinstance(row.default, bool):
        if text.lower() not in _YES | _NO:
            raise SettingError(f"{source}: use sim ou não, e não {text!r}.")
        return text.lower() in _YES
    if isinstance(row.default, int):
        least, most, unit = (row.metadata[name] for name in ("least", "most", "unit"))
        if not _INTEGER.fullmatch(text) or not least <= int(text) <= most:
            raise SettingError(f"{source}: use um número inteiro de {least} a {most} ({unit}).")
        return int(text)
    words = row.metadata["words"]
    if words and text not in words:
        raise SettingError(f"{source}: use {', '.join(words[:-1])} ou {words[-1]}, e não {text!r}.")
    return text


def _check(settings: Settings, sources: Mapping[str, str]) -> None:
    """What no value can show alone."""
    if settings.simulator_url and settings.ambiente == "producao":
        source = sources["simulator_url"]
        raise SettingError(f"{source}: o simulador nunca é usado em produção. Retire a configuração.")
    if settings.simulator_url and not settings.simulator_url.startswith("https://"):
        raise SettingError(f"{sources['simulator_url']}: use um endereço https.")
    if settings.unknown_horizon_seconds <= settings.http_timeout_seconds:
        source = sources["unknown_horizon_seconds"]
        raise SettingError(f"{source}: precisa ser maior que http_timeout_seconds.")
    if settings.lease_seconds <= settings.http_connect_seconds + settings.http_timeout_seconds:
        source = sources["lease_seconds"]
        raise SettingError(f"{source}: precisa ser maior que a espera por uma resposta da SEFAZ.")
    _check_mail(settings, sources)


def _check_mail(settings: Settings, sources: Mapping[str, str]) -> None:
    if settings.public_url and not settings.public_url.startswith(("https://", "http://")):
        raise SettingError(f"{sources['public_url']}: comece por https:// (ou http://).")
    if settings.smtp_host and settings.smtp_security == "none" and not _is_here(settings.smtp_host):
        raise SettingError(f"{sources['smtp_security']}: sem cifra só nesta máquina (localhost). Use starttls ou tls.")


def _is_here(host: str) -> bool:
    """Whether a name or address never leaves this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
