"""Taxes of an item, group by group as in the layout. `vICMS = vBC x pICMS / 100` and its kin are checked by rules."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Icms00:
    """Taxed in full. FCP comes as a pair or not at all."""

    vBC: Decimal
    pICMS: Decimal
    vICMS: Decimal
    pFCP: Decimal | None = None
    vFCP: Decimal | None = None
    CST: str = "00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Icms20:
    """Taxed on a reduced base."""

    pRedBC: Decimal
    vBC: Decimal
    pICMS: Decimal
    vICMS: Decimal
    vICMSDeson: Decimal | None = None
    cBenef: str | None = None
    pFCP: Decimal | None = None
    vFCP: Decimal | None = None
    CST: str = "20"


@dataclass(frozen=True, slots=True, kw_only=True)
class Icms40:
    """Exempt (40) or not taxed (41)."""

    CST: str
    vICMSDeson: Decimal | None = None
    cBenef: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Icms51:
    """Deferred."""

    vICMSDeson: Decimal | None = None
    cBenef: str | None = None
    CST: str = "51"


@dataclass(frozen=True, slots=True, kw_only=True)
class Icms90:
    """Others; base, rate and value come together or not at all."""

    vBC: Decimal | None = None
    pICMS: Decimal | None = None
    vICMS: Decimal | None = None
    vICMSDeson: Decimal | None = None
    cBenef: str | None = None
    pFCP: Decimal | None = None
    vFCP: Decimal | None = None
    CST: str = "90"


@dataclass(frozen=True, slots=True, kw_only=True)
class IcmsSn:
    """An emitter under Simples Nacional."""

    CST: str = "90"
    indSN: str = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class IcmsUfDest:
    """The share of the destination UF."""

    cUFDest: str
    vBCUFDest: Decimal
    pFCPUFDest: Decimal
    pICMSUFDest: Decimal
    vFCPUFDest: Decimal
    vICMSUFDest: Decimal
    vICMSUFEmi: Decimal
    cBenefUFDest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pis:
    """PIS; ends with 2026."""

    CST: str
    vBC: Decimal
    pPIS: Decimal
    vPIS: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Cofins:
    """COFINS; ends with 2026."""

    CST: str
    vBC: Decimal
    pCOFINS: Decimal
    vCOFINS: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Fust:
    """Fund for universal access."""

    vBC: Decimal
    pFUST: Decimal
    vFUST: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Funttel:
    """Fund for telecom technology."""

    vBC: Decimal
    pFUNTTEL: Decimal
    vFUNTTEL: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RetTrib:
    """Federal taxes withheld by the customer."""

    vRetPIS: Decimal
    vRetCofins: Decimal
    vRetCSLL: Decimal
    vBCIRRF: Decimal
    vIRRF: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class GDif:
    """Deferral of IBS or CBS."""

    pDif: Decimal
    vDif: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class GDevTrib:
    """Tax given back on the note itself."""

    vDevTrib: Decimal
    pDevTrib: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GRed:
    """Reduction of the rate by the cClassTrib."""

    pRedAliq: Decimal
    pAliqEfet: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class GIbsUf:
    """IBS of the UF."""

    pIBSUF: Decimal
    vIBSUF: Decimal
    gDif: GDif | None = None
    gDevTrib: GDevTrib | None = None
    gRed: GRed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GIbsMun:
    """IBS of the municipality."""

    pIBSMun: Decimal
    vIBSMun: Decimal
    gDif: GDif | None = None
    gDevTrib: GDevTrib | None = None
    gRed: GRed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GAlcZfmCbs:
    """CBS at rate zero in incentivised areas: what it would be otherwise."""

    pAliqEfetRegCBS: Decimal
    vTribRegCBS: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class GCbs:
    """CBS."""

    pCBS: Decimal
    vCBS: Decimal
    gDif: GDif | None = None
    gDevTrib: GDevTrib | None = None
    gRed: GRed | None = None
    gALCZFMCBS: GAlcZfmCbs | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GTribRegular:
    """How the item would be taxed were the condition not met."""

    CSTReg: str
    cClassTribReg: str
    pAliqEfetRegIBSUF: Decimal
    vTribRegIBSUF: Decimal
    pAliqEfetRegIBSMun: Decimal
    vTribRegIBSMun: Decimal
    pAliqEfetRegCBS: Decimal
    vTribRegCBS: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class GTribCompraGov:
    """What would be due without the reduction of LC 214/2025 art. 473."""

    pAliqIBSUF: Decimal
    vTribIBSUF: Decimal
    pAliqIBSMun: Decimal
    vTribIBSMun: Decimal
    pAliqCBS: Decimal
    vTribCBS: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class GIbsCbs:
    """IBS and CBS of an item that bears them."""

    vBC: Decimal
    gIBSUF: GIbsUf
    gIBSMun: GIbsMun
    vIBS: Decimal
    gCBS: GCbs
    gTribRegular: GTribRegular | None = None
    gTribCompraGov: GTribCompraGov | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GEstornoCred:
    """Credit to be reversed, where the cClassTrib says so."""

    vIBSEstCred: Decimal
    vCBSEstCred: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class IbsCbs:
    """The reform's group: situation and class, and the values where the situation is taxed."""

    CST: str
    cClassTrib: str
    indDoacao: str | None = None
    gIBSCBS: GIbsCbs | None = None
    gEstornoCred: GEstornoCred | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Imposto:
    """All taxes of an item: exactly one ICMS group, or `indSemCST` for an item that has nothing to do with ICMS."""

    ICMS00: Icms00 | None = None
    ICMS20: Icms20 | None = None
    ICMS40: Icms40 | None = None
    ICMS51: Icms51 | None = None
    ICMS90: Icms90 | None = None
    ICMSSN: IcmsSn | None = None
    ICMSUFDest: tuple[IcmsUfDest, ...] | None = None
    indSemCST: str | None = None
    PIS: Pis | None = None
    COFINS: Cofins | None = None
    FUST: Fust | None = None
    FUNTTEL: Funttel | None = None
    retTrib: RetTrib | None = None
    IBSCBS: IbsCbs | None = None
