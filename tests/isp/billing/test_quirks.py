"""What ERPs and sheets do to a month of billing: undone where nothing is guessed, told where something is lost."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import pytest
from validate_docbr import CNPJ, CPF

from tests.isp.billing.files import ISSUERS, NOTE, PART, PARTS, read, told, written
from zelo.fiscal.cnpj import is_cnpj, is_cpf
from zelo.fiscal.money import Rounding
from zelo.isp.billing import mend
from zelo.isp.billing.names import NAMES
from zelo.isp.billing.notes import Billing, read_billing
from zelo.isp.billing.understood import outline
from zelo.models.nfcom.total import totals

RULE: Final = Rounding(2, "ROUND_HALF_UP")
PLANS: Final = (
    *PARTS,
    PART | {"plano": "INSTALMENT", "cclass": "1000201", "cfop": "", "icms_cst": "SEM", "icms_aliquota": ""},
    PART | {"plano": "BACK", "cclass": "5900101", "cfop": "", "icms_cst": "SEM", "icms_aliquota": ""},
)
BEFORE: Final = {"chave_anterior": "35260645624871000114620010000002591035076056", "item_anterior": "2"}
OTHER: Final = NOTE | {"descricao": "Telefone", "plano": "HALVES", "valor_unitario": "50,00"}


def taken(*rows: Mapping[str, str]) -> Billing:
    """What rows amount to, with every plan there is."""
    return read(*rows, parts=PLANS)


def items(billing: Billing) -> list[tuple[str, Decimal, Decimal | None]]:
    """Value and discount of each item of the only note, which has no fault."""
    assert told(billing) == []
    [note] = billing.notes
    return [(det.prod.xProd, det.prod.vProd, det.prod.vDesc) for det in note.draft.det]


def remarked(billing: Billing) -> list[tuple[str, str]]:
    """What was mended, and where."""
    return [(remark.sentence, remark.where) for remark in billing.remarks]


# cells that a sheet changed


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1234567890", "01234567890"),
        ("191000000", None),
        ("6117473000150", "06117473000150"),
        ("1234567891", None),
        ("6117473000151", None),
        ("52998224725", None),
        ("191", None),
    ],
)
def test_zeros_that_a_sheet_ate_come_back_only_where_the_check_digits_agree(typed: str, meant: str | None) -> None:
    assert mend.person(typed) == (None if meant is None else (meant, mend.ZEROS_OF_PERSON))
    if meant is not None:
        assert CNPJ().validate(meant) or CPF().validate(meant)


def test_a_number_that_may_be_either_is_not_mended() -> None:
    either = next(
        number
        for number in map(str, range(10_000_000, 99_999_999))
        if is_cpf(number.zfill(11)) and is_cnpj(number.zfill(14))
    )
    assert mend.person(either) is None


@pytest.mark.parametrize(
    ("column", "cell", "value", "sentence"),
    [
        ("cep", "1310100", "01310100", mend.ZERO_OF_CEP),
        ("competencia", "01/11/2026", "202611", mend.MONTH_FROM_DAY),
        ("competencia", "2026-11-01", "202611", mend.MONTH_FROM_DAY),
        ("competencia", "nov/26", "202611", mend.MONTH_FROM_NAME),
        ("competencia", "Março de 2027", "202703", mend.MONTH_FROM_NAME),
        ("vencimento", "10/12/2026 00:00:00", "2026-12-10", mend.MIDNIGHT),
        ("email", "a@b.com.br; c@d.com.br", "a@b.com.br", mend.FIRST_EMAIL),
        ("linha_digitavel", "23794164639432909997780592315879096455704496", NOTE["linha_digitavel"], mend.FROM_BARRAS),
        (
            "nome",
            "D\u2019\u00c1vila \u2013 Filial",
            "D'\u00c1vila - Filial",
            "Aspas, traços e espaços tipográficos trocados pelos comuns.",
        ),
    ],
)
def test_a_cell_is_mended_and_said(column: str, cell: str, value: str, sentence: str) -> None:
    billing = read(NOTE | {column: cell})
    assert told(billing) == []
    assert billing.sheet.lines[0].text(column) == value
    assert remarked(billing) == [(sentence, column)]


@pytest.mark.parametrize(
    ("column", "cell", "rule"),
    [
        ("competencia", "15/11/2026", "CELULA-COMPETENCIA"),
        ("competencia", "11/26", "CELULA-COMPETENCIA"),
        ("cep", "310100", "CELULA-DIGITOS"),
        ("cpf_cnpj", "5,29982E+10", "CELULA-CPF-CNPJ"),
        ("linha_digitavel", "7,5E+46", "CELULA-LINHA-PERDIDA"),
        ("linha_digitavel", "23795164639432909997780592315879096455704496", "CELULA-LINHA"),
        ("fatura", "1,23457E+15", "CELULA-CODIGO-PERDIDO"),
        ("nome", "Maria 😀", "CELULA-LETRA"),
        ("nome", "JoÃ£o", "CELULA-CODIFICACAO"),
        ("nome", "Jo\ufffdo", "CELULA-CODIFICACAO"),
        ("email", "não tem", "CELULA-EMAIL"),
    ],
)
def test_where_something_is_lost_nothing_is_guessed(column: str, cell: str, rule: str) -> None:
    billing = read(NOTE | {column: cell}, NOTE | {"fatura": "F2"})
    assert (2, rule, column) in told(billing)
    assert [note.reference for note in billing.notes] == ["F2"]


def test_xml_specials_of_a_name_arrive_as_they_are() -> None:
    [note] = read(NOTE | {"nome": "A & B <\"Ltda\"> 'ME'"}).notes
    assert note.draft.dest.xNome == "A & B <\"Ltda\"> 'ME'"


# rows that are none


@pytest.mark.parametrize(("word", "sentence"), [("Cancelada", "cancelada"), ("QUITADA", "paga"), ("pago", "paga")])
def test_cancelled_and_paid_rows_are_left_out_and_counted_whatever_else_stands_in_them(
    word: str, sentence: str
) -> None:
    row = NOTE | {"situacao": "em aberto"}
    billing = read(row, row | {"fatura": "F2", "situacao": word, "cpf_cnpj": "x"}, row | {"fatura": "F3"})
    assert told(billing) == []
    assert [note.reference for note in billing.notes] == ["F1", "F3"]
    assert [(one.sentence, one.lines) for one in billing.sheet.skipped] == [
        (f"Linha de fatura {sentence}: pulada.", [3])
    ]


def test_a_situation_that_nobody_knows_is_a_fault_and_not_a_guess() -> None:
    assert told(read(NOTE | {"situacao": "suspensa"})) == [(2, "CELULA-OPCAO", "situacao")]


# discounts, deductions, instalments, what others bear


def test_a_negative_line_takes_from_the_lines_of_its_plan() -> None:
    cut = NOTE | {"descricao": "Desconto", "valor_unitario": "-9,90"}
    billing = taken(NOTE, OTHER, cut)
    assert items(billing) == [
        ("Internet fibra", Decimal("90.00"), Decimal("9.90")),
        ("Telefone", Decimal("35.00"), None),
        ("Aplicativos", Decimal("15.00"), None),
    ]


def test_a_negative_line_of_no_plan_takes_from_all_in_proportion_and_loses_no_cent() -> None:
    cut = NOTE | {"descricao": "Desconto", "plano": "-", "valor_unitario": "-R$ 10,01"}
    found = items(
        taken(NOTE | {"total_fatura": "139,89"}, OTHER | {"total_fatura": "139,89"}, cut | {"total_fatura": "139,89"})
    )
    assert sum(value for _, value, _ in found) == Decimal("139.89")
    assert sum(discount or 0 for _, _, discount in found) == Decimal("10.01")


@pytest.mark.parametrize(("rows", "rule"), [
    ([NOTE, NOTE | {"valor_unitario": "-99,91"}], "DESCONTO"),
    ([NOTE | {"valor_unitario": "-1,00"}], "FATURA-VAZIA"),
])  # fmt: skip
def test_discounts_beyond_the_items_are_told(rows: list[dict[str, str]], rule: str) -> None:
    billing = taken(*rows)
    assert [found for _, found, _ in told(billing)] == [rule]


@pytest.mark.parametrize("as_line", [True, False])
def test_a_discount_for_paying_in_time_takes_nothing_off_and_is_told_to_the_subscriber(*, as_line: bool) -> None:
    conditional = {"tipo_desconto": "Pontualidade"}
    if as_line:
        billing = taken(NOTE, NOTE | conditional | {"descricao": "Em dia", "valor_unitario": "-10,00"})
    else:
        billing = taken(NOTE | conditional | {"desconto": "10,00"})
    assert items(billing) == [("Internet fibra", Decimal("99.90"), None)]
    [note] = billing.notes
    assert note.draft.infAdic is not None
    assert note.draft.infAdic.infCpl == ("Desconto de R$ 10,00 se paga até 10/12/2026; não abate o valor da nota.",)


def test_a_total_without_the_punctuality_discount_says_what_the_difference_is() -> None:
    row = NOTE | {"tipo_desconto": "condicional", "desconto": "10,00", "total_fatura": "89,90"}
    [found] = taken(row).faults
    assert "pontualidade" in found.fault.remedy


def test_an_extra_charge_is_part_of_the_value() -> None:
    [note] = taken(NOTE | {"acrescimo": "5,10", "total_fatura": "105,00"}).notes
    assert (note.draft.det[0].prod.vOutro, note.draft.det[0].prod.vProd) == (Decimal("5.10"), Decimal("105.00"))


def test_the_total_is_compared_before_what_the_customer_withholds() -> None:
    billing = taken(NOTE | {"retencoes": "PIS=0,65 COFINS=3,00 CSLL=1,00", "total_fatura": "99,90"})
    assert told(billing) == []
    [note] = billing.notes
    total = totals(note.draft.det, RULE, adds_ibs_cbs=False)
    assert (total.vProd, total.vNF) == (Decimal("99.90"), Decimal("95.25"))


def test_what_is_withheld_is_shared_among_the_parts_and_loses_no_cent() -> None:
    [note] = taken(OTHER | {"retencoes": "PIS=0,65 COFINS=3,01 CSLL=1,00 IRRF=1,50 BASE_IRRF=50,00"}).notes
    held = [det.imposto.retTrib for det in note.draft.det if det.imposto.retTrib]
    assert len(held) == 2
    sums = [
        sum(getattr(one, name) for one in held) for name in ("vRetPIS", "vRetCofins", "vRetCSLL", "vBCIRRF", "vIRRF")
    ]
    assert sums == [Decimal(text) for text in ("0.65", "3.01", "1.00", "50.00", "1.50")]


def test_a_deduction_names_the_item_of_the_earlier_note_and_subtracts() -> None:
    back = NOTE | BEFORE | {"plano": "BACK", "descricao": "Contestação", "valor_unitario": "-20,00"}
    whole = {"total_fatura": "79,90"}
    billing = taken(NOTE | whole, back | whole)
    assert items(billing)[1] == ("Contestação", Decimal("20.00"), None)
    [note] = billing.notes
    assert (note.draft.det[1].chNFComAnt, note.draft.det[1].nItemAnt) == (BEFORE["chave_anterior"], 2)


def test_deductions_beyond_the_items_are_told() -> None:
    back = NOTE | BEFORE | {"plano": "BACK", "valor_unitario": "-100,00"}
    assert [rule for _, rule, _ in told(taken(NOTE, back))] == ["FATURA-NEGATIVA"]


def test_an_instalment_is_no_new_service() -> None:
    row = NOTE | {"negociacao": "sim"}
    assert told(taken(row)) == [(2, "NEGOCIACAO", "negociacao")]
    [note] = taken(row | {"plano": "INSTALMENT"}).notes
    [det] = note.draft.det
    assert (det.prod.cClass, det.imposto.indSemCST, det.prod.CFOP) == ("1000201", "1", None)


def test_what_another_document_bears_is_not_taxed_here() -> None:
    [note] = taken(NOTE, OTHER | {"plano": "WHOLE", "doc_externo": "NFS-e 77"}).notes
    own, other = note.draft.det
    assert own.imposto.ICMS00 is not None
    assert (other.imposto.indSemCST, other.imposto.ICMS00, other.prod.CFOP) == ("1", None, None)


@pytest.mark.parametrize("column", ["cclass", "cfop", "chave_anterior"])
def test_what_a_line_says_of_one_item_cannot_be_said_of_a_plan_of_two(column: str) -> None:
    values = {"cclass": {"cclass": "0100401"}, "cfop": {"cfop": "5307"}, "chave_anterior": BEFORE}
    assert told(taken(OTHER | values[column])) == [(2, "PLANO-PARTES", column)]


@pytest.mark.parametrize(
    ("one", "other"), [("uso_inicio", "uso_fim"), ("banco", "agencia"), ("chave_anterior", "item_anterior")]
)
def test_columns_that_only_count_together_are_told_at_the_missing_one(one: str, other: str) -> None:
    good: dict[str, Any] = BEFORE | {
        "uso_inicio": "01/11/2026",
        "uso_fim": "30/11/2026",
        "banco": "041",
        "agencia": "1",
    }
    assert told(taken(NOTE | {one: good[one]})) == [(2, "COLUNA-PAR", other)]
    assert told(taken(NOTE | {other: good[other]})) == [(2, "COLUNA-PAR", one)]


def test_terminals_of_a_note_are_one_principal_and_the_others() -> None:
    rows = [NOTE | {"terminal": number} for number in ("5133334444", "5133334445", "5133334444")]
    [note] = taken(*rows).notes
    subscriber = note.draft.assinante
    assert subscriber.NroTermPrinc == "5133334444"
    assert subscriber.NroTermAdic is not None
    assert [one.NroTermAdic for one in subscriber.NroTermAdic] == ["5133334445"]


# exempt from IE


def test_isento_with_indicator_9_is_dropped_and_said() -> None:
    billing = taken(NOTE | {"ie": "Isento"})
    [note] = billing.notes
    assert note.draft.dest.IE is None
    assert [where for _, where in remarked(billing)] == ["ie"]


def test_isento_of_a_rural_producer_is_not_dropped_but_asked_about() -> None:
    assert told(taken(NOTE | {"ie": "ISENTO", "tipo_assinante": "4"})) == [(2, "IE-ISENTO", "ie")]


def test_isento_with_indicator_2_stays() -> None:
    [note] = taken(NOTE | {"ie": "ISENTO", "indicador_ie": "2"}).notes
    assert note.draft.dest.IE == "ISENTO"


# charges without boleto


def charged(form: str, linha: str, codes: Mapping[str, str]) -> Billing:
    """A note charged in that form."""
    row = NOTE | {"forma_cobranca": form, "linha_digitavel": linha}
    return read_billing(written([row]), written(PARTS), ISSUERS, codes=codes)


@pytest.mark.parametrize("form", ["pix", "Cartão de crédito", "debito_conta_corrente"])
def test_a_charge_without_boleto_is_refused_until_the_company_says_what_stands_there(form: str) -> None:
    said = {"pix": "1", "cartao": "2", "debito": "3"}
    assert told(charged(form, "", {})) == [(2, "COBRANCA-POLITICA", "forma_cobranca")]
    [note] = charged(form, "", said).notes
    assert note.draft.gFat is not None
    assert note.draft.gFat.codBarras in said.values()
    [with_line] = charged(form, NOTE["linha_digitavel"], said).notes
    assert with_line.draft.gFat is not None
    assert with_line.draft.gFat.codBarras == NOTE["linha_digitavel"], "the file's own line comes first"


@pytest.mark.parametrize("form", ["", "boleto"])
def test_a_boleto_needs_its_line_whatever_the_company_says(form: str) -> None:
    assert told(charged(form, "", {"boleto": "1", "pix": "1"})) == [(2, "LINHA-FALTA", "linha_digitavel")]


# references, names of columns


def test_one_fatura_may_have_several_notes_by_their_own_reference() -> None:
    billing = taken(NOTE | {"ref": "F1/1"}, OTHER | {"ref": "F1/2"}, NOTE | {"ref": "F1/1", "descricao": "Mais"})
    assert [(note.reference, len(note.draft.det)) for note in billing.notes] == [("F1/1", 2), ("F1/2", 2)]


def test_a_line_whose_own_reference_was_lost_holds_its_fatura_back() -> None:
    billing = taken(NOTE | {"ref": ""}, NOTE | {"ref": "1,2E+20", "fatura": "F1"})
    assert list(billing.notes) == []


@pytest.mark.parametrize("erp", NAMES, ids=lambda names: names.erp)
def test_names_of_erps_are_known_by_any_spelling(erp: Any) -> None:
    for column, others in erp.columns.items():
        for other in others:
            row = {other.upper() if name == column else name: cell for name, cell in NOTE.items()}
            if column in NOTE:
                assert told(read(row)) == [], (column, other)


def test_our_own_name_comes_before_what_others_call_it() -> None:
    [line] = read(NOTE | {"valor": "1,00"}).sheet.lines
    assert line.text("valor_unitario") == "99.90"


def test_two_columns_that_may_be_the_same_are_told_until_a_mapping_says_which() -> None:
    row = {("dt venc" if name == "vencimento" else name): cell for name, cell in NOTE.items()} | {
        "vencto": "11/12/2026"
    }
    assert told(read(row)) == [(1, "COLUNA-REPETIDA", "vencimento")]
    told_which = read_billing(written([row]), written(PARTS), ISSUERS, mapping={"vencto": ""})
    assert told(told_which) == []


def test_what_is_shown_before_anything_comes_of_it_stars_every_cpf() -> None:
    shown = str(outline(read(NOTE, NOTE | {"fatura": "F2", "cpf_cnpj": "529.982.247-24", "cep": "529.982.247-25"})))
    for typed in ("52998224725", "529.982.247-25", "529.982.247-24"):
        assert typed not in shown
    assert "***.982.247-**" in shown
