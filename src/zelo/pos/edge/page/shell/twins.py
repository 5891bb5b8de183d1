"""What `zelo-edge` asks the running gateway, behind the token of the API: the same as the page, in JSON."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import apsw
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as Call
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from zelo.pos.edge.door.refused import CONFLICT, NOT_FOUND, RefusedError, refused
from zelo.pos.edge.door.shell.guarded import guarded
from zelo.pos.edge.journal.entry import Sold
from zelo.pos.edge.page.house import CHECK, MOST_WORDS, Decision, House, Local, code_fault
from zelo.pos.edge.page.shell.disk import UNAVAILABLE, disk_fault
from zelo.pos.edge.page.telling import tell, tell_aside, tell_doubts, tell_questions, tell_tests
from zelo.pos.edge.page.words import CHECKED, settled

PREFIX: Final = "/v1/local"
BAD_BODY: Final = "PAGINA-CORPO"
NO_DOUBT: Final = "PAGINA-DUVIDA"
NO_DEVICE: Final = "PAGINA-EQUIPAMENTO"

Act = Callable[[Call], Awaitable[Response]]


def routes(local: Local, token: str) -> list[Route]:
    """What the application mounts."""

    async def look() -> House:
        return await run_in_threadpool(local.look)

    async def status(_: Call) -> Response:
        return JSONResponse(tell(await look()))

    async def keep_code(call: Call) -> Response:
        told = _object(await call.body())
        name, code = _text(told, "equipamento"), _text(told, "codigo")
        await _known(await look(), name)
        fault = code_fault(code)
        if fault is not None:
            raise RefusedError(fault)
        await run_in_threadpool(local.keep_code, name, code)
        return JSONResponse({"equipamento": name})

    async def test(call: Call) -> Response:
        told = _object(await call.body())
        name, sale = str(told.get("equipamento") or ""), str(told.get("xml") or "")
        if name:
            await _known(await look(), name)
        return JSONResponse({"testes": tell_tests(await local.test(name, sale))})

    behind_token = (
        ("GET", "status", status),
        ("POST", "codigo", keep_code),
        ("POST", "teste", test),
        *_in_doubt(local),
        *_refused_by_centre(local),
    )
    return [
        Route(f"{PREFIX}/{path}", guarded(token, _on_disk(local, act)), methods=[verb])
        for verb, path, act in behind_token
    ]


def _on_disk(local: Local, act: Act) -> Act:
    """Where the disk fails, a sentence says so."""

    async def tried(call: Call) -> Response:
        try:
            return await act(call)
        except apsw.Error as error:
            raise RefusedError(disk_fault(error, local.file), UNAVAILABLE) from error

    return tried


def _in_doubt(local: Local) -> Sequence[tuple[str, str, Act]]:
    """What somebody must look at, and what they say of it."""

    async def doubts(_: Call) -> Response:
        house = await run_in_threadpool(local.look)
        return JSONResponse({"duvidas": tell_doubts(house), "sem_resposta": tell_questions(house)})

    async def decide(call: Call) -> Response:
        told = _object(await call.body())
        who, why = _text(told, "quem"), _text(told, "motivo")
        decision = call.path_params["decision"]
        if decision not in set(Decision):
            raise refused(NO_DOUBT, "Não existe esta decisão.", f"Existem: {', '.join(Decision)}.", "", NOT_FOUND)
        house, chave = await run_in_threadpool(local.look), call.path_params["chave"]
        sold = next((each for each in house.doubts if each.chave == chave), None)
        if sold and Decision(decision) is Decision.CANCEL and not house.may_cancel(sold):
            raise refused(NO_DOUBT, "Passou do prazo de cancelamento no equipamento.", "Deixe valer.", "chave")
        if sold is None or not await run_in_threadpool(local.decide, chave, Decision(decision), who, why):
            raise _no_doubt(await run_in_threadpool(local.coupon, chave))
        return JSONResponse({"chave": chave, "decisao": decision})

    async def check(call: Call) -> Response:
        told, number = _object(await call.body()), call.path_params["number"]
        if not await run_in_threadpool(local.check, number, _text(told, "quem"), _text(told, "motivo")):
            sentence = "Não há pedido com este número que uma pessoa deva ver."
            raise refused(NO_DOUBT, sentence, f"{CHECKED} Liste com zelo-edge doubts.", "numero", NOT_FOUND)
        return JSONResponse({"numero": number, "decisao": CHECK})

    return (
        ("GET", "duvidas", doubts),
        ("POST", "duvidas/{chave}/{decision}", decide),
        ("POST", f"perguntas/{{number:int}}/{CHECK}", check),
    )


def _no_doubt(sold: Sold | None) -> RefusedError:
    """There is nothing to decide: what became of the coupon, where there is one."""
    if sold is None:
        sentence = "Esta venda não está em dúvida."
        return refused(NO_DOUBT, sentence, "Liste com zelo-edge doubts.", "chave", NOT_FOUND)
    return refused(NO_DOUBT, "Esta venda não está mais em dúvida.", settled(sold), "chave", CONFLICT)


def _refused_by_centre(local: Local) -> Sequence[tuple[str, str, Act]]:
    """What the centre refuses, and once more to it."""

    async def listed(_: Call) -> Response:
        house = await run_in_threadpool(local.look)
        return JSONResponse({"quantidade": house.fill.aside, "recusados": tell_aside(house)})

    async def send_again(_: Call) -> Response:
        return JSONResponse({"quantidade": await run_in_threadpool(local.send_again)})

    return ("GET", "recusados", listed), ("POST", "recusados/tentar", send_again)


async def _known(house: House, name: str) -> None:
    names = [seen.name for seen in house.devices]
    if name not in names:
        remedy = f"Existem: {', '.join(names)}."
        raise refused(NO_DEVICE, "Não há equipamento com este nome.", remedy, "equipamento", NOT_FOUND)


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        told: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise refused(BAD_BODY, "O corpo não é JSON.", "Use o zelo-edge da mesma versão.", "corpo") from error
    if not isinstance(told, dict):
        raise refused(BAD_BODY, "O corpo não é um objeto JSON.", "Use o zelo-edge da mesma versão.", "corpo")
    return told


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > MOST_WORDS:
        raise refused(BAD_BODY, f"Falta {name}.", f"Envie {name}, com até {MOST_WORDS} caracteres.", name)
    return value.strip()
