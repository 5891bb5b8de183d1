"""What surrounds every call: an id, who may call, how much and how long, and a sentence for whatever goes wrong."""

import asyncio
import logging
import traceback
from collections.abc import Callable, Sequence
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from zelo.fiscal.fault import Fault
from zelo.pos.edge.door.refused import NOT_FOUND, RefusedError, refused, told
from zelo.pos.edge.door.trust import UNAUTHORIZED, check_caller

log = logging.getLogger("zelo.edge.door")

MOST_BODY_BYTES: Final = 8_000_000
"""A sale of two million bytes, which a form or JSON may write threefold: the device itself must refuse it (06005)."""
BODY_SECONDS: Final = 30.0
MOST_ACTIVE: Final = 256
"""Calls at work at the same time: every till of a large shop may wait for one device."""
MOST_COMING: Final = 64
"""Calls whose body is still coming: one more, and the one that has been longest about it gives way."""
MOST_HELD_BYTES: Final = 32_000_000
"""Bodies of all calls at work together; sales have a few thousand bytes."""

BAD_SIZE: Final = "PORTA-TAMANHO"
TOO_SLOW: Final = "PORTA-LENTO"
TOO_MANY: Final = "PORTA-CHEIA"
NO_ROUTE: Final = "PORTA-ENDERECO"
NO_METHOD: Final = "PORTA-METODO"
DEFECT: Final = "PORTA-DEFEITO"
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Shield:
    """The layer. `new_id` names calls in answers and in the log."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        names: Sequence[str],
        new_id: Callable[[], str],
        body_seconds: float = BODY_SECONDS,
        most_active: int = MOST_ACTIVE,
    ) -> None:
        self._app, self._names, self._new_id = app, names, new_id
        self._body_seconds, self._most_active = body_seconds, most_active
        self._bodies: dict[_Body, None] = {}
        """The oldest first."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Attend to one call."""
        if scope["type"] != "http":
            return
        call_id, started, body = self._new_id(), False, _Body(receive, self._body_seconds)

        async def answer(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = call_id
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        async def take() -> Message:
            message = await body.take()
            if sum(each.bytes for each in self._bodies) > MOST_HELD_BYTES and not self._make_way(body):
                raise _too_many()
            return message

        self._bodies[body] = None
        try:
            self._admit(Headers(scope=scope), body)
            await self._app(scope, take, answer)
        except ClientDisconnect:
            return
        except RefusedError as error:
            response = JSONResponse(told(error.fault), error.status, _more(error.status))
        except Exception as error:  # noqa: BLE001 the last resort: nobody shall see a stack trace
            stack = "".join(traceback.format_tb(error.__traceback__))
            log.error("defect in call %s: %s\n%s", call_id, type(error).__name__, stack)
            response = JSONResponse(told(_defect(call_id)), 500)
        else:
            return
        finally:
            del self._bodies[body]
        if not started:
            await response(scope, receive, answer)

    def _admit(self, headers: Headers, body: "_Body") -> None:
        """Refuse before a byte of the body is read. Raises RefusedError."""
        check_caller(headers, self._names)
        announced = headers.get("content-length", "0")
        if not announced.isdecimal() or int(announced) > MOST_BODY_BYTES:
            raise _too_large()
        body.whole = not int(announced) and "transfer-encoding" not in headers
        coming = sum(not each.whole for each in self._bodies)
        if len(self._bodies) - coming > self._most_active:
            raise _too_many()
        if coming > MOST_COMING:
            self._make_way(body)

    def _make_way(self, of: "_Body") -> bool:
        """Give the oldest other call up whose body is still coming; False where there is none."""
        slowest = next((each for each in self._bodies if each is not of and not (each.whole or each.given_up)), None)
        if slowest is not None:
            slowest.give_up()
        return slowest is not None


def _more(status: int) -> dict[str, str]:
    """What must go with some statuses."""
    return {UNAUTHORIZED: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "1"}}.get(status, {})


def _defect(call_id: str) -> Fault:
    sentence = "O gateway falhou nesta chamada; o que foi do pedido não se sabe."
    return Fault(DEFECT, sentence, f"Consulte antes de repetir e informe ao suporte: {call_id}.")


def _too_many() -> RefusedError:
    return refused(TOO_MANY, "O gateway atende chamadas demais agora.", "Tente em 1 segundo.", status=503)


def _too_large() -> RefusedError:
    sentence = f"O que foi enviado passa de {MOST_BODY_BYTES // 1_000_000} MB."
    return refused(BAD_SIZE, sentence, "Divida a venda em dois cupons.", status=413)


class _Body:
    """What comes in, counted and timed. Once it is whole nothing is bounded: a till may wait long for its answer."""

    def __init__(self, receive: Receive, seconds: float) -> None:
        self._receive, self._seconds = receive, seconds
        self._deadline = asyncio.get_running_loop().time() + seconds
        self._waits: asyncio.Timeout | None = None
        self.bytes, self.whole, self.given_up = 0, False, False

    def give_up(self) -> None:
        """It has been long enough about it: others are waiting."""
        self._deadline = asyncio.get_running_loop().time()
        self.bytes, self.given_up = 0, True
        if self._waits is not None:
            self._waits.reschedule(self._deadline)

    async def take(self) -> Message:
        """The next part. Raises RefusedError."""
        if self.whole:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._deadline) as self._waits:
                message = await self._receive()
        except TimeoutError as error:
            slow = f"O corpo não chegou inteiro em {self._seconds:.0f} segundos."
            sentence = "O corpo não chegou inteiro, e outras chamadas esperam." if self.given_up else slow
            raise refused(TOO_SLOW, sentence, "Tente de novo.", status=408) from error
        finally:
            self._waits = None
        self.bytes += len(message.get("body", b""))
        if self.bytes > MOST_BODY_BYTES:
            raise _too_large()
        self.whole = not message.get("more_body", False)
        return message


def say_http(error: HTTPException, path: str) -> JSONResponse:
    """What the router itself refuses, as a sentence."""
    if error.status_code == NOT_FOUND:
        fault = Fault(NO_ROUTE, "O gateway não tem este endereço.", "Confira o endereço no manual.", path[:100])
    else:
        fault = Fault(NO_METHOD, "Este endereço não aceita este método.", "Confira o método no manual.", path[:100])
    return JSONResponse(told(fault), error.status_code, dict(error.headers or {}))
