"""`zelo emit`: a billing file taken in, its notes sent and waited for, with a bar that moves and faults by line."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
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
from zelo.isp.billing.sheet import LineFault
from zelo.isp.billing.stage import Stage, Tell
from zelo.isp.billing.understood import outline
from zelo.isp.importing import Imported, import_billing
from zelo.isp.order import LostError
from zelo.isp.reception import columns_of, mappings
from zelo.isp.shell import of_batch, terms_of, understand
from zelo.monitor.wording import WORDING, Tone

SHOWN_FAULTS: Final = 20
LOOK_SECONDS: Final = 0.3
STAGES: Final = {
    Stage.READING: "Lendo as linhas",
    Stage.JUDGING: "Conferindo as faturas",
    Stage.STORING: "Guardando as notas",
}
MOVING: Final = tuple(state for state, words in WORDING.items() if words.tone in (Tone.MOVING, Tone.WAITING))


class EmitError(RuntimeError):
    """The file cannot be emitted; the message says why in pt-BR."""


def preview(tools: Tools, billing: Path, composicoes: Path, company: str, mapping: str, json_file: Path | None) -> int:
    """Show what the file is understood as, and take nothing in; 0 when nothing is wrong with it."""
    chosen = find_company(tools, company)
    lines, plans = _contents(tools, billing, composicoes)
    columns = _columns(tools, chosen.id, mapping)
    with progress_bar() as bar:
        with tools.engine.read() as connection:
            terms = terms_of(connection, chosen.id, columns, tools.clock())
        read = understand(terms, lines, plans, tell_on(bar))
    outlined = outline(read)
    show_understood(outlined)
    show_faults(outlined, read.faults)
    _keep_json(json_file, outlined)
    return 1 if read.faults else 0


def _contents(tools: Tools, *paths: Path) -> list[bytes]:
    if max(path.stat().st_size for path in paths) > tools.settings.upload_bytes:
        raise EmitError(f"O arquivo passa de {tools.settings.upload_bytes} bytes (upload_bytes).")
    return [path.read_bytes() for path in paths]


def _columns(tools: Tools, company_id: str, mapping: str) -> dict[str, str]:
    with tools.engine.read() as connection:
        names = mappings(connection, company_id)
        if mapping and mapping not in names:
            known = ", ".join(names) or "nenhum ainda; grave um na página Faturamento"
            raise EmitError(f"Não há mapeamento {mapping}. Os gravados: {known}.")
        return columns_of(connection, company_id, mapping)


def _keep_json(json_file: Path | None, found: Mapping[str, Any]) -> None:
    if json_file is not None:
        json_file.write_text(f"{json.dumps(found, ensure_ascii=False, indent=2)}\n", "utf-8")
        say(f"JSON em {plain(json_file)}.")


def run(
    tools: Tools,
    billing: Path,
    composicoes: Path,
    company: str,
    *,
    wait: bool,
    looks: bool = False,
    mapping: str = "",
    json_file: Path | None = None,
) -> int:
    """Take the file in and, if asked, send and wait; 0 when every note of it stands authorised.

    `looks`: the notes are only checked, and wait until a person says on the page of the file that they may go.
    """
    chosen = find_company(tools, company)
    columns = _columns(tools, chosen.id, mapping)
    lines, plans = _contents(tools, billing, composicoes)
    with progress_bar() as bar:
        imported = _take_in(
            tools,
            company_id=chosen.id,
            name=billing.name,
            billing=lines,
            composicoes=plans,
            actor="linha de comando",
            go=Go.AWAITED if looks else Go.GIVEN,
            mapping=columns,
            tell=tell_on(bar),
        )
        if wait:
            with running.interruptible() as stop, worker.working(tools):
                follow(tools, imported.batch_id, bar, stop.wait)
    show(tools, imported)
    states = dict(counts(tools, imported.batch_id))
    taken = {kind.value: count for kind, count in imported.taken.items()}
    _keep_json(json_file, {"batch": imported.batch_id, "taken": taken, "states": states, **imported.understood})
    return 0 if _all_authorised(tools, imported) else 1


def _take_in(tools: Tools, **what: Any) -> Imported:
    try:
        return import_billing(tools, **what)
    except LostError as error:
        raise EmitError(str(error)) from error


def tell_on(bar: Progress) -> Tell:
    """Shows on a bar how far a file has come, and its faults so far."""
    task = bar.add_task(STAGES[Stage.READING], total=None)

    def tell(stage: Stage, done: int, whole: int, faults: int) -> None:
        wrong = f" ({faults} com erro)" if faults else ""
        bar.update(task, description=f"{STAGES[stage]}{wrong}", completed=done, total=whole or None)

    return tell


def find_company(tools: Tools, wanted: str) -> Row[Any]:
    """The company meant, or the only one. Raises EmitError."""
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


def counts(tools: Tools, batch_id: str, *among: ColumnElement[bool]) -> Counter[str]:
    """How many documents of a file, `among` them those that fulfil it, stand in each state."""
    query = select(document.c.state, func.count().label("notes")).where(of_batch(batch_id), *among)
    with tools.engine.read() as connection:
        return Counter({row.state: row.notes for row in connection.execute(query.group_by(document.c.state))})


def follow(
    tools: Tools, batch_id: str, bar: Progress, pause: Callable[[float], object], what: str = "Transmitindo"
) -> None:
    """Move the bar until none of the file's documents moves by itself any more, a person is waited for, or `pause` says
    to stop.
    """
    task = bar.add_task(what, total=None)
    while True:
        now = counts(tools, batch_id)
        still = sum(now.get(state, 0) for state in MOVING)
        waiting = now.get(State.UNKNOWN, 0)
        text = f"{what} ({waiting} sem resposta: consultando)" if waiting else what
        bar.update(task, completed=now.total() - still, total=now.total(), description=text)
        if not still or stuck(tools, batch_id) or pause(LOOK_SECONDS):
            return


def stuck(tools: Tools, batch_id: str) -> Sequence[Row[Any]]:
    """Halts that wait for a person, where they keep every document that would go on."""
    with tools.engine.read() as connection:
        standing = [row for row in guard.halts(connection, tools.clock()) if row.until is None]
        free = stops.conditions(connection, standing)
    moving = document.c.state.in_(MOVING)
    waits = standing and counts(tools, batch_id, moving) and not counts(tools, batch_id, moving, *free)
    return standing if waits else ()


def show(tools: Tools, imported: Imported) -> None:
    """What became of the file."""
    table = Table(title=f"{imported.lines} linhas, {imported.notes} notas")
    table.add_column("Situação")
    table.add_column("Notas", justify="right")
    table.add_column("O que fazer")
    for state, number in sorted(counts(tools, imported.batch_id).items()):
        words = WORDING[state]
        table.add_row(words.label, str(number), "" if words.tone is Tone.DONE else words.sentence)
    if imported.taken[Taken.SAME]:
        table.add_row("Já recebidas", str(imported.taken[Taken.SAME]), "Iguais às que já estão aqui: nada foi refeito.")
    out.print(table)
    for row in stuck(tools, imported.batch_id):
        say(f"[yellow]Parada, espera uma pessoa[/]: {plain(row.reason)}. {plain(row.detail)} Veja a página Situação.")
    show_understood(imported.understood)
    show_faults(imported.understood, imported.faults)


def show_understood(found: Mapping[str, Any]) -> None:
    """How the file was read: what it is, what was left out or mended, and columns that are not used."""
    if found["kind"]:
        where = f", cabeçalho na linha {found['header']}" if found["header"] else ""
        notes = f"{found['lines']} linhas, {found['notes']} notas boas"
        say(f"[dim]{plain(found['kind'])}, {plain(found['said'])}{where}: {notes}.[/]")
    unused = [column["title"] for column in found["columns"] if column["title"] and not column["column"]]
    if unused:
        say(f"[yellow]Colunas não usadas[/]: {plain(', '.join(unused))}.")
    for remark in [*found["skipped"], *found["remarks"]]:
        place = f" ({remark['where']})" if remark["where"] else ""
        say(f"[dim]{remark['count']} × {plain(remark['sentence'])}{plain(place)}[/]")


def show_faults(found: Mapping[str, Any], faults: Sequence[LineFault]) -> None:
    """What is wrong: by cause, then the first lines."""
    if found["causes"]:
        table = Table(title=f"{found['faults']} erros, por causa")
        for heading in ("Vezes", "O que há", "O que fazer"):
            table.add_column(heading, justify="right" if heading == "Vezes" else "left")
        for cause in found["causes"]:
            table.add_row(str(cause["count"]), plain(cause["sentence"]), plain(cause["remedy"]))
        out.print(table)
    for one in faults[:SHOWN_FAULTS]:
        fault = one.fault
        place = f"linha {one.line}" + (f", {fault.where}" if fault.where else "")
        say(f"[yellow]{plain(place)}[/]: {plain(fault.sentence)} [dim]{plain(fault.value)}[/] {plain(fault.remedy)}")
    if len(faults) > SHOWN_FAULTS:
        say(f"... e mais {len(faults) - SHOWN_FAULTS}; veja a página do arquivo.")


def _all_authorised(tools: Tools, imported: Imported) -> bool:
    moved = counts(tools, imported.batch_id)
    return not imported.faults and set(moved) <= {State.AUTHORISED.value}
