"""The routes for the other gateway, behind the token of the API."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as Call
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from zelo.pos.edge.door.refused import RefusedError, refused
from zelo.pos.edge.door.shell.gateway import Answer, Gateway, Terms
from zelo.pos.edge.door.shell.guarded import guarded
from zelo.pos.edge.door.shell.waiting import wait_for
from zelo.pos.edge.peer.entrusted import read_entrusted
from zelo.pos.edge.peer.pair import Pulse, pulse_json
from zelo.pos.edge.peer.recall import Recall, Recalled, read_recall, recalled_json
from zelo.pos.edge.peer.word import BadWordError, Claim, Intent, Word, read_chaves, read_claim, read_intent, word_json

PREFIX: Final = "/v1/par"
BAD_WORD: Final = "PAR-CAMPO"
AT_WORK: Final = "PAR-EM-ANDAMENTO"
_LATER: Final = 503


@dataclass(frozen=True, slots=True)
class Visitor:
    """What the other gateway may ask and tell. `known` also closes the asking here when it is unknown.

    `claimed`: False where it must be told again, later. `read`: coupons that tills have read there.
    `entrusted`: an asking that it can do nothing about.
    """

    known: Callable[[str], Word]
    announced: Callable[[Intent], None]
    claimed: Callable[[Claim], bool]
    recalled: Callable[[Recall], Recalled]
    looked: Callable[[str], Word]
    read: Callable[[Sequence[str]], None]
    entrusted: Answer
    pulse: Callable[[], Pulse]


def routes(neighbour: Visitor | None, gateway: Gateway, terms: Terms) -> list[Route]:
    """What the application mounts; nothing where there is no other gateway."""
    if neighbour is None:
        return []
    token = terms.token

    async def pulse(_: Call) -> Response:
        return JSONResponse(pulse_json(neighbour.pulse()))

    async def ask(call: Call) -> Response:
        word = await run_in_threadpool(neighbour.known, call.path_params["id"])
        return JSONResponse(word_json(word))

    async def announce(call: Call) -> Response:
        neighbour.announced(_read(read_intent, await call.body()))
        return JSONResponse({})

    async def claim(call: Call) -> Response:
        if not await run_in_threadpool(neighbour.claimed, _read(read_claim, await call.body())):
            raise _at_work()
        return JSONResponse({})

    async def read(call: Call) -> Response:
        await run_in_threadpool(neighbour.read, _read(read_chaves, await call.body()))
        return JSONResponse({})

    async def look(call: Call) -> Response:
        return JSONResponse(word_json(await run_in_threadpool(neighbour.looked, call.path_params["id"])))

    async def recall(call: Call) -> Response:
        asked = _read(read_recall, await call.body())
        return JSONResponse(recalled_json(await run_in_threadpool(neighbour.recalled, asked)))

    async def entrusted(call: Call) -> Response:
        body = await call.body()
        request, retorno = await wait_for(
            neighbour.entrusted, lambda: _read(partial(read_entrusted, code=gateway.code()), body), terms.wait_seconds
        )
        if retorno is None:
            raise _at_work()
        stands = await run_in_threadpool(neighbour.looked, request.id)
        return JSONResponse(word_json(Word(stands.state, retorno)))

    return [
        Route(f"{PREFIX}/estado", guarded(token, pulse), methods=["GET"]),
        Route(f"{PREFIX}/pedidos/{{id}}", guarded(token, ask), methods=["GET"]),
        Route(f"{PREFIX}/respostas/{{id}}", guarded(token, look), methods=["GET"]),
        Route(f"{PREFIX}/intencoes", guarded(token, announce), methods=["POST"]),
        Route(f"{PREFIX}/vendidos", guarded(token, claim), methods=["POST"]),
        Route(f"{PREFIX}/entregues", guarded(token, entrusted), methods=["POST"]),
        Route(f"{PREFIX}/lidos", guarded(token, read), methods=["POST"]),
        Route(f"{PREFIX}/consultas", guarded(token, recall), methods=["POST"]),
    ]


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
