"""The one application of the doors that speak HTTP."""

import os
from collections.abc import Sequence
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request as Call
from starlette.responses import Response
from starlette.routing import Route

from zelo.pos.edge.door import trust
from zelo.pos.edge.door.api import shell as api
from zelo.pos.edge.door.peer import shell as peer
from zelo.pos.edge.door.peer.shell import Visitor
from zelo.pos.edge.door.sathub import shell as sathub
from zelo.pos.edge.door.shell.gateway import Gateway, Terms
from zelo.pos.edge.door.shell.shield import Shield, say_http

_LEAST_TOKEN_CHARACTERS: Final = 16
_CALL_ID_BYTES: Final = 6


def application(
    gateway: Gateway, terms: Terms, visitor: Visitor | None = None, more: Sequence[Route] = ()
) -> Starlette:
    """SATHub and the API behind one layer, what a `visitor`, the other gateway, may ask, and `more`: the local page.

    Raises ValueError, in pt-BR, for terms that cannot be.
    """
    if len(terms.token) < _LEAST_TOKEN_CHARACTERS:
        raise ValueError(f"O token da API tem {_LEAST_TOKEN_CHARACTERS} caracteres ou mais.")
    networks = trust.networks(terms.networks)
    made = Starlette(
        routes=[
            *sathub.routes(gateway, networks, terms.wait_seconds),
            *api.routes(gateway, terms),
            *peer.routes(visitor, gateway, terms),
            *more,
        ],
        middleware=[Middleware(Shield, names=terms.names, new_id=lambda: os.urandom(_CALL_ID_BYTES).hex())],
        exception_handlers={HTTPException: _refuse},
    )
    made.router.redirect_slashes = False
    return made


async def _refuse(call: Call, error: Exception) -> Response:
    return say_http(error, call.url.path) if isinstance(error, HTTPException) else Response(status_code=500)
