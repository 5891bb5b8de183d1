"""What surrounds every request: an id, a bound on its body, security headers, a line of log, a count, a last resort."""

import time
import traceback
from typing import Final

import structlog
from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from zelo.engine import trouble
from zelo.flow.tools import Tools
from zelo.web.metrics import Meter
from zelo.web.present import without_cpf
from zelo.web.refusal import RETRY_SECONDS, refuse
from zelo.web.render import STATIC_PATH

log = structlog.get_logger("zelo.web")

REQUEST_ID_BYTES: Final = 6
PLAIN_BODY_BYTES: Final = 8_000_000
"""A body without files: a draft of two million bytes may take three times that when a form encodes it."""
_YEAR_SECONDS: Final = 31_536_000
_TOLD_CHARS: Final = 300
_UNKNOWN_ROUTE: Final = "other"

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Shield:
    """The outermost layer of ours."""

    def __init__(self, app: ASGIApp, tools: Tools, meter: Meter) -> None:
        self._app = app
        self._tools = tools
        self._meter = meter
        self._headers = dict(HEADERS)
        if tools.settings.cookie_secure:
            self._headers["Strict-Transport-Security"] = f"max-age={_YEAR_SECONDS}; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Attend to one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["request_id"] = self._tools.chance(REQUEST_ID_BYTES).hex()
        started = time.perf_counter()
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *self._extra(scope, message)]
            await send(message)

        bounded = _bounded(receive, self._most_bytes(scope))
        try:
            _refuse_announced(scope, self._most_bytes(scope))
            await self._app(scope, bounded, answer)
        except Exception as error:  # noqa: BLE001 the last resort: nobody shall see a stack trace
            await self._apologise(error, scope, receive, answer, started=status != 0)
        route = getattr(scope.get("route"), "path", _UNKNOWN_ROUTE)
        spent = time.perf_counter() - started
        self._meter.request(scope["method"], route, status, spent)
        log.info(
            "request", request_id=scope["request_id"], method=scope["method"], route=route, status=status,
            ms=round(spent * 1000),
        )  # fmt: skip

    def _extra(self, scope: Scope, message: Message) -> list[tuple[bytes, bytes]]:
        kept = scope["path"].startswith(f"{STATIC_PATH}/")
        cache = f"public, max-age={_YEAR_SECONDS}, immutable" if kept and message["status"] < 400 else "no-store"
        own = self._headers | {"Cache-Control": cache, "X-Request-ID": scope["request_id"]}
        present = {name for name, _ in message["headers"]}
        return [(k.lower().encode(), v.encode()) for k, v in own.items() if k.lower().encode() not in present]

    def _most_bytes(self, scope: Scope) -> int:
        most = self._tools.settings.upload_bytes
        kind = dict(scope["headers"]).get(b"content-type", b"")
        return most if kind.lower().startswith(b"multipart/") else min(most, PLAIN_BODY_BYTES)

    async def _apologise(self, error: Exception, scope: Scope, receive: Receive, send: Send, *, started: bool) -> None:
        """Say what can be said: the database is away, the body is too large, or that it is our fault."""
        request = Request(scope)
        if isinstance(error, HTTPException):
            response = refuse(request, error.status_code, error.detail)
        elif isinstance(error, trouble.TROUBLES):
            log.error("database trouble", request_id=scope["request_id"], error=_told(error))
            response = refuse(request, 503, trouble.sentence(error), {"Retry-After": RETRY_SECONDS})
        else:
            stack = "".join(traceback.format_tb(error.__traceback__))
            log.error("defect", request_id=scope["request_id"], error=_told(error), stack=stack)
            response = refuse(request, 500)
        if not started:
            await response(scope, receive, send)


def _told(error: Exception) -> str:
    """An exception for the log: its first line, for the others of a database's hold the values of the statement."""
    first, _, _ = str(error).partition("\n")
    return f"{type(error).__name__}: {without_cpf(first[:_TOLD_CHARS])}"


def _too_large(most: int) -> HTTPException:
    return HTTPException(413, f"O que foi enviado passa de {most // 1_000_000 or 1} MB, o maior tamanho aceito.")


def _refuse_announced(scope: Scope, most: int) -> None:
    """A body that says itself to be too large is not even read. Raises HTTPException."""
    announced = dict(scope["headers"]).get(b"content-length", b"0")
    if not announced.isdigit() or int(announced) > most:
        raise _too_large(most)


def _bounded(receive: Receive, most: int) -> Receive:
    """Count what comes in; beyond the bound nothing more is read. The wrapped call raises HTTPException."""
    seen = 0

    async def count() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > most:
                raise _too_large(most)
        return message

    return count
