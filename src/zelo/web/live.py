"""Tells an open page that something of its company has changed. Only a counter is sent: the page asks for the rest,
and so every permission is checked again.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import APIRouter, HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import State
from starlette.responses import StreamingResponse

from zelo.access.may import Action, may
from zelo.access.shell import sessions
from zelo.engine import trouble
from zelo.flow.tools import Tools
from zelo.monitor import shell as monitor
from zelo.web.gate import COOKIE, Visit, guarded

router = APIRouter(include_in_schema=False)

LOOK_SECONDS: Final = 1.0
QUIET_LOOKS: Final = 15
"""After so many looks without news a comment is sent, so that nobody on the way closes the connection."""
MOST_LOOKS: Final = 600
"""Then the stream ends and the browser opens another."""
MOST_STREAMS: Final = 500
RETRY_MILLIS: Final = 3000


@router.get("/e/{company_id}/eventos")
async def events(visit: Annotated[Visit, guarded(Action.VIEW)], request: Request) -> StreamingResponse:
    """An event whenever something of the company has changed."""
    streams: set[object] = request.app.state.streams
    if len(streams) >= MOST_STREAMS:
        raise HTTPException(503, "Há páginas demais abertas ao vivo. Esta se atualiza quando for recarregada.")
    token = request.cookies.get(COOKIE, "")
    return StreamingResponse(
        _stream(visit.tools, visit.company_id, token, request.app.state),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


async def _stream(tools: Tools, company_id: str, token: str, shared: State) -> AsyncIterator[str]:
    mine = object()
    streams: set[object] = shared.streams
    streams.add(mine)
    try:
        yield f"retry: {RETRY_MILLIS}\n\n"
        last, counter, quiet = "", 0, 0
        for _ in range(MOST_LOOKS):
            pulse = await run_in_threadpool(_look, tools, company_id, token)
            if pulse is None or shared.closing.is_set():
                return
            quiet += 1
            if pulse != last:
                last, counter, quiet = pulse, counter + 1, 0
                yield f"data: {counter}\n\n"
            elif quiet >= QUIET_LOOKS:
                quiet = 0
                yield ": \n\n"
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        streams.discard(mine)


def _look(tools: Tools, company_id: str, token: str) -> str | None:
    """The pulse of the company; None once the session is over, may not look any more, or the database is away."""
    try:
        with tools.engine.read() as connection:
            found = sessions.find(connection, token, tools.clock())
            if found is None or not may(found.person, Action.VIEW, company_id):
                return None
            return monitor.pulse(connection, company_id)
    except trouble.TROUBLES:
        return None
