"""The routes of SATHub: the own machine or a listed network, no token, an identity made fresh at each call."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from starlette.requests import Request as Call
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from zelo.pos.edge.door import trust
from zelo.pos.edge.door.asked import Asked, late
from zelo.pos.edge.door.sathub.contract import TILL_FIELD, read_asking, read_form, word
from zelo.pos.edge.door.shell.gateway import Gateway
from zelo.pos.edge.door.shell.waiting import unless_gone, wait_for
from zelo.pos.edge.request import Request

PREFIX: Final = "/hub/v1"


def routes(gateway: Gateway, networks: Sequence[trust.Network], wait_seconds: float) -> list[Route]:
    """What the application mounts."""

    async def ask(call: Call) -> Response:
        trust.check_network(call.client.host if call.client else "", networks)
        form = {**call.query_params, **read_form(await call.body())}
        if TILL_FIELD in call.headers:
            form.setdefault(TILL_FIELD, call.headers[TILL_FIELD])
        asked = read_asking(call.path_params["function"], form)
        request, retorno = await wait_for(gateway.answer, partial(_request, gateway, asked), wait_seconds)
        if retorno is None:
            return JSONResponse(word(asked, late(request)))
        after = await unless_gone(call, partial(gateway.arrived, request, retorno))
        return JSONResponse(word(asked, retorno), background=after)

    return [Route(f"{PREFIX}/{{function}}", ask, methods=["POST"])]


def _request(gateway: Gateway, asked: Asked) -> Request:
    """The asking under a session and a code of the gateway's own."""
    session = gateway.next_session(asked.till) if asked.function.takes_session else 0
    return asked.request(gateway.new_id(), session, gateway.code() if asked.function.takes_code else "")
