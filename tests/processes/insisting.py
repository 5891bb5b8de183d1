"""What a child process of the insistence test does: work, and press whatever the pages let one press, on every note."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from multiprocessing.synchronize import Event

import structlog
from sqlalchemy import select

from tests.drafts import internet
from zelo.cli.worker import new_worker
from zelo.engine.schema.flow import document
from zelo.engine.trouble import TROUBLES
from zelo.flow import actions, nfcom
from zelo.flow.house import open_house
from zelo.flow.lifecycle import State
from zelo.flow.record import StaleDocumentError
from zelo.flow.tools import Tools
from zelo.guard import shell as guard
from zelo.guard.core import Answer, Policy, Verdict
from zelo.guard.core import State as GuardState
from zelo.guard.shell import GuardConflictError
from zelo.models.nfcom.draft import NfcomDraft
from zelo.settings.table import Settings

WRONG_CPF = "11144477736"


def refused(number: int) -> NfcomDraft:
    """A note that the authority refuses for its data (423), and that our own rules let pass in these processes."""
    draft = internet("RS", f"{100 + number}.00")
    return replace(draft, dest=replace(draft.dest, CPF=WRONG_CPF))


def insist(chosen: Settings, stop: Event, *, broken: bool) -> None:
    """Until `stop` is set. `broken`: the guard of this process admits everything."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    nfcom.RULES = ()  # type: ignore[attr-defined]
    if broken:
        guard.decide = _always  # type: ignore[attr-defined]
    tools = open_house(chosen)
    with ThreadPoolExecutor(chosen.worker_senders) as executor:
        worker, transport = new_worker(tools, executor)
        while not stop.is_set():
            if worker.turn() == 0:
                _press_all(tools)
                time.sleep(0.02)
        worker.finish()
        transport.close()
    tools.engine.close()


def _always(state: GuardState, policy: Policy, now: datetime) -> Verdict:  # noqa: ARG001 as the real one
    return Verdict(Answer.ADMIT if state.token is None else Answer.BUSY, state.spent, policy.ceiling)


def _press_all(tools: Tools) -> None:
    with tools.engine.read() as connection:
        rows = connection.execute(select(document.c.id, document.c.state)).fetchall()
    for row in rows:
        if row.state not in (State.REJECTED.value, State.HELD.value, State.PAUSED.value, State.BLOCKED.value):
            continue
        with suppress(actions.NotPossibleError, StaleDocumentError, GuardConflictError, *TROUBLES):
            _press(tools, row.id, held=row.state == State.HELD.value)


def _press(tools: Tools, note_id: str, *, held: bool) -> None:
    with tools.engine.begin() as connection:
        if held:
            actions.release(
                connection, tools, note_id, sends=actions.MOST_SENDS, actor="teimoso", why="insisto", administrator=True
            )
            return
        actions.send_again(connection, tools, note_id, "teimoso")
