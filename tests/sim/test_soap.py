"""Envelopes: 1.2 and 1.1, each authorizer's style, and a fault for what is no request."""

import pytest
from lxml import etree

from tests.sim import notes
from tests.sim.world import NOW, RECEPCAO, STATUS, World, read
from zelo.sim.faults import Cut
from zelo.sim.sefaz import Request
from zelo.sim.soap import Style, wrap


@pytest.mark.parametrize("soap", [notes.SOAP_12, notes.SOAP_11])
def test_the_answer_comes_in_the_envelope_of_the_question(sim: World, soap: str) -> None:
    reply = sim.reply(notes.envelope(notes.status(), STATUS, soap), STATUS)
    assert etree.fromstring(reply.body).tag == f"{{{soap}}}Envelope"
    assert read(reply).cstat == "107"


WRAPPER = '<nfcomResultMsg xmlns="http://www.portalfiscal.inf.br/nfcom/wsdl/NFComStatusServico">'
STYLED = {
    "SVRS": f"{WRAPPER}<retConsStatServNFCom ",
    "MG": "<ns0:retConsStatServNFCom ",
    "MS": f"{WRAPPER}<retConsStatServNFCom ",
    "MT": f"{WRAPPER}H4sI",
}


@pytest.mark.parametrize("name", STYLED)
def test_each_authorizer_writes_in_its_style(sim: World, name: str) -> None:
    sim.autorizador = name
    reply = sim.reply(notes.envelope(notes.status(), STATUS), STATUS)
    assert STYLED[name] in reply.body.decode()
    assert read(reply).cstat == "107"


def test_only_the_declaration_of_the_root_gets_the_prefix() -> None:
    body = wrap("<a xmlns=\"urn:a\"><b>x xmlns='y'</b></a>", soap=notes.SOAP_12, servico="S", style=Style.PREFIXED)
    assert b"<ns0:a xmlns:ns0=\"urn:a\"><ns0:b>x xmlns='y'</ns0:b></ns0:a>" in body


NO_REQUEST = {
    "nothing": (b"", 500),
    "no XML": (b"hello", 500),
    "no envelope": (b"<a/>", 500),
    "no body": (f'<s:Envelope xmlns:s="{notes.SOAP_12}"/>'.encode(), 500),
    "empty body": (f'<s:Envelope xmlns:s="{notes.SOAP_12}"><s:Body/></s:Envelope>'.encode(), 500),
    "another service": (notes.envelope(notes.status(), RECEPCAO), 500),
    "laughs": (b'<!DOCTYPE l [<!ENTITY a "ha">]><l>&a;</l>', 500),
    "fifty megabytes": (b"0" * 50_000_000, 413),
}


@pytest.mark.parametrize("what", NO_REQUEST)
def test_no_request_gets_a_fault(sim: World, what: str) -> None:
    body, status = NO_REQUEST[what]
    reply = sim.reply(body, STATUS)
    assert (reply.status, reply.cut, reply.delay_seconds) == (status, Cut.NONE, 0)
    fault = etree.fromstring(reply.body)[0][0]
    assert etree.QName(fault).localname == "Fault"
    assert sim.sefaz.journal.entries[-1].cstat == ""


def test_two_mebibytes_on_the_wire_are_read_and_not_one_byte_more(sim: World) -> None:
    body = notes.envelope(notes.status(), STATUS)
    full = body + b" " * (2_097_152 - len(body))
    assert read(sim.reply(full, STATUS)).cstat == "107"
    assert sim.reply(full + b" ", STATUS).status == 413


@pytest.mark.parametrize(("autorizador", "servico"), [("SVRS", "NFComInutilizacao"), ("XX", STATUS), ("", "")])
def test_a_service_that_does_not_exist(sim: World, autorizador: str, servico: str) -> None:
    request = Request(autorizador, servico, notes.envelope(notes.status(), STATUS), sim.a1.der, "10.0.0.1")
    reply = sim.sefaz.answer(request, NOW)
    assert reply.status == 404
    assert f"Não há serviço {servico} no autorizador {autorizador}".encode() in reply.body


def test_a_fault_answers_1_1_in_kind(sim: World) -> None:
    reply = sim.reply(f'<s:Envelope xmlns:s="{notes.SOAP_11}"><s:Body/></s:Envelope>'.encode(), STATUS)
    assert b"<faultstring>" in reply.body
