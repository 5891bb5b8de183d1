"""Routes of the page: a cookie for whoever typed the token, the word of the visit in each form that changes a thing."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Final
from urllib.parse import parse_qsl

import apsw
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as Call
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from zelo.fiscal.fault import Fault
from zelo.pos.edge.journal.entry import Sold
from zelo.pos.edge.page import doubt, view, visit
from zelo.pos.edge.page.house import CHECK, MOST_WORDS, Decision, House, Local, Tested, code_fault
from zelo.pos.edge.page.part import device_path
from zelo.pos.edge.page.shell.disk import UNAVAILABLE, disk_fault
from zelo.pos.edge.page.style import SCRIPT, STYLE
from zelo.pos.edge.page.words import CHECKED, settled

WRONG_SECONDS: Final = 1.0
"""How long a wrong token waits for its answer."""
MOST_FORM_BYTES: Final = 4_000
_NONCE_BYTES: Final = 12
_SEE, _BAD, _FORBIDDEN, _NOT_FOUND, _CONFLICT = 303, 400, 403, 404, 409
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
}
_MOST_DIGITS: Final = 18
_FORM: Final = "application/x-www-form-urlencoded"

Handler = Callable[[Call, str], Awaitable[Response]]


def routes(local: Local, token: str, now: Callable[[], datetime]) -> list[Route]:
    """What the application mounts."""
    page = _Page(local, token, now)
    return [
        Route("/pagina/zelo.css", partial(_file, STYLE, "text/css"), methods=["GET"]),
        Route("/pagina/zelo.js", partial(_file, SCRIPT, "text/javascript"), methods=["GET"]),
        Route("/entrar", page.entrance, methods=["GET"]),
        Route("/entrar", page.enter, methods=["POST"]),
        Route("/sair", page.changes(page.leave), methods=["POST"]),
        Route("/", page.shows(page.overview), methods=["GET"]),
        Route("/equipamentos/{name}", page.shows(page.device), methods=["GET"]),
        Route("/equipamentos/{name}/codigo", page.changes(page.keep_code), methods=["POST"]),
        Route("/equipamentos/{name}/teste", page.changes(page.test), methods=["POST"]),
        Route("/recusados/tentar", page.changes(page.send_again), methods=["POST"]),
        Route("/duvidas/{chave}", page.shows(page.doubt), methods=["GET"]),
        Route("/duvidas/{chave}/{decision}", page.changes(page.decide), methods=["POST"]),
        Route("/perguntas/{number}", page.shows(page.question), methods=["GET"]),
        Route(f"/perguntas/{{number}}/{CHECK}", page.changes(page.check), methods=["POST"]),
    ]


async def _file(text: str, kind: str, _: Call) -> Response:
    return Response(text, media_type=kind, headers={"Cache-Control": "max-age=3600"})


class _Page:
    """What each route does. The visit's word goes into every form."""

    def __init__(self, local: Local, token: str, now: Callable[[], datetime]) -> None:
        self._local, self._token, self._now = local, token, now

    def shows(self, handle: Handler) -> Callable[[Call], Awaitable[Response]]:
        """For whoever typed the token; the others go to the entrance. Where the disk fails, a page says so."""

        async def check(call: Call) -> Response:
            shown = call.cookies.get(visit.COOKIE, "")
            if not visit.holds(self._token, shown, self._now()):
                return RedirectResponse("/entrar", _SEE)
            word = visit.word(self._token, shown)
            try:
                return await handle(call, word)
            except apsw.Error as error:
                fault = disk_fault(error, self._local.file)
                return _html(view.trouble(fault.sentence, fault.remedy, word), UNAVAILABLE)

        return check

    def changes(
        self, handle: Callable[[Call, dict[str, str]], Awaitable[Response]]
    ) -> Callable[[Call], Awaitable[Response]]:
        """For a form that a page of this very visit carried."""

        async def check(call: Call, word: str) -> Response:
            fields = await _fields(call)
            if not visit.may_post(self._token, call.cookies[visit.COOKIE], fields.get("csrf", "")):
                sentence = "Este formulário não é desta visita."
                return _html(view.trouble(sentence, "Volte à página, recarregue-a e tente de novo.", word), _FORBIDDEN)
            return await handle(call, fields)

        return self.shows(check)

    async def entrance(self, _: Call) -> Response:
        """Where the token is typed."""
        return _html(view.entrance())

    async def enter(self, call: Call) -> Response:
        """The cookie for the token."""
        fields = await _fields(call)
        if not visit.is_token(self._token, fields.get("token", "")):
            await asyncio.sleep(WRONG_SECONDS)
            return _html(view.entrance("O token não é o deste gateway."), _FORBIDDEN)
        response = RedirectResponse("/", _SEE)
        made = visit.cookie(self._token, self._now(), secrets.token_hex(_NONCE_BYTES))
        life = int(visit.LIFE.total_seconds())
        response.set_cookie(visit.COOKIE, made, max_age=life, httponly=True, samesite="strict")
        return response

    async def leave(self, _: Call, __: dict[str, str]) -> Response:
        """Without the cookie again."""
        response = RedirectResponse("/entrar", _SEE)
        response.delete_cookie(visit.COOKIE, httponly=True, samesite="strict")
        return response

    async def overview(self, call: Call, word: str) -> Response:
        """How everything stands."""
        return _html(view.overview(await self._house(), word, call.query_params.get("feito", "")))

    async def device(self, call: Call, word: str) -> Response:
        """One device."""
        name, notice = call.path_params["name"], call.query_params.get("feito", "")
        return _found(view.device(await self._house(), name, word, notice), word)

    async def doubt(self, call: Call, word: str) -> Response:
        """One coupon in doubt."""
        return _found(doubt.coupon(await self._house(), call.path_params["chave"], word), word)

    async def keep_code(self, call: Call, fields: dict[str, str]) -> Response:
        """Another activation code."""
        name, code = call.path_params["name"], fields.get("codigo", "")
        fault = await self._unknown(name) or code_fault(code)
        if fault is not None:
            return _html(view.trouble(fault.sentence, fault.remedy, self._word(call)), _BAD)
        await run_in_threadpool(self._local.keep_code, name, code)
        return RedirectResponse(f"{device_path(name)}?feito=codigo", _SEE)

    async def test(self, call: Call, _: dict[str, str]) -> Response:
        """Ask a device whether it is well."""
        name, word = call.path_params["name"], self._word(call)
        fault = await self._unknown(name)
        tested: list[Tested] = [] if fault else list(await self._local.test(name, ""))
        return _found(view.device(await self._house(), name, word, tested=tested), word)

    async def decide(self, call: Call, fields: dict[str, str]) -> Response:
        """What becomes of a coupon in doubt."""
        chave, named, word = call.path_params["chave"], call.path_params["decision"], self._word(call)
        if named not in set(Decision):
            return _found(None, word)
        decision, house = Decision(named), await self._house()
        who, why = _who(fields)
        if not (who and why):
            fault = Fault("PAGINA-MOTIVO", "Diga quem decide e por quê.", "Preencha os dois campos.")
            return _found(doubt.coupon(house, chave, word, fault), word, _BAD)
        sold = next((each for each in house.doubts if each.chave == chave), None)
        if sold and decision is Decision.CANCEL and not house.may_cancel(sold):
            return _found(doubt.coupon(house, chave, word), word, _BAD)
        if sold is None or not await run_in_threadpool(self._local.decide, chave, decision, who, why):
            return _settled(await run_in_threadpool(self._local.coupon, chave), word)
        return RedirectResponse(f"/?feito={decision}", _SEE)

    async def question(self, call: Call, word: str) -> Response:
        """One call of which it is not known what became."""
        return _found(doubt.question(await self._house(), _number(call), word), word)

    async def check(self, call: Call, fields: dict[str, str]) -> Response:
        """What a person found out about a call that no device can tell of."""
        number, word, house = _number(call), self._word(call), await self._house()
        who, what = _who(fields)
        if not (who and what):
            fault = Fault("PAGINA-MOTIVO", "Diga quem olhou e o que encontrou.", "Preencha os dois campos.")
            return _found(doubt.question(house, number, word, fault), word, _BAD)
        if not await run_in_threadpool(self._local.check, number, who, what):
            return _open(doubt.question(await self._house(), number, word), word)
        return RedirectResponse(f"/?feito={CHECK}", _SEE)

    async def send_again(self, _: Call, __: dict[str, str]) -> Response:
        """What the centre refuses goes to it once more."""
        await run_in_threadpool(self._local.send_again)
        return RedirectResponse("/?feito=tentar", _SEE)

    async def _house(self) -> House:
        return await run_in_threadpool(self._local.look)

    async def _unknown(self, name: str) -> Fault | None:
        house = await self._house()
        if any(seen.name == name for seen in house.devices):
            return None
        return Fault("PAGINA-EQUIPAMENTO", "Não há equipamento com este nome.", "Volte ao início.")

    def _word(self, call: Call) -> str:
        return visit.word(self._token, call.cookies[visit.COOKIE])


async def _fields(call: Call) -> dict[str, str]:
    """The fields of a form; none where it is no form or too large."""
    body = await call.body()
    if len(body) > MOST_FORM_BYTES or not call.headers.get("content-type", "").startswith(_FORM):
        return {}
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def _number(call: Call) -> int:
    """Of a question; one that there never was for what is no number."""
    told = call.path_params["number"]
    return int(told) if told.isdecimal() and len(told) <= _MOST_DIGITS else 0


def _who(fields: dict[str, str]) -> tuple[str, str]:
    """Who decides, and why."""
    return fields.get("quem", "").strip()[:MOST_WORDS], fields.get("motivo", "").strip()[:MOST_WORDS]


def _html(text: str, status: int = 200) -> Response:
    return HTMLResponse(text, status, _HEADERS)


def _found(text: str | None, word: str, status: int = 200) -> Response:
    if text is not None:
        return _html(text, status)
    sentence = "Isto não está mais aqui."
    return _html(view.trouble(sentence, "A venda já foi decidida, ou o equipamento mudou de nome.", word), _NOT_FOUND)


def _settled(sold: Sold | None, word: str) -> Response:
    """Where a coupon is decided that nobody need decide any more."""
    if sold is None:
        return _found(None, word)
    return _html(view.trouble("Esta venda não está mais em dúvida.", settled(sold), word), _CONFLICT)


def _open(text: str | None, word: str) -> Response:
    """Where something was told of a call that nobody may tell of: it is its device's still, or it is known by now."""
    if text is not None:
        return _html(text, _BAD)
    return _html(view.trouble("Este pedido não está mais em dúvida.", CHECKED, word), _NOT_FOUND)
