"""The routes of the API: token first, then the key of a repetition, then the gateway."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as Call
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from zelo.pos.edge.door.api import reading
from zelo.pos.edge.door.api.contract import document
from zelo.pos.edge.door.api.telling import Found, tell, tell_device, unsure
from zelo.pos.edge.door.asked import Asked
from zelo.pos.edge.door.refused import NOT_FOUND, refused
from zelo.pos.edge.door.shell.gateway import Gateway, Terms
from zelo.pos.edge.door.shell.guarded import guarded
from zelo.pos.edge.door.shell.waiting import unless_gone, wait_for
from zelo.pos.edge.request import Request

PREFIX: Final = "/v1"
KEY_TAKEN: Final = "API-CHAVE-USADA"
NOT_KNOWN: Final = "API-DESCONHECIDA"
_UNPROCESSABLE: Final = 422


def routes(gateway: Gateway, terms: Terms) -> list[Route]:
    """What the application mounts. Only the OpenAPI file is open to all."""
    api, described = _Api(gateway, terms), document()

    async def describe(_: Call) -> Response:
        return JSONResponse(described)

    behind_token = [
        ("POST", "vendas", api.sell),
        ("POST", "cancelamentos", api.cancel),
        ("GET", "vendas/{key}", api.find),
        ("GET", "equipamentos", api.devices),
        ("POST", "consultas/{function}", api.ask),
    ]
    return [
        Route(f"{PREFIX}/openapi.json", describe, methods=["GET"]),
        *(
            Route(f"{PREFIX}/{path}", guarded(terms.token, handle), methods=[verb])
            for verb, path, handle in behind_token
        ),
    ]


@dataclass(frozen=True, slots=True)
class _Api:
    """What each route does."""

    gateway: Gateway
    terms: Terms

    async def sell(self, call: Call) -> Response:
        """Issue a coupon."""
        return await self._issue(call, reading.read_sale)

    async def cancel(self, call: Call) -> Response:
        """Cancel one."""
        return await self._issue(call, reading.read_cancel)

    async def _issue(self, call: Call, read: Callable[[str, bytes, Mapping[str, str]], Asked]) -> Response:
        key = reading.read_key(call.headers.get(reading.KEY_HEADER))
        lost = reading.read_elsewhere(call.headers.get(reading.ELSEWHERE_HEADER))
        asked = read(call.headers.get("content-type", ""), await call.body(), call.query_params)
        return await self._answer(call, partial(_keyed, self.gateway, asked, key, lost))

    async def ask(self, call: Call) -> Response:
        """Ask what changes nothing."""
        kind = call.headers.get("content-type", "")
        asked = reading.read_question(call.path_params["function"], kind, await call.body(), call.query_params)
        return await self._answer(call, partial(_fresh, self.gateway, asked))

    async def find(self, call: Call) -> Response:
        """What stands under a key."""
        key = reading.read_key(call.path_params["key"])
        identity = reading.identity(key)
        found = await run_in_threadpool(self.gateway.find, identity)
        if found is None:
            raise refused(NOT_KNOWN, "Nenhum pedido levou esta chave.", "Confira a chave.", "chave", NOT_FOUND)
        if found.retorno is None:
            return _told(found)
        return _told(found, await unless_gone(call, partial(self.gateway.read, identity, found.retorno)))

    async def devices(self, _: Call) -> Response:
        """The devices and how they are."""
        listed = await run_in_threadpool(self.gateway.devices)
        return JSONResponse({"equipamentos": [tell_device(each) for each in listed]})

    async def _answer(self, call: Call, make: Callable[[], Request]) -> Response:
        """Ask, and look after a reply that alone does not say what became of the asking."""
        request, retorno = await wait_for(self.gateway.answer, make, self.terms.wait_seconds)
        if retorno is None:
            return _told(Found(None))
        found = Found(retorno)
        if unsure(retorno):
            found = await run_in_threadpool(self.gateway.now, request, retorno)
        after = await unless_gone(call, partial(self.gateway.arrived, request, found.retorno or retorno))
        return _told(found, after)


def _told(found: Found, after: BackgroundTask | None = None) -> Response:
    status, body = tell(found)
    return JSONResponse(body, status, background=after)


def _keyed(gateway: Gateway, asked: Asked, key: str, lost: int) -> Request:
    """What is asked under a key: as it was asked first. Raises RefusedError where the key served another asking."""
    identity = reading.identity(key)
    first = gateway.first(identity)
    session = gateway.next_session(asked.till) if first is None else first.session
    request = asked.request(identity, session, gateway.code(), lost=lost)
    if first is not None and first != (request.till, session, request.matter):
        sentence = "Esta chave já serviu a outro pedido."
        remedy = "Use uma chave nova para outra venda; ao repetir, envie o mesmo corpo."
        raise refused(KEY_TAKEN, sentence, remedy, reading.KEY_HEADER, _UNPROCESSABLE)
    return request


def _fresh(gateway: Gateway, asked: Asked) -> Request:
    return asked.request(gateway.new_id(), gateway.next_session(asked.till), gateway.code())
