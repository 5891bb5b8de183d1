"""`zelo month --pack`: the month's pack for the accountant, with a bar that moves."""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from zelo.access.shell import audit, companies
from zelo.cli.emit import EmitError, find_company, progress_bar
from zelo.cli.files import made_whole
from zelo.cli.month import month_asked
from zelo.cli.screen import plain, say
from zelo.flow.tools import Tools
from zelo.isp.month.shell import pack

ACTOR: Final = "linha de comando"


def run(tools: Tools, asked: str, company: str, cnpj: str, output: Path, *, papers: bool) -> int:
    """Write the pack; 0 when it lacks nothing. Raises EmitError."""
    chosen = find_company(tools, company)
    now = tools.clock()
    with tools.engine.begin() as connection:
        emitters = companies.establishments(connection, chosen.id)
        emitter = next((row for row in emitters if row.cnpj == cnpj), None)
        if cnpj and emitter is None:
            raise EmitError(f"Nenhum estabelecimento com o CNPJ {cnpj}: são {', '.join(row.cnpj for row in emitters)}.")
        wanted = pack.Wanted(
            company_id=chosen.id, month=month_asked(asked, emitters, now), emitter=emitter, papers=papers
        )
        _tell(connection, tools, wanted)
    with progress_bar() as bar, made_whole(output) as file:
        task = bar.add_task("Empacotando", total=None)
        for step in pack.write(tools, wanted, file, by=ACTOR, now=now):
            bar.update(task, completed=step.done, total=step.total)
    say(f"{step.done} arquivos guardados de {wanted.month.name} em {plain(output)}.")
    if step.missing:
        say(f"[yellow]Faltam {step.missing} arquivos[/]: veja {pack.LEFT_OUT} no zip.")
    return 1 if step.missing else 0


def _tell(connection: Connection, tools: Tools, wanted: pack.Wanted) -> None:
    audit.record(
        connection,
        now=tools.clock(),
        chance=tools.chance,
        actor=ACTOR,
        company_id=wanted.company_id,
        action=pack.TOLD,
        subject=wanted.company_id,
        detail=wanted.told(),
    )
