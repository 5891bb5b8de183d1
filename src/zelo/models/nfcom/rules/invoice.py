"""The invoice charged with the note. Source: MOC NFCom 1.00a Anexo I, group "Validações da Fatura" (G78 to G81)."""

from collections.abc import Iterator
from typing import Final

from zelo.fiscal.cnpj import is_cnpj
from zelo.fiscal.fault import Found, Rule
from zelo.models.nfcom.rules.scope import FAT_COFATURAMENTO, FIN_AJUSTE
from zelo.models.nfcom.rules.subject import Note

FAT_NORMAL: Final = "0"
FAT_CENTRALIZADO: Final = "1"
"""Domain D19 (tpFat) of MOC NFCom 1.00a Anexo I; the third value is in scope.py."""

_MOC: Final = "MOC NFCom 1.00a Anexo I, "


def _invoice_missing(note: Note) -> Iterator[Found]:
    draft = note.draft
    exempt = draft.finNFCom == FIN_AJUSTE or draft.indPrePago or draft.indCessaoMeiosRede
    if draft.tpFat == FAT_NORMAL and draft.gFat is None and not exempt:
        yield "gFat", ""


def _central_missing(note: Note) -> Iterator[Found]:
    if note.draft.tpFat == FAT_CENTRALIZADO and note.draft.gFatCentral is None:
        yield "gFatCentral", ""


def _invoice_forbidden(note: Note) -> Iterator[Found]:
    draft = note.draft
    if draft.finNFCom == FIN_AJUSTE or draft.tpFat == FAT_COFATURAMENTO:
        if draft.gFat is not None:
            yield "gFat", draft.gFat.CompetFat
        if draft.gFatCentral is not None:
            yield "gFatCentral", draft.gFatCentral.CNPJ


def _central_cnpj(note: Note) -> Iterator[Found]:
    central = note.draft.gFatCentral
    if note.draft.tpFat == FAT_CENTRALIZADO and central is not None and not is_cnpj(central.CNPJ):
        yield "gFatCentral/CNPJ", central.CNPJ


RULES: Final = (
    Rule(
        id="NFCOM-G78",
        cstat="270",
        sentence="Falta a fatura: o faturamento normal exige competência, vencimento e linha digitável.",
        remedy="Gere a fatura e o boleto antes da nota, ou marque serviço pré-pago se for o caso.",
        source=f"{_MOC}G78; NT NFCom 2023.001 v1.01, G78",
        good="tpFat 0 com gFat",
        bad="tpFat 0 sem gFat",
        check=_invoice_missing,
    ),
    Rule(
        id="NFCOM-G79",
        cstat="272",
        sentence="Falta dizer qual estabelecimento centraliza a cobrança.",
        remedy="Informe CNPJ e UF do centralizador, ou use o tipo de faturamento 0 (normal).",
        source=f"{_MOC}G79",
        good="tpFat 1 com gFatCentral",
        bad="tpFat 1 sem gFatCentral",
        check=_central_missing,
    ),
    Rule(
        id="NFCOM-G80",
        cstat="273",
        sentence="Nota de ajuste ou de cofaturamento não traz fatura.",
        remedy="Retire os dados da fatura.",
        source=f"{_MOC}G80",
        good="tpFat 2 sem gFat",
        bad="tpFat 2 com gFat",
        check=_invoice_forbidden,
    ),
    Rule(
        id="NFCOM-G81",
        cstat="274",
        sentence="O CNPJ do centralizador da cobrança não existe: o dígito verificador não confere.",
        remedy="Corrija o CNPJ do centralizador.",
        source=f"{_MOC}G81",
        good="gFatCentral 11222333000181",
        bad="gFatCentral 11222333000182",
        check=_central_cnpj,
    ),
)
