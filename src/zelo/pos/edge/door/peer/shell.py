"""The routes for the other gateway, behind the token of the API."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as Call
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from zelo.pos.edge.door.refused import RefusedError, refused
from zelo.pos.edge.door.shell.gateway import Answer, Gateway, Terms
from zelo.pos.edge.door.shell.guarded import Handler, guarded
from zelo.pos.edge.door.shell.waiting import wait_for
from zelo.pos.edge.peer.entrusted import read_entrusted
from zelo.pos.edge.peer.pair import Pulse, pulse_json
from zelo.pos.edge.peer.recall import Recall, Recalled, read_recall, recalled_json
from zelo.pos.edge.peer.word import (
    BadWordError,
    Claim,
    Intent,
    Word,
    chaves_json,
    read_chaves,
    read_claim,
    read_intent,
    word_json,
)

PREFIX: Final = "/v1/par"
BAD_WORD: Final = "PAR-CAMPO"
AT_WORK: Final = "PAR-EM-ANDAMENTO"
_LATER: Final = 503


@dataclass(frozen=True, slots=True)
class Visitor:
    """What the other gateway may ask and tell. `known` also closes the asking here when it is unknown.

    `claimed`: False where it must be told again, later. `read`: coupons that tills have read there. `unknown`: those of
    some that were not issued for us.
    `entrusted`: an asking that it can do nothing about.
    """

    known: Callable[[str], Word]
    announced: Callable[[Intent], None]
    claimed: Callable[[Claim], bool]
    recalled: Callable[[Recall], Recalled]
    looked: Callable[[str], Word]
    read: Callable[[Sequence[str]], None]
    unknown: Callable[[Sequence[str]], Sequence[str]]
    entrusted: Answer
    pulse: Callable[[], Pulse]


def routes(neighbour: Visitor | None, gateway: Gateway, terms: Terms) -> list[Route]:
    """What the application mounts; nothing where there is no other gateway."""
    if neighbour is None:
        return []

    async def pulse(_: Call) -> Response:
        return JSONResponse(pulse_json(neighbour.pulse()))

    async def entrusted(call: Call) -> Response:
        body = await call.body()
        request, retorno = await wait_for(
            neighbour.entrusted, lambda: _read(partial(read_entrusted, code=gateway.code()), body), terms.wait_seconds
        )
        if retorno is None:
            raise _at_work()
        stands = await run_in_threadpool(neighbour.looked, request.id)
        return JSONResponse(word_json(Word(stands.state, retorno)))

    asked = {"pedidos/{id}": neighbour.known, "respostas/{id}": neighbour.looked}
    told: Mapping[str, tuple[Callable[[object], Any], Callable[[Any], Any], Callable[[Any], Any]]] = {
        "intencoes": (read_intent, neighbour.announced, _heard),
        "vendidos": (read_claim, neighbour.claimed, _taken),
        "lidos": (read_chaves, neighbour.read, _heard),
        "cupons": (read_chaves, neighbour.unknown, chaves_json),
        "consultas": (read_recall, neighbour.recalled, recalled_json),
    }
    gets = {"estado": pulse, **{path: _asked(act) for path, act in asked.items()}}
    posts = {"entregues": entrusted, **{path: _told(*how) for path, how in told.items()}}
    return [
        Route(f"{PREFIX}/{path}", guarded(terms.token, handle), methods=[verb])
        for verb, handlers in (("GET", gets), ("POST", posts))
        for path, handle in handlers.items()
    ]


def _asked(act: Callable[[str], Word]) -> Handler:
    """A question about the id in the path."""

    async def handle(call: Call) -> Response:
        return JSONResponse(word_json(await run_in_threadpool(act, call.path_params["id"])))

    return handle


def _told(read: Callable[[object], Any], act: Callable[[Any], Any], answer: Callable[[Any], Any]) -> Handler:
    """Something that comes in the body."""

    async def handle(call: Call) -> Response:
        given = _read(read, await call.body())
        return JSONResponse(answer(await run_in_threadpool(act, given)))

    return handle


def _heard(_: None) -> dict[str, Any]:
    return {}


def _taken(taken: bool) -> dict[str, Any]:  # noqa: FBT001 what `claimed` returns
    if not taken:
        raise _at_work()
    return {}


def _at_work() -> RefusedError:
    sentence, remedy = "Este pedido ainda está sendo atendido aqui.", "O outro gateway pergunta de novo sozinho."
    return refused(AT_WORK, sentence, remedy, "id", _LATER)


def _read(read: Callable[[object], Any], body: bytes) -> Any:
    """A word in a body. Raises RefusedError."""
    try:
        return read(json.loads(body))
    except (BadWordError, ValueError, RecursionError) as error:
        sentence = str(error) if isinstance(error, BadWordError) else "O corpo não é JSON."
        raise refused(BAD_WORD, sentence, "Use a mesma versão do zelo nos dois gateways.") from error
