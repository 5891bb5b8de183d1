"""The native API on a socket: sales that repeat harmlessly, answers taken apart, what it refuses."""

import base64
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.pos.edge.door.knock import knock
from tests.pos.edge.door.world import BEARER, TERMS, World
from tests.sim.sat import sales
from zelo.pos.edge.door.api.reading import read_cancel, read_question, read_sale
from zelo.pos.edge.door.api.telling import Device, Found, Outcome, tell
from zelo.pos.edge.door.asked import Asked
from zelo.pos.edge.door.refused import RefusedError
from zelo.pos.edge.door.shell.app import application
from zelo.pos.edge.door.shell.gateway import Terms
from zelo.pos.edge.door.shell.listen import serving
from zelo.sim.sat.shell.client import Client

Answered = tuple[int, Any]
KEYS = count(1)
SALE = {"caixa": "001", "xml": sales.sale()}


@pytest.fixture
def post(port: int, world: World) -> Callable[..., Answered]:  # noqa: ARG001 the gateway begins anew
    """A POST of JSON, with a key of its own unless one is given."""

    def send(path: str, fields: Any, key: str | None = "", headers: Mapping[str, str] | None = None) -> Answered:
        own = {"Content-Type": "application/json", **BEARER}
        if key is not None:
            own["Idempotency-Key"] = key or f"key-{next(KEYS)}"
        body = fields if isinstance(fields, bytes) else json.dumps(fields)
        status, told, _ = knock(port, "POST", f"/v1/{path}", body, {**own, **(headers or {})})
        return status, told

    return send


def test_a_sale_is_told_as_its_xml_says(post: Callable[..., Answered], world: World) -> None:
    status, told = post("vendas", SALE)
    assert (status, told["estado"], told["eeeee"]) == (200, "emitida", "06000")
    inf = etree.fromstring(base64.b64decode(told["xml"]))[0]
    text = inf.findtext
    assert world.sold()[-1] == told["chave"]
    assert inf.get("Id") == f"CFe{told['chave']}"
    assert told["total"] == text("total/vCFe")
    stamp = told["instante"].replace("-", "").replace(":", "").replace("T", "")
    assert stamp.startswith(f"{text('ide/dEmi')}{text('ide/hEmi')}")
    qr = (told["chave"], f"{text('ide/dEmi')}{text('ide/hEmi')}", told["total"], "", text("ide/assinaturaQRCODE"))
    assert told["qr"] == "|".join(str(part) for part in qr)
    assert told["retorno"].split("|")[6] == told["xml"]


def test_a_repetition_gets_the_first_answer_and_sells_nothing(post: Callable[..., Answered], world: World) -> None:
    first = post("vendas", SALE, "repeated")
    sold = len(world.sold())
    assert post("vendas", SALE, "repeated") == first
    assert len(world.sold()) == sold
    status, told = post("vendas", {**SALE, "caixa": "002"}, "repeated")
    assert (status, told["regra"]) == (422, "API-CHAVE-USADA")
    assert len(world.sold()) == sold


def test_a_client_may_say_that_the_other_gateway_may_have_taken_it(post: Callable[..., Answered], world: World) -> None:
    for number, (header, elsewhere) in enumerate(((None, False), ("0", False), ("1", True))):
        headers = {} if header is None else {"Idempotency-Elsewhere": header}
        assert post("vendas", SALE, f"said-{number}", headers)[0] == 200
        assert world.asked[-1].elsewhere is elsewhere
    first = post("vendas", SALE, "said-0", {"Idempotency-Elsewhere": "1"})
    assert first == post("vendas", SALE, "said-0"), "it is no part of what is asked"
    assert world.asked[-1].id == world.asked[0].id


def test_the_same_key_at_the_same_moment_sells_once(post: Callable[..., Answered], world: World) -> None:
    sold = len(world.sold())
    with ThreadPoolExecutor(8) as tills:
        told = list(tills.map(lambda _: post("vendas", SALE, "at-once"), range(8)))
    assert all(each == told[0] for each in told)
    assert len(world.sold()) == sold + 1


def test_many_tills_at_once_sell_each_their_own(post: Callable[..., Answered], world: World) -> None:
    sold = len(world.sold())
    with ThreadPoolExecutor(8) as tills:
        told = list(tills.map(lambda n: post("vendas", {**SALE, "caixa": str(n % 8)}), range(40)))
    assert {each["estado"] for _, each in told} == {"emitida"}
    assert {each["chave"] for _, each in told} == set(world.sold()[sold:])
    assert len(world.sold()) == sold + 40


def test_bare_xml_is_the_same_asking_as_json(post: Callable[..., Answered], port: int) -> None:
    first = post("vendas", SALE, "both")
    headers = {**BEARER, "Idempotency-Key": "both", "Content-Type": "application/xml; charset=utf-8"}
    status, told, _ = knock(port, "POST", "/v1/vendas?caixa=1", sales.sale(), headers)
    assert (status, told) == first


def test_a_cancel_names_its_coupon_in_the_xml_or_beside_it(post: Callable[..., Answered]) -> None:
    for beside in ({}, {"chave": None}, {"chave": "bare"}, {"chave": "CFe"}):
        chave = post("vendas", SALE)[1]["chave"]
        words = {"bare": chave, "CFe": f"CFe{chave}", None: None}
        fields = {"caixa": 1, "xml": sales.cancel(f"CFe{chave}")} | {k: words[v] for k, v in beside.items()}
        status, told = post("cancelamentos", fields)
        assert (status, told["estado"], told["eeeee"]) == (200, "cancelada", "07000")
        assert told["chave"] != chave


def test_what_is_found_under_a_key(post: Callable[..., Answered], port: int) -> None:
    sold = post("vendas", SALE, "found.1")
    assert knock(port, "GET", "/v1/vendas/found.1", None, BEARER)[:2] == sold
    status, told, _ = knock(port, "GET", "/v1/vendas/nobody", None, BEARER)
    assert (status, told["regra"]) == (404, "API-DESCONHECIDA")


def test_a_lost_reply_is_in_doubt_and_stays_so(post: Callable[..., Answered], port: int, world: World) -> None:
    with Client(world.port) as client:
        client.command("faults", trouble="lost_after", function="EnviarDadosVenda")
    assert [post("vendas", SALE, "lost")[1]["estado"] for _ in range(2)] == ["em_duvida", "em_duvida"]
    status, told, _ = knock(port, "GET", "/v1/vendas/lost", None, BEARER)
    assert (status, told["estado"]) == (202, "em_duvida")


def test_a_refusal_of_the_device_is_no_doubt(post: Callable[..., Answered]) -> None:
    status, told = post("vendas", {"caixa": "1", "xml": "<CFe"})
    assert (status, told["estado"], told["eeeee"], told["chave"]) == (200, "recusada", "06099", None)
    _, told = post("vendas", {"caixa": "1", "xml": sales.sale(paid=("1.00",))})
    assert (told["estado"], told["eeeee"], told["cccc"]) == ("recusada", "06010", "1408")
    assert "1408" in told["frase"] or "pagamento" in told["frase"].lower()
    big = sales.sale().replace("COXINHA", "ÇOXINHA " * 220_000, 1)
    assert post("vendas", {"caixa": "1", "xml": big})[1]["eeeee"] == "06005"


@pytest.mark.parametrize(
    ("name", "fields", "eeeee"),
    [
        ("ConsultarSAT", {}, "08000"),
        ("consultarstatusoperacional", {}, "10000"),
        ("TesteFimAFim", {"xml": sales.sale()}, "09000"),
        ("ConsultarNumeroSessao", {"sessao": 999_998}, "11003"),
    ],
)
def test_questions(post: Callable[..., Answered], name: str, fields: dict[str, Any], eeeee: str) -> None:
    status, told = post(f"consultas/{name}", {"caixa": "1", **fields}, None)
    assert (status, told["eeeee"]) == (200, eeeee)
    assert told["estado"] == ("respondida" if eeeee.endswith("000") else "recusada")


def test_an_old_sale_is_recalled_as_a_sale(post: Callable[..., Answered]) -> None:
    _, sold = post("vendas", SALE)
    session = int(sold["retorno"].split("|")[0])
    _, told = post("consultas/ConsultarNumeroSessao", {"caixa": "1", "sessao": session}, None)
    assert (told["estado"], told["chave"]) == ("emitida", sold["chave"])


def test_devices_are_listed(port: int, world: World) -> None:
    world.devices = [Device("900000059", "SAT do balcão", usable=True, waiting=2, sentence="Vendendo.")]
    status, told, _ = knock(port, "GET", "/v1/equipamentos", None, BEARER)
    listed = {"nserie": "900000059", "nome": "SAT do balcão", "em_uso": True, "fila": 2, "frase": "Vendendo."}
    assert (status, told) == (200, {"equipamentos": [listed]})


@pytest.mark.parametrize(
    ("path", "fields", "key", "headers", "status", "where"),
    [
        ("vendas", SALE, None, {}, 400, "Idempotency-Key"),
        ("vendas", SALE, "á" * 3, {}, 400, "Idempotency-Key"),
        ("vendas", SALE, "/../x", {}, 400, "Idempotency-Key"),
        ("vendas", SALE, "", {"Idempotency-Elsewhere": "sim"}, 400, "Idempotency-Elsewhere"),
        ("cancelamentos", SALE, "", {"Idempotency-Elsewhere": ""}, 400, "Idempotency-Elsewhere"),
        ("vendas", SALE, "", {"Content-Type": "text/plain"}, 415, "Content-Type"),
        ("vendas", b"{", "", {}, 400, "corpo"),
        ("vendas", b"[" * 100_000, "", {}, 400, "corpo"),
        ("vendas", b"\xff", "", {}, 400, "corpo"),
        ("vendas", [], "", {}, 400, "corpo"),
        ("vendas", {"caixa": 1.5, "xml": "x"}, "", {}, 400, "corpo"),
        ("vendas", {"caixa": True, "xml": "x"}, "", {}, 400, "corpo"),
        ("vendas", {"xml": "x"}, "", {}, 400, "caixa"),
        ("vendas", {"caixa": "1"}, "", {}, 400, "xml"),
        ("vendas", {"caixa": "1", "xml": "a\0b"}, "", {}, 400, "xml"),
        ("vendas", b'{"caixa": "1", "xml": "\\ud800"}', "", {}, 400, "xml"),
        ("vendas", b'{"caixa": "1", "xml": "x", "\\ud800": [1]}', "", {}, 400, "corpo"),
        ("vendas?caixa=1", b"\xff", "", {"Content-Type": "text/xml"}, 400, "corpo"),
        ("cancelamentos", {"caixa": "1", "xml": "x"}, "", {}, 400, "chave"),
        ("cancelamentos", {"caixa": "1", "xml": "x", "chave": "CFe" + "1" * 44}, "", {}, 400, "chave"),
        ("consultas/ConsultarNumeroSessao", {"caixa": "1", "sessao": "x"}, None, {}, 400, "sessao"),
        ("consultas/BloquearSAT", {"caixa": "1"}, None, {}, 404, "BloquearSAT"),
        ("vendas", SALE, "", {"Authorization": "Bearer x"}, 401, "Authorization"),
        ("vendas", SALE, "", {"Authorization": "Basic x"}, 401, "Authorization"),
        ("vendas", SALE, "", {"Authorization": "Bearer á"}, 401, "Authorization"),
    ],
)
def test_what_is_no_asking_gets_a_sentence(
    post: Callable[..., Answered],
    world: World,
    path: str,
    fields: Any,
    key: str | None,
    headers: dict[str, str],
    status: int,
    where: str,
) -> None:
    found, told = post(path, fields, key, headers)
    assert (found, told["onde"]) == (status, where)
    assert told["erro"].endswith(".")
    assert told["remedio"]
    assert world.asked == []


def test_a_late_answer_is_under_way_and_found_later(world: World) -> None:
    with Client(world.port) as client:
        client.command("faults", trouble="slow", function="EnviarDadosVenda")
    with serving(application(world.gateway, Terms(token=TERMS.token, wait_seconds=0.05))) as port:
        headers = {**BEARER, "Idempotency-Key": "late", "Content-Type": "application/json"}
        status, told, _ = knock(port, "POST", "/v1/vendas", json.dumps(SALE), headers)
        assert (status, told["estado"], told["retorno"]) == (202, "em_andamento", None)
        next(iter(world.held.values())).result(10)
        assert knock(port, "GET", "/v1/vendas/late", None, BEARER)[1]["estado"] == "emitida"


def test_a_weak_token_opens_nothing(world: World) -> None:
    with pytest.raises(ValueError, match="16 caracteres"):
        application(world.gateway, Terms(token="short"))


def test_a_notice_of_sefaz_and_an_empty_text_are_told() -> None:
    _, told = tell(Found("000001|06098|0000||7|Atualize o cadastro."))
    assert told["aviso"] == {"codigo": "7", "texto": "Atualize o cadastro."}
    assert told["frase"] == "SAT em processamento. Tente novamente."


@given(st.text(alphabet="0126789|a=/", max_size=60) | st.text(max_size=40), st.booleans())
def test_whatever_a_device_replies_is_told(retorno: str, doubt: bool) -> None:  # noqa: FBT001 hypothesis gives it
    status, told = tell(Found(retorno, doubt))
    assert status in (200, 202)
    assert told["retorno"] == retorno
    assert told["estado"] in set(Outcome)
    json.dumps(told)


@given(st.sampled_from(["application/json", "text/xml", "x"]), st.binary(max_size=100), st.dictionaries(
    st.sampled_from(["caixa", "xml", "chave", "sessao"]), st.text(max_size=20) | st.integers() | st.none()
))  # fmt: skip
def test_whatever_comes_is_read_or_refused(kind: str, raw: bytes, fields: dict[str, Any]) -> None:
    for body in (raw, json.dumps(fields).encode()):
        for read in (read_sale, read_cancel, lambda *a: read_question("ConsultarNumeroSessao", *a)):
            try:
                found: Asked | RefusedError = read(kind, body, {"caixa": "1"})
            except RefusedError as error:
                found = error
            assert isinstance(found, Asked) or found.fault.remedy


def test_a_key_in_an_address_is_read_as_in_the_header(port: int) -> None:
    status, told, _ = knock(port, "GET", f"/v1/vendas/{quote('á b')}", None, BEARER)
    assert (status, told["regra"]) == (400, "API-CHAVE")
