"""The services over HTTPS: a raw ASGI application and the few lines that give it certificate and connection.

uvicorn tells an application nothing of the client certificate, and no application can break its connection: both are
put into the state of the connection here.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

from zelo.sim.call import MOST_WIRE_BYTES
from zelo.sim.faults import Cut
from zelo.sim.sefaz import Reply, Request
from zelo.sim.soap import SOAP_11

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_DRAINED_BYTES: Final = 67_108_864
"""What is read and thrown away of a body that is too large, so that its sender can read the answer."""

_SOAP_12: Final = b"application/soap+xml; charset=utf-8"
_SOAP_11: Final = b"text/xml; charset=utf-8"
_HEAD_BYTES: Final = 200
"""Where an envelope names its version."""
_HTML: Final = b"text/html; charset=utf-8"
_MISSING_BYTES: Final = 1
_METHOD_NOT_ALLOWED: Final = 405
_PATH_PARTS: Final = 2


class PeerProtocol(H11Protocol):
    """HTTP/1.1 that adds to `scope["state"]` the client's certificate in DER and a way to drop the connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Look at the connection once, when it is made."""
        super().connection_made(transport)
        tls = transport.get_extra_info("ssl_object")
        self.app_state = {
            **self.app_state,
            "certificate_der": tls.getpeercert(binary_form=True) if tls else None,
            "drop": transport.abort,
        }


def services(answer: Callable[[Request], Reply]) -> Application:
    """The application of the services, at /{autorizador}/{servico}; `answer` judges and keeps the journal."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            await respond(send, _METHOD_NOT_ALLOWED, b"", _HTML)
            return
        body = await read_body(receive, MOST_WIRE_BYTES, MOST_DRAINED_BYTES)
        if body is None:
            await _drop(scope, receive)
            return
        parts = scope["path"].strip("/").split("/")
        autorizador, servico = parts if len(parts) == _PATH_PARTS else ("", scope["path"])
        state = scope["state"]
        reply = answer(Request(autorizador, servico, body, state["certificate_der"], scope["client"][0]))
        await asyncio.sleep(reply.delay_seconds)
        await _deliver(reply, scope, receive, send)

    return application


async def read_body(receive: Receive, most_bytes: int, most_drained_bytes: int) -> bytes | None:
    """The body, or its first `most_bytes` + 1 bytes when it is larger; None when it never ends or its sender left."""
    body, size = bytearray(), 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")
        size += len(part)
        if size > most_drained_bytes:
            return None
        body += part[: most_bytes + 1 - len(body)]
        if not message.get("more_body", False):
            return bytes(body)


async def respond(send: Send, status: int, body: bytes, content_type: bytes, *, missing_bytes: int = 0) -> None:
    """An answer; with `missing_bytes` it promises more than it sends and stays open."""
    length = str(len(body) + missing_bytes).encode()
    headers = [(b"content-type", content_type), (b"content-length", length)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": missing_bytes > 0})


async def _deliver(reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
    content_type = _content_type(reply.body)
    if reply.cut is Cut.BEFORE:
        await _drop(scope, receive)
    elif reply.cut is Cut.TRUNCATED:
        await respond(send, reply.status, reply.body, content_type, missing_bytes=_MISSING_BYTES)
        await _drop(scope, receive)
    else:
        await respond(send, reply.status, reply.body, content_type)


def _content_type(body: bytes) -> bytes:
    if body.startswith(b"<!DOCTYPE"):
        return _HTML
    return _SOAP_11 if SOAP_11.encode() in body[:_HEAD_BYTES] else _SOAP_12


async def _drop(scope: Scope, receive: Receive) -> None:
    """Break the connection and wait until it is gone, else the server would answer in our stead."""
    scope["state"]["drop"]()
    while (await receive())["type"] != "http.disconnect":
        pass
