"""What of an NFCom is printed: every text of the paper, in the words and forms in which people read it.

From the nfcomProc, or from a note signed off-line that waits for its protocol. Sources: MOC NFCom 1.00a with Anexo II
(Ato COTEPE/ICMS 129/2024) for what must stand on a DANFE-COM; the layout for the tags.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from lxml import etree

from zelo.facts import place
from zelo.facts.authorizer import autorizador, consulta
from zelo.facts.item import subtracts
from zelo.facts.table import UnknownFactError
from zelo.fiscal import boleto, cnpj, money
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.chave import in_blocks, is_chave
from zelo.fiscal.fault import Fault
from zelo.fiscal.instant import show
from zelo.fiscal.uf import Uf
from zelo.models.nfcom.document import EMISSAO_CONTINGENCIA, ID_PREFIX, MODELO, NAMESPACE, ROOT, SIGNED
from zelo.models.nfcom.proc import PROC, PROTOCOL
from zelo.printing.tag import Tag, UnfitError

MOST_BYTES: Final = 1_200_000
"""A note has at most 1,024 KB (MOC, B01, cStat 214); the protocol around it a few more."""
UNREADABLE: Final = "DANFECOM-XML"
NO_PROTOCOL: Final = "DANFECOM-SEM-PROTOCOLO"

_SPACE: Final = f"{{{NAMESPACE}}}"
_UNITS: Final = {"1": "min", "2": "MB", "3": "GB", "4": "un"}
"""uMed (MOC NFCom Anexo I)."""
_REASONS: Final = {
    "01": "erro de preço",
    "02": "erro cadastral",
    "03": "decisão judicial",
    "04": "erro de tributação",
    "05": "descontinuidade do serviço",
    "06": "regime especial",
}
"""motSub (MOC NFCom Anexo I, D25, and the type TMotSub of the schema)."""

Pairs = tuple[tuple[str, str], ...]
"""Labels with what stands under them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A line of the table of items; an amount that takes away bears a minus."""

    what: str
    more: str
    cclass: str
    cfop: str
    unit: str
    quantity: str
    price: str
    total: str
    pis_cofins: str
    base: str
    rate: str
    icms: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Emitter or subscriber: name, documents and address, each in lines."""

    name: str
    documents: str
    address: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """How the note is paid. `barras` is empty where the digits are not those of a slip, then `linha` is as given."""

    linha: str
    barras: str
    pix: str
    debit: Pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Everything that a DANFE-COM says."""

    chave: str
    number: str
    serie: str
    issued: str
    created: datetime
    ambiente: Ambiente
    offline: bool
    protocol: str
    qrcode: str
    consulta: str
    emitter: Party
    subscriber: Party
    account: Pairs
    reference: str
    due: str
    total: str
    items: tuple[Item, ...]
    totals: Pairs
    taxes: Pairs
    fisco: str
    complement: tuple[str, ...]
    charge: Charge | None


def read(xml: bytes) -> Note | Fault:
    """What is printed of an nfcomProc, or of an NFCom issued off-line; a fault where it is neither."""
    if len(xml) > MOST_BYTES:
        return Fault(UNREADABLE, f"O XML passa de {MOST_BYTES} bytes.", "Confira se o arquivo é de uma NFCom.")
    try:
        root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return Fault(UNREADABLE, "O arquivo não é um XML legível.", "Confira o arquivo.")
    if root.getroottree().docinfo.internalDTD is not None or root.tag not in (_SPACE + PROC, _SPACE + ROOT):
        return Fault(UNREADABLE, "O XML não é de uma NFCom.", "Imprima o nfcomProc, ou a NFCom de contingência.")
    for element in root.iter(f"{_SPACE}*"):
        element.tag = str(element.tag)[len(_SPACE) :]
    whole = Tag(root)
    signed = whole.tag(ROOT) if root.tag == PROC else whole
    try:
        return _note(signed.tag(SIGNED), signed.raw("infNFComSupl/qrCodNFCom"), whole.tag(f"{PROTOCOL}/infProt"))
    except UnfitError as error:
        return error.fault


def _note(note: Tag, qrcode: str, protocol: Tag) -> Note | Fault:
    ide = note.tag("ide")
    chave = note.raw("@Id").removeprefix(ID_PREFIX)
    offline = ide.raw("tpEmis") == EMISSAO_CONTINGENCIA
    uf = note.raw("emit/enderEmit/UF")
    if not is_chave(chave) or ide.raw("mod") != MODELO or uf not in set(Uf) or not 50 <= len(qrcode) <= 1000:
        return Fault(UNREADABLE, "O XML não é de uma NFCom completa.", "Confira o arquivo.")
    if not protocol and not offline:
        return Fault(NO_PROTOCOL, "A nota ainda não foi autorizada.", "Imprima depois da autorização.", value=chave)
    if protocol and (protocol.raw("chNFCom") != chave or not protocol.raw("nProt")):
        return Fault(NO_PROTOCOL, "O protocolo é de outra nota.", "Confira o arquivo.", value=chave)
    zone = place.zone(Uf(uf))
    issued = ide.instant("dhEmi")
    ambiente = _ambiente(ide)
    charged, account = note.tag("gFat"), note.tag("assinante")
    return Note(
        chave=chave,
        number=f"{int(chave[25:34]):,}".replace(",", "."),
        serie=str(int(chave[22:25])),
        issued=show(issued, zone),
        created=issued,
        ambiente=ambiente,
        offline=offline,
        protocol=_protocol(protocol, zone) if protocol else "",
        qrcode=qrcode,
        consulta=_consulta(Uf(uf), ambiente, issued.astimezone(zone).date()),
        emitter=_emitter(note.tag("emit")),
        subscriber=_subscriber(note.tag("dest")),
        account=_account(account, charged),
        reference=_month(charged),
        due=charged.day("dVencFat"),
        total=note.money("total/vNF"),
        items=tuple(_item(det) for det in note.tags("det")),
        totals=_totals(note.tag("total")),
        taxes=_taxes(note.tag("total")),
        fisco=note("infAdic/infAdFisco"),
        complement=tuple(_complement(note)),
        charge=_charge(charged) if charged else None,
    )


def _ambiente(ide: Tag) -> Ambiente:
    try:
        return Ambiente(int(ide.raw("tpAmb")))
    except ValueError as error:
        raise UnfitError("ide/tpAmb", ide.raw("tpAmb")) from error


def _protocol(protocol: Tag, zone: ZoneInfo) -> str:
    return f"{protocol('nProt')} - {show(protocol.instant('dhRecbto'), zone)}"


def _consulta(uf: Uf, ambiente: Ambiente, on: date) -> str:
    try:
        return consulta(MODELO, autorizador(MODELO, uf, on), ambiente, on)
    except UnknownFactError:
        return ""


def _emitter(emit: Tag) -> Party:
    address = emit.tag("enderEmit")
    contact = _joined(_phone(address.raw("fone")), address("email"))
    known = f"CNPJ {cnpj.show(emit('CNPJ'))} · IE {emit('IE')}"
    return Party(name=emit("xNome"), documents=known, address=(*_address(address), *filter(None, [contact])))


def _subscriber(dest: Tag) -> Party:
    documents = (("CNPJ", "CNPJ"), ("CPF", "CPF"), ("Documento", "idOutros"), ("IE", "IE"), ("IM", "IM"))
    shown = _joined(*(f"{label} {cnpj.show(dest(tag))}" for label, tag in documents if dest(tag)))
    return Party(name=dest("xNome"), documents=shown, address=_address(dest.tag("enderDest")))


def _address(address: Tag) -> tuple[str, ...]:
    street = ", ".join(filter(None, (address("xLgr"), address("nro"), address("xCpl"))))
    cep = address.raw("CEP")
    town = f"{address('xMun')}/{address('UF')}"
    return street, _joined(address("xBairro"), town, f"CEP {cep[:5]}-{cep[5:]}" if cep else "")


def _account(account: Tag, charged: Tag) -> Pairs:
    period = [charged.day("dPerUsoIni"), charged.day("dPerUsoFim")]
    return (
        ("Nº do cliente", account("iCodAssinante")),
        ("Contrato", account("nContrato")),
        ("Telefone principal", _phone(account.raw("NroTermPrinc"))),
        ("Período de uso", " a ".join(filter(None, period))),
    )


def _month(charged: Tag) -> str:
    text = charged("CompetFat")
    return f"{text[4:]}/{text[:4]}" if text else ""


def _item(det: Tag) -> Item:
    prod, imposto = det.tag("prod"), det.tag("imposto")
    icms = imposto.first("ICMS")
    sign = "-" if subtracts(prod.raw("cClass")) is not bool(prod.raw("indDevolucao")) else ""
    either = imposto.number("PIS/vPIS") + imposto.number("COFINS/vCOFINS")
    return Item(
        what=f"{prod('cProd')} - {prod('xProd')}",
        more=det("infAdProd"),
        cclass=prod("cClass"),
        cfop=prod("CFOP"),
        unit=_UNITS.get(prod.raw("uMed"), ""),
        quantity=money.show_number(prod.number("qFaturada")),
        price=prod.money("vItem"),
        total=sign + prod.money("vProd"),
        pis_cofins=money.show_exact(either) if imposto.tag("PIS") or imposto.tag("COFINS") else "",
        base=icms.money("vBC"),
        rate=money.show_number(icms.number("pICMS")) if icms.raw("pICMS") else "",
        icms=icms.money("vICMS"),
    )


def _totals(total: Tag) -> Pairs:
    held = sum(
        (total.number(f"vRetTribTot/{tag}") for tag in ("vRetPIS", "vRetCofins", "vRetCSLL", "vIRRF")), Decimal()
    )
    return (
        ("Total dos itens", total.money("vProd")),
        ("Descontos", total.money("vDesc")),
        ("Outros acréscimos", total.money("vOutro")),
        ("Tributos retidos", money.show_exact(held)),
        ("Total da nota", total.money("vNF")),
    )


_TAXES: Final = (
    ("Base de cálculo do ICMS", "ICMSTot/vBC", True),
    ("ICMS", "ICMSTot/vICMS", True),
    ("FCP", "ICMSTot/vFCP", False),
    ("ICMS desonerado", "ICMSTot/vICMSDeson", False),
    ("PIS", "vPIS", True),
    ("COFINS", "vCOFINS", True),
    ("FUST", "vFUST", True),
    ("FUNTTEL", "vFUNTTEL", True),
    ("PIS retido", "vRetTribTot/vRetPIS", False),
    ("COFINS retida", "vRetTribTot/vRetCofins", False),
    ("CSLL retida", "vRetTribTot/vRetCSLL", False),
    ("IRRF", "vRetTribTot/vIRRF", False),
    ("Base do IBS e da CBS", "IBSCBSTot/vBCIBSCBS", True),
    ("IBS da UF", "IBSCBSTot/gIBS/gIBSUF/vIBSUF", True),
    ("IBS do município", "IBSCBSTot/gIBS/gIBSMun/vIBSMun", True),
    ("CBS", "IBSCBSTot/gCBS/vCBS", True),
    ("Total do documento", "vTotDFe", True),
)
"""Label, tag under `total`, and whether it is printed when it is zero; one that is absent never is."""


def _taxes(total: Tag) -> Pairs:
    return tuple(
        (label, total.money(tag)) for label, tag, zero in _TAXES if total.number(tag) or (zero and total.raw(tag))
    )


def _complement(note: Tag) -> Iterator[str]:
    replaced = note.tag("gSub")
    if replaced.raw("chNFCom"):
        reason = _REASONS.get(replaced.raw("motSub"), "")
        yield _joined(f"Substitui a NFCom {in_blocks(replaced('chNFCom'))}", f"motivo: {reason}" if reason else "")
    elif replaced:
        paper = replaced.tag("gNF")
        yield f"Substitui a nota modelo {paper('mod')}, série {paper('serie')}, número {paper('nNF')}"
    if note.tag("gFatCentral"):
        yield f"Cobrança centralizada pelo CNPJ {cnpj.show(note('gFatCentral/CNPJ'))}"
    lines = note.texts("assinante/NroTermAdic")
    if lines:
        yield f"Outros terminais: {', '.join(map(_phone, lines))}"
    yield from note.texts("infAdic/infCpl")


def _charge(charged: Tag) -> Charge:
    given = charged.raw("codBarras")
    try:
        barras, linha = boleto.codigo_barras(given), boleto.in_fields(boleto.linha_digitavel(given))
    except ValueError:
        barras, linha = "", given.strip("0") and charged("codBarras")
    debit = (("Banco", "codBanco"), ("Agência", "codAgencia"), ("Débito automático", "codDebAuto"))
    return Charge(
        linha=linha,
        barras=barras,
        pix=charged.raw("gPIX/urlQRCodePIX"),
        debit=tuple((label, charged(tag)) for label, tag in debit if charged(tag)),
    )


def _joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def _phone(digits: str) -> str:
    """(51) 99999-1234 where there is an area code."""
    return f"({digits[:2]}) {digits[2:-4]}-{digits[-4:]}" if len(digits) in (10, 11) else digits
