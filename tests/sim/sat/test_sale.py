"""What a sale may not say: each CCCC by a sale that breaks one thing, and hostile XML."""

import pytest

from tests.sim.sat import sales
from tests.sim.sat.sales import ICMS, ISSQN, item, sale
from tests.sim.sat.till import Bench
from zelo.facts.sat import codes

PIS = "<PIS><PISAliq><CST>01</CST><vBC>5.00</vBC><pPIS>0.0165</pPIS></PISAliq></PIS>"
COFINS = PIS.replace("PIS", "COFINS")
BY_QUANTITY = "<PIS><PISQtde><CST>03</CST><qBCProd>1.0000</qBCProd><vAliqProd>0.5000</vAliqProd></PISQtde></PIS>"
OTHER = "<PIS><PISOutr><CST>99</CST><vBC>5.00</vBC><pPIS>0.0165</pPIS></PISOutr></PIS>"
BAD = {
    "1004": sale(layout="0.09"),
    "1203": sale().replace(f"<emit><CNPJ>{sales.CNPJ}", f"<emit><CNPJ>{sales.HOUSE}"),
    "1207": sale().replace(f"<emit><CNPJ>{sales.CNPJ}", "<emit><CNPJ>08723218000187"),
    "1222": sale(sign_ac="").replace("<signAC></signAC>", "<signAC></signAC>"),
    "1224": sale().replace(sales.HOUSE, "16716114000173"),
    "1229": sale().replace(f"<IE>{sales.IE}</IE>", ""),
    "1230": sale().replace(sales.IE, "149626224114"),
    "1235": sale(dest="<CNPJ>08723218000187</CNPJ>"),
    "1237": sale(dest="<CPF>52998224724</CPF>"),
    "1507": sale().replace("<indRatISSQN>N", "<indRatISSQN>X"),
    "1019": sale(item(1), item(3)),
    "1459": sale().replace("<cProd>1</cProd>", "<cProd></cProd>"),
    "1460": sale(item(ean="<cEAN>7891000100104</cEAN>")),
    "1461": sale().replace("<xProd>COXINHA</xProd>", "<xProd></xProd>"),
    "1464": sale(item(quantity="0.0000")),
    "1465": sale(item(price="5")),
    "1468": sale(item(extra="<vDesc>1.0</vDesc>")),
    "1469": sale(item(extra="<vOutro>-1.00</vOutro>")),
    "1472": sale(item(tax=ICMS.replace("<CST>00", "<CST>40"))),
    "1473": sale(item(tax=ICMS.replace("12.00", "-1.00"))),
    "1475": sale(item(tax="<ICMS><ICMS40><Orig>0</Orig><CST>00</CST></ICMS40></ICMS>")),
    "1476": sale(item(tax=sales.SIMPLES.replace("102</CSOSN>", "900</CSOSN>"))),
    "1477": sale(item(tax="<ICMS><ICMSSN900><Orig>0</Orig><CSOSN>102</CSOSN><pICMS>1.00</pICMS></ICMSSN900></ICMS>")),
    "1478": sale(item(pis=PIS.replace("<CST>01", "<CST>03"))),
    "1479": sale(item(pis=PIS.replace("<vBC>5.00", "<vBC>5"))),
    "1480": sale(item(pis=PIS.replace("0.0165", "1.65"))),
    "1482": sale(item(pis=BY_QUANTITY.replace("<CST>03", "<CST>01"))),
    "1483": sale(item(pis=BY_QUANTITY.replace("1.0000", "1"))),
    "1484": sale(item(pis=BY_QUANTITY.replace("0.5000", "-1"))),
    "1486": sale(item(pis="<PIS><PISNT><CST>01</CST></PISNT></PIS>")),
    "1487": sale(item(pis="<PIS><PISSN><CST>01</CST></PISSN></PIS>")),
    "1488": sale(item(pis=OTHER.replace("<CST>99", "<CST>98"))),
    "1490": sale(item(cofins=COFINS.replace("<CST>01", "<CST>03"))),
    "1491": sale(item(cofins=COFINS.replace("<vBC>5.00", "<vBC>5"))),
    "1492": sale(item(cofins=COFINS.replace("0.0165", "1.65"))),
    "1494": sale(item(cofins=BY_QUANTITY.replace("PIS", "COFINS").replace("<CST>03", "<CST>01"))),
    "1496": sale(item(cofins=BY_QUANTITY.replace("PIS", "COFINS").replace("0.5000", "-1"))),
    "1498": sale(item(cofins="<COFINS><COFINSNT><CST>01</CST></COFINSNT></COFINS>")),
    "1499": sale(item(cofins="<COFINS><COFINSSN><CST>01</CST></COFINSSN></COFINS>")),
    "1500": sale(item(cofins=OTHER.replace("PIS", "COFINS").replace("<CST>99", "<CST>98"))),
    "1501": sale(item(tax=ISSQN)).replace("<IM>123</IM>", ""),
    "1503": sale(item(tax=ISSQN.replace("0.00</vDeduc", "-1</vDeduc"))),
    "1505": sale(item(tax=ISSQN.replace("005.00", "006.00"))),
    "1287": sale(item(tax=ISSQN.replace("3550308", "355"))),
    "1509": sale(item(tax=ISSQN.replace("<cNatOp>", "<cServTribMun></cServTribMun><cNatOp>"))),
    "1510": sale(item(tax=ISSQN.replace("<cNatOp>01", "<cNatOp>09"))),
    "1511": sale(item(tax=ISSQN.replace("<indIncFisc>2", "<indIncFisc>3"))),
    "1527": sale(way="77"),
    "1528": sale(paid=["1"]),
    "1533": sale(subtotal="<vCFeLei12741>-1.00</vCFeLei12741>"),
    "1534": sale().replace("<imposto>", "<imposto><vItem12741>-1.00</vItem12741>"),
    "1535": sale().replace("</MP>", "<cAdmC>1</cAdmC></MP>"),
    "1073": sale(subtotal="<DescAcrEntr><vDescSubtot>-1.00</vDescSubtot></DescAcrEntr>"),
    "1074": sale(subtotal="<DescAcrEntr><vAcresSubtot>-1.00</vAcresSubtot></DescAcrEntr>"),
    "1408": sale(paid=["4.99"]),
    "1409": sale(item(quantity="9999.0000"), paid=["99999.00"]),
    "1998": sale(item(extra="<vDesc>5.01</vDesc>")),
    "1999": sale().replace("<indRegra>", "<vProd>5.00</vProd><indRegra>"),
}


@pytest.mark.parametrize("cccc", BAD)
def test_a_broken_sale_is_refused_with_its_reason(sat: Bench, cccc: str) -> None:
    if cccc == "1222":
        sat.change(sign_ac="x" * 345)
        BAD[cccc] = sale(sign_ac="x" * 345)
    told = sat.sell(BAD[cccc])
    assert (told.eeeee, told.cccc, len(told.fields)) == ("06010", cccc, 6)
    assert codes("CCCC")[cccc].split("(")[0].strip() in told.fields[3]
    assert sat.device.memory() == []


def test_a_discount_on_goods_that_come_to_nothing_is_refused(sat: Bench) -> None:
    free = item(extra="<vDesc>5.00</vDesc>")
    text = sale(free, item(2, tax=ISSQN), subtotal="<DescAcrEntr><vDescSubtot>0.01</vDescSubtot></DescAcrEntr>")
    assert (sat.sell(text).cccc, sat.device.memory()) == ("1998", [])


def test_the_clock_may_not_go_back(sat: Bench) -> None:
    assert sat.sell().eeeee == "06000"
    sat.wait(seconds=-1)
    assert (sat.sell().cccc, len(sat.device.memory())) == ("1258", 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<CFe>",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><CFe>&b;</CFe>",
        "<a>" * 10_000 + "</a>" * 10_000,
        "\x01",
        "<CFe xmlns:a='b'>",
    ],
    ids=["nothing", "open", "entity", "deep", "control", "cut"],
)
def test_what_is_no_xml_is_said_to_be_none(sat: Bench, text: str) -> None:
    assert sat.sell(text or " ").eeeee in {"06099", "06010"}


@pytest.mark.parametrize("text", ["<CFe/>", "<CFe><x/></CFe>", "<a/>", "<CFe><infCFe versaoDadosEnt='0.08'/></CFe>"])
def test_an_empty_sale_is_refused(sat: Bench, text: str) -> None:
    assert (sat.sell(text).eeeee, sat.device.memory()) == ("06010", [])
