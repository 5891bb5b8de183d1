"""What a device is made of and stands among: plate, chip, taxpayer, usage parameters, and what SEFAZ holds about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from zelo.facts.limit import limit
from zelo.facts.place import zone
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.uf import Uf, from_codigo
from zelo.sim.pki import Authority
from zelo.sim.sat.profile import BY_THE_BOOK, PROFILES, Profile

MODELO: Final = "59"
SOFTWARE: Final = "010000"
"""versaoSB of a new device."""
_PER_CENT: Final = 100
_ANYBODY: Final = "*"


def official(name: str, on: date) -> int:
    """The value of an official limit of model 59, in the unit of its row. Raises UnknownFactError."""
    return limit(name, autorizador=_ANYBODY, modelo=MODELO, ambiente=Ambiente.HOMOLOGACAO, on=on).valor


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The usage parameters that SEFAZ gives a device, and what its maker built in."""

    cancel: timedelta
    sessions: int
    sale_bytes: int
    lot_coupons: int
    lot_bytes: int
    memory_share: Decimal
    silent: timedelta
    unsent: timedelta
    memory_total_bytes: int = 67_108_864
    most_value: Decimal = Decimal("10000.00")
    """limiteCFe; the true one comes in the usage parameters (1409)."""
    wrong_codes: int = 5
    """How many wrong codes in a row block (06009); no public page says the number."""
    update: timedelta = timedelta(0)
    """How long an update of the software keeps the device from working."""


def terms_on(day: date) -> Terms:
    """The terms as the dated rows have them on a day."""
    return Terms(
        cancel=timedelta(minutes=official("cancelamento", day)),
        sessions=official("sessoes_distintas", day),
        sale_bytes=official("tamanho_cfe", day),
        lot_coupons=official("cfe_por_lote", day),
        lot_bytes=official("tamanho_lote", day),
        memory_share=Decimal(official("memoria_bloqueio", day)) / _PER_CENT,
        silent=timedelta(days=official("dias_sem_sefaz", day)),
        unsent=timedelta(days=official("dias_sem_transmitir", day)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxpayer:
    """Whom SEFAZ has the device registered for: what the device adds to a coupon and what it compares with one."""

    cnpj: str
    ie: str
    name: str = "EMITENTE DE TESTE"
    trade_name: str = ""
    street: str = "RUA DE TESTE"
    number: str = "100"
    district: str = "CENTRO"
    town: str = "SAO PAULO"
    cep: str = "01001000"
    regime: str = "3"
    """cRegTrib: 1 simples, 3 normal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """What SEFAZ would say to this device at this instant.

    `reachable`: whether there is a way to it. `block_asked`, `unblock_asked`: the taxpayer asked for it on SEFAZ's
    pages. `houses`: CNPJ of a software house → key that its signAC is verified with; empty: any is accepted.
    `notice`: cod and text of a warning that goes with every reply. `software`: the newest version.
    """

    taxpayer: Taxpayer
    reachable: bool = True
    block_asked: bool = False
    unblock_asked: bool = False
    houses: Mapping[str, RSAPublicKey] = field(default_factory=lambda: MappingProxyType({}))
    notice: tuple[str, str] = ("", "")
    software: str = SOFTWARE


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A device as it leaves the factory, with the registry that it talks to. `nserie`: nine digits."""

    nserie: str
    uf: Uf
    key: RSAPrivateKey
    authority: Authority
    registry: Registry
    terms: Terms
    profile: Profile = PROFILES[BY_THE_BOOK]
    emergency: str = "99999999"
    """The code of emergency that comes in a sealed letter."""
    layout: str = "0.08"
    mac: str = "02:00:00:00:00:59"

    @property
    def clock(self) -> ZoneInfo:
        """Where its clock stands."""
        return zone(self.uf)


def uf_of(codigo: int) -> Uf | None:
    """The UF that AtivarSAT names."""
    return from_codigo(f"{codigo:02d}")
