"""Why the centre could not be reached, in words for whoever can mend it: one table. Pure, over what a library says."""

import re
import socket
import ssl
from typing import Final

from zelo.pos.edge.uplink.core import NO_ANSWER, Answer, Fate

_CERTIFICATE: Final = {
    9: "o certificado da central ainda não vale: confira o relógio desta máquina",
    10: "o certificado da central está vencido, ou o relógio desta máquina está adiantado",
    62: "o certificado que se apresentou não é o do endereço da central em [centro] url",
    64: "o certificado que se apresentou não é o do endereço da central em [centro] url",
}
"""By the number of OpenSSL (X509_V_ERR_…)."""
_STRANGE: Final = (
    "o certificado da central não é de uma autoridade em que esta máquina confia; "
    "se a central ou a rede tem uma própria, indique o arquivo dela em [centro] ca"
)
_TUNNEL: Final = re.compile(r"Tunnel connection failed: (\d{3})")
"""What http.client says of a proxy that refuses CONNECT."""
_UNKNOWN_HERE: Final = "407"


def unreached(error: Exception, *, proxied: bool) -> Answer:
    """The answer that a failure stands for. What a person must mend is `lasting`; a line that is down mends itself."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _lasting(_CERTIFICATE.get(error.verify_code, _STRANGE))
    if isinstance(error, ssl.SSLError):
        return _lasting("quem atende no endereço da central não fala TLS como ela: confira [centro] url")
    tunnel = _TUNNEL.match(str(error))
    if tunnel is not None and tunnel[1] == _UNKNOWN_HERE:
        return _lasting("o proxy pede usuário e senha, ou os recusa (407): confira [centro] proxy")
    if tunnel is not None:
        return _lasting(f"o proxy não deixa chegar à central ({tunnel[1]})")
    whom = "do proxy" if proxied else "da central"
    if isinstance(error, socket.gaierror):
        return _for_now(f"esta rede não conhece o nome {whom}")
    if isinstance(error, ConnectionRefusedError):
        return _for_now(f"ninguém atende no endereço {whom}")
    return NO_ANSWER


def _lasting(said: str) -> Answer:
    return Answer(Fate.UNKNOWN, said=said, lasting=True)


def _for_now(said: str) -> Answer:
    return Answer(Fate.UNKNOWN, said=said)
