"""The web services of NFCom as rows, and the two small messages that ask about something.

Source: MOC NFCom 1.00a item 4 and the WSDLs of SVRS. The wrapper of a request is `nfcomDadosMsg` (NT 2023.001 item 4)
in the namespace of the service.
"""

from dataclasses import dataclass
from typing import Final

from zelo.fiscal.ambiente import Ambiente
from zelo.models.nfcom.document import NAMESPACE, VERSAO

_WSDL: Final = "http://www.portalfiscal.inf.br/nfcom/wsdl"


@dataclass(frozen=True, slots=True)
class Service:
    """A SOAP 1.2 operation: its wrapper element, namespace, action, and whether the message goes compressed."""

    name: str
    method: str
    wrapper: str = "nfcomDadosMsg"
    compressed: bool = False

    @property
    def namespace(self) -> str:
        """Namespace of the wrapper."""
        return f"{_WSDL}/{self.name}"

    @property
    def action(self) -> str:
        """The SOAP action."""
        return f"{_WSDL}/{self.name}/{self.method}"


RECEPCAO: Final = Service("NFComRecepcao", "nfcomRecepcao", compressed=True)
CONSULTA: Final = Service("NFComConsulta", "nfcomConsultaNF")
STATUS: Final = Service("NFComStatusServico", "nfcomStatusServicoNF")
EVENTO: Final = Service("NFComRecepcaoEvento", "nfcomRecepcaoEvento")
SERVICES: Final = {service.name: service for service in (RECEPCAO, CONSULTA, STATUS, EVENTO)}


def consulta(chave: str, ambiente: Ambiente) -> bytes:
    """Ask what became of a chave (consSitNFCom)."""
    return (
        f'<consSitNFCom xmlns="{NAMESPACE}" versao="{VERSAO}"><tpAmb>{ambiente.value}</tpAmb>'
        f"<xServ>CONSULTAR</xServ><chNFCom>{chave}</chNFCom></consSitNFCom>"
    ).encode()


def status(ambiente: Ambiente) -> bytes:
    """Ask whether the service runs (consStatServNFCom)."""
    return (
        f'<consStatServNFCom xmlns="{NAMESPACE}" versao="{VERSAO}"><tpAmb>{ambiente.value}</tpAmb>'
        "<xServ>STATUS</xServ></consStatServNFCom>"
    ).encode()
