"""How a simulated authority is set up: everything that a run depends on besides its requests and its clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from zelo.fiscal.ambiente import Ambiente
from zelo.sim.authority import AUTHORITIES
from zelo.sim.faults import check_rates
from zelo.sim.reading import OFFICIAL, Reading
from zelo.sim.soap import Style
from zelo.sim.verdict import PAUSES


@dataclass(frozen=True, slots=True)
class Pause:
    """An authorizer answers 108 or 109 to everything, from `since` until `until` (None: until resumed)."""

    cstat: str
    since: datetime
    until: datetime | None = None

    def __post_init__(self) -> None:
        """Raises ValueError, in pt-BR, for another code."""
        if self.cstat not in PAUSES:
            raise ValueError(f"Uma paralisação responde 108 ou 109, não {self.cstat}.")

    def holds(self, now: datetime) -> bool:
        """Whether the pause is on."""
        return self.since <= now and (self.until is None or now < self.until)


def _own_styles() -> Mapping[str, Style]:
    return MappingProxyType({name: authority.style for name, authority in AUTHORITIES.items()})


def _no_rates() -> Mapping[str, int]:
    return MappingProxyType({})


def _no_pauses() -> Mapping[str, Pause]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The setting of a run. Raises ValueError, in pt-BR, for production and for names that do not exist.

    `trusted`: DER of the authorities of the test PKI. `accredited`: CNPJs that may emit, None for everybody.
    `contributors`: CPF or CNPJ → active IE of those who have one, None to believe every note. `rates`: trouble → per
    mille. `latency_ms`: least and most, drawn per request. `duplicate_returns_protocol`: a 204 to the very bytes that
    were authorised carries their protocol, as a UF may do (MOC, rule G40).
    """

    trusted: tuple[bytes, ...]
    ambiente: Ambiente = Ambiente.HOMOLOGACAO
    seed: int = 0
    reading: Reading = OFFICIAL
    latency_ms: tuple[int, int] = (0, 0)
    slow_ms: int = 65_000
    rates: Mapping[str, int] = field(default_factory=_no_rates)
    accredited: frozenset[str] | None = None
    contributors: Mapping[str, str] | None = None
    duplicate_returns_protocol: bool = True
    styles: Mapping[str, Style] = field(default_factory=_own_styles)
    paused: Mapping[str, Pause] = field(default_factory=_no_pauses)

    def __post_init__(self) -> None:
        """Refuse what must never be simulated or is misspelt."""
        if self.ambiente is not Ambiente.HOMOLOGACAO:
            raise ValueError("O simulador só existe em homologação.")
        if not 0 <= self.latency_ms[0] <= self.latency_ms[1]:
            raise ValueError("A latência vai do menor ao maior valor, em milissegundos.")
        check_rates(self.rates)
        for name in (*self.styles, *self.paused):
            check_autorizador(name)


def check_autorizador(name: str) -> None:
    """Raises ValueError, in pt-BR, for an authorizer that does not exist."""
    if name not in AUTHORITIES:
        raise ValueError(f"Autorizador desconhecido: {name}. Existem: {', '.join(AUTHORITIES)}.")
