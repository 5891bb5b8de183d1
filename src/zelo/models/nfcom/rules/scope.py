"""Notes that zelo does not issue yet: said plainly before a number is spent, never half-built in silence.

They go one by one as what they refuse is built. Where an authorizer would refuse too, the cStat says so.
"""

from collections.abc import Iterator
from typing import Final

from zelo.fiscal.fault import Found, Rule
from zelo.fiscal.uf import CODIGO_IBGE
from zelo.models.nfcom.rules.subject import Note, items

FIN_SUBSTITUICAO: Final = "3"
FIN_AJUSTE: Final = "4"
FAT_COFATURAMENTO: Final = "2"
"""Domains D18 (finNFCom) and D19 (tpFat) of MOC NFCom 1.00a Anexo I."""
COBILLING_GROUP: Final = "130"
"""First digits of the cClass of an item that another operator's NFCom bears (cClass table); it asks for CNPJLD."""


def _two_ufs(note: Note) -> Iterator[Found]:
    uf = note.draft.dest.enderDest.UF
    if uf in CODIGO_IBGE and uf != note.emit.enderEmit.UF:
        yield "dest/enderDest/UF", uf


def _shared_tax(note: Note) -> Iterator[Found]:
    for path, det in items(note):
        if det.imposto.ICMSUFDest:
            yield f"{path}/imposto/ICMSUFDest", det.imposto.ICMSUFDest[0].cUFDest


def _purpose(note: Note) -> Iterator[Found]:
    if note.draft.finNFCom in (FIN_SUBSTITUICAO, FIN_AJUSTE):
        yield "ide/finNFCom", note.draft.finNFCom


def _cobilling(note: Note) -> Iterator[Found]:
    if note.draft.tpFat == FAT_COFATURAMENTO:
        yield "ide/tpFat", note.draft.tpFat


def _cobilled_item(note: Note) -> Iterator[Found]:
    for path, det in items(note):
        if det.prod.cClass.startswith(COBILLING_GROUP):
            yield f"{path}/prod/cClass", det.prod.cClass


RULES: Final = (
    Rule(
        id="NFCOM-Z01",
        cstat="",
        sentence="O assinante é de outra UF: o ICMS cabe às duas, e o zelo ainda não faz essa partilha.",
        remedy="Emita pelo estabelecimento da UF do assinante; se não houver, emita esta nota fora do zelo.",
        source="LC 87/96 art. 11 § 6º (serviço não medido, preço por período); escopo desta versão",
        good="emitente no RS, assinante no RS",
        bad="emitente no RS, assinante em SC",
        check=_two_ufs,
    ),
    Rule(
        id="NFCOM-G105",
        cstat="497",
        sentence="Item com partilha do ICMS pede a IE do emitente na UF de destino, e o zelo ainda não faz partilha.",
        remedy="Retire a partilha do item ou emita esta nota fora do zelo.",
        source="MOC NFCom 1.00a Anexo I, G105",
        good="item sem ICMSUFDest",
        bad="item com ICMSUFDest",
        check=_shared_tax,
    ),
    Rule(
        id="NFCOM-Z02",
        cstat="",
        sentence="O zelo ainda não emite NFCom de substituição nem de ajuste.",
        remedy="Use a finalidade 0 (normal) ou emita esta nota fora do zelo.",
        source="escopo desta versão; domínio D18 do MOC NFCom 1.00a Anexo I",
        good="finNFCom 0",
        bad="finNFCom 3",
        check=_purpose,
    ),
    Rule(
        id="NFCOM-Z03",
        cstat="",
        sentence="O zelo ainda não emite NFCom de cofaturamento.",
        remedy="Use o tipo de faturamento 0 (normal) ou 1 (centralizado), ou emita esta nota fora do zelo.",
        source="escopo desta versão; domínio D19 do MOC NFCom 1.00a Anexo I",
        good="tpFat 0",
        bad="tpFat 2",
        check=_cobilling,
    ),
    Rule(
        id="NFCOM-Z06",
        cstat="263",
        sentence="O zelo ainda não emite item de cofaturamento, que pede o CNPJ da operadora de longa distância.",
        remedy="Retire o item ou emita esta nota fora do zelo.",
        source="escopo desta versão; MOC NFCom 1.00a Anexo I, G96",
        good="cClass 0100101",
        bad="cClass 1300101",
        check=_cobilled_item,
    ),
)
