"""Every route of the page as a stranger, with a cookie and no form word, and as it is meant; and what each does."""

import json
from collections.abc import Sequence
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any

import apsw
import pytest
from starlette.routing import Route

from tests.pos.edge.page.site import BEARER, TOKEN, Site, Visitor
from tests.pos.edge.shop import until
from tests.sim.sat import sales
from zelo.fiscal.chave import in_blocks
from zelo.models.cfe.reply import read_reply
from zelo.pos.edge.journal.entry import CouponStanding
from zelo.pos.edge.journal.shell import coupons, rows
from zelo.pos.edge.outbox.core import Rank
from zelo.pos.edge.outbox.shell import aside, queue
from zelo.pos.edge.page.house import House, Local
from zelo.pos.edge.page.shell import routes, twins

SECONDS = 15
OPEN = {"/pagina/zelo.css", "/pagina/zelo.js", "/entrar"}
WORST = "<script>alert(1)</script>\"'&"


def _never() -> House:
    raise AssertionError


async def _nothing(*_: str) -> Sequence[Any]:
    return ()


LOCAL = Local("", _never, lambda _: None, lambda *_: False, lambda *_: False, lambda *_: None, _nothing, lambda: 0)
PAGE = [
    (method, route.path)
    for route in routes.routes(LOCAL, TOKEN, lambda: None)  # type: ignore[arg-type,return-value]
    for method in sorted((route.methods or set()) - {"HEAD"})
]
TWINS = [(sorted((route.methods or set()) - {"HEAD"})[0], route.path) for route in twins.routes(LOCAL, TOKEN)]
FILLED = {"name": "A", "chave": "3" * 44, "decision": "aceitar", "number:int": "7"}


def filled(path: str) -> str:
    for name, value in FILLED.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def sold(site: Site) -> str:
    """A sale; its chave."""
    return read_reply(site.shop.sell().result(SECONDS)).rest[2].removeprefix("CFe")


def doubtful(site: Site) -> str:
    """A sale of which nobody knows whether the till read it."""
    chave = sold(site)
    site.shop.store.write(coupons.stand, chave, CouponStanding.UNDELIVERED, "parou")
    return chave


def standing(site: Site, chave: str) -> tuple[CouponStanding, str]:
    found = site.shop.store.read(coupons.sold, chave)
    assert found is not None
    return found.standing, found.note


def ask(site: Site, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """The JSON twin."""
    connection = HTTPConnection("127.0.0.1", site.port, timeout=20)
    try:
        connection.request(method, f"/v1/local/{path}", None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


@pytest.mark.parametrize(("method", "path"), PAGE)
def test_a_stranger_sees_and_changes_nothing(site: Site, method: str, path: str) -> None:
    stranger = Visitor(site.port)
    for cookie in ("", "zelo-pagina=9999999999.aa.bb", f"zelo-pagina={TOKEN}"):
        stranger.cookie = cookie
        status, _ = stranger.get(filled(path)) if method == "GET" else stranger.post(filled(path), csrf="x" * 64)
        if path in OPEN:
            assert status == (200 if method == "GET" else 403)
        else:
            assert (status, stranger.location) == (303, "/entrar")


@pytest.mark.parametrize("path", [path for method, path in PAGE if method == "POST" and path not in OPEN])
def test_a_form_that_no_page_of_this_visit_carried_changes_nothing(site: Site, visitor: Visitor, path: str) -> None:
    chave = doubtful(site)
    other = Visitor(site.port)
    other.enter()
    for word in ("", "0" * 64, other.word()):
        place = filled(path).replace(FILLED["chave"], chave)
        status, text = visitor.post(place, csrf=word, quem="x", motivo="x", codigo="x" * 8)
        assert status == 403
        assert "não é desta visita" in text
    assert standing(site, chave)[0] is CouponStanding.UNDELIVERED
    assert visitor.get("/")[0] == 200


@pytest.mark.parametrize(("method", "path"), TWINS)
def test_a_twin_wants_the_token(site: Site, visitor: Visitor, method: str, path: str) -> None:
    path = filled(path).removeprefix("/v1/local/")
    assert ask(site, method, path, {})[0] == 401
    assert ask(site, method, path, {}, Authorization="Bearer other-token-of-tests")[0] == 401
    assert ask(site, method, path, {}, Cookie=visitor.cookie)[0] == 401
    assert ask(site, method, path, {}, **BEARER)[0] in (200, 400, 404)


def test_the_cookie_ends_and_cannot_be_read_by_scripts(site: Site, visitor: Visitor) -> None:
    fresh = Visitor(site.port)
    fresh.enter()
    told = fresh.headers["set-cookie"].lower()
    assert "httponly" in told
    assert "samesite=strict" in told
    site.shop.clock.ahead += timedelta(hours=13)
    assert visitor.get("/")[0] == 303


def test_leaving_takes_the_cookie(site: Site, visitor: Visitor) -> None:
    assert visitor.send("/sair")[0] == 303
    assert visitor.get("/")[0] == 303
    del site


def test_a_wrong_token_is_told_and_takes_a_while(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "WRONG_SECONDS", 0.05)
    status, text = Visitor(site.port).post("/entrar", token=WORST)
    assert status == 403
    assert "não é o deste gateway" in text
    assert WORST not in text


def test_pages_allow_only_what_is_theirs(visitor: Visitor) -> None:
    visitor.get("/")
    policy = visitor.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert visitor.headers["cache-control"] == "no-store"


def test_the_page_says_how_everything_stands(site: Site, visitor: Visitor) -> None:
    chave = doubtful(site)
    site.shop.silence("B")
    site.watch()
    site.shop.clock.ahead += timedelta(minutes=2)
    site.watch()
    _, text = visitor.get("/")
    assert "1 de 2 equipamentos prontos" in text
    assert "Não responde há 2 minutos" in text
    assert all(said in text for said in ("Vendas em dúvida", "R$ 5,00", "mudo", chave))
    assert sales.CODE not in text


def test_a_person_lets_a_sale_stand_and_says_why(site: Site, visitor: Visitor) -> None:
    chave = doubtful(site)
    assert "Deixar valer" in visitor.get(f"/duvidas/{chave}")[1]
    status, text = visitor.send(f"/duvidas/{chave}/aceitar", quem="", motivo="")
    assert status == 400
    assert "Diga quem decide" in text
    assert visitor.send(f"/duvidas/{chave}/aceitar", quem="Ana", motivo=WORST)[0] == 303
    found, note = standing(site, chave)
    assert found is CouponStanding.ACCEPTED
    assert "Ana" in note
    assert WORST in note
    assert visitor.send(f"/duvidas/{chave}/aceitar", quem="Ana", motivo="de novo")[0] == 409
    assert site.shop.store.read(rows.unfinished) == [], "nobody need read its answer any more"
    batch = site.shop.store.read(lambda connection: queue.take(connection, 100, 10**7))
    [decided] = [json.loads(item.body) for item in batch.items if item.rank is Rank.CONTROL and item.key == "decisao"]
    assert (decided["chave"], decided["quem"], decided["decisao"]) == (chave, "Ana", "aceitar")


def test_a_person_cancels_within_the_term_and_the_device_does_it(site: Site, visitor: Visitor) -> None:
    chave = doubtful(site)
    assert visitor.send(f"/duvidas/{chave}/cancelar")[0] == 400, "nobody said who and why"
    assert visitor.send(f"/duvidas/{chave}/cancelar", quem="Ana", motivo="desistiu")[0] == 303
    assert site.gatherer.soon.is_set(), "the alarm ends at once"
    assert until(lambda: standing(site, chave)[0] is CouponStanding.CANCELLED)
    assert site.shop.standing() == set()


def test_after_the_term_there_is_no_cancel(site: Site, visitor: Visitor) -> None:
    chave = doubtful(site)
    site.shop.clock.ahead += timedelta(minutes=31)
    assert "O prazo de cancelamento passou" in visitor.get(f"/duvidas/{chave}")[1]
    assert visitor.send(f"/duvidas/{chave}/cancelar", quem="Ana", motivo="desistiu")[0] == 400
    assert standing(site, chave)[0] is CouponStanding.UNDELIVERED
    assert ask(site, "POST", f"duvidas/{chave}/cancelar", {"quem": "a", "motivo": "b"}, **BEARER)[0] == 400


@pytest.mark.parametrize(
    ("ahead_minutes", "waited_minutes", "said", "status"),
    [(-45, 10, "O equipamento ainda cancela por ", 303), (45, 40, "O prazo de cancelamento passou há 10 min", 400)],
)
def test_the_term_is_no_matter_of_how_the_clocks_of_device_and_gateway_differ(
    site: Site, visitor: Visitor, ahead_minutes: int, waited_minutes: int, said: str, status: int
) -> None:
    for driver in site.shop.drivers.values():
        driver.device._now = lambda: site.shop.clock() + timedelta(minutes=ahead_minutes)
    chave = doubtful(site)
    site.shop.clock.ahead += timedelta(minutes=waited_minutes)
    text = visitor.get(f"/duvidas/{chave}")[1]
    assert said in text
    assert f"(há {waited_minutes} min)" in text
    [listed] = ask(site, "GET", "duvidas", **BEARER)[1]["duvidas"]
    assert listed["pode_cancelar"] is (status == 303)
    assert visitor.send(f"/duvidas/{chave}/cancelar", quem="Ana", motivo="desistiu")[0] == status
    cancelled = until(lambda: standing(site, chave)[0] is CouponStanding.CANCELLED) if status == 303 else False
    assert cancelled is (site.shop.standing() == set())


def test_a_code_is_kept_and_never_shown(site: Site, visitor: Visitor) -> None:
    kept: list[str] = []
    site.shop.desk.units["A"].keep_code = kept.append
    assert visitor.send("/equipamentos/A/codigo", codigo="abc")[0] == 400
    assert visitor.send("/equipamentos/Z/codigo", codigo="segredo-1")[0] == 400
    assert visitor.send("/equipamentos/A/codigo", codigo="segredo-1")[0] == 303
    assert kept == ["segredo-1"]
    assert "segredo-1" not in visitor.get("/equipamentos/A?feito=codigo")[1]
    assert ask(site, "POST", "codigo", {"equipamento": "A", "codigo": "segredo-2"}, **BEARER)[0] == 200
    assert kept[-1] == "segredo-2"
    assert "segredo" not in json.dumps(ask(site, "GET", "status", **BEARER)[1])


def test_devices_are_tested_by_their_own_threads(site: Site, visitor: Visitor) -> None:
    text = visitor.send("/equipamentos/A/teste")[1]
    assert text.count("badge done") >= 2
    assert "ConsultarStatusOperacional" in text
    site.shop.drivers["B"].absent = True
    tests = ask(site, "POST", "teste", {"xml": sales.sale()}, **BEARER)[1]["testes"]
    well = [(each["equipamento"], each["funcao"], each["bem"]) for each in tests]
    names = ("ConsultarSAT", "ConsultarStatusOperacional", "TesteFimAFim")
    assert well == [("A", name, True) for name in names] + [("B", name, False) for name in names]


def _refuse(site: Site) -> None:
    """The centre refuses everything that waits, for ever."""

    def refuse(connection: apsw.Connection) -> None:
        for item in queue.take(connection, 100, 10**7).items:
            aside.set_aside(connection, item, f"a central respondeu 422: {WORST}", site.shop.clock())

    site.shop.store.write(refuse)


def test_what_the_centre_refuses_is_shown_counted_and_sent_again(site: Site, visitor: Visitor) -> None:
    chave = sold(site)
    _refuse(site)
    site.watch()
    _, text = visitor.get("/")
    assert "1 documento recusado pela central" in text
    assert "Documentos que a central recusa: 1" in text
    assert in_blocks(chave) in text
    assert "A central respondeu 422: &lt;script&gt;" in text
    assert WORST not in text
    told = ask(site, "GET", "status", **BEARER)[1]
    [account] = [each for each in told["contas"] if each["classe"] == "fiscal"]
    assert (account["emitidos"], account["recebidos"], account["pendentes"], account["recusados"]) == (1, 0, 0, 1)
    assert told["fila"]["recusados"] == 1
    listed = ask(site, "GET", "recusados", **BEARER)[1]
    assert (listed["quantidade"], [each["chave"] for each in listed["recusados"]]) == (1, [chave])
    assert visitor.send("/recusados/tentar")[0] == 303
    assert site.gatherer.soon.is_set(), "the alarm ends at once"
    assert ask(site, "GET", "recusados", **BEARER)[1] == {"quantidade": 0, "recusados": []}
    assert "voltaram à fila" in visitor.get("/?feito=tentar")[1]
    _refuse(site)
    assert ask(site, "POST", "recusados/tentar", {}, **BEARER)[1] == {"quantidade": 1}
    assert chave in {item.key for item in site.shop.store.read(queue.take, 100, 10**7).items}


def test_words_of_others_are_text(site: Site, visitor: Visitor) -> None:
    chave = doubtful(site)
    site.shop.store.write(coupons.stand, chave, CouponStanding.UNDELIVERED, WORST)
    for path in ("/", f"/duvidas/{chave}", f"/equipamentos/{'%3Cscript%3E'}", "/duvidas/%3Cscript%3E"):
        assert "<script>alert" not in visitor.get(path)[1]


def test_the_twins_tell_what_the_page_shows(site: Site) -> None:
    chave = doubtful(site)
    status, told = ask(site, "GET", "status", **BEARER)
    assert status == 200
    assert [device["nome"] for device in told["equipamentos"]] == ["A", "B"]
    assert told["vendas_hoje"] == {"quantidade": 1, "total_centavos": 500}
    [doubt] = ask(site, "GET", "duvidas", **BEARER)[1]["duvidas"]
    assert (doubt["chave"], doubt["pode_cancelar"]) == (chave, True)
    assert ask(site, "POST", f"duvidas/{chave}/aceitar", {"quem": "Ana"}, **BEARER)[0] == 400
    assert ask(site, "POST", f"duvidas/{chave}/outra", {"quem": "Ana", "motivo": "x"}, **BEARER)[0] == 404
    assert ask(site, "POST", f"duvidas/{chave}/aceitar", {"quem": "Ana", "motivo": "x"}, **BEARER)[0] == 200
    assert ask(site, "GET", "duvidas", **BEARER)[1] == {"duvidas": [], "sem_resposta": []}


def test_every_route_was_tried() -> None:
    assert all(isinstance(route, Route) for route in routes.routes(LOCAL, TOKEN, lambda: None))  # type: ignore[arg-type,return-value]
    assert len(PAGE) == 14
    assert len(TWINS) == 8
