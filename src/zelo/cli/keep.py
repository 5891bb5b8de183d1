"""`zelo backup`, `zelo restore` and `zelo guard dossier`."""

import os
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from zelo.cli.screen import plain, say
from zelo.engine import backup as copies
from zelo.flow import dossier as dossiers
from zelo.flow import house, quarantine
from zelo.flow.tools import Tools
from zelo.guard.dossier import pack

_FROM_NOTHING: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
_OWNER_ONLY: Final = 0o600
"""A backup holds every customer: nobody else on the machine reads it."""


class RestoreError(RuntimeError):
    """The backup belongs to another kind of installation; the message says why in pt-BR."""


def backup(tools: Tools, file: Path) -> None:
    """Write everything into a file that appears only when it is whole."""
    fresh = file.with_name(file.name + ".new")
    with os.fdopen(os.open(fresh, _FROM_NOTHING, _OWNER_ONLY), "wb") as out:
        counts = copies.write(tools.engine, out, tools.clock())
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
    say(f"Backup em [bold]{plain(file)}[/]: {sum(counts.values())} linhas.")
    say("A chave-mestra (master.key) não está nele: sem ela os certificados não abrem. Guarde-a à parte.")


def dossier(tools: Tools, file: Path, company_id: str) -> None:
    """Write a company's dossier, readable by its owner alone."""
    with tools.engine.read() as connection:
        found = dossiers.collect(connection, tools, company_id, tools.clock())
    with os.fdopen(os.open(file, _FROM_NOTHING, _OWNER_ONLY), "wb") as out:
        out.write(pack(found))
    say(f"Dossiê em [bold]{plain(file)}[/]: {len(found.facts)} bloqueios. Leia carta.txt antes de enviá-lo.")


def restore(tools: Tools, file: Path) -> None:
    """Put a backup into this empty database, every emitter in quarantine. Raises BadBackupError, RestoreError."""
    asked = 0

    def afterwards(connection: Connection) -> None:
        nonlocal asked
        try:
            house.bind_ambiente(connection, tools.settings.ambiente)
        except house.WrongAmbienteError as error:
            raise RestoreError(str(error)) from error
        asked = quarantine.begin(connection, tools, tools.clock())

    counts = copies.read(tools.engine, lambda: file.open("rb"), afterwards)
    say(f"Restaurado: {sum(counts.values())} linhas.")
    say(
        f"Todos os emitentes estão em [bold]quarentena[/]: {asked} notas e os números seguintes vão ser conferidos na "
        "SEFAZ. Inicie zelo serve e acompanhe na página Situação; quem nada perdeu é liberado sozinho."
    )
