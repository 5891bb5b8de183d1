"""What of an NFCom is printed: every text of the paper, in the words and forms in which people read it.

From the nfcomProc, or from a note signed off-line that waits for its protocol. Sources: MOC NFCom 1.00a with Anexo II
(Ato COTEPE/ICMS 129/2024) for what must stand on a DANFE-COM; the layout for the tags.
"""

import re
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
from zelo.fiscal.instant import from_tag, show
from zelo.fiscal.uf import Uf
from zelo.models.nfcom.document import EMISSAO_CONTINGENCIA, ID_PREFIX, MODELO, NAMESPACE, ROOT, SIGNED
from zelo.models.nfcom.proc import PROC, PROTOCOL
from zelo.printing.paper import printable

MOST_BYTES: Final = 1_200_000
"""A note has at most 1,024 KB (MOC, B01, cStat 214); the protocol around it a few more."""
MOST_TEXT_CHARS: Final = 3_000
"""The longest field (infCpl)."""
UNREADABLE: Final = "DANFECOM-XML"
NO_PROTOCOL: Final = "DANFECOM-SEM-PROTOCOLO"
UNFIT: Final = "DANFECOM-CAMPO"

_SPACE: Final = f"{{{NAMESPACE}}}"
_NUMBER: Final = re.compile(r"[0-9]{1,13}(\.[0-9]{1,8})?", re.ASCII)
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


class _UnfitError(ValueError):
    """A field that cannot be printed: its place and what is there."""

    def __init__(self, where: str, value: str) -> None:
        super().__init__(where)
        self.fault = Fault(UNFIT, "O campo não serve para impressão.", "Confira o XML.", where, value[:60])


class _Tag:
    """An element of the note by plain names; a missing one reads as empty."""

    __slots__ = ("_element",)

    def __init__(self, element: etree._Element | None) -> None:
        self._element = element

    def tag(self, path: str) -> "_Tag":
        return _Tag(self._element.find(path) if self._element is not None else None)

    def tags(self, path: str) -> Iterator["_Tag"]:
        return iter([]) if self._element is None else (_Tag(found) for found in self._element.iterfind(path))

    def texts(self, path: str) -> list[str]:
        """The texts of every such element."""
        return [printable(tag.raw(".")[:MOST_TEXT_CHARS]) for tag in self.tags(path)]

    def first(self, prefix: str) -> "_Tag":
        """The first child whose name begins so."""
        children = () if self._element is None else self._element
        return _Tag(next((child for child in children if str(child.tag).startswith(prefix)), None))

    def __bool__(self) -> bool:
        return self._element is not None

    def __call__(self, path: str) -> str:
        """The text there, in letters that can be printed; empty where nothing is."""
        found = self._element.findtext(path, "") if self._element is not None else ""
        if len(found) > MOST_TEXT_CHARS:
            raise _UnfitError(path, found)
        return printable(found)

    def raw(self, path: str) -> str:
        """The text there as it is, for a code; attributes by @name."""
        if self._element is None:
            return ""
        return str(self._element.get(path[1:], "") if path.startswith("@") else self._element.findtext(path, ""))

    def number(self, path: str) -> Decimal:
        """The amount there, zero where nothing is."""
        text = self.raw(path)
        if text and not _NUMBER.fullmatch(text):
            raise _UnfitError(path, text)
        return Decimal(text or 0)

    def money(self, path: str) -> str:
        """The amount there as people read it; empty where nothing is."""
        return _amount(self.number(path)) if self.raw(path) else ""

    def day(self, path: str) -> str:
        """The day there as people read it; empty where nothing is."""
        text = self.raw(path)
        try:
            return date.fromisoformat(text).strftime("%d/%m/%Y") if text else ""
        except ValueError as error:
            raise _UnfitError(path, text) from error

    def instant(self, path: str) -> datetime:
        """The instant there."""
        text = self.raw(path)
        try:
            return from_tag(text)
        except ValueError as error:
            raise _UnfitError(path, text) from error


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
    whole = _Tag(root)
    signed = whole.tag(ROOT) if root.tag == PROC else whole
    try:
        return _note(signed.tag(SIGNED), signed.raw("infNFComSupl/qrCodNFCom"), whole.tag(f"{PROTOCOL}/infProt"))
    except _UnfitError as error:
        return error.fault


def _note(note: _Tag, qrcode: str, protocol: _Tag) -> Note | Fault:
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


def _ambiente(ide: _Tag) -> Ambiente:
    try:
        return Ambiente(int(ide.raw("tpAmb")))
    except ValueError as error:
        raise _UnfitError("ide/tpAmb", ide.raw("tpAmb")) from error


def _protocol(protocol: _Tag, zone: ZoneInfo) -> str:
    return f"{protocol('nProt')} - {show(protocol.instant('dhRecbto'), zone)}"


def _consulta(uf: Uf, ambiente: Ambiente, on: date) -> str:
    try:
        return consulta(MODELO, autorizador(MODELO, uf, on), ambiente, on)
    except UnknownFactError:
        return ""


def _emitter(emit: _Tag) -> Party:
    address = emit.tag("enderEmit")
    contact = _joined(_phone(address.raw("fone")), address("email"))
    known = f"CNPJ {cnpj.show(emit('CNPJ'))} · IE {emit('IE')}"
    return Party(name=emit("xNome"), documents=known, address=(*_address(address), *filter(None, [contact])))


def _subscriber(dest: _Tag) -> Party:
    documents = (("CNPJ", "CNPJ"), ("CPF", "CPF"), ("Documento", "idOutros"), ("IE", "IE"), ("IM", "IM"))
    shown = _joined(*(f"{label} {cnpj.show(dest(tag))}" for label, tag in documents if dest(tag)))
    return Party(name=dest("xNome"), documents=shown, address=_address(dest.tag("enderDest")))


def _address(address: _Tag) -> tuple[str, ...]:
    street = ", ".join(filter(None, (address("xLgr"), address("nro"), address("xCpl"))))
    cep = address.raw("CEP")
    town = f"{address('xMun')}/{address('UF')}"
    return street, _joined(address("xBairro"), town, f"CEP {cep[:5]}-{cep[5:]}" if cep else "")


def _account(account: _Tag, charged: _Tag) -> Pairs:
    period = [charged.day("dPerUsoIni"), charged.day("dPerUsoFim")]
    return (
        ("Nº do cliente", account("iCodAssinante")),
        ("Contrato", account("nContrato")),
        ("Telefone principal", _phone(account.raw("NroTermPrinc"))),
        ("Período de uso", " a ".join(filter(None, period))),
    )


def _month(charged: _Tag) -> str:
    text = charged("CompetFat")
    return f"{text[4:]}/{text[:4]}" if text else ""


def _item(det: _Tag) -> Item:
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
        quantity=_number(prod.number("qFaturada")),
        price=prod.money("vItem"),
        total=sign + prod.money("vProd"),
        pis_cofins=_amount(either) if imposto.tag("PIS") or imposto.tag("COFINS") else "",
        base=icms.money("vBC"),
        rate=_number(icms.number("pICMS")) if icms.raw("pICMS") else "",
        icms=icms.money("vICMS"),
    )


def _totals(total: _Tag) -> Pairs:
    held = sum(
        (total.number(f"vRetTribTot/{tag}") for tag in ("vRetPIS", "vRetCofins", "vRetCSLL", "vIRRF")), Decimal()
    )
    return (
        ("Total dos itens", total.money("vProd")),
        ("Descontos", total.money("vDesc")),
        ("Outros acréscimos", total.money("vOutro")),
        ("Tributos retidos", _amount(held)),
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


def _taxes(total: _Tag) -> Pairs:
    return tuple(
        (label, total.money(tag)) for label, tag, zero in _TAXES if total.number(tag) or (zero and total.raw(tag))
    )


def _complement(note: _Tag) -> Iterator[str]:
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


def _charge(charged: _Tag) -> Charge:
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
    digits = printable(digits)
    return f"({digits[:2]}) {digits[2:-4]}-{digits[-4:]}" if len(digits) in (10, 11) else digits


def _amount(value: Decimal) -> str:
    """1.234,56, with more places where the amount has more."""
    places = value.normalize().as_tuple().exponent
    if isinstance(places, int) and places < -2:
        return f"{value:,.{-places}f}".translate(_SWAP)
    return money.show(value)


def _number(value: Decimal) -> str:
    """The same with no more places than it needs."""
    return f"{value.normalize():,f}".translate(_SWAP)


_SWAP: Final = str.maketrans(",.", ".,")
