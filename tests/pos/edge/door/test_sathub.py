"""The unchanged ClienteSATHub on a socket, every function of it, the emulated device behind the gateway."""

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from satcfe.clientesathub import ClienteSATHub
from satcfe.excecoes import ExcecaoRespostaSAT

from tests.pos.edge.door.knock import knock
from tests.pos.edge.door.world import World
from tests.sim.sat import sales
from zelo.models.cfe.functions import FUNCTIONS
from zelo.pos.edge.door.asked import Asked
from zelo.pos.edge.door.refused import RefusedError
from zelo.pos.edge.door.sathub.contract import PATHS, read_asking, read_form
from zelo.sim.sat.shell.client import Client

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def hub(port: int, world: World) -> ClienteSATHub:  # noqa: ARG001 the gateway begins anew
    return ClienteSATHub("127.0.0.1", port, numero_caixa=7)


def post(port: int, path: str, body: bytes | str, **headers: str) -> tuple[int, Any]:
    status, told, _ = knock(port, "POST", f"/hub/v1/{path}", body, {**FORM, **headers})
    return status, told


def test_a_sale_and_its_cancel(hub: ClienteSATHub, world: World) -> None:
    sold = hub.enviar_dados_venda(sales.sale())
    assert sold.EEEEE == "06000"
    assert world.sold()[-1] == sold.chaveConsulta.removeprefix("CFe")
    xml = etree.fromstring(base64.b64decode(sold.arquivoCFeSAT))
    assert xml[0].get("Id") == sold.chaveConsulta
    cancelled = hub.cancelar_ultima_venda(sold.chaveConsulta, sales.cancel(sold.chaveConsulta))
    assert cancelled.EEEEE == "07000"
    assert [request.till for request in world.asked] == ["007", "007"]


def test_every_function_that_asks(hub: ClienteSATHub) -> None:
    assert hub.consultar_sat().EEEEE == "08000"
    assert hub.teste_fim_a_fim(sales.sale()).EEEEE == "09000"
    assert hub.consultar_status_operacional().EEEEE == "10000"
    assert hub.extrair_logs().EEEEE == "15000"


def test_old_sessions_are_asked_for(hub: ClienteSATHub, world: World) -> None:
    sold = hub.enviar_dados_venda(sales.sale())
    assert hub.consultar_numero_sessao(sold.numeroSessao).chaveConsulta == sold.chaveConsulta
    assert hub.consultar_ultima_sessao_fiscal().chaveConsulta == sold.chaveConsulta
    assert world.asked[1].arguments[-1] == sold.numeroSessao


KEEP = {
    "14": lambda hub: hub.atualizar_software_sat(),
    "12": lambda hub: hub.configurar_interface_de_rede("<config><tipoLan>DHCP</tipoLan></config>"),
    "13": lambda hub: hub.associar_assinatura("0" * 28, "x" * 344),
    "04": lambda hub: hub.ativar_sat(1, sales.CNPJ, 35),
    "05": lambda hub: hub.comunicar_certificado_icpbrasil("-----BEGIN"),
    "16": lambda hub: hub.bloquear_sat(),
    "17": lambda hub: hub.desbloquear_sat(),
}


def eeeee(ask: Callable[[], Any]) -> str:
    """The client raises what a device refuses, and carries the reply in the exception."""
    try:
        return str(ask().EEEEE)
    except ExcecaoRespostaSAT as error:
        return str(error.resposta.EEEEE)


def test_every_function_that_keeps_the_device(hub: ClienteSATHub, world: World) -> None:
    for prefix, ask in KEEP.items():
        assert eeeee(lambda ask=ask: ask(hub))[:2] == prefix  # type: ignore[misc]
    given = {request.function.name: request.arguments[1:] for request in world.asked}
    assert given["AtivarSAT"] == (1, sales.CODE, sales.CNPJ, 35)
    assert given["AssociarAssinatura"] == (sales.CODE, "0" * 28, "x" * 344)
    assert given["ComunicarCertificadoICPBRASIL"] == (sales.CODE, "-----BEGIN")
    assert given["DesbloquearSAT"] == (sales.CODE,)


def test_the_code_is_changed_with_the_gateways_own_or_the_one_of_the_letter(hub: ClienteSATHub, world: World) -> None:
    assert hub.trocar_codigo_de_ativacao("87654321").EEEEE == "18000"
    assert hub.trocar_codigo_de_ativacao(sales.CODE, 2, "99999999").EEEEE == "18000"
    assert [request.arguments[1:] for request in world.asked] == [
        (sales.CODE, 1, "87654321", "87654321"),
        ("99999999", 2, sales.CODE, sales.CODE),
    ]


def test_the_fields_of_the_old_server(port: int, world: World) -> None:
    body = urlencode({"opcao": 1, "novo_codigo": "12341234", "novo_codigo_confirmacao": "43214321"})
    status, told = post(port, "trocarcodigodeativacao", body, numero_caixa="12")
    assert (status, told["funcao"]) == (200, "TrocarCodigoDeAtivacao")
    assert world.asked[0].till == "012"
    assert world.asked[0].arguments[2:] == (1, "12341234", "43214321")
    assert told["retorno"].split("|")[1].startswith("18")
    assert told["retorno"].split("|")[1] != "18000"


def test_sessions_and_ids_are_new_at_each_call(hub: ClienteSATHub, world: World) -> None:
    for _ in range(3):
        hub.consultar_sat()
    assert len({request.id for request in world.asked}) == 3
    assert len({request.session for request in world.asked}) == 3


@pytest.mark.parametrize("items", [500, 501])
def test_five_hundred_items_sell_and_one_more_is_the_devices_no(hub: ClienteSATHub, items: int) -> None:
    text = sales.sale(*(sales.item(number) for number in range(1, items + 1)), paid=("9999.00",))
    assert eeeee(lambda: hub.enviar_dados_venda(text)) == ("06000" if items == 500 else "06010")


@pytest.fixture
def sale_of_two_megabytes() -> str:
    text = sales.sale()
    return text.replace("COXINHA", "ÇOXINHA " * ((1_980_000 - len(text)) // 8), 1)


def test_a_sale_of_two_megabytes_reaches_the_devices_own_no(hub: ClienteSATHub, sale_of_two_megabytes: str) -> None:
    assert eeeee(lambda: hub.enviar_dados_venda(sale_of_two_megabytes)) == "06005"


def test_what_is_no_xml_reaches_the_devices_own_no(port: int) -> None:
    _, told = post(port, "enviardadosvenda", urlencode({"numero_caixa": 1, "dados_venda": "<CFe"}))
    assert told["retorno"].split("|")[1:3] == ["06099", "0000"]
    assert "dados da venda inválidos" in told["retorno"]


@pytest.mark.parametrize(
    ("path", "body", "status", "where"),
    [
        ("enviardadosvenda", "numero_caixa=1", 400, "dados_venda"),
        ("enviardadosvenda", "dados_venda=x", 400, "numero_caixa"),
        ("enviardadosvenda", "numero_caixa=1000&dados_venda=x", 400, "numero_caixa"),
        ("enviardadosvenda", "numero_caixa=1&dados_venda=a%00b", 400, "dados_venda"),
        ("enviardadosvenda", "numero_caixa=1&dados_venda=%ff", 400, ""),
        ("enviardadosvenda", b"numero_caixa=1&dados_venda=\xff", 400, ""),
        ("enviardadosvenda", "&".join(f"a{n}=1" for n in range(30)), 400, ""),
        ("cancelarultimavenda", "numero_caixa=1&chave_cfe=CFe", 400, "dados_cancelamento"),
        ("consultarnumerosessao", "numero_caixa=1&numero_sessao=x", 400, "numero_sessao"),
        ("trocarcodigodeativacao", "numero_caixa=1&opcao=2&novo_codigo=x", 400, "codigo_emergencia"),
        ("imprimirvenda", "numero_caixa=1", 404, "imprimirvenda"),
    ],
)
def test_what_is_no_asking_gets_a_sentence(
    port: int, world: World, path: str, body: bytes | str, status: int, where: str
) -> None:
    found, told = post(port, path, body)
    assert (found, told["onde"]) == (status, where)
    assert told["erro"].endswith(".")
    assert told["remedio"]
    assert world.asked == []


def test_a_lost_reply_is_said_as_the_gateway_says_it(port: int, world: World) -> None:
    with Client(world.port) as client:
        client.command("faults", trouble="lost_after", function="EnviarDadosVenda")
    _, told = post(port, "enviardadosvenda", urlencode({"numero_caixa": 1, "dados_venda": sales.sale()}))
    assert told["retorno"].split("|")[1] == "06099"


def test_each_function_of_the_interface_has_its_path() -> None:
    assert {function.name for function in PATHS.values()} == set(FUNCTIONS)


@given(st.sampled_from([*PATHS, "nada"]), st.binary(max_size=200))
def test_whatever_comes_is_read_or_refused(path: str, body: bytes) -> None:
    try:
        found: Asked | RefusedError = read_asking(path, read_form(body))
    except RefusedError as error:
        found = error
    assert found.fault.remedy if isinstance(found, RefusedError) else found.function is PATHS[path]
