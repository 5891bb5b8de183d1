"""Sales and cancels as a till would write them: text templates, nothing of the simulator."""

from collections.abc import Sequence

CNPJ = "08723218000186"
HOUSE = "16716114000172"
IE = "149626224113"
SIGN_AC = "SGR-SAT SISTEMA DE GESTAO E RETAGUARDA DO SAT"
CODE = "12345678"

ICMS = "<ICMS><ICMS00><Orig>0</Orig><CST>00</CST><pICMS>12.00</pICMS></ICMS00></ICMS>"
SIMPLES = "<ICMS><ICMSSN102><Orig>0</Orig><CSOSN>102</CSOSN></ICMSSN102></ICMS>"
ISSQN = (
    "<ISSQN><vDeducISSQN>0.00</vDeducISSQN><vAliq>005.00</vAliq><cMunFG>3550308</cMunFG><cNatOp>01</cNatOp>"
    "<indIncFisc>2</indIncFisc></ISSQN>"
)
PIS = "<PIS><PISSN><CST>49</CST></PISSN></PIS>"
COFINS = "<COFINS><COFINSSN><CST>49</CST></COFINSSN></COFINS>"


def item(
    number: int = 1,
    *,
    quantity: str = "1.0000",
    price: str = "5.00",
    rule: str = "A",
    extra: str = "",
    tax: str = SIMPLES,
    pis: str = PIS,
    cofins: str = COFINS,
    ean: str = "",
) -> str:
    """A det."""
    return (
        f'<det nItem="{number}"><prod><cProd>{number}</cProd>{ean}<xProd>COXINHA</xProd><CFOP>5102</CFOP>'
        f"<uCom>UN</uCom><qCom>{quantity}</qCom><vUnCom>{price}</vUnCom><indRegra>{rule}</indRegra>{extra}</prod>"
        f"<imposto>{tax}{pis}{cofins}</imposto></det>"
    )


def sale(
    *items: str,
    paid: Sequence[str] = ("100.00",),
    subtotal: str = "",
    dest: str = "",
    layout: str = "0.08",
    emit: str = f"<CNPJ>{CNPJ}</CNPJ><IE>{IE}</IE><IM>123</IM><indRatISSQN>N</indRatISSQN>",
    sign_ac: str = SIGN_AC,
    way: str = "01",
) -> str:
    """A whole request; without items, one coxinha."""
    ways = "".join(f"<MP><cMP>{way}</cMP><vMP>{value}</vMP></MP>" for value in paid)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><CFe><infCFe versaoDadosEnt="{layout}"><ide><CNPJ>{HOUSE}</CNPJ>'
        f"<signAC>{sign_ac}</signAC><numeroCaixa>001</numeroCaixa></ide><emit>{emit}</emit><dest>{dest}</dest>"
        f"{''.join(items) or item()}<total>{subtotal}</total><pgto>{ways}</pgto></infCFe></CFe>"
    )


def cancel(chave: str, sign_ac: str = SIGN_AC) -> str:
    """A request to cancel; `chave` with its "CFe"."""
    return (
        f'<CFeCanc><infCFe chCanc="{chave}"><ide><CNPJ>{HOUSE}</CNPJ><signAC>{sign_ac}</signAC>'
        "<numeroCaixa>001</numeroCaixa></ide><emit/><dest/><total/></infCFe></CFeCanc>"
    )
