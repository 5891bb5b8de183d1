"""What surrounds every call: an id, who may call, how much and how long, and a sentence for whatever goes wrong."""

import asyncio
import logging
import traceback
from collections.abc import Callable, Sequence
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from zelo.fiscal.fault import Fault
from zelo.pos.edge.door.refused import NOT_FOUND, RefusedError, refused, told
from zelo.pos.edge.door.trust import UNAUTHORIZED, check_caller

log = logging.getLogger("zelo.edge.door")

MOST_BODY_BYTES: Final = 8_000_000
"""A sale of two million bytes, which a form or JSON may write threefold: the device itself must refuse it (06005)."""
BODY_SECONDS: Final = 30.0
MOST_ACTIVE: Final = 32
"""Calls at work at the same time; each may hold a body."""

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
        self._body_seconds, self._most_active, self._active = body_seconds, most_active, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Attend to one call."""
        if scope["type"] != "http":
            return
        call_id, started = self._new_id(), False

        async def answer(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = call_id
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        self._active += 1
        try:
            self._admit(Headers(scope=scope))
            await self._app(scope, _bounded(receive, self._body_seconds), answer)
        except RefusedError as error:
            response = JSONResponse(told(error.fault), error.status, _more(error.status))
        except Exception as error:  # noqa: BLE001 the last resort: nobody shall see a stack trace
            stack = "".join(traceback.format_tb(error.__traceback__))
            log.error("defect in call %s: %s\n%s", call_id, type(error).__name__, stack)
            response = JSONResponse(told(_defect(call_id)), 500)
        else:
            return
        finally:
            self._active -= 1
        if not started:
            await response(scope, receive, answer)

    def _admit(self, headers: Headers) -> None:
        """Refuse before a byte of the body is read. Raises RefusedError."""
        if self._active > self._most_active:
            raise refused(TOO_MANY, "O gateway atende chamadas demais agora.", "Tente em 1 segundo.", status=503)
        check_caller(headers, self._names)
        announced = headers.get("content-length", "0")
        if not announced.isdecimal() or int(announced) > MOST_BODY_BYTES:
            raise _too_large()


def _more(status: int) -> dict[str, str]:
    """What must go with some statuses."""
    return {UNAUTHORIZED: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "1"}}.get(status, {})


def _defect(call_id: str) -> Fault:
    sentence = "O gateway falhou nesta chamada; o que foi do pedido não se sabe."
    return Fault(DEFECT, sentence, f"Consulte antes de repetir e informe ao suporte: {call_id}.")


def _too_large() -> RefusedError:
    sentence = f"O que foi enviado passa de {MOST_BODY_BYTES // 1_000_000} MB."
    return refused(BAD_SIZE, sentence, "Divida a venda em dois cupons.", status=413)


def _bounded(receive: Receive, seconds: float) -> Receive:
    """Count what comes in and how long it takes. Once the body is whole nothing is bounded: a till may wait long."""
    seen, whole = 0, False
    deadline = asyncio.get_running_loop().time() + seconds

    async def count() -> Message:
        nonlocal seen, whole
        if whole:
            return await receive()
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError as error:
            sentence = f"O corpo não chegou inteiro em {seconds:.0f} segundos."
            raise refused(TOO_SLOW, sentence, "Tente de novo.", status=408) from error
        seen += len(message.get("body", b""))
        if seen > MOST_BODY_BYTES:
            raise _too_large()
        whole = not message.get("more_body", False)
        return message

    return count


def say_http(error: HTTPException, path: str) -> JSONResponse:
    """What the router itself refuses, as a sentence."""
    if error.status_code == NOT_FOUND:
        fault = Fault(NO_ROUTE, "O gateway não tem este endereço.", "Confira o endereço no manual.", path[:100])
    else:
        fault = Fault(NO_METHOD, "Este endereço não aceita este método.", "Confira o método no manual.", path[:100])
    return JSONResponse(told(fault), error.status_code, dict(error.headers or {}))
