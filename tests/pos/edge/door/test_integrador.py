"""The Integrador's folder: requests as programs really drop them, the emulated device behind."""

import base64
import gc
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.pos.edge.door.papers import METHODS, VALUES, answers, drop, fields, written
from tests.pos.edge.door.world import World
from tests.sim.sat import sales
from zelo.fiscal.fault import Fault
from zelo.models.cfe.functions import FUNCTIONS
from zelo.pos.edge.door.integrador import paper, shell
from zelo.pos.edge.door.integrador.shell import Folder


@pytest.fixture
def ask(tmp_path: Path, world: World) -> Callable[..., etree._Element]:
    """Drop a request, look until it is answered, take the answer away."""
    folder = Folder(tmp_path, "007", world.answer, threading.Event())

    def send(content: bytes, name: str = "Pedido-1") -> etree._Element:
        drop(tmp_path, name, content)
        until = time.monotonic() + 10
        while not (found := answers(tmp_path)):
            assert time.monotonic() < until
            folder.look()
            time.sleep(0.01)
        assert len(found) == 1
        for file in (tmp_path / "Output").iterdir():
            file.unlink()
        assert [each.name for each in tmp_path.rglob("*") if each.is_file()] == []
        return found[0]

    return send


def fault(answer: etree._Element) -> str:
    """The sentence of an answer that was not, the same in both places where clients look."""
    assert answer.findtext("IntegradorResposta/Codigo") == "EE"
    sentence = answer.findtext("IntegradorResposta/Valor") or ""
    assert sentence == answer.findtext("Erro/Valor")
    assert sentence.endswith(".")
    return sentence


def test_a_sale_and_its_cancel(ask: Callable[..., etree._Element], world: World) -> None:
    session, other = next(world.sessions), next(world.sessions)
    sold = fields(ask(written("EnviarDadosVenda", "9.8-z", numeroSessao=session)), "9.8-z")
    assert (int(sold[0]), sold[1]) == (session, "06000")
    assert world.sold()[-1] == sold[8].removeprefix("CFe")
    assert etree.fromstring(base64.b64decode(sold[6]))[0].get("Id") == sold[8]
    cancel = f"<![CDATA[{sales.cancel(sold[8])}]]>"
    done = ask(written("CancelarUltimaVenda", numeroSessao=other, chave=sold[8], dadosCancelamento=cancel))
    assert fields(done)[1] == "07000"
    assert {request.till for request in world.asked} == {"007"}


@pytest.mark.parametrize("method", METHODS)
def test_each_method_asks_its_function(method: str) -> None:
    read = paper.read_paper(written(method), "001")
    assert read is not None
    assert not isinstance(read.asked, Fault)
    request = read.asked.request("id")
    assert request.function.name == method.replace("MFe", "SAT")
    bare = [VALUES[name].removeprefix("<![CDATA[").removesuffix("]]>") for name in METHODS[method]]
    assert list(map(str, request.arguments)) == bare[: len(request.arguments)]


def test_no_function_is_left_out() -> None:
    assert {name.replace("MFe", "SAT") for name in METHODS} == set(FUNCTIONS)


@pytest.mark.parametrize("form", ["escaped", "bare", "bom"])
def test_a_document_may_be_escaped_or_stand_there_as_tags(form: str) -> None:
    plain = sales.sale().partition("?>")[2]
    value = plain.replace("&", "&amp;").replace("<", "&lt;") if form == "escaped" else plain
    content = written("EnviarDadosVenda", dadosVenda=value)
    read = paper.read_paper(b"\xef\xbb\xbf" + content if form == "bom" else content, "001")
    assert read is not None
    assert not isinstance(read.asked, Fault)
    assert read.asked.given["dados"] == plain.replace("<dest></dest>", "<dest/>").replace(
        "<total></total>", "<total/>"
    ) or (form == "escaped" and read.asked.given["dados"] == plain)


def test_the_fiscal_validator_is_said_to_be_off(ask: Callable[..., etree._Element], world: World) -> None:
    for method in ("EnviarPagamento", "VerificarStatusValidador", "RespostaFiscal"):
        assert "31/10/2022" in fault(ask(written(method, component="VFP-e", idFila=1)))
    assert world.asked == []


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (written("ImprimirVenda"), "ImprimirVenda"),
        (written("ConsultarSAT", component="NF-e"), "ConsultarSAT"),
        (written("ConsultarSAT", numeroSessao="x"), "numeroSessao"),
        (written("ConsultarSAT", numeroSessao=""), "numeroSessao"),
        (written("EnviarDadosVenda").replace(b"dadosVenda", b"dados"), "dadosVenda"),
        (b"<a/>", "Integrador/Componente/Metodo"),
    ],
)
def test_what_is_no_request_gets_a_sentence(
    ask: Callable[..., etree._Element], world: World, content: bytes, word: str
) -> None:
    assert word in fault(ask(content))
    assert world.asked == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<Integrador>",
        b"\0" * 100,
        b'<!DOCTYPE a [<!ENTITY b "c">]>' + written("ConsultarSAT").partition(b"?>")[2].lstrip(),
        b"<a>" * 100_000,
    ],
)
def test_what_never_becomes_xml_is_answered_after_a_while(
    ask: Callable[..., etree._Element], monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setattr(shell, "WHOLE_SECONDS", 0.1)
    assert "não é XML" in fault(ask(content))


def test_a_sale_too_large_for_the_device_is_the_devices_no(ask: Callable[..., etree._Element], world: World) -> None:
    big = f"<![CDATA[{sales.sale().replace('COXINHA', 'ÇOXINHA ' * 220_000, 1)}]]>"
    assert fields(ask(written("EnviarDadosVenda", numeroSessao=next(world.sessions), dadosVenda=big)))[1] == "06005"
    assert "MB" in fault(ask(b"<a>" + b"x" * paper.MOST_FILE_BYTES))
    assert "marcas de XML" in fault(ask(b"<a>" + b"<b/>" * paper.MOST_TAGS + b"</a>"))


def test_what_is_refused_is_let_go_of_at_once() -> None:
    """A till that puts one of these for each sale would fill the machine with what only a collector finds."""
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        for number in range(50):
            read = paper.read_paper(written("EnviarPagamento", component="VFP-e", idFila=number), "001")
            assert read is not None
            assert isinstance(read.asked, Fault)
        assert len(gc.get_objects()) - before < 50
    finally:
        gc.enable()


def test_a_wrong_code_is_the_devices_no(ask: Callable[..., etree._Element], world: World) -> None:
    told = ask(written("ConsultarStatusOperacional", numeroSessao=next(world.sessions), codigoDeAtivacao="00000000"))
    assert fields(told)[1] == "10001"


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: written(text, text, numeroSessao=text)))
def test_whatever_lies_in_a_file_is_read_or_refused(content: bytes) -> None:
    read = paper.read_paper(content, "001")
    if read is not None and isinstance(read.asked, Fault):
        root = etree.fromstring(paper.write_refusal(read, read.asked)[3:])
        assert root.findtext("IntegradorResposta/Codigo") == "EE"


@given(st.text(max_size=100))
def test_whatever_a_device_replies_is_written_as_xml(retorno: str) -> None:
    root = etree.fromstring(paper.write_reply(paper.Paper("1", paper.unreadable().asked), retorno)[3:])
    assert root.findtext("IntegradorResposta/Codigo") == "AP"
