"""The coupon that the device issues: chave, signed QR text, the tags that only it fills, XMLDSig with RSA-SHA256.

Form of the chave, the QR text and the signature: as eleven real coupons bear them. The device works on the tree of the
request, so that what the till wrote stays as it was.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from lxml import etree

from zelo.fiscal.ambiente import Ambiente
from zelo.sim.chave import check_digit
from zelo.sim.message import DSIG
from zelo.sim.note import canonical
from zelo.sim.sat.sale import Cancel, Sale, amount
from zelo.sim.sat.state import Issued, Kind, State
from zelo.sim.sat.unit import MODELO, Unit
from zelo.sim.sat.values import ZERO, Worth, tax

C14N: Final = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
RSA_SHA256: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256_URI: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
ORDER: Final = {
    name: {tag: place for place, tag in enumerate(tags.split())}
    for name, tags in {
        "infCFe": "ide emit dest entrega det total pgto infAdic obsFisco",
        "ide": "cUF cNF mod nserieSAT nCFe dEmi hEmi cDV tpAmb CNPJ signAC assinaturaQRCODE numeroCaixa",
        "emit": "CNPJ xNome xFant enderEmit IE IM cRegTrib cRegTribISSQN indRatISSQN",
        "prod": "cProd cEAN xProd NCM CEST CFOP uCom qCom vUnCom vProd indRegra vDesc vOutro vItem vRatDesc vRatAcr "
        "obsFiscoDet",
        "ICMS00": "Orig CST pICMS vICMS",
        "ICMSSN900": "Orig CSOSN pICMS vICMS",
        "ISSQN": "vDeducISSQN vBC vAliq vISSQN cMunFG cListServ cServTribMun cNatOp indIncFisc",
        "total": "ICMSTot vCFe ISSQNtot DescAcrEntr vCFeLei12741",
        "pgto": "MP vTroco",
    }.items()
}
"""Where each tag stands in an issued coupon, for the elements that the device adds to."""

_HUNDRED: Final = Decimal(100)
_PADDING: Final = PKCS1v15()
_CONTRIBUTIONS: Final = ("PIS", "COFINS", "PISST", "COFINSST")


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon that was issued: its row, its signed XML, its time by the device's clock, its signed QR text."""

    issued: Issued
    xml: bytes
    stamp: str
    qr_signature: str


def chave(unit: Unit, cnpj: str, ncfe: int, cnf: str, at: datetime) -> str:
    """cUF, AAMM, CNPJ, 59, nserieSAT, nCFe of six digits, cNF of six, check digit."""
    local = at.astimezone(unit.clock)
    body = f"{unit.uf.codigo}{local:%y%m}{cnpj}{MODELO}{unit.nserie}{ncfe:06d}{cnf}"
    return body + check_digit(body)


def issue_sale(unit: Unit, state: State, sale: Sale, now: datetime, cnf: str) -> Coupon:
    """The coupon of a sale, under the next number."""
    key = chave(unit, state.cnpj, state.ncfe + 1, cnf, now)
    stamp = f"{now.astimezone(unit.clock):%Y%m%d%H%M%S}"
    signature = sign_text(unit.key, f"{key}|{stamp}|{sale.total}|{sale.dest}")
    inf = sale.root[0]
    entry_layout = inf.get("versaoDadosEnt", unit.layout)
    for name in list(inf.attrib):
        del inf.attrib[name]
    inf.attrib.update({"Id": f"CFe{key}", "versao": unit.layout, "versaoDadosEnt": entry_layout})
    inf.set("versaoSB", state.software)
    _identify(inf, key, stamp, signature)
    _emitter(inf, unit)
    for det, worth in zip(inf.iterfind("det"), sale.worths, strict=True):
        _item(det, worth)
    _total(inf, sale)
    _fill(_child(inf, "pgto"), {"vTroco": str(sale.change)})
    return _closed(unit, state, inf, Kind.SALE, (key, sale.total, sale.dest, ""), (now, stamp, signature))


def issue_cancel(unit: Unit, state: State, cancel: Cancel, sale: Issued, now: datetime, cnf: str) -> Coupon:
    """The coupon that cancels a sale: a number and a chave of its own, party and total of the sale."""
    key = chave(unit, state.cnpj, state.ncfe + 1, cnf, now)
    stamp = f"{now.astimezone(unit.clock):%Y%m%d%H%M%S}"
    signature = sign_text(unit.key, f"{key}|{stamp}|{sale.total}|{sale.dest}")
    inf = cancel.root[0]
    inf.attrib.update({"Id": f"CFe{key}", "versao": unit.layout})
    _identify(inf, key, stamp, signature)
    _emitter(inf, unit, cnpj=state.cnpj)
    dest = _child(inf, "dest")
    for each in list(dest):
        dest.remove(each)
    if sale.dest:
        etree.SubElement(dest, "CNPJ" if len(sale.dest) == len(state.cnpj) else "CPF").text = sale.dest
    _fill(_child(inf, "total"), {"vCFe": str(sale.total)})
    first = sale.at.astimezone(unit.clock)
    for place, (tag, text) in enumerate((("dEmi", f"{first:%Y%m%d}"), ("hEmi", f"{first:%H%M%S}"))):
        node = etree.Element(tag)
        node.text = text
        inf.insert(place, node)
    for empty in inf.findall("infAdic"):
        inf.remove(empty)
    row = (key, sale.total, sale.dest, sale.chave)
    return _closed(unit, state, inf, Kind.CANCEL, row, (now, stamp, signature))


def _closed(
    unit: Unit,
    state: State,
    inf: etree._Element,
    kind: Kind,
    row: tuple[str, Decimal, str, str],
    made: tuple[datetime, str, str],
) -> Coupon:
    key, total, dest, of = row
    now, stamp, signature = made
    xml = sign(kind, inf, unit.key, state.certificate)
    return Coupon(Issued(kind, key, now, total, dest, of, len(xml)), xml, stamp, signature)


def _child(node: etree._Element, name: str) -> etree._Element:
    found = node.find(name)
    if found is None:
        raise ValueError(f"{node.tag} without {name}")
    return found


def _fill(node: etree._Element, tags: Mapping[str, str]) -> None:
    """Add tags and put every one into its place."""
    for tag, text in tags.items():
        etree.SubElement(node, tag).text = text
    order = ORDER[str(node.tag)]
    node[:] = sorted(node, key=lambda child: order[str(child.tag)])


def _identify(inf: etree._Element, key: str, stamp: str, signature: str) -> None:
    tags = {
        "cUF": key[:2], "cNF": key[37:43], "mod": MODELO, "nserieSAT": key[22:31], "nCFe": key[31:37],
        "dEmi": stamp[:8], "hEmi": stamp[8:], "cDV": key[-1], "tpAmb": str(Ambiente.HOMOLOGACAO.value),
        "assinaturaQRCODE": signature,
    }  # fmt: skip
    _fill(_child(inf, "ide"), tags)


def _emitter(inf: etree._Element, unit: Unit, cnpj: str = "") -> None:
    """Add what the register knows; `cnpj` where the request names none (a cancel)."""
    who, emit = unit.registry.taxpayer, _child(inf, "emit")
    address = {"xLgr": who.street, "nro": who.number, "xBairro": who.district, "xMun": who.town, "CEP": who.cep}
    place = etree.SubElement(emit, "enderEmit")
    for tag, text in address.items():
        etree.SubElement(place, tag).text = text
    tags = {"xNome": who.name} | ({"xFant": who.trade_name} if who.trade_name else {})
    tags |= {"CNPJ": cnpj, "IE": who.ie} if cnpj else {"cRegTrib": who.regime}
    _fill(emit, tags)


def _item(det: etree._Element, worth: Worth) -> None:
    shares = {"vRatDesc": worth.shared_discount, "vRatAcr": worth.shared_increase}
    tags = {"vProd": worth.gross, "vItem": worth.net} | {tag: value for tag, value in shares.items() if value}
    _fill(_child(det, "prod"), {tag: str(value) for tag, value in tags.items()})
    for name in ("ICMS00", "ICMSSN900"):
        for group in det.iterfind(f"imposto/ICMS/{name}"):
            _fill(group, {"vICMS": str(tax(worth.net, amount(group, "pICMS") / _HUNDRED))})
    for group in det.iterfind("imposto/ISSQN"):
        base = worth.net - amount(group, "vDeducISSQN")
        _fill(group, {"vBC": str(base), "vISSQN": str(tax(base, amount(group, "vAliq") / _HUNDRED))})
    for name in _CONTRIBUTIONS:
        for group in _priced(det, name):
            value = tax(amount(group, "vBC"), amount(group, f"p{name.removesuffix('ST')}"))
            value += tax(amount(group, "qBCProd"), amount(group, "vAliqProd"))
            etree.SubElement(group, f"v{name.removesuffix('ST')}").text = str(value)


def _priced(det: etree._Element, name: str) -> list[etree._Element]:
    """The groups of a contribution that bear a base: those with a rate, by value or by quantity."""
    found = det.find(f"imposto/{name}")
    if found is None:
        return []
    groups = [found] if name.endswith("ST") else list(found)
    return [group for group in groups if group.find("vBC") is not None or group.find("qBCProd") is not None]


def _total(inf: etree._Element, sale: Sale) -> None:
    """vCFe, and the totals of goods and of services where there are any (layout 0.08)."""
    total, dets = _child(inf, "total"), list(inf.iterfind("det"))
    goods = [(det, worth) for det, worth in zip(dets, sale.worths, strict=True) if det.find("imposto/ICMS") is not None]
    services = [det for det in dets if det.find("imposto/ISSQN") is not None]
    if goods:
        found = [det for det, _ in goods]
        tags = {"vICMS": _sum(found, "imposto/ICMS/*/vICMS"), "vProd": sum((worth.gross for _, worth in goods), ZERO)}
        tags |= {"vDesc": _sum(found, "prod/vDesc"), **_contributions(found), "vOutro": _sum(found, "prod/vOutro")}
        _group(total, "ICMSTot", tags)
    if services:
        tags = {"vBC": _sum(services, "imposto/ISSQN/vBC"), "vISS": _sum(services, "imposto/ISSQN/vISSQN")}
        _group(total, "ISSQNtot", tags | _contributions(services))
    _fill(total, {"vCFe": str(sale.total)})


def _contributions(dets: list[etree._Element]) -> dict[str, Decimal]:
    """vPIS, vCOFINS, vPISST, vCOFINSST, in this order."""
    return {
        f"v{name}": _sum(dets, f"imposto/{name}{'' if name.endswith('ST') else '/*'}/v{name.removesuffix('ST')}")
        for name in _CONTRIBUTIONS
    }


def _sum(dets: list[etree._Element], path: str) -> Decimal:
    return sum((Decimal(node.text or "0") for det in dets for node in det.iterfind(path)), ZERO)


def _group(total: etree._Element, name: str, tags: Mapping[str, Decimal]) -> None:
    group = etree.SubElement(total, name)
    for tag, value in tags.items():
        etree.SubElement(group, tag).text = str(value)


def sign_text(key: RSAPrivateKey, text: str) -> str:
    """Base64 of the RSA-SHA256 of a text: assinaturaQRCODE, 344 characters."""
    return base64.b64encode(key.sign(text.encode(), _PADDING, SHA256())).decode()


def sign(kind: Kind, inf: etree._Element, key: RSAPrivateKey, certificate: bytes) -> bytes:
    """The signed document: canonical infCFe and the signature beside it."""
    body = canonical(inf)
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    info = (
        f'<CanonicalizationMethod Algorithm="{C14N}"></CanonicalizationMethod>'
        f'<SignatureMethod Algorithm="{RSA_SHA256}"></SignatureMethod><Reference URI="#{inf.get("Id")}"><Transforms>'
        f'<Transform Algorithm="{DSIG}enveloped-signature"></Transform><Transform Algorithm="{C14N}"></Transform>'
        f'</Transforms><DigestMethod Algorithm="{SHA256_URI}"></DigestMethod><DigestValue>{digest}</DigestValue>'
        "</Reference></SignedInfo>"
    )
    value = sign_text(key, f'<SignedInfo xmlns="{DSIG}">{info}')
    return (
        f'<{kind}>{body.decode()}<Signature xmlns="{DSIG}"><SignedInfo>{info}<SignatureValue>{value}</SignatureValue>'
        f"<KeyInfo><X509Data><X509Certificate>{base64.b64encode(certificate).decode()}</X509Certificate></X509Data>"
        f"</KeyInfo></Signature></{kind}>"
    ).encode()
