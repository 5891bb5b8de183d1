"""The coupon as others verify it: lxml's C14N, cryptography, xmlsec, and the order of tags in public ones."""

import base64
import hashlib
from decimal import Decimal

import pytest
import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from lxml import etree

from tests.sim.sat import sales
from tests.sim.sat.sales import ICMS, ISSQN, item, sale
from tests.sim.sat.till import Bench, Told

DS = "{http://www.w3.org/2000/09/xmldsig#}"
PIS = "<PIS><PISAliq><CST>01</CST><vBC>654.32</vBC><pPIS>0.0600</pPIS></PISAliq></PIS>"
COFINS = "<COFINS><COFINSAliq><CST>01</CST><vBC>654.32</vBC><pCOFINS>0.0400</pCOFINS></COFINSAliq></COFINS>"
PUBLIC_IDE = [
    "cUF",
    "cNF",
    "mod",
    "nserieSAT",
    "nCFe",
    "dEmi",
    "hEmi",
    "cDV",
    "tpAmb",
    "CNPJ",
    "signAC",
    "assinaturaQRCODE",
    "numeroCaixa",
]
"""Order of the tags in a public coupon of 2015 (Tanca), and below of one of 2024 (MFE of Elgin)."""
PUBLIC_PROD = ["cProd", "xProd", "CFOP", "uCom", "qCom", "vUnCom", "vProd", "indRegra", "vItem"]
PUBLIC_TOTAL = ["ICMSTot", "vCFe"]
PUBLIC_ICMSTOT = ["vICMS", "vProd", "vDesc", "vPIS", "vCOFINS", "vPISST", "vCOFINSST", "vOutro"]


def tags(told: Told, path: str) -> list[str]:
    found = told.tree.find(path)
    assert found is not None
    return [str(child.tag) for child in found]


def key_of(tree: etree._Element) -> RSAPublicKey:
    der = base64.b64decode(tree.findtext(f".//{DS}X509Certificate") or "")
    key = x509.load_der_x509_certificate(der).public_key()
    assert isinstance(key, RSAPublicKey)
    return key


def digit(body: str) -> str:
    """The check digit the long way."""
    weights = [2, 3, 4, 5, 6, 7, 8, 9] * 6
    rest = sum(int(figure) * weight for figure, weight in zip(reversed(body), weights, strict=False)) % 11
    return "0" if rest < 2 else str(11 - rest)


@pytest.fixture
def told(sat: Bench) -> Told:
    sold = sat.sell(sale(item(price="654.320", tax=ICMS, pis=PIS, cofins=COFINS), paid=["2000.00"]))
    assert sold.eeeee == "06000"
    return sold


def test_the_reply_has_its_twelve_fields(told: Told) -> None:
    session, eeeee, cccc, text, cod, notice, _, stamp, chave, total, dest, qr = told.fields
    assert (session, eeeee, cccc, cod, notice, total, dest) == ("000001", "06000", "0000", "", "", "654.32", "")
    assert text == "Emitido com sucesso + conteúdo notas"
    assert (stamp, len(chave), len(qr)) == ("20261120100000", 47, 344)


def test_the_values_of_a_public_coupon_come_out(told: Told) -> None:
    """Those of the signed test coupon of Tanca, 2015-09-12."""
    expected = {
        ".//vProd": "654.32", ".//vItem": "654.32", ".//ICMS00/vICMS": "78.52", ".//PISAliq/vPIS": "39.26",
        ".//COFINSAliq/vCOFINS": "26.17", "infCFe/total/ICMSTot/vICMS": "78.52", "infCFe/total/vCFe": "654.32",
        "infCFe/pgto/vTroco": "1345.68",
    }  # fmt: skip
    assert {path: told.tree.findtext(path) for path in expected} == expected


def test_tags_stand_as_in_public_coupons(told: Told) -> None:
    assert tags(told, "infCFe/ide") == PUBLIC_IDE
    assert tags(told, "infCFe/det/prod") == PUBLIC_PROD
    assert tags(told, "infCFe/total") == PUBLIC_TOTAL
    assert tags(told, "infCFe/total/ICMSTot") == PUBLIC_ICMSTOT
    assert tags(told, "infCFe") == ["ide", "emit", "dest", "det", "total", "pgto"]
    assert tags(told, "infCFe/emit") == ["CNPJ", "xNome", "enderEmit", "IE", "IM", "cRegTrib", "indRatISSQN"]


def test_the_chave_is_made_of_its_tags(told: Told) -> None:
    chave = told.chave.removeprefix("CFe")
    ide = {child.tag: child.text for child in told.tree.find("infCFe/ide")}  # type: ignore[union-attr]
    built = f"{ide['cUF']}2611{sales.CNPJ}59{ide['nserieSAT']}{ide['nCFe']}{ide['cNF']}"
    assert chave == built + digit(built)
    assert told.tree[0].get("Id") == told.chave


def test_digest_and_signature_hold(told: Told) -> None:
    tree = told.tree
    alone = etree.fromstring(etree.tostring(tree[0]))
    digest = hashlib.sha256(etree.tostring(alone, method="c14n")).digest()
    assert base64.b64encode(digest).decode() == tree.findtext(f".//{DS}DigestValue")
    found = tree.find(f".//{DS}SignedInfo")
    assert found is not None
    info = etree.fromstring(etree.tostring(found, with_tail=False))
    value = base64.b64decode(tree.findtext(f".//{DS}SignatureValue") or "")
    key_of(tree).verify(value, etree.tostring(info, method="c14n"), PKCS1v15(), SHA256())


def test_xmlsec_agrees(told: Told) -> None:
    tree = told.tree
    xmlsec.tree.add_ids(tree, ["Id"])
    context = xmlsec.SignatureContext()
    der = base64.b64decode(tree.findtext(f".//{DS}X509Certificate") or "")
    context.key = xmlsec.Key.from_memory(der, xmlsec.constants.KeyDataFormatCertDer)
    signature = tree.find(f"{DS}Signature")
    assert signature is not None
    context.verify(signature)


def test_the_qr_text_is_signed(told: Told) -> None:
    stamp, chave, total, dest, signature = told.fields[7:]
    text = f"{chave.removeprefix('CFe')}|{stamp}|{total}|{dest}"
    key_of(told.tree).verify(base64.b64decode(signature), text.encode(), PKCS1v15(), SHA256())
    assert told.tree.findtext("infCFe/ide/assinaturaQRCODE") == signature


def test_the_certificate_names_device_and_owner(told: Told) -> None:
    der = base64.b64decode(told.tree.findtext(f".//{DS}X509Certificate") or "")
    subject = x509.load_der_x509_certificate(der).subject
    assert subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)[0].value == "900000059"
    assert str(subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value).endswith(f":{sales.CNPJ}")


def test_services_have_totals_of_their_own(sat: Bench) -> None:
    told = sat.sell(sale(item(1), item(2, price="200.00", tax=ISSQN), paid=["300.00"], subtotal=(
        "<DescAcrEntr><vDescSubtot>1.00</vDescSubtot></DescAcrEntr>"
    )))  # fmt: skip
    tree = told.tree
    assert tags(told, "infCFe/total") == ["ICMSTot", "vCFe", "ISSQNtot", "DescAcrEntr"]
    assert [node.text for node in tree.iterfind(".//vRatDesc")] == ["1.00"]
    assert tree.findtext("infCFe/total/ISSQNtot/vISS") == "10.00"
    assert Decimal(told.fields[9]) == Decimal("204.00")


def test_a_discount_that_services_may_not_share_is_nobodys(sat: Bench) -> None:
    """Nothing in the ER refuses it, and the emulator of SEFAZ-SP issues it too, without the discount."""
    asked = sale(item(tax=ISSQN), subtotal="<DescAcrEntr><vDescSubtot>1.00</vDescSubtot></DescAcrEntr>")
    told = sat.sell(asked)
    assert (told.eeeee, told.fields[9]) == ("06000", "5.00")
    assert told.tree.find(".//vRatDesc") is None
    assert sat.sell(asked.replace("<indRatISSQN>N", "<indRatISSQN>S")).fields[9] == "4.00"


@pytest.mark.parametrize("dest", ["<CPF>52998224725</CPF>", "<CNPJ>16716114000172</CNPJ>", ""])
def test_the_consumer_goes_into_reply_and_cancel(sat: Bench, dest: str) -> None:
    bare = dest[dest.find(">") + 1 : dest.rfind("<")]
    sold = sat.sell(sale(dest=dest))
    cancelled = sat.cancel(sold.chave)
    assert sold.fields[10] == cancelled.fields[10] == bare
    for told in (sold, cancelled):
        text = f"{told.chave[3:]}|{told.fields[7]}|{told.fields[9]}|{bare}"
        key_of(told.tree).verify(base64.b64decode(told.fields[11]), text.encode(), PKCS1v15(), SHA256())
    assert [node.text for node in cancelled.tree.iterfind("infCFe/dest/*")] == ([bare] if bare else [])


def test_a_cancel_is_a_coupon_of_its_own(sat: Bench) -> None:
    sold = sat.sell()
    sat.wait(minutes=1)
    cancelled = sat.cancel(sold.chave)
    inf = cancelled.tree[0]
    assert (inf.get("chCanc"), inf.get("Id")) == (sold.chave, cancelled.chave)
    assert [str(child.tag) for child in inf] == ["dEmi", "hEmi", "ide", "emit", "dest", "total"]
    assert (inf.findtext("hEmi"), inf.findtext("ide/hEmi"), inf.findtext("ide/nCFe")) == ("100000", "100100", "000002")
    assert inf.findtext("total/vCFe") == sold.tree.findtext("infCFe/total/vCFe")
    assert sold.chave != cancelled.chave


@pytest.mark.parametrize(
    "chave",
    [
        "35150908723218000186599000040190000007972068",
        "23240414200166000166599000186190000016459016",
        "35211014200166000166599000207500001099463360",
    ],
)
def test_the_long_way_is_right_about_public_chaves(chave: str) -> None:
    assert digit(chave[:43]) == chave[43]
