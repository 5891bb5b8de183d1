"""Golden NFComs judged by others: the official XSD, xmlsec, lxml's C14N, nfelib, and sums and digits done again here.

To write the XML files anew after a wanted change: ZELO_REGOLD=1 pytest -n 0 tests/models/nfcom/test_golden.py
"""

import base64
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any, Final

import pytest
import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1
from lxml import etree
from xsdata.formats.dataclass.parsers import XmlParser

from tests.models.nfcom.golden import FOLDER, NAMES, Golden, from_json, issue, read, to_json
from zelo.models.nfcom.draft import TerminalAdicional
from zelo.models.nfcom.rules.table import RULES
from zelo.sign.xmldsig import verify

NS: Final = "{http://www.portalfiscal.inf.br/nfcom}"
DS: Final = "{http://www.w3.org/2000/09/xmldsig#}"
KINDS_PROMISED: Final = 24
MOST_ITEMS: Final = 990

NFELIB: Final = import_module("nfelib.nfcom.bindings.v1_0").Nfcom
"""Imported so because nfelib does not say its types."""

each = pytest.mark.parametrize("name", NAMES)


@cache
def schema() -> etree.XMLSchema:
    path = files("nfelib") / "nfcom" / "schemas" / "v1_0" / "nfcom_v1.00.xsd"
    return etree.XMLSchema(etree.fromstring(path.read_bytes(), base_url=str(path)))


@cache
def signed(name: str) -> bytes:
    return issue(read(name))[1].xml


def under(node: etree._Element, path: str) -> list[etree._Element]:
    """Nodes at a path of local names below `node`."""
    return node.findall("/".join(f"{NS}{step}" for step in path.split("/")))


def text(node: etree._Element, path: str) -> str:
    (found,) = under(node, path)
    return found.text or ""


def inside(xml: bytes) -> etree._Element:
    """The element infNFCom."""
    (found,) = under(etree.fromstring(xml), "infNFCom")
    return found


def is_valid(xml: bytes) -> bool:
    return schema().validate(etree.fromstring(xml))


def assert_valid(xml: bytes) -> None:
    assert is_valid(xml), schema().error_log


def assert_signed(xml: bytes) -> None:
    """Signature by xmlsec, digest over lxml's C14N."""
    root = etree.fromstring(xml)
    xmlsec.tree.add_ids(root, ["Id"])
    signature = root.find(f"{DS}Signature")
    assert signature is not None
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(_certificate(root), xmlsec.constants.KeyDataFormatCertDer, None)
    context.verify(signature)
    alone = etree.fromstring(etree.tostring(under(root, "infNFCom")[0]))
    digest = hashlib.sha1(etree.tostring(alone, method="c14n"), usedforsecurity=False).digest()
    assert signature.findtext(f".//{DS}DigestValue") == base64.b64encode(digest).decode()


def _certificate(root: etree._Element) -> bytes:
    return base64.b64decode(root.findtext(f".//{DS}X509Certificate") or "")


@each
def test_bytes_are_the_golden_ones(name: str) -> None:
    path = FOLDER / f"{name}.xml"
    if os.environ.get("ZELO_REGOLD") == "1":
        path.write_bytes(signed(name))
    assert signed(name) == path.read_bytes()


@each
def test_input_says_everything_in_its_canonical_form(name: str) -> None:
    written = (FOLDER / f"{name}.json").read_bytes()
    assert to_json(from_json(written)) == written
    assert json.loads(written)["about"]


def test_there_are_as_many_kinds_as_promised_and_no_orphan() -> None:
    assert len(NAMES) >= KINDS_PROMISED
    assert {path.stem for path in FOLDER.glob("*.xml")} == set(NAMES)


@each
def test_valid_against_the_official_schema(name: str) -> None:
    assert_valid(signed(name))


@each
def test_signature_and_digest_hold_for_others(name: str) -> None:
    assert_signed(signed(name))
    assert verify(signed(name)) is None


def test_a_changed_byte_breaks_the_signature() -> None:
    xml = signed(NAMES[0])
    changed = xml.replace(b"<CRT>3</CRT>", b"<CRT>1</CRT>")
    assert changed != xml
    with pytest.raises(xmlsec.Error):
        assert_signed(changed)
    assert verify(changed) == "digest differs"


@each
def test_no_rule_objects(name: str) -> None:
    assert [fault for rule in RULES for fault in rule.faults(read(name).note)] == []


def _digit(body: str) -> str:
    """Modulus 11 with weights 2 to 9 from the right over ASCII - 48, as the MOC words it."""
    total = sum((ord(char) - ord("0")) * (2 + place % 8) for place, char in enumerate(reversed(body)))
    return "0" if total % 11 < 2 else str(11 - total % 11)


@each
def test_chave_is_made_of_the_tags_and_its_digit(name: str) -> None:
    inf = inside(signed(name))
    ide = {tag: text(inf, f"ide/{tag}") for tag in ("cUF", "mod", "tpEmis", "nSiteAutoriz", "cNF", "cDV")}
    year_month = text(inf, "ide/dhEmi")[2:7].replace("-", "")
    serie, number = int(text(inf, "ide/serie")), int(text(inf, "ide/nNF"))
    body = (
        f"{ide['cUF']}{year_month}{text(inf, 'emit/CNPJ')}{ide['mod']}{serie:03}{number:09}"
        f"{ide['tpEmis']}{ide['nSiteAutoriz']}{ide['cNF']}"
    )
    assert ide["cDV"] == _digit(body)
    assert inf.get("Id") == f"NFCom{body}{_digit(body)}"


SUMS: Final = {
    "vProd": ("prod/vProd",),
    "ICMSTot/vBC": ("imposto/ICMS00/vBC", "imposto/ICMS20/vBC", "imposto/ICMS90/vBC"),
    "ICMSTot/vICMS": ("imposto/ICMS00/vICMS", "imposto/ICMS20/vICMS", "imposto/ICMS90/vICMS"),
    "ICMSTot/vICMSDeson": tuple(f"imposto/ICMS{cst}/vICMSDeson" for cst in ("20", "40", "51", "90")),
    "ICMSTot/vFCP": tuple(f"imposto/ICMS{cst}/vFCP" for cst in ("00", "20", "90")),
    "vCOFINS": ("imposto/COFINS/vCOFINS",),
    "vPIS": ("imposto/PIS/vPIS",),
    "vFUNTTEL": ("imposto/FUNTTEL/vFUNTTEL",),
    "vFUST": ("imposto/FUST/vFUST",),
    **{f"vRetTribTot/{tag}": (f"imposto/retTrib/{tag}",) for tag in ("vRetPIS", "vRetCofins", "vRetCSLL", "vIRRF")},
    "vDesc": ("prod/vDesc",),
    "vOutro": ("prod/vOutro",),
    "IBSCBSTot/vBCIBSCBS": ("imposto/IBSCBS/gIBSCBS/vBC",),
    "IBSCBSTot/gIBS/vIBS": ("imposto/IBSCBS/gIBSCBS/vIBS",),
    **{
        f"IBSCBSTot/{total}/{tag}": (f"imposto/IBSCBS/gIBSCBS/{item}/{inner}{tag}",)
        for total, item, value in (
            ("gIBS/gIBSUF", "gIBSUF", "vIBSUF"),
            ("gIBS/gIBSMun", "gIBSMun", "vIBSMun"),
            ("gCBS", "gCBS", "vCBS"),
        )
        for tag, inner in ((value, ""), ("vDif", "gDif/"), ("vDevTrib", "gDevTrib/"))
    },
    **{
        f"IBSCBSTot/gEstornoCred/{tag}": (f"imposto/IBSCBS/gEstornoCred/{tag}",)
        for tag in ("vIBSEstCred", "vCBSEstCred")
    },
}
"""Where each total comes from (MOC NFCom 1.00a Anexo I, G106 to G136; NT 2025.001 for IBS and CBS)."""


def _sign(det: etree._Element) -> int:
    minus = text(det, "prod/cClass").startswith("5") != bool(under(det, "prod/indDevolucao"))
    return -1 if minus else 1


@each
def test_totals_are_the_signed_sums_of_the_items(name: str) -> None:
    inf = inside(signed(name))
    stated = {path: Decimal(node.text or "") for path in SUMS for node in under(inf, f"total/{path}")}
    for path, value in stated.items():
        found = [
            _sign(det) * Decimal(node.text or "")
            for det in under(inf, "det")
            for source in SUMS[path]
            for node in under(det, source)
        ]
        assert value == sum(found, Decimal(0)).quantize(Decimal("0.01"), ROUND_HALF_UP), path
    withheld = sum(stated[f"vRetTribTot/{tag}"] for tag in ("vRetPIS", "vRetCofins", "vRetCSLL", "vIRRF"))
    vnf = Decimal(text(inf, "total/vNF"))
    assert vnf == stated["vProd"] - withheld
    if under(inf, "det/imposto/IBSCBS"):
        adds = text(inf, "ide/dhEmi") >= "2027"
        reform = stated["IBSCBSTot/gIBS/vIBS"] + stated["IBSCBSTot/gCBS/vCBS"] if adds else Decimal(0)
        assert Decimal(text(inf, "total/vTotDFe")) == vnf + reform


def _differences(ours: Any, theirs: Any, path: str) -> Iterator[str]:
    """Where what nfelib read differs from what we wrote."""
    if ours is None:
        if theirs not in (None, []):
            yield f"{path}: absent, read {theirs}"
    elif is_dataclass(ours):
        for field in fields(ours):
            yield from _differences(
                getattr(ours, field.name), getattr(theirs, field.name, None), f"{path}/{field.name}"
            )
    elif isinstance(ours, tuple):
        if len(ours) != len(theirs):
            yield f"{path}: wrote {len(ours)}, read {len(theirs)}"
        for index, (one, other) in enumerate(zip(ours, theirs, strict=False), start=1):
            yield from _differences(one, other, f"{path}[{index}]")
    else:
        plain = theirs.value if isinstance(theirs, Enum) else theirs
        same = Decimal(plain) == ours if isinstance(ours, Decimal) else plain == _text(ours)
        if not same:
            yield f"{path}: wrote {ours!r}, read {plain!r}"


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


@each
def test_nfelib_reads_back_what_was_written(name: str) -> None:
    golden = read(name)
    total = issue(golden)[0].total
    inf = XmlParser().from_bytes(signed(name), NFELIB).infNFCom
    draft = golden.draft
    assert list(draft.assinante.NroTermAdic or ()) == [
        TerminalAdicional(NroTermAdic=number, cUFAdic=uf.value)
        for number, uf in zip(inf.assinante.NroTermAdic, inf.assinante.cUFAdic, strict=True)
    ]
    inf.assinante.NroTermAdic = []
    pairs = {
        "emit": golden.emit,
        "dest": draft.dest,
        "assinante": replace(draft.assinante, NroTermAdic=None),
        "det": draft.det,
        "total": total,
        "gFat": draft.gFat,
        "gFatCentral": draft.gFatCentral,
        "autXML": draft.autXML,
        "infAdic": draft.infAdic,
    }
    found = [line for tag, ours in pairs.items() for line in _differences(ours, getattr(inf, tag), tag)]
    in_ide = ("cMunFG", "finNFCom", "tpFat", "indPrePago", "indCessaoMeiosRede", "gCompraGov")
    found += [line for tag in in_ide for line in _differences(getattr(draft, tag), getattr(inf.ide, tag), f"ide/{tag}")]
    assert found == []


QR_ADDRESS: Final = {
    "31": "https://portalnfcom.fazenda.mg.gov.br/qrcode",
    "42": "https://dfe-portal.svrs.rs.gov.br/NFCom/QRCode",
    "43": "https://dfe-portal.svrs.rs.gov.br/NFCom/QRCode",
    "50": "https://www.dfe.ms.gov.br/nfcom/qrcode",
    "51": "https://homologacao.sefaz.mt.gov.br/nfcom-ext-fe/qrcode",
}
"""Addresses that the authorizers publish for homologação (domain: NFCom, by cUF)."""


@each
def test_qr_code_leads_to_the_authorizer_and_is_signed_only_off_line(name: str) -> None:
    root = etree.fromstring(signed(name))
    inf = under(root, "infNFCom")[0]
    chave = (inf.get("Id") or "").removeprefix("NFCom")
    plain = f"{QR_ADDRESS[chave[:2]]}?chNFCom={chave}&tpAmb=2"
    written, _, sign = text(root, "infNFComSupl/qrCodNFCom").partition("&sign=")
    assert written == plain
    assert bool(sign) == (text(inf, "ide/tpEmis") == "2")
    if sign:
        public = x509.load_der_x509_certificate(_certificate(root)).public_key()
        assert isinstance(public, RSAPublicKey)
        public.verify(base64.b64decode(sign), chave.encode(), PKCS1v15(), SHA1())  # noqa: S303 what the MOC asks for


def test_contingency_is_told_in_the_note() -> None:
    inf = inside(signed("contingency"))
    assert text(inf, "ide/tpEmis") == "2"
    assert text(inf, "ide/dhCont") == "2026-11-21T08:15:00-03:00"
    assert len(text(inf, "ide/xJust")) >= 15


def test_local_time_is_the_emitters() -> None:
    assert text(inside(signed("authorizer-mt")), "ide/dhEmi").endswith("-04:00")
    assert text(inside(signed("authorizer-mg")), "ide/dhEmi").endswith("-03:00")


def test_the_biggest_note_of_all() -> None:
    one = read("residential-internet")
    item = one.draft.det[0]
    many = tuple(replace(item, nItem=place) for place in range(1, MOST_ITEMS + 1))
    big: Golden = replace(one, draft=replace(one.draft, det=many))
    assembled, document = issue(big)
    assert_valid(document.xml)
    assert_signed(document.xml)
    assert assembled.total.vProd == MOST_ITEMS * item.prod.vProd
    assert len(under(inside(document.xml), "det")) == MOST_ITEMS
