"""Who may knock: names under which the gateway may be called, pages that may call it, networks that need no token.

A page of another site can reach a port of the own machine through its visitor's browser, and a name whose address
changes (DNS rebinding) makes that look like the same site. So the Host must be ours, and so must the Origin.
"""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from zelo.pos.edge.door.refused import RefusedError, refused

FORBIDDEN: Final = 403
UNAUTHORIZED: Final = 401
BAD_HOST: Final = "PORTA-NOME"
BAD_ORIGIN: Final = "PORTA-ORIGEM"
BAD_NETWORK: Final = "PORTA-REDE"
BAD_BEARER: Final = "PORTA-TOKEN"
LOOPBACK_NAMES: Final = ("127.0.0.1", "::1", "localhost")
_OWN_SITES: Final = ("same-origin", "none")

Network = IPv4Network | IPv6Network
LOOPBACK: Final[tuple[Network, ...]] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


def networks(listed: Sequence[str]) -> tuple[Network, ...]:
    """Networks from a configuration, loopback always among them. Raises ValueError in pt-BR."""
    try:
        return (*LOOPBACK, *(ip_network(each, strict=False) for each in listed))
    except ValueError as error:
        raise ValueError(f"A rede se escreve como 192.168.0.0/24: {error}") from error


def check_caller(headers: Mapping[str, str], names: Sequence[str]) -> None:
    """Refuse whoever calls under another name or for a page of another site. Raises RefusedError.

    An address of numbers is nobody's name, which could be made to lead here from a page of theirs.
    """
    host = _name(headers.get("host", ""))
    if not _is_number(host) and host not in (*LOOPBACK_NAMES, *(name.lower() for name in names)):
        sentence = "O gateway não atende por este nome."
        remedy = "Chame pelo número da máquina, ou ponha o nome em nomes, de [web], em edge.toml."
        raise refused(BAD_HOST, sentence, remedy, "Host", FORBIDDEN)
    own = f"http://{headers['host'].lower()}"
    origin = headers.get("origin") or _site(headers.get("referer", own))
    if headers.get("sec-fetch-site", "none") not in _OWN_SITES or origin.lower() != own:
        sentence = "Páginas de outros endereços não podem chamar o gateway."
        raise refused(BAD_ORIGIN, sentence, "Chame pelo programa do caixa.", "Origin", FORBIDDEN)


def _site(referer: str) -> str:
    """Where an old browser comes from that says no origin: scheme and host of the page before, as it has them."""
    scheme, _, rest = referer.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def _name(host: str) -> str:
    """The name without the port, in lower case; "" for what is no host."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def check_network(address: str, allowed: Sequence[Network]) -> None:
    """Refuse a caller from elsewhere, where no token tells who calls. Raises RefusedError."""
    try:
        caller = ip_address(address)
    except ValueError:
        caller = None
    if isinstance(caller, IPv6Address) and caller.ipv4_mapped is not None:
        caller = caller.ipv4_mapped
    if caller is None or not any(caller in network for network in allowed):
        sentence = "Este endereço não pode chamar o SATHub do gateway."
        remedy = "Chame da própria máquina, ou ponha a rede do caixa em redes, de [web], em edge.toml."
        raise refused(BAD_NETWORK, sentence, remedy, address, FORBIDDEN)


def bearer(authorization: str) -> str:
    """The token in a header, "" where there is none."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def bad_token() -> RefusedError:
    """What whoever shows no token, or another, is told."""
    sentence = "Falta o token, ou não é o deste gateway."
    return refused(BAD_BEARER, sentence, "Envie Authorization: Bearer TOKEN.", "Authorization", UNAUTHORIZED)
