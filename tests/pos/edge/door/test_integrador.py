"""The Integrador's folder: requests as programs really drop them, the emulated device behind, kills at every step."""

import base64
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.pos.edge.door.world import World
from tests.sim.sat import sales
from zelo.models.cfe.functions import FUNCTIONS
from zelo.pos.edge.door.integrador import paper, shell
from zelo.pos.edge.door.integrador.shell import Folder, watch
from zelo.pos.edge.door.refused import RefusedError

SALE = f"<![CDATA[{sales.sale()}]]>"
VALUES = {
    "numeroSessao": "7",
    "subComando": "1",
    "codigoDeAtivacao": sales.CODE,
    "cnpj": sales.CNPJ,
    "cUF": "23",
    "certificado": "-----BEGIN",
    "dadosVenda": SALE,
    "nrDocumento": "42",
    "chave": "CFe" + "1" * 44,
    "dadosCancelamento": "<![CDATA[<CFeCanc/>]]>",
    "cNumeroDeSessao": "6",
    "DadosConfiguracao": "<![CDATA[<config/>]]>",
    "cnpjValue": "0" * 28,
    "assinaturaCNPJs": "x",
    "opcao": "1",
    "novoCodigo": "12341234",
    "confNovoCodigo": "12341234",
}
S, C = "numeroSessao", "codigoDeAtivacao"
METHODS = {
    "AtivarSAT": (S, "subComando", C, "cnpj", "cUF"),
    "AtivarMFe": (S, "subComando", C, "cnpj", "cUF"),
    "ComunicarCertificadoICPBRASIL": (S, C, "certificado"),
    "EnviarDadosVenda": (S, C, "dadosVenda", "nrDocumento"),
    "CancelarUltimaVenda": (S, C, "chave", "dadosCancelamento"),
    "ConsultarSAT": (S,),
    "ConsultarMFe": (S,),
    "TesteFimAFim": (S, C, "dadosVenda"),
    "ConsultarStatusOperacional": (S, C),
    "ConsultarNumeroSessao": (S, C, "cNumeroDeSessao"),
    "ConfigurarInterfaceDeRede": (S, C, "DadosConfiguracao"),
    "AssociarAssinatura": (S, C, "cnpjValue", "assinaturaCNPJs"),
    "AtualizarSoftwareSAT": (S, C),
    "AtualizarSoftwareMFe": (S, C),
    "ExtrairLogs": (S, C),
    "BloquearSAT": (S, C),
    "BloquearMFe": (S, C),
    "DesbloquearSAT": (S, C),
    "DesbloquearMFe": (S, C),
    "TrocarCodigoDeAtivacao": (S, C, "opcao", "novoCodigo", "confNovoCodigo"),
    "ConsultarUltimaSessaoFiscal": (S, C),
    "DesligarSAT": (),
    "DesativarSAT": (S,),
}
"""Method → its parameters in the order in which programs write them."""


def written(method: str, identifier: object = 123, component: str = "MF-e", **values: object) -> bytes:
    """A request file."""
    given = {name: VALUES[name] for name in METHODS.get(method, ())} | {k: str(v) for k, v in values.items()}
    told = "".join(f"<Parametro><Nome>{k}</Nome><!--x--><Valor>{v}</Valor></Parametro>" for k, v in given.items())
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<Integrador>\n <Identificador>\n <Valor>{identifier}</Valor>\n'
        f' </Identificador><Componente Nome="{component}"><Metodo Nome="{method}"><Parametros>{told}</Parametros>'
        f"</Metodo></Componente></Integrador>"
    ).encode()


def drop(root: Path, name: str, content: bytes) -> None:
    """As programs do: another name first."""
    draft = root / "Input" / f"{name}.tmp"
    draft.write_bytes(content)
    draft.rename(root / "Input" / f"{name}.xml")


def answers(root: Path) -> list[etree._Element]:
    """What lies in Output, oldest name first; each must be as the clients need it."""
    found = []
    for file in sorted((root / "Output").iterdir()):
        content = file.read_bytes()
        assert file.suffix == ".xml"
        assert content.startswith(b"\xef\xbb\xbf<?xml")
        found.append(etree.fromstring(content[3:]))
    return found


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


def fields(answer: etree._Element, identifier: str = "123") -> list[str]:
    """The reply in an answer that was processed."""
    assert answer.findtext("IntegradorResposta/Codigo") == "AP"
    assert answer.xpath("string(Identificador)") == identifier
    return (answer.findtext("Resposta/retorno") or "").split("|")


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
    assert not isinstance(read.asked, RefusedError)
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
    assert not isinstance(read.asked, RefusedError)
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


def test_a_wrong_code_is_the_devices_no(ask: Callable[..., etree._Element], world: World) -> None:
    told = ask(written("ConsultarStatusOperacional", numeroSessao=next(world.sessions), codigoDeAtivacao="00000000"))
    assert fields(told)[1] == "10001"


def test_a_file_in_the_writing_is_left_alone(tmp_path: Path, world: World) -> None:
    folder = Folder(tmp_path, "001", world.answer, threading.Event())
    content = written("ConsultarSAT", numeroSessao=next(world.sessions))
    (tmp_path / "Input" / "a.tmp").write_bytes(content)
    (tmp_path / "Input" / "b.xml").write_bytes(content[:50])
    (tmp_path / "Input" / "c.xml").mkdir()
    (tmp_path / "Input" / "d.xml").symlink_to(tmp_path / "Input" / "a.tmp")
    for _ in range(3):
        folder.look()
    assert world.asked == []
    assert len(list((tmp_path / "Input").iterdir())) == 4
    (tmp_path / "Input" / "b.xml").write_bytes(content)
    folder.look()
    assert len(world.asked) == 1


def test_the_same_dropped_again_is_the_same_asking_and_next_morning_another(tmp_path: Path, world: World) -> None:
    content = written("EnviarDadosVenda", numeroSessao=next(world.sessions))
    folder = Folder(tmp_path, "001", world.answer, threading.Event())
    noon = 1_790_000_000 // 86_400 * 86_400 + 15 * 3_600
    for changed in (noon, noon + 60, noon + 86_400):
        drop(tmp_path, "Venda", content)
        os.utime(tmp_path / "Input" / "Venda.xml", (changed, changed))
        folder.look()
        world.held[world.asked[-1].id].result(10)
        folder.look()
    ids = [request.id for request in world.asked]
    assert ids[0] == ids[1] != ids[2]


class KilledError(BaseException):
    """The process is gone."""


@contextmanager
def killed_at(step: int, *, before: bool) -> Iterator[None]:
    """Let the process die before or after its nth change of the disk."""
    done = 0
    with pytest.MonkeyPatch.context() as patch:
        for name in ("rename", "replace", "unlink"):
            real: Any = getattr(Path, name)

            def change(*given: Any, real: Any = real, **named: Any) -> Any:
                nonlocal done
                done += 1
                if before and done == step:
                    raise KilledError
                result = real(*given, **named)
                if done == step:
                    raise KilledError
                return result

            patch.setattr(Path, name, change)
        yield


def _work(folder: Folder, world: World, looks: int = 4) -> None:
    for _ in range(looks):
        folder.look()
        for held in tuple(world.held.values()):
            held.result(10)


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("step", range(1, 6))
def test_a_kill_at_any_step_sells_once_and_answers_once(
    tmp_path: Path, world: World, step: int, *, before: bool
) -> None:
    sold = len(world.sold())
    folder = Folder(tmp_path, "001", world.answer, threading.Event())
    drop(tmp_path, "Venda", written("EnviarDadosVenda", numeroSessao=next(world.sessions)))
    died = False
    with killed_at(step, before=before):
        try:
            _work(folder, world)
        except KilledError:
            died = True
    assert died is (step <= 4)
    taken = len(answers(tmp_path))
    for file in (tmp_path / "Output").iterdir():
        file.unlink()
    _work(Folder(tmp_path, "001", world.answer, threading.Event()), world)
    assert taken + len(answers(tmp_path)) == 1
    assert len(world.sold()) == sold + 1
    assert len({request.id for request in world.asked}) == 1
    assert [each.name for each in tmp_path.rglob("*") if each.is_file() and each.parent.name != "Output"] == []


def test_a_full_disk_is_tried_again(tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(tmp_path, "001", world.answer, threading.Event())
    drop(tmp_path, "Venda", written("EnviarDadosVenda", numeroSessao=next(world.sessions)))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        _work(folder, world)
        assert answers(tmp_path) == []
    _work(folder, world)
    assert len(answers(tmp_path)) == 1
    assert len(world.held) == 1


def test_a_gateway_that_never_answers_leaves_an_answer_in_doubt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, world: World
) -> None:
    monkeypatch.setattr(shell, "WAIT_SECONDS", 0.0)
    folder = Folder(tmp_path, "001", lambda _: Future[str](), threading.Event())
    drop(tmp_path, "Venda", written("EnviarDadosVenda", numeroSessao=next(world.sessions)))
    for _ in range(3):
        folder.look()
    assert fields(answers(tmp_path)[0])[1] == "06099"


def test_many_tills_at_once_through_a_real_watcher(tmp_path: Path, world: World) -> None:
    stop = threading.Event()
    watcher = threading.Thread(target=watch, args=(tmp_path, "001", world.answer, stop))
    watcher.start()
    try:
        while not (tmp_path / "Input").exists():
            time.sleep(0.01)
        for number in range(40):
            drop(tmp_path, f"Consulta-{number}", written("ConsultarSAT", number, numeroSessao=next(world.sessions)))
        until = time.monotonic() + 10
        while len(list((tmp_path / "Output").iterdir())) < 40:
            assert time.monotonic() < until
            time.sleep(0.02)
    finally:
        stop.set()
        watcher.join()
    told = {each.findtext("Identificador/Valor") or "": each for each in answers(tmp_path)}
    assert {name: fields(each, name)[1] for name, each in told.items()} == {str(n): "08000" for n in range(40)}


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: written(text, text, numeroSessao=text)))
def test_whatever_lies_in_a_file_is_read_or_refused(content: bytes) -> None:
    read = paper.read_paper(content, "001")
    if read is not None and isinstance(read.asked, RefusedError):
        root = etree.fromstring(paper.write_refusal(read, read.asked)[3:])
        assert root.findtext("IntegradorResposta/Codigo") == "EE"


@given(st.text(max_size=100))
def test_whatever_a_device_replies_is_written_as_xml(retorno: str) -> None:
    root = etree.fromstring(paper.write_reply(paper.Paper("1", paper.unreadable().asked), retorno)[3:])
    assert root.findtext("IntegradorResposta/Codigo") == "AP"
