"""A note that was understood becomes its draft: items with their taxes, the subscriber, the charge."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from zelo.facts import rounding
from zelo.fiscal.money import ZERO, Rounding, show
from zelo.fiscal.uf import CODIGO_IBGE
from zelo.isp.billing.cell import CPF_DIGITS
from zelo.isp.billing.composicao import Part, split, taxes
from zelo.isp.billing.fatura import EXEMPT, NO_IE, Fatura, Ground, Item, cclass, number, shares
from zelo.isp.billing.sheet import Line
from zelo.models.nfcom.draft import (
    Assinante,
    Dest,
    Det,
    EnderecoDest,
    GFat,
    GPix,
    InfAdic,
    NfcomDraft,
    Prod,
    TerminalAdicional,
)
from zelo.models.nfcom.tax import Imposto, RetTrib

UNIT: Final = "4"
"""uMed: unit (MOC NFCom Anexo I)."""
PLACES_OF_UNIT_VALUE: Final = Decimal("0.00000001")
_RETIDO: Final = re.compile(r"(\w+)=([0-9.]+)")
_PERSON: Final = "3"
_COMPANY: Final = "1"


def draft(fatura: Fatura, ground: Ground) -> NfcomDraft:
    """The draft of a note."""
    first = fatura.first
    issuer = ground.issuer(first)
    rule = rounding.of_value(issuer.on)
    made = [one for item in fatura.items for one in _items(item, issuer.on, rule)]
    texts = tuple(_texts(fatura))
    return NfcomDraft(
        cMunFG=first.text("instalacao_ibge") or issuer.municipio,
        dest=_dest(first, fatura.place),
        assinante=_assinante(fatura),
        det=tuple(_det(place, *one) for place, one in enumerate(made, start=1)),
        gFat=_charge(fatura),
        infAdic=InfAdic(infCpl=texts) if texts else None,
    )


def _items(item: Item, on: date, rule: Rounding) -> Iterator[tuple[Line, Prod, Imposto]]:
    line = item.line
    gross = shares(item, item.gross, rule)
    cuts = split(item.cut, gross, rule)
    extras = shares(item, item.extra, rule)
    worth = [amount - cut + extra for amount, cut, extra in zip(gross, cuts, extras, strict=True)]
    held = _held(line, worth, rule)
    for place, part in enumerate(item.parts):
        prod = _prod(item, part, gross[place], cuts[place], extras[place])
        imposto = Imposto(indSemCST="1") if line.text("doc_externo") else taxes(part, worth[place], on)
        if held:
            imposto = _with(imposto, held[place])
        yield line, prod, imposto


def _with(imposto: Imposto, held: RetTrib) -> Imposto:
    names = Imposto.__dataclass_fields__
    return Imposto(**{name: getattr(imposto, name) for name in names} | {"retTrib": held})


def _held(line: Line, worth: Sequence[Decimal], rule: Rounding) -> list[RetTrib]:
    """What the customer withholds of each part."""
    text = line.text("retencoes")
    if not text:
        return []
    said = {name: Decimal(amount) for name, amount in _RETIDO.findall(text)}
    weights = worth if sum(worth, ZERO) else [Decimal(1)] * len(worth)
    names = ("PIS", "COFINS", "CSLL", "BASE_IRRF", "IRRF")
    pis, cofins, csll, base, irrf = (split(said.get(name, ZERO), weights, rule) for name in names)
    return [
        RetTrib(vRetPIS=pis[i], vRetCofins=cofins[i], vRetCSLL=csll[i], vBCIRRF=base[i], vIRRF=irrf[i])
        for i in range(len(worth))
    ]


def _prod(item: Item, part: Part, amount: Decimal, cut: Decimal, extra: Decimal) -> Prod:
    line = item.line
    quantity, unit = number(line, "quantidade"), abs(number(line, "valor_unitario"))
    if len(item.parts) > 1:
        unit = (amount / quantity).quantize(PLACES_OF_UNIT_VALUE)
        unit = unit.quantize(ZERO) if unit == unit.quantize(ZERO) else unit
    informative = bool(line.text("doc_externo"))
    return Prod(
        cProd=part.line.text("item"),
        xProd=part.line.text("descricao") or line.text("descricao"),
        cClass=cclass(line, part),
        CFOP=None if informative else (line.text("cfop") or part.line.text("cfop") or None),
        uMed=UNIT,
        qFaturada=quantity,
        vItem=unit,
        vDesc=cut or None,
        vOutro=extra or None,
        vProd=amount - cut + extra,
    )


def _det(place: int, line: Line, prod: Prod, imposto: Imposto) -> Det:
    elsewhere = line.text("doc_externo")
    return Det(
        nItem=place,
        prod=prod,
        imposto=imposto,
        chNFComAnt=line.text("chave_anterior") or None,
        nItemAnt=int(line.text("item_anterior")) if line.text("item_anterior") else None,
        infAdProd=f"Item do documento {elsewhere}, aqui só como informação." if elsewhere else None,
    )


def _texts(fatura: Fatura) -> Iterator[str]:
    if said := fatura.first.text("observacao"):
        yield said
    if fatura.conditional:
        until = _day(fatura.first, "vencimento")
        yield f"Desconto de R$ {show(fatura.conditional)} se paga até {until:%d/%m/%Y}; não abate o valor da nota."


def _day(line: Line, name: str) -> date:
    value = line.values[name]
    assert isinstance(value, date)
    return value


def _maybe_day(line: Line, name: str) -> date | None:
    return _day(line, name) if name in line.values else None


def _dest(line: Line, place: str) -> Dest:
    document = line.text("cpf_cnpj")
    is_person = len(document) == CPF_DIGITS
    indicador = line.text("indicador_ie") or NO_IE
    ie = line.text("ie")
    return Dest(
        xNome=line.text("nome"),
        CPF=document if is_person else None,
        CNPJ=None if is_person else document,
        indIEDest=indicador,
        IE=None if indicador == NO_IE and ie.upper() == EXEMPT else ie or None,
        enderDest=EnderecoDest(
            xLgr=line.text("logradouro"),
            nro=line.text("numero"),
            xCpl=line.text("complemento") or None,
            xBairro=line.text("bairro"),
            cMun=place,
            xMun=line.text("municipio"),
            CEP=line.text("cep"),
            UF=line.text("uf"),
            fone=line.text("telefone") or None,
            email=line.text("email") or None,
        ),
    )


def _assinante(fatura: Fatura) -> Assinante:
    line = fatura.first
    kind = _PERSON if len(line.text("cpf_cnpj")) == CPF_DIGITS else _COMPANY
    terminals = list(dict.fromkeys(_terminals(fatura)))
    others = tuple(TerminalAdicional(NroTermAdic=one, cUFAdic=uf) for one, uf in terminals[1:])
    return Assinante(
        iCodAssinante=line.text("cliente"),
        tpAssinante=line.text("tipo_assinante") or kind,
        tpServUtil=line.text("tipo_servico") or fatura.items[0].parts[0].line.text("tipo_servico"),
        nContrato=line.text("contrato"),
        dContratoIni=_day(line, "contrato_inicio"),
        dContratoFim=_maybe_day(line, "contrato_fim"),
        NroTermPrinc=terminals[0][0] if terminals else None,
        cUFPrinc=terminals[0][1] if terminals else None,
        NroTermAdic=others or None,
    )


def _terminals(fatura: Fatura) -> Iterator[tuple[str, str]]:
    for item in fatura.items:
        if terminal := item.line.text("terminal"):
            yield terminal, str(CODIGO_IBGE[item.line.text("uf_terminal") or item.line.text("uf")])


def _charge(fatura: Fatura) -> GFat:
    line = fatura.first
    pix = line.text("pix")
    return GFat(
        CompetFat=line.text("competencia"),
        dVencFat=_day(line, "vencimento"),
        dPerUsoIni=_maybe_day(line, "uso_inicio"),
        dPerUsoFim=_maybe_day(line, "uso_fim"),
        codBarras=fatura.bar_code,
        codDebAuto=line.text("debito_auto") or None,
        codBanco=line.text("banco") or None,
        codAgencia=line.text("agencia") or None,
        gPIX=GPix(urlQRCodePIX=pix) if pix else None,
    )
