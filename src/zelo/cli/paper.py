"""`zelo print`: the DANFE-COM of a note, or those of a month in a zip, with a bar that moves."""

import re
from pathlib import Path
from typing import Final

from sqlalchemy import select

from zelo.cli.emit import find_company, progress_bar
from zelo.cli.files import made_whole
from zelo.cli.screen import plain, say
from zelo.engine.schema.flow import document
from zelo.fiscal.fault import Fault
from zelo.flow import paper
from zelo.flow.lifecycle import State
from zelo.flow.tools import Tools
from zelo.monitor import shell as monitor
from zelo.monitor.shell import Wanted
from zelo.printing import book

_MONTH: Final = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")


class PrintError(RuntimeError):
    """Nothing can be printed; the message says why in pt-BR."""


def run(tools: Tools, chave: str, month: str, output: Path | None, company: str) -> None:
    """One note or one month. Raises PrintError, and EmitError where the company is not clear."""
    if bool(chave) is bool(month):
        raise PrintError("Informe a chave de uma nota, ou o mês com --month AAAA-MM.")
    if chave:
        _one(tools, chave, output)
        return
    if not _MONTH.fullmatch(month):
        raise PrintError("Escreva o mês como 2026-11.")
    chosen = find_company(tools, company)
    _month(tools, chosen.id, Wanted(period=month.replace("-", "")), output or Path(f"danfecom-{month}.zip"))


def _one(tools: Tools, chave: str, output: Path | None) -> None:
    with tools.engine.read() as connection:
        row = connection.execute(select(document).where(document.c.chave == chave)).first()
        sheaf = paper.sheaf(connection, row) if row else None
    if sheaf is None:
        raise PrintError("Nenhuma nota guardada com esta chave.")
    printed = book.danfe(sheaf)
    if isinstance(printed, Fault):
        raise PrintError(f"{printed.sentence} {printed.remedy}")
    file = output or Path(paper.name(chave))
    file.write_bytes(printed)
    say(f"DANFE-COM em {plain(file)}.")


def _month(tools: Tools, company_id: str, wanted: Wanted, output: Path) -> None:
    """In place when it is whole, so that half a month never looks like one."""
    with tools.engine.read() as connection:
        standing = monitor.standing(connection, company_id, wanted).get(State.AUTHORISED.value)
    if standing is None:
        raise PrintError("Nenhuma nota autorizada neste mês.")
    left_out = 0
    with progress_bar() as bar, made_whole(output) as file:
        task = bar.add_task("Imprimindo", total=standing.documents)
        for printed in book.zipped(paper.sheaves(tools.engine, company_id, wanted), file):
            left_out += isinstance(printed, Fault)
            bar.advance(task)
    say(f"{standing.documents - left_out} DANFE-COM em {plain(output)}.")
    if left_out:
        say(f"{left_out} notas não puderam ser impressas: veja {book.LEFT_OUT} no zip.")
