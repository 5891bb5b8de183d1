"""Notes that zelo does not issue yet: said plainly before a number is spent, never half-built in silence.

These rules are ours. They go one by one as what they refuse is built.
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


def _two_ufs(note: Note) -> Iterator[Found]:
    uf = note.draft.dest.enderDest.UF
    if uf in CODIGO_IBGE and uf != note.emit.enderEmit.UF:
        yield "dest/enderDest/UF", uf
    for place, det in items(note):
        if det.imposto.ICMSUFDest:
            yield f"{place}/imposto/ICMSUFDest", det.imposto.ICMSUFDest[0].cUFDest


def _purpose(note: Note) -> Iterator[Found]:
    if note.draft.finNFCom in (FIN_SUBSTITUICAO, FIN_AJUSTE):
        yield "ide/finNFCom", note.draft.finNFCom


def _cobilling(note: Note) -> Iterator[Found]:
    if note.draft.tpFat == FAT_COFATURAMENTO:
        yield "ide/tpFat", note.draft.tpFat


RULES: Final = (
    Rule(
        id="NFCOM-Z01",
        cstat="497",
        sentence="O assinante é de outra UF: o ICMS cabe às duas, e o zelo ainda não faz essa partilha.",
        remedy="Emita pelo estabelecimento da UF do assinante; se não houver, emita esta nota fora do zelo.",
        source="LC 87/96 art. 11 § 6º; MOC NFCom 1.00a Anexo I, G105",
        good="emitente no RS, assinante no RS",
        bad="emitente no RS, assinante em SC",
        check=_two_ufs,
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
)
