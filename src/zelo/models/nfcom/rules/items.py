"""Each item's codes and value; the rules about cClass and CFOP ask the dated tables of the day of emission.

Source: MOC NFCom 1.00a Anexo I, groups "Validações dos Itens" and "(Tributos)" (G83 to G92, G105a and G105b).
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from zelo.facts import item
from zelo.fiscal.fault import Found, Rule
from zelo.fiscal.money import ZERO
from zelo.models.nfcom.draft import Det
from zelo.models.nfcom.rules.amount import beside, beyond
from zelo.models.nfcom.rules.invoice import FAT_CENTRALIZADO, FAT_NORMAL
from zelo.models.nfcom.rules.scope import FIN_AJUSTE
from zelo.models.nfcom.rules.subject import Note, items
from zelo.models.nfcom.total import fits

VPROD_TOLERANCE_REAIS: Final = Decimal("0.05")
"""MOC NFCom 1.00a Anexo I, G86."""
CENTRAL_BILLING_GROUP: Final = "120"
"""First digits of the cClass of an item that another NFCom bears and this one only charges (cClass table)."""

_MOC: Final = "MOC NFCom 1.00a Anexo I, "


def _central_items(note: Note) -> Iterator[tuple[str, Det]]:
    return ((path, det) for path, det in items(note) if det.prod.cClass.startswith(CENTRAL_BILLING_GROUP))


def _number_repeated(note: Note) -> Iterator[Found]:
    seen: set[int] = set()
    for path, det in items(note):
        if det.nItem in seen:
            yield f"{path}/@nItem", str(det.nItem)
        seen.add(det.nItem)


def _unknown_cclass(note: Note) -> Iterator[Found]:
    for path, det in items(note):
        if item.cclass(det.prod.cClass, note.on) is None:
            yield f"{path}/prod/cClass", det.prod.cClass


def _unknown_cfop(note: Note) -> Iterator[Found]:
    for path, det in items(note):
        cfop = det.prod.CFOP
        if cfop is not None and not item.accepts_cfop(cfop, note.on):
            yield f"{path}/prod/CFOP", cfop


def _wrong_value(note: Note) -> Iterator[Found]:
    for path, det in items(note):
        prod = det.prod
        discount, charges = prod.vDesc or ZERO, prod.vOutro or ZERO
        if all(map(fits, (prod.vProd, prod.vItem, prod.qFaturada, discount, charges))):
            expected = prod.vItem * prod.qFaturada - discount + charges
            if beyond(prod.vProd, expected, VPROD_TOLERANCE_REAIS):
                yield f"{path}/prod/vProd", beside(prod.vProd, expected)


def _prepaid_unmarked(note: Note) -> Iterator[Found]:
    for path, det in items(note):
        code = item.cclass(det.prod.cClass, note.on)
        if code is not None and code.pre_pago and not note.draft.indPrePago:
            yield f"{path}/prod/cClass", code.cclass


def _central_item_misplaced(note: Note) -> Iterator[Found]:
    if note.draft.finNFCom == FIN_AJUSTE or note.draft.tpFat != FAT_NORMAL:
        for path, det in _central_items(note):
            yield f"{path}/prod/cClass", det.prod.cClass


def _central_item_taxed(note: Note) -> Iterator[Found]:
    for path, det in _central_items(note):
        if det.imposto.indSemCST is None:
            yield f"{path}/imposto/indSemCST", ""


def _central_item_in_central_note(note: Note) -> Iterator[Found]:
    if note.draft.tpFat == FAT_CENTRALIZADO:
        for path, det in _central_items(note):
            yield f"{path}/prod/cClass", det.prod.cClass


def _cfop_missing(note: Note) -> Iterator[Found]:
    for path, det in items(note):
        if det.imposto.indSemCST is None and det.prod.CFOP is None:
            yield f"{path}/prod/CFOP", ""


def _cfop_forbidden(note: Note) -> Iterator[Found]:
    for path, det in items(note):
        if det.imposto.indSemCST is not None and det.prod.CFOP is not None:
            yield f"{path}/prod/CFOP", det.prod.CFOP


RULES: Final = (
    Rule(
        id="NFCOM-Z05",
        cstat="215",
        sentence="Dois itens da nota têm o mesmo número.",
        remedy="Numere os itens em sequência, a partir de 1.",
        source="schema da NFCom, restrição pk_nItem (NT 2026.002 RTC 1.01)",
        good="itens 1 e 2",
        bad="itens 1 e 1",
        check=_number_repeated,
    ),
    Rule(
        id="NFCOM-G83",
        cstat="276",
        sentence="O código de classificação do item (cClass) não está na tabela em vigor.",
        remedy="Escolha um cClass da tabela para o plano; a escolha é do contador.",
        source=f"{_MOC}G83; tabela cClass da NFCom",
        good="cClass 0100401",
        bad="cClass 0100499",
        check=_unknown_cclass,
    ),
    Rule(
        id="NFCOM-G84",
        cstat="433",
        sentence="A NFCom não aceita o CFOP do item.",
        remedy="Use um CFOP de serviço de comunicação; para quem não é contribuinte, no mesmo estado, é o 5307.",
        source=f"{_MOC}G84; MOC NFCom 1.00a Visão Geral, 7.6",
        good="CFOP 5307",
        bad="CFOP 5102",
        check=_unknown_cfop,
    ),
    Rule(
        id="NFCOM-G86",
        cstat="435",
        sentence="O valor do item não é unitário × quantidade - desconto + outras despesas.",
        remedy="Recalcule o item; a SEFAZ tolera R$ 0,05.",
        source=f"{_MOC}G86",
        good="2 × 50,00 - 5,00 + 1,00 = 96,00",
        bad="2 × 50,00 - 5,00 + 1,00 = 101,00",
        check=_wrong_value,
    ),
    Rule(
        id="NFCOM-G87",
        cstat="522",
        sentence="Há item de serviço pré-pago e a nota não está marcada como pré-paga.",
        remedy="Marque a nota como pré-paga, ou troque o cClass do item.",
        source=f"{_MOC}G87",
        good="cClass 0500201 com indPrePago 1",
        bad="cClass 0500201 sem indPrePago",
        check=_prepaid_unmarked,
    ),
    Rule(
        id="NFCOM-G88",
        cstat="277",
        sentence="Item já lançado em outra NFCom (cobrança centralizada) só cabe em nota de faturamento normal.",
        remedy="Retire o item, ou use finalidade 0 e tipo de faturamento 0.",
        source=f"{_MOC}G88",
        good="cClass 1200101, finNFCom 0, tpFat 0",
        bad="cClass 1200101, tpFat 1",
        check=_central_item_misplaced,
    ),
    Rule(
        id="NFCOM-G89",
        cstat="269",
        sentence="Item já lançado em outra NFCom (cobrança centralizada) não pode ser tributado de novo.",
        remedy="Deixe o item sem situação tributária do ICMS (indSemCST) e sem CFOP.",
        source="NT NFCom 2024.001 v1.01, G89",
        good="cClass 1200101 com indSemCST 1",
        bad="cClass 1200101 com ICMS00",
        check=_central_item_taxed,
    ),
    Rule(
        id="NFCOM-G92",
        cstat="268",
        sentence="A nota de faturamento centralizado não relaciona itens de outra NFCom.",
        remedy="Ponha o item na nota do centralizador, que é de faturamento normal.",
        source=f"{_MOC}G92",
        good="tpFat 0 com cClass 1200101",
        bad="tpFat 1 com cClass 1200101",
        check=_central_item_in_central_note,
    ),
    Rule(
        id="NFCOM-G105a",
        cstat="540",
        sentence="Falta o CFOP de um item que tem situação tributária do ICMS.",
        remedy="Informe o CFOP do item; se ele nada tem com o ICMS, marque indSemCST.",
        source=f"{_MOC}G105a",
        good="ICMS00 com CFOP 5307",
        bad="ICMS00 sem CFOP",
        check=_cfop_missing,
    ),
    Rule(
        id="NFCOM-G105b",
        cstat="541",
        sentence="Item sem situação tributária do ICMS não leva CFOP.",
        remedy="Retire o CFOP, ou informe a situação tributária do item.",
        source=f"{_MOC}G105b",
        good="indSemCST 1 sem CFOP",
        bad="indSemCST 1 com CFOP 5307",
        check=_cfop_forbidden,
    ),
)
