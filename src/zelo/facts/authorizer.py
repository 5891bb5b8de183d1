"""Who authorises a document, where its services are, and where its QR code points."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from zelo.facts.table import UnknownFactError, in_force, load
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.uf import Uf


@dataclass(frozen=True, slots=True)
class _Autorizador:
    modelo: str
    uf: str
    autorizador: str
    fonte: str
    desde: date
    ate: date | None


@dataclass(frozen=True, slots=True)
class _Endereco:
    modelo: str
    autorizador: str
    ambiente: int
    servico: str
    url: str
    fonte: str
    desde: date
    ate: date | None


@dataclass(frozen=True, slots=True)
class _Svc:
    modelo: str
    uf: str
    autorizador: str
    fonte: str
    desde: date
    ate: date | None


@dataclass(frozen=True, slots=True)
class _Page:
    modelo: str
    autorizador: str
    ambiente: int
    url: str
    fonte: str
    desde: date
    ate: date | None


@cache
def autorizador(modelo: str, uf: Uf, on: date) -> str:
    """The authorizer of an emitter's UF, "SVRS" for instance. Raises UnknownFactError."""
    for row in in_force(load("autorizador", _Autorizador), on):
        if row.modelo == modelo and row.uf == uf:
            return row.autorizador
    raise UnknownFactError(f"no authorizer for model {modelo} in {uf} on {on}")


@cache
def svc(modelo: str, uf: Uf, on: date) -> str:
    """Who stands in for the authorizer of a UF (tpEmis 6 and 7). Raises UnknownFactError."""
    for row in in_force(load("svc", _Svc), on):
        if row.modelo == modelo and row.uf == uf:
            return row.autorizador
    raise UnknownFactError(f"no SVC for model {modelo} in {uf} on {on}")


@cache
def autorizadores(modelo: str) -> tuple[str, ...]:
    """Every authorizer of a model, sorted."""
    return tuple(sorted({row.autorizador for row in load("autorizador", _Autorizador) if row.modelo == modelo}))


@cache
def ufs_of(modelo: str, authorizer: str, on: date) -> frozenset[Uf]:
    """The UFs that an authorizer serves."""
    rows = in_force(load("autorizador", _Autorizador), on)
    return frozenset(Uf(row.uf) for row in rows if row.modelo == modelo and row.autorizador == authorizer)


@cache
def endereco(modelo: str, authorizer: str, ambiente: Ambiente, servico: str, on: date) -> str:
    """The URL of a service. Raises UnknownFactError."""
    for row in in_force(load("endereco", _Endereco), on):
        if (row.modelo, row.autorizador, row.ambiente, row.servico) == (modelo, authorizer, ambiente, servico):
            return row.url
    raise UnknownFactError(f"no address for {servico} of {authorizer}, model {modelo}, ambiente {ambiente} on {on}")


@cache
def qrcode(modelo: str, authorizer: str, ambiente: Ambiente, on: date) -> str:
    """The base URL of the QR code. Raises UnknownFactError."""
    for row in in_force(load("qrcode", _Page), on):
        if (row.modelo, row.autorizador, row.ambiente) == (modelo, authorizer, ambiente):
            return row.url
    raise UnknownFactError(f"no QR address for model {modelo} of {authorizer}, ambiente {ambiente} on {on}")


@cache
def consulta(modelo: str, authorizer: str, ambiente: Ambiente, on: date) -> str:
    """The page where people look a document up by its chave. Raises UnknownFactError: not every authorizer told one."""
    for row in in_force(load("consulta", _Page), on):
        if (row.modelo, row.autorizador, row.ambiente) == (modelo, authorizer, ambiente):
            return row.url
    raise UnknownFactError(f"no page of consulta for model {modelo} of {authorizer}, ambiente {ambiente} on {on}")
