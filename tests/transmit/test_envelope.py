"""The envelope against the facts of the published WSDLs, read back by lxml and gzip."""

import base64
import gzip
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from zelo.fiscal.ambiente import Ambiente
from zelo.models.nfcom.services import SERVICES, Service, consulta, status
from zelo.transmit.envelope import CONTENT_TYPE, envelope, headers

SOAP: Final = "http://www.w3.org/2003/05/soap-envelope"
WSDL: Final = "http://www.portalfiscal.inf.br/nfcom/wsdl"
ACTIONS: Final = {
    "NFComRecepcao": "nfcomRecepcao",
    "NFComConsulta": "nfcomConsultaNF",
    "NFComStatusServico": "nfcomStatusServicoNF",
    "NFComRecepcaoEvento": "nfcomRecepcaoEvento",
}
"""Operations of the WSDLs that SVRS publishes; the wrapper's name is that of NT 2023.001 item 4."""
CHAVE: Final = "43261112ABC34501DE35620010000000051076543217"

each = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES.keys())


def wrapper_of(body: bytes) -> etree._Element:
    """The only element of the body of the envelope, and nothing else is there."""
    root = etree.fromstring(body)
    assert root.tag == f"{{{SOAP}}}Envelope"
    (soap_body,) = root
    assert soap_body.tag == f"{{{SOAP}}}Body", "no header (MOC NFCom 1.00a item 3.4)"
    (wrapper,) = soap_body
    return wrapper


@each
def test_wrapper_namespace_and_action_of_each_service(service: Service) -> None:
    body = envelope(
        wrapper=service.wrapper, namespace=service.namespace, message=b"<m/>", compressed=service.compressed
    )
    assert wrapper_of(body).tag == f"{{{WSDL}/{service.name}}}nfcomDadosMsg"
    action = f"{WSDL}/{service.name}/{ACTIONS[service.name]}"
    assert headers(service.action) == {"Content-Type": f'application/soap+xml; charset=utf-8; action="{action}"'}
    assert service.compressed is (service.name == "NFComRecepcao")


@settings(deadline=None)
@given(st.binary(max_size=3000))
def test_a_compressed_message_comes_out_to_the_byte(message: bytes) -> None:
    body = envelope(wrapper="w", namespace="urn:x", message=message, compressed=True)
    text = wrapper_of(body).text or ""
    unpacked = gzip.decompress(base64.b64decode(text, validate=True))
    assert unpacked == b'<?xml version="1.0" encoding="UTF-8"?>' + message


@pytest.mark.parametrize("ambiente", list(Ambiente))
def test_plain_messages_stand_in_their_wrapper_as_they_are(ambiente: Ambiente) -> None:
    for message in (consulta(CHAVE, ambiente), status(ambiente)):
        body = envelope(wrapper="w", namespace="urn:x", message=message, compressed=False)
        (inside,) = wrapper_of(body)
        assert etree.tostring(
            etree.fromstring(etree.tostring(inside)), method="c14n", exclusive=True
        ) == etree.tostring(etree.fromstring(message), method="c14n")
        assert message in body


def test_a_compressed_message_is_the_same_each_time() -> None:
    """Evidence of what was sent can be made again."""
    one, other = (envelope(wrapper="w", namespace="urn:x", message=b"<m/>" * 99, compressed=True) for _ in range(2))
    assert one == other


def test_content_type_is_that_of_soap_12() -> None:
    assert CONTENT_TYPE.startswith("application/soap+xml")
