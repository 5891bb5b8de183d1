"""`zelo emit`: a billing file taken in, its notes sent and waited for, with a bar that moves and faults by line."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlalchemy import ColumnElement, Row, func, select

from zelo.cli import running, worker
from zelo.cli.screen import out, plain, say
from zelo.engine.schema.access import company as company_table
from zelo.engine.schema.flow import document
from zelo.flow import stops
from zelo.flow.intake import Go, Taken
from zelo.flow.lifecycle import State
from zelo.flow.tools import Tools
from zelo.guard import shell as guard
from zelo.isp.shell import Imported, import_billing
from zelo.monitor.wording import WORDING, Tone

CHUNK_DOCUMENTS: Final = 10_000
SHOWN_FAULTS: Final = 20
LOOK_SECONDS: Final = 0.3
MOVING: Final = tuple(state for state, words in WORDING.items() if words.tone in (Tone.MOVING, Tone.WAITING))


class EmitError(RuntimeError):
    """The file cannot be emitted; the message says why in pt-BR."""


def run(tools: Tools, billing: Path, composicoes: Path, company: str, *, wait: bool, looks: bool = False) -> int:
    """Take the file in and, if asked, send and wait; 0 when every note of it stands authorised.

    `looks`: the notes are only checked, and wait until a person says on the page of the file that they may go.
    """
    chosen = company_of(tools, company)
    sizes = [path.stat().st_size for path in (billing, composicoes)]
    if max(sizes) > tools.settings.upload_bytes:
        raise EmitError(f"O arquivo passa de {tools.settings.upload_bytes} bytes (upload_bytes).")
    with progress_bar() as bar:
        task = bar.add_task("Conferindo", total=None)
        imported = import_billing(
            tools,
            company_id=chosen.id,
            name=billing.name,
            billing=billing.read_bytes(),
            composicoes=composicoes.read_bytes(),
            actor="linha de comando",
            go=Go.AWAITED if looks else Go.GIVEN,
            progress=lambda done, whole: bar.update(task, completed=done, total=whole),
        )
        if wait:
            with running.interruptible() as stop, worker.working(tools):
                follow(tools, imported.documents, bar, stop.wait)
    show(tools, imported)
    return 0 if _all_authorised(tools, imported) else 1


def company_of(tools: Tools, wanted: str) -> Row[Any]:
    """The company of that id or CNPJ base, or the only one. Raises EmitError."""
    with tools.engine.read() as connection:
        rows = connection.execute(select(company_table).where(company_table.c.disabled_at.is_(None))).fetchall()
    found = [row for row in rows if wanted in ("", row.id, row.cnpj_base)]
    if len(found) == 1:
        return found[0]
    if not rows:
        raise EmitError("Nenhuma empresa cadastrada: abra as páginas (zelo serve) e cadastre a sua.")
    raise EmitError(f"Escolha a empresa com --company: {', '.join(f'{row.cnpj_base} {row.name}' for row in rows)}.")


def progress_bar() -> Progress:
    """A bar for work that takes a while."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=out)


def counts(tools: Tools, documents: Sequence[str], *among: ColumnElement[bool]) -> Counter[str]:
    """How many of these documents, `among` those that fulfil it, stand in each state."""
    found: Counter[str] = Counter()
    with tools.engine.read() as connection:
        for start in range(0, len(documents), CHUNK_DOCUMENTS):
            query = select(document.c.state, func.count().label("notes")).group_by(document.c.state)
            some = document.c.id.in_(documents[start : start + CHUNK_DOCUMENTS])
            found.update({row.state: row.notes for row in connection.execute(query.where(some, *among))})
    return found


def follow(tools: Tools, documents: Sequence[str], bar: Progress, pause: Callable[[float], object]) -> None:
    """Move the bar until none of the documents moves by itself any more, a person is waited for, or `pause` says to
    stop.
    """
    whole = len(documents)
    task = bar.add_task("Transmitindo", total=whole)
    while True:
        now = counts(tools, documents)
        still = sum(now.get(state, 0) for state in MOVING)
        waiting = now.get(State.UNKNOWN, 0)
        text = f"Transmitindo ({waiting} sem resposta: consultando)" if waiting else "Transmitindo"
        bar.update(task, completed=whole - still, description=text)
        if not still or stuck(tools, documents) or pause(LOOK_SECONDS):
            return


def stuck(tools: Tools, documents: Sequence[str]) -> Sequence[Row[Any]]:
    """Halts that wait for a person, where they keep every document that would go on."""
    with tools.engine.read() as connection:
        standing = [row for row in guard.halts(connection, tools.clock()) if row.until is None]
        free = stops.conditions(connection, standing)
    moving = document.c.state.in_(MOVING)
    waits = standing and counts(tools, documents, moving) and not counts(tools, documents, moving, *free)
    return standing if waits else ()


def show(tools: Tools, imported: Imported) -> None:
    """What became of the file."""
    table = Table(title=f"{imported.lines} linhas, {imported.notes} notas")
    table.add_column("Situação")
    table.add_column("Notas", justify="right")
    table.add_column("O que fazer")
    for state, number in sorted(counts(tools, imported.documents).items()):
        words = WORDING[state]
        table.add_row(words.label, str(number), "" if words.tone is Tone.DONE else words.sentence)
    if imported.taken[Taken.SAME]:
        table.add_row("Já recebidas", str(imported.taken[Taken.SAME]), "Iguais às que já estão aqui: nada foi refeito.")
    out.print(table)
    for row in stuck(tools, imported.documents):
        say(f"[yellow]Parada, espera uma pessoa[/]: {plain(row.reason)}. {plain(row.detail)} Veja a página Situação.")
    for found in imported.faults[:SHOWN_FAULTS]:
        fault = found.fault
        place = f"linha {found.line}" + (f", {fault.where}" if fault.where else "")
        say(f"[yellow]{plain(place)}[/]: {plain(fault.sentence)} [dim]{plain(fault.value)}[/] {plain(fault.remedy)}")
    if len(imported.faults) > SHOWN_FAULTS:
        say(f"... e mais {len(imported.faults) - SHOWN_FAULTS}; veja a página do arquivo.")


def _all_authorised(tools: Tools, imported: Imported) -> bool:
    moved = counts(tools, imported.documents)
    return not imported.faults and set(moved) <= {State.AUTHORISED.value}
