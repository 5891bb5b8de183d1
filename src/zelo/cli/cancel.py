"""`zelo cancel`: authorised notes cancelled by chave, with the same checks as the pages, waited for with a bar."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.table import Table
from sqlalchemy import Row, select

from zelo.cli import running, worker
from zelo.cli.emit import LOOK_SECONDS, progress_bar
from zelo.cli.screen import out, plain, say
from zelo.engine.schema.flow import event
from zelo.flow import record
from zelo.flow.event import request
from zelo.flow.event.lifecycle import State
from zelo.flow.lifecycle import State as DocumentState
from zelo.flow.tools import Tools
from zelo.monitor.wording import EVENT_WORDING, Tone

ACTOR = "linha de comando"


class CancelError(RuntimeError):
    """Nothing can be cancelled so; the message says why in pt-BR."""


def run(tools: Tools, chaves: Sequence[str], reason: str, *, sure: bool, wait: bool) -> int:
    """Ask for each and, if wanted, send and wait; 0 when every note is cancelled, now or before."""
    if not sure:
        raise CancelError("Um cancelamento não se desfaz: confira as chaves e repita com --sure.")
    rows = [_row(tools, chave) for chave in dict.fromkeys("".join(chave.split()).upper() for chave in chaves)]
    open_ = [row for row in rows if row.state != DocumentState.CANCELLED]
    for row in rows:
        if row not in open_:
            say(f"{row.chave}: já está cancelada.")
    asked = [made for row in open_ if (made := _ask(tools, row, " ".join(reason.split())))]
    if wait and asked:
        with progress_bar() as bar, running.interruptible() as stop, worker.working(tools):
            task = bar.add_task("Cancelando", total=len(asked))
            while moving := _moving(tools, asked):
                bar.update(task, completed=len(asked) - moving)
                if stop.wait(LOOK_SECONDS):
                    break
            bar.update(task, completed=len(asked) - moving)
    ended = _states(tools, asked)
    table = Table(title=f"{len(rows)} notas, {len(asked)} cancelamentos")
    for heading in ("Situação", "Notas", "O que fazer"):
        table.add_column(heading)
    for state, number in sorted(ended.items()):
        said = EVENT_WORDING[state]
        table.add_row(said.label, str(number), "" if said.tone is Tone.DONE else said.sentence)
    out.print(table)
    return 0 if len(asked) == len(open_) and set(ended) <= {State.REGISTERED.value} else 1


def _row(tools: Tools, chave: str) -> Row[Any]:
    with tools.engine.read() as connection:
        row = record.of_chave(connection, chave)
    if row is None:
        raise CancelError(f"Nenhuma nota deste zelo tem a chave {chave}.")
    return row


def _ask(tools: Tools, row: Row[Any], reason: str) -> str:
    """The event of the request, or of one that is under way; "" where it was refused, which is said."""
    with tools.engine.begin() as connection:
        receipt = request.cancel(connection, tools, row.id, reason=reason, actor=ACTOR)
    for fault in receipt.faults:
        say(f"[yellow]{row.chave}[/]: {plain(fault.sentence)} [dim]{plain(fault.value)}[/] {plain(fault.remedy)}")
    return receipt.event_id


def _states(tools: Tools, ids: Sequence[str]) -> Counter[str]:
    with tools.engine.read() as connection:
        return Counter(connection.execute(select(event.c.state).where(event.c.id.in_(ids))).scalars())


def _moving(tools: Tools, ids: Sequence[str]) -> int:
    tones = {state: EVENT_WORDING[state].tone for state in EVENT_WORDING}
    return sum(n for state, n in _states(tools, ids).items() if tones[state] in (Tone.MOVING, Tone.WAITING))
