"""Hands an asking to the gateway off the event loop and waits a bounded time for what comes back."""

import asyncio
from collections.abc import Callable

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as Call

from zelo.pos.edge.door.shell.gateway import Answer
from zelo.pos.edge.request import Request


async def wait_for(answer: Answer, make: Callable[[], Request], seconds: float) -> tuple[Request, str | None]:
    """The asking and its reply, None where it takes longer: it goes on then, as where the caller hangs up."""

    def hand_in() -> "tuple[Request, asyncio.Future[str]]":
        request = make()
        return request, asyncio.wrap_future(answer(request), loop=loop)

    loop = asyncio.get_running_loop()
    request, future = await run_in_threadpool(hand_in)
    done, _ = await asyncio.wait([future], timeout=seconds)
    return request, future.result() if done else None


async def unless_gone(call: Call, act: Callable[[], None]) -> BackgroundTask | None:
    """What is done when the answer is out, None where the caller has hung up while it waited."""
    return None if await call.is_disconnected() else BackgroundTask(act)
