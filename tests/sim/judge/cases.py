"""One document for every cStat of reception that a note by itself can provoke: what is changed in a valid note."""

import re
from dataclasses import replace
from typing import Final

from tests.sim.notes import ITEM, PLAIN_ITEM, SIGNATURE, TOTAL, Draft, Edit

BASE: Final = Draft()
WRONG_CNPJ: Final = "06117473000151"
OTHER_CNPJ: Final = "11222333000181"
CONTINGENCY: Final = replace(BASE, tpemis="2").but(
    ("</verProc>", "</verProc><dhCont>2026-11-20T08:00:00-03:00</dhCont><xJust>Sem conexao com a SEFAZ</xJust>")
)
_CPF: Final = "<CPF>52998224725</CPF><indIEDest>9</indIEDest>"
_FATURA: Final = (
    "<gFat><CompetFat>202611</CompetFat><dVencFat>2026-12-10</dVencFat>"
    "<codBarras>12345678901234567890123456789012345678901234567</codBarras></gFat>"
)
_CENTRAL: Final = "<gFatCentral><CNPJ>{}</CNPJ><cUF>43</cUF></gFatCentral>"
_SHARED: Final = f"<gCofat><chNFComLocal>{BASE.chave}</chNFComLocal></gCofat>"
_SHARING: Final = (
    '<ICMSUFDest cUFDest="35"><vBCUFDest>100.00</vBCUFDest><pFCPUFDest>0.00</pFCPUFDest>'
    "<pICMSUFDest>18.00</pICMSUFDest><vFCPUFDest>0.00</vFCPUFDest><vICMSUFDest>0.50</vICMSUFDest>"
    "<vICMSUFEmi>0.50</vICMSUFEmi></ICMSUFDest>"
)
_WITHHELD: Final = (
    "<retTrib><vRetPIS>0.65</vRetPIS><vRetCofins>3.00</vRetCofins><vRetCSLL>1.00</vRetCSLL>"
    "<vBCIRRF>100.00</vBCIRRF><vIRRF>1.50</vIRRF></retTrib>"
)
_MAKER: Final = (
    f"<gRespTec><CNPJ>{WRONG_CNPJ}</CNPJ><xContato>Fulano</xContato>"
    "<email>a@example.com</email><fone>5133334444</fone></gRespTec>"
)
_NO_FATURA: Final = (_FATURA, "")
_CO_BILLED: Final = ("<tpFat>0<", "<tpFat>2<")
_WITH_COFAT: Final = ("</assinante>", f"</assinante>{_SHARED}")
_PREVIOUS: Final = f'chNFComAnt="{BASE.chave}" nItemAnt="1"'
_ADJUSTMENT: Final = BASE.but(
    ("<finNFCom>0<", "<finNFCom>4<"),
    ('<det nItem="1">', f'<det nItem="1" {_PREVIOUS}>'),
    ('<det nItem="2">', f'<det nItem="2" {_PREVIOUS}>'),
)


def dest(content: str) -> Draft:
    """The receiver's identity replaced."""
    return BASE.but((_CPF, content))


def abroad(content: str, country: str = "<cPais>249</cPais><xPais>ESTADOS UNIDOS</xPais>") -> Draft:
    """A receiver in another country."""
    away = replace(BASE, dest_uf="EX", dest_municipality="9999999")
    return away.but((_CPF, content), ("</enderDest>", f"{country}</enderDest>"))


def terminals(content: str) -> Draft:
    """A subscriber with terminals."""
    return BASE.but(("</assinante>", f"{content}</assinante>"))


def allowed(content: str) -> Draft:
    """Somebody allowed to download."""
    return BASE.but(("</gFat>", f"</gFat>{content}"))


def plain_item(cclass: str, ld: str = "") -> tuple[Edit, ...]:
    """The second item, which is not taxed, of another cClass."""
    changed = PLAIN_ITEM.replace("0600601", cclass).replace("<uMed>", f"{ld}<uMed>")
    return ((PLAIN_ITEM, changed),)


def item(*edits: Edit) -> Draft:
    """The first item changed."""
    changed = ITEM
    for old, new in edits:
        assert changed.count(old) == 1, old
        changed = changed.replace(old, new)
    return BASE.but((ITEM, changed))


def swap_transforms() -> tuple[Edit, ...]:
    head = SIGNATURE.index("<Transforms>") + len("<Transforms>")
    both = SIGNATURE[head : SIGNATURE.index("</Transforms>")]
    cut = both.index("/>") + 2
    return ((both, both[cut:] + both[:cut]),)


IDENTITY: Final = {
    "298": replace(BASE, later=swap_transforms()),
    "297": replace(BASE, later=(("Assinante de Teste", "Assinante de Testa"),)),
    "215": replace(BASE, dhemi="2026-11-20T09:00:00,03:00"),
    "252": BASE.but(("<tpAmb>2<", "<tpAmb>1<")),
    "226": replace(BASE, cuf="31"),
    "247": replace(BASE, uf="SP"),
    "415": replace(CONTINGENCY, tpemis="1"),
    "416": replace(BASE, tpemis="2"),
    "417": CONTINGENCY.but(("T08:00:00", "T09:00:00")),
    "418": replace(BASE, nsite="1"),
    "419": CONTINGENCY.but(("<finNFCom>0<", "<finNFCom>3<")),
    "227": BASE.but(("<cNF>1234567<", "<cNF>1234568<")),
    "421": replace(BASE, dhemi="2021-11-20T09:00:00-03:00"),
    "253": replace(BASE, wrong_digit=True),
    "207": replace(BASE, cnpj=WRONG_CNPJ),
    "209": replace(BASE, ie="0963233557"),
    "498": BASE.but(("</IE><CRT>", "</IE><IEUFDest>0963233557</IEUFDest><CRT>")),
    "407": replace(BASE, municipality="3550308"),
    "408": replace(BASE, municipality="4399999"),
}
RECEIVER: Final = {
    "422": dest(f"<CNPJ>{WRONG_CNPJ}</CNPJ><indIEDest>9</indIEDest>"),
    "423": dest("<CPF>52998224726</CPF><indIEDest>9</indIEDest>"),
    "424": dest("<idOutros>PASS123</idOutros><indIEDest>9</indIEDest><IE>0963233556</IE>"),
    "426": dest("<CPF>52998224725</CPF><indIEDest>1</indIEDest>"),
    "420": dest("<CPF>52998224725</CPF><indIEDest>2</indIEDest>"),
    "431": dest("<CPF>52998224725</CPF><indIEDest>9</indIEDest><IE>0963233556</IE>"),
    "432": replace(
        dest("<CPF>52998224725</CPF><indIEDest>2</indIEDest><IE>ISENTO</IE>"),
        dest_uf="SP",
        dest_municipality="3550308",
    ),
    "405": replace(BASE, dest_municipality="3550308"),
    "406": replace(BASE, dest_municipality="4399999"),
    "693": abroad(_CPF),
    "694": abroad("<idOutros>PASS123</idOutros><indIEDest>9</indIEDest><IM>123</IM>"),
    "695": abroad("<idOutros>PASS123</idOutros><indIEDest>9</indIEDest>", country=""),
    "696": BASE.but(("</enderDest>", "<cPais>249</cPais><xPais>ESTADOS UNIDOS</xPais></enderDest>")),
    "427": dest(f"<CNPJ>{OTHER_CNPJ}</CNPJ><indIEDest>1</indIEDest><IE>0963233557</IE>"),
    "537": BASE.but(("<nContrato>C-1</nContrato>", "")),
    "425": BASE.but(("</dContratoIni>", "</dContratoIni><dContratoFim>2024-12-31</dContratoFim>")),
    "474": terminals(
        "<NroTermPrinc>5133334444</NroTermPrinc><cUFPrinc>43</cUFPrinc>"
        "<NroTermAdic>5133335555</NroTermAdic><cUFAdic>43</cUFAdic>"
        "<NroTermAdic>5133335555</NroTermAdic><cUFAdic>43</cUFAdic>"
    ),
    "535": terminals("<NroTermPrinc>1133334444</NroTermPrinc><cUFPrinc>35</cUFPrinc>"),
    "536": terminals(
        "<NroTermPrinc>5133334444</NroTermPrinc><cUFPrinc>43</cUFPrinc>"
        "<NroTermAdic>1133335555</NroTermAdic><cUFAdic>35</cUFAdic>"
    ),
}
PURPOSE: Final = {
    "212": replace(BASE, dhemi="2026-11-20T10:05:01-03:00"),
    "228": replace(BASE, dhemi="2026-11-15T09:59:59-03:00"),
    "411": BASE.but(("<finNFCom>0<", "<finNFCom>3<")),
    "412": BASE.but(("</assinante>", f"</assinante><gSub><chNFCom>{BASE.chave}</chNFCom><motSub>01</motSub></gSub>")),
    "238": BASE.but(("<finNFCom>0<", "<finNFCom>4<")),
    "542": BASE.but(("</verProc>", "</verProc><indNotaEntrada>1</indNotaEntrada>")),
    "544": item(("<CFOP>5307", "<CFOP>1205")),
    "515": BASE.but(_CO_BILLED),
    "532": BASE.but(_WITH_COFAT),
    "270": BASE.but(_NO_FATURA),
    "272": BASE.but(("<tpFat>0<", "<tpFat>1<")),
    "273": BASE.but(_CO_BILLED, _WITH_COFAT),
    "274": BASE.but(("<tpFat>0<", "<tpFat>1<"), (_FATURA, _CENTRAL.format(WRONG_CNPJ))),
}
ITEMS: Final = {
    "276": item(("0100401", "9999999")),
    "433": item(("<CFOP>5307", "<CFOP>5101")),
    "435": item(("</vItem><vProd>100.00", "</vItem><vProd>100.06")),
    "522": item(("0100401", "0500201")),
    "277": BASE.but(_CO_BILLED, _WITH_COFAT, _NO_FATURA, *plain_item("1200101")),
    "269": item(("0100401", "1200101")),
    "268": BASE.but(("<tpFat>0<", "<tpFat>1<"), (_FATURA, _CENTRAL.format(OTHER_CNPJ)), *plain_item("1200101")),
    "262": _ADJUSTMENT.but(_NO_FATURA, ("<cClass>0600601", "<cClass>1300101")),
    "266": item(("0100401", "1300101")),
    "265": BASE.but(_CO_BILLED, _WITH_COFAT, _NO_FATURA, *plain_item("1300101")),
    "263": BASE.but(*plain_item("1300101")),
    "288": BASE.but(*plain_item("0600601", f"<CNPJLD>{OTHER_CNPJ}</CNPJLD>")),
    "264": BASE.but(*plain_item("1300101", f"<CNPJLD>{WRONG_CNPJ}</CNPJLD>")),
    "444": item(("<vICMS>17.00", "<vICMS>17.11")),
    "443": item(("<vPIS>0.65", "<vPIS>0.76")),
    "445": item(("<vCOFINS>3.00", "<vCOFINS>3.11")),
    "446": item(("<vFUST>1.00", "<vFUST>1.11")),
    "476": item(("<vFUNTTEL>0.50", "<vFUNTTEL>0.39")),
    "497": item(("</ICMS00>", f"</ICMS00>{_SHARING}")),
    "540": item(("<CFOP>5307</CFOP>", "")),
    "541": BASE.but((PLAIN_ITEM, PLAIN_ITEM.replace("</cClass>", "</cClass><CFOP>5307</CFOP>"))),
}
_TOTAL: Final = (
    ("447", "<ICMSTot><vBC>100.00", "<ICMSTot><vBC>100.01"),
    ("448", "<vICMS>17.00</vICMS><vICMSDeson>", "<vICMS>16.99</vICMS><vICMSDeson>"),
    ("452", "<vICMSDeson>0.00", "<vICMSDeson>0.01"),
    ("455", "<vFCP>0.00", "<vFCP>0.01"),
    ("457", "<vPIS>0.65</vPIS><vFUNTTEL>", "<vPIS>0.66</vPIS><vFUNTTEL>"),
    ("458", "<vCOFINS>3.00</vCOFINS><vPIS>", "<vCOFINS>3.01</vCOFINS><vPIS>"),
    ("256", "<vFUST>1.00</vFUST><vRetTribTot>", "<vFUST>1.01</vFUST><vRetTribTot>"),
    ("257", "<vFUNTTEL>0.50</vFUNTTEL><vFUST>1.00</vFUST><vR", "<vFUNTTEL>0.51</vFUNTTEL><vFUST>1.00</vFUST><vR"),
    ("258", "<vRetPIS>0.00", "<vRetPIS>0.01"),
    ("259", "<vRetCofins>0.00", "<vRetCofins>0.01"),
    ("260", "<vRetCSLL>0.00", "<vRetCSLL>0.01"),
    ("461", "<vIRRF>0.00", "<vIRRF>0.01"),
    ("462", "<vDesc>0.00", "<vDesc>0.01"),
    ("477", "<vOutro>0.00", "<vOutro>0.01"),
    ("459", "<total><vProd>120.00", "<total><vProd>120.01"),
    ("460", "<vNF>120.00", "<vNF>120.79"),
    ("360", "<vTotDFe>120.00</vTotDFe>", ""),
    ("365", "<vTotDFe>120.00", "<vTotDFe>120.79"),
    ("999", "<vBCIBSCBS>79.35", "<vBCIBSCBS>79.36"),
)
TOTALS: Final = {cstat: BASE.but((old, new)) for cstat, old, new in _TOTAL}
SUPPLEMENT: Final = {
    "466": allowed(f"<autXML><CNPJ>{WRONG_CNPJ}</CNPJ></autXML>"),
    "467": allowed("<autXML><CPF>52998224726</CPF></autXML>"),
    "468": allowed("<autXML><CPF>52998224725</CPF></autXML>" * 2),
    "464": replace(BASE, qrcode="https://example.com/NFCom/QRCode"),
    "465": replace(BASE, later=((f"chNFCom={BASE.chave}&amp;", f"chNFCom={replace(BASE, nnf='124').chave}&amp;"),)),
    "469": replace(CONTINGENCY, sign=""),
    "470": replace(BASE, sign="YWJj"),
    "471": replace(CONTINGENCY, sign="YWJj"),
    "472": BASE.but(("</infAdic>", f"</infAdic>{_MAKER}")),
}
BY_NOTE: Final = {**IDENTITY, **RECEIVER, **PURPOSE, **ITEMS, **TOTALS, **SUPPLEMENT}
ACCEPTED: Final = {
    "plain": BASE,
    "abroad": abroad("<idOutros>PASS123</idOutros><indIEDest>9</indIEDest>"),
    "exempt in RS": dest("<CPF>52998224725</CPF><indIEDest>2</indIEDest><IE>ISENTO</IE>"),
    "contributor": dest(f"<CNPJ>{OTHER_CNPJ}</CNPJ><indIEDest>1</indIEDest><IE>0963233556</IE>"),
    "item at the tolerance": item(("<vItem>100.00", "<vItem>100.05")),
    "tax at the tolerance": item(("<vBC>100.00</vBC><pFUST>1.00", "<vBC>110.00</vBC><pFUST>1.00")),
    "emitted five minutes ahead": replace(BASE, dhemi="2026-11-20T10:05:00-03:00"),
    "120 hours old": replace(BASE, dhemi="2026-11-15T10:00:00-03:00"),
    "centralised": BASE.but(("<tpFat>0<", "<tpFat>1<"), (_FATURA, _CENTRAL.format(OTHER_CNPJ))),
    "item of a centralised fatura": BASE.but(*plain_item("1200101")),
    "item of a co-billed fatura": BASE.but(*plain_item("1300101", f"<CNPJLD>{OTHER_CNPJ}</CNPJLD>")),
    "prepaid without invoice": item(("0100401", "0500201")).but(
        ("</verProc>", "</verProc><indPrePago>1</indPrePago>"), _NO_FATURA
    ),
    "network ceded, no contract": BASE.but(
        ("</verProc>", "</verProc><indCessaoMeiosRede>1</indCessaoMeiosRede>"),
        ("<nContrato>C-1</nContrato><dContratoIni>2025-01-01</dContratoIni>", ""),
        _NO_FATURA,
    ),
    "taxes withheld": item(("<IBSCBS>", f"{_WITHHELD}<IBSCBS>")).but(
        ("<vRetPIS>0.00", "<vRetPIS>0.65"),
        ("<vRetCofins>0.00", "<vRetCofins>3.00"),
        ("<vRetCSLL>0.00", "<vRetCSLL>1.00"),
        ("<vIRRF>0.00", "<vIRRF>1.50"),
        ("<vNF>120.00", "<vNF>113.85"),
        ("<vTotDFe>120.00", "<vTotDFe>113.85"),
    ),
    "contract of one day": BASE.but(("</dContratoIni>", "</dContratoIni><dContratoFim>2025-01-01</dContratoFim>")),
    "QR address in capitals": replace(BASE, qrcode="HTTPS://DFE-PORTAL.SVRS.RS.GOV.BR/NFCOM/QRCODE"),
    "contingency": CONTINGENCY,
    "letters in another CNPJ": dest("<CNPJ>12ABC34501DE35</CNPJ><indIEDest>9</indIEDest>"),
}
UNSIMULATED: Final = {
    "Substituição": BASE.but(
        ("<finNFCom>0<", "<finNFCom>3<"),
        ("</assinante>", f"</assinante><gSub><chNFCom>{BASE.chave}</chNFCom><motSub>01</motSub></gSub>"),
    ),
    "Ajuste": _ADJUSTMENT.but(_NO_FATURA),
    "Cofaturamento": BASE.but(_CO_BILLED, _WITH_COFAT, _NO_FATURA),
}


_DEDUCTION: Final = "5900101"
_FIELDS: Final = {
    "500": {"base": "101.00", "icms": "17.17"},
    "501": {"rate": "18.00", "icms": "18.00"},
    "502": {"deson": "2.00"},
    "503": {"fcp": "2.00"},
    "504": {"pis": "2.00"},
    "505": {"cofins": "2.00"},
    "506": {"fust": "2.00"},
    "507": {"funttel": "2.00"},
    "508": {"ret_pis": "2.00"},
    "509": {"ret_cofins": "2.00"},
    "510": {"ret_csll": "2.00"},
    "511": {"irrf": "2.00"},
    "512": {"unit": "102.00", "desc": "3.00"},
    "513": {"unit": "99.00", "outro": "2.00"},
    "514": {"unit": "101.00", "prod": "101.00"},
}
"""cStat of a negative sum and how the deducted item differs from the charged one."""


def _full_item(number: int, cclass: str, **but: str) -> str:
    """An item that bears every amount there is a total of."""
    v = {
        **dict.fromkeys(("base", "unit", "prod"), "100.00"),
        **dict.fromkeys(("rate", "icms"), "17.00"),
        **dict.fromkeys(("deson", "fcp", "pis", "cofins", "fust", "funttel", "desc", "outro"), "1.00"),
        **dict.fromkeys(("ret_pis", "ret_cofins", "ret_csll", "irrf"), "1.00"),
        **but,
    }
    return (
        f'<det nItem="{number}"><prod><cProd>P</cProd><xProd>X</xProd><cClass>{cclass}</cClass><CFOP>5307</CFOP>'
        f"<uMed>4</uMed><qFaturada>1</qFaturada><vItem>{v['unit']}</vItem><vDesc>{v['desc']}</vDesc>"
        f"<vOutro>{v['outro']}</vOutro><vProd>{v['prod']}</vProd></prod><imposto>"
        f"<ICMS20><CST>20</CST><pRedBC>10.00</pRedBC><vBC>{v['base']}</vBC><pICMS>{v['rate']}</pICMS>"
        f"<vICMS>{v['icms']}</vICMS><vICMSDeson>{v['deson']}</vICMSDeson><cBenef>RS12345678</cBenef>"
        f"<pFCP>1.00</pFCP><vFCP>{v['fcp']}</vFCP></ICMS20>"
        f"<PIS><CST>01</CST><vBC>100.00</vBC><pPIS>{v['pis']}</pPIS><vPIS>{v['pis']}</vPIS></PIS>"
        f"<COFINS><CST>01</CST><vBC>100.00</vBC><pCOFINS>{v['cofins']}</pCOFINS><vCOFINS>{v['cofins']}</vCOFINS>"
        f"</COFINS><FUST><vBC>100.00</vBC><pFUST>{v['fust']}</pFUST><vFUST>{v['fust']}</vFUST></FUST>"
        f"<FUNTTEL><vBC>100.00</vBC><pFUNTTEL>{v['funttel']}</pFUNTTEL><vFUNTTEL>{v['funttel']}</vFUNTTEL></FUNTTEL>"
        f"<retTrib><vRetPIS>{v['ret_pis']}</vRetPIS><vRetCofins>{v['ret_cofins']}</vRetCofins>"
        f"<vRetCSLL>{v['ret_csll']}</vRetCSLL><vBCIRRF>100.00</vBCIRRF><vIRRF>{v['irrf']}</vIRRF></retTrib>"
        "</imposto></det>"
    )


def _balanced(*items: str) -> Draft:
    """A note of these items whose totals are all zero."""
    totals = re.sub(r"<IBSCBSTot>.*</vTotDFe>", "", TOTAL)
    return BASE.but((ITEM, "".join(items)), (PLAIN_ITEM, ""), (TOTAL, re.sub(r">[0-9.]+<", ">0.00<", totals)))


NEGATIVE: Final = {
    cstat: _balanced(_full_item(1, "0100401"), _full_item(2, _DEDUCTION, **but)) for cstat, but in _FIELDS.items()
}
ACCEPTED_BALANCED: Final = {
    "deducted by cClass": _balanced(_full_item(1, "0100401"), _full_item(2, _DEDUCTION)),
    "given back": _balanced(
        _full_item(1, "0100401"),
        _full_item(2, "0100401").replace("</vProd>", "</vProd><indDevolucao>1</indDevolucao>"),
    ),
    "deduction given back, deducted": _balanced(
        _full_item(1, _DEDUCTION).replace("</vProd>", "</vProd><indDevolucao>1</indDevolucao>"),
        _full_item(2, _DEDUCTION),
    ),
}
