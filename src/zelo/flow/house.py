"""Opens an installation: settings, database, keys and schemas become Tools. The one place that reads the real clock."""

import os
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, make_url
from sqlalchemy.exc import ArgumentError

from zelo.access.shell.companies import has_certificates
from zelo.access.shell.master import open_vault
from zelo.engine import backup, migrate
from zelo.engine.contract import Engine
from zelo.engine.meta import keep_first
from zelo.engine.open import open_engine
from zelo.flow.tools import Tools
from zelo.guard.policy import read_intervals, read_limits
from zelo.models.canonical.shell import installed, shipped
from zelo.notify.letter import sender_of
from zelo.settings.load import SettingError, load
from zelo.settings.table import FILE_NAME, PREFIX, Settings

SCHEMAS_FOLDER: Final = "schemas"
BACKUPS_FOLDER: Final = "backups"
_AMBIENTE: Final = "ambiente"


class WrongAmbienteError(RuntimeError):
    """The database belongs to the other environment; the message says so in pt-BR."""


def now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)  # noqa: TID251 the one place


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from the environment and from zelo.toml in the data folder. Raises SettingError."""
    first = load({k: v for k, v in environ.items() if k == f"{PREFIX}DATA_DIR"})
    file = Path(first.data_dir) / FILE_NAME
    try:
        settings = load(environ, file.read_text("utf-8") if file.is_file() else "")
    except UnicodeDecodeError as error:
        raise SettingError(f"{FILE_NAME}: o arquivo não está em UTF-8. Grave-o de novo assim.") from error
    try:
        make_url(settings.database_url or "sqlite://")
    except (ArgumentError, ValueError) as error:
        raise SettingError("database_url: não é um endereço de banco (postgresql://usuário@máquina/banco).") from error
    _check_guard(settings)
    _check_mail(settings)
    return settings


def open_house(settings: Settings) -> Tools:
    """Everything an installation works with; its database brought up to date, of the right environment.

    Raises UnknownShapeError, WrongAmbienteError, VaultError, ValueError.
    """
    data_dir = Path(settings.data_dir)
    engine = open_engine(settings.database_url, data_dir)
    migrate.migrate(engine, lambda: _copy_aside(engine, data_dir))
    with engine.begin() as connection:
        bind_ambiente(connection, settings.ambiente)
        sealed = has_certificates(connection)
    return Tools(
        engine=engine,
        settings=settings,
        vault=open_vault(data_dir, os.urandom, sealed=sealed),
        packages=[*shipped(), *installed(data_dir / SCHEMAS_FOLDER)],
        clock=now,
        chance=secrets.token_bytes,
        sleep=time.sleep,
    )


def _check_guard(settings: Settings) -> None:
    """The guard's parameters are read where they are used; a mistake in them must be told at once."""
    refused = {
        "guard_intervals": read_intervals(settings.guard_intervals).refusals,
        "guard_limits": read_limits(settings.guard_limits).refusals,
    }
    for name, faults in refused.items():
        if faults:
            raise SettingError(f"{name}, {faults[0].where}: {faults[0].sentence} {faults[0].remedy}")


def _check_mail(settings: Settings) -> None:
    if settings.smtp_host and not settings.smtp_sender:
        raise SettingError("smtp_sender: diga o remetente dos avisos, como avisos@provedor.com.br.")
    if bool(settings.smtp_user) is not bool(settings.smtp_password):
        raise SettingError("smtp_user: usuário e senha (smtp_password) vêm juntos, ou nenhum dos dois.")
    try:
        if settings.smtp_sender:
            sender_of(settings.smtp_sender)
    except ValueError as error:
        raise SettingError("smtp_sender: não é um e-mail. Escreva avisos@provedor.com.br, ou Nome <e-mail>.") from error


def bind_ambiente(connection: Connection, ambiente: str) -> None:
    """The first start says of which environment a database is; it stays so. Raises WrongAmbienteError."""
    kept = keep_first(connection, _AMBIENTE, ambiente)
    if kept != ambiente:
        raise WrongAmbienteError(
            f"Este banco é de {kept} e a configuração pede {ambiente}: use outro banco para cada ambiente."
        )


def _copy_aside(engine: Engine, data_dir: Path) -> None:
    folder = data_dir / BACKUPS_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"antes-da-migracao-{now():%Y%m%d-%H%M%S}.zelo").open("wb") as file:
        backup.write(engine, file, now())
