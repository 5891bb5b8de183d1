"""The routes of the API: token first, then the key of a repetition, then the gateway."""

import hmac
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as Call
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from zelo.pos.edge.door import trust
from zelo.pos.edge.door.api import reading
from zelo.pos.edge.door.api.contract import document
from zelo.pos.edge.door.api.telling import Found, tell, tell_device, unsure
from zelo.pos.edge.door.asked import Asked
from zelo.pos.edge.door.refused import NOT_FOUND, refused
from zelo.pos.edge.door.shell.gateway import Gateway, Terms
from zelo.pos.edge.door.shell.waiting import wait_for
from zelo.pos.edge.request import Request

PREFIX: Final = "/v1"
KEY_TAKEN: Final = "API-CHAVE-USADA"
NOT_KNOWN: Final = "API-DESCONHECIDA"
_UNPROCESSABLE: Final = 422

Handler = Callable[[Call], Awaitable[Response]]


def routes(gateway: Gateway, terms: Terms) -> list[Route]:
    """What the application mounts. Only the OpenAPI file is open to all."""
    described = document()

    def guarded(handle: Handler) -> Handler:
        async def check(call: Call) -> Response:
            shown = trust.bearer(call.headers.get("authorization", ""))
            if not hmac.compare_digest(shown.encode(), terms.token.encode()):
                raise trust.bad_token()
            return await handle(call)

        return check

    def issue(read: Callable[..., Asked]) -> Handler:
        async def handle(call: Call) -> Response:
            key = reading.read_key(call.headers.get(reading.KEY_HEADER))
            asked = read(call.headers.get("content-type", ""), await call.body(), call.query_params)
            return await answer(partial(_issue, gateway, asked, key))

        return handle

    async def answer(make: Callable[[], Request]) -> Response:
        request, retorno = await wait_for(gateway.answer, make, terms.wait_seconds)
        if retorno is None or not unsure(retorno):
            return _told(Found(retorno))
        found = await run_in_threadpool(gateway.find, request.id)
        return _told(Found(retorno, in_doubt=found is None or found.in_doubt))

    async def ask(call: Call) -> Response:
        kind = call.headers.get("content-type", "")
        asked = reading.read_question(call.path_params["function"], kind, await call.body(), call.query_params)
        return await answer(partial(_ask, gateway, asked))

    async def find(call: Call) -> Response:
        key = reading.read_key(call.path_params["key"])
        found = await run_in_threadpool(gateway.find, reading.identity(key))
        if found is None:
            sentence = "Nenhum pedido levou esta chave neste gateway."
            raise refused(NOT_KNOWN, sentence, "Confira a chave e o gateway.", "chave", NOT_FOUND)
        return _told(found)

    async def devices(_: Call) -> Response:
        listed = await run_in_threadpool(gateway.devices)
        return JSONResponse({"equipamentos": [tell_device(each) for each in listed]})

    async def describe(_: Call) -> Response:
        return JSONResponse(described)

    return [
        Route(f"{PREFIX}/openapi.json", describe, methods=["GET"]),
        Route(f"{PREFIX}/vendas", guarded(issue(reading.read_sale)), methods=["POST"]),
        Route(f"{PREFIX}/cancelamentos", guarded(issue(reading.read_cancel)), methods=["POST"]),
        Route(f"{PREFIX}/vendas/{{key}}", guarded(find), methods=["GET"]),
        Route(f"{PREFIX}/equipamentos", guarded(devices), methods=["GET"]),
        Route(f"{PREFIX}/consultas/{{function}}", guarded(ask), methods=["POST"]),
    ]


def _told(found: Found) -> Response:
    status, body = tell(found)
    return JSONResponse(body, status)


def _issue(gateway: Gateway, asked: Asked, key: str) -> Request:
    """Bind the key to what is asked. Raises RefusedError where the key served another asking."""
    identity = reading.identity(key)
    session = gateway.bind(identity, reading.digest(asked), asked.till)
    if session is None:
        sentence = "Esta chave já serviu a outro pedido."
        remedy = "Use uma chave nova para outra venda; ao repetir, envie o mesmo corpo."
        raise refused(KEY_TAKEN, sentence, remedy, reading.KEY_HEADER, _UNPROCESSABLE)
    return asked.request(identity, session, gateway.code())


def _ask(gateway: Gateway, asked: Asked) -> Request:
    return asked.request(gateway.new_id(), gateway.next_session(asked.till), gateway.code())
