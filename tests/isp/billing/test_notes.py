"""From lines to notes: a fatura is whole or it is not emitted, and what holds it back is told by line and column."""

import random
from decimal import Decimal
from typing import Final

import pytest

from tests.isp.billing.files import ISSUERS, MG, NOTE, OPTIONAL, PARTS, RS, read, told, written
from zelo.isp.billing.notes import BilledNote, read_billing

SECOND: Final = NOTE | {"descricao": "Telefone", "valor_unitario": "39,90"}
PER_NOTE: Final = {
    "fatura": "F9",
    "competencia": "12/2026",
    "vencimento": "11/12/2026",
    "cliente": "1002",
    "nome": "Mario",
    "cpf_cnpj": "11222333000181",
    "logradouro": "Rua B",
    "numero": "101",
    "bairro": "Norte",
    "cep": "90010001",
    "municipio": "Canoas",
    "uf": "SC",
    "contrato": "C-2",
    "contrato_inicio": "02/03/2024",
    "linha_digitavel": "836600000019" + "111111111113" * 3,
    "codigo_ibge": "4304606",
    "complemento": "Fundos",
    "ie": "1",
    "indicador_ie": "1",
    "tipo_assinante": "1",
    "telefone": "5133334444",
    "email": "outra@exemplo.com.br",
    "total_fatura": "1",
    "serie": "2",
    "observacao": "Outra",
    "tipo_servico": "5",
    "contrato_fim": "02/03/2027",
    "uso_inicio": "02/11/2026",
    "uso_fim": "29/11/2026",
    "instalacao_ibge": "4304606",
    "forma_cobranca": "pix",
    "pix": "00020126580014br.gov.bcb.pix-2",
    "debito_auto": "654321",
    "banco": "001",
    "agencia": "0200",
}
"""Everything that belongs to the note, with another value."""
PER_ITEM: Final = {
    "cnpj_emitente", "ref", "plano", "descricao", "quantidade", "valor_unitario", "desconto", "tipo_desconto",
    "acrescimo", "terminal", "uf_terminal", "nosso_numero", "cclass", "cfop", "retencoes", "situacao", "negociacao",
    "doc_externo", "chave_anterior", "item_anterior",
}  # fmt: skip


def references(*rows: dict[str, str]) -> list[str]:
    """The faturas that become notes."""
    return [note.reference for note in read(*rows).notes]


def test_the_lines_of_a_fatura_are_one_note_with_its_items_in_order() -> None:
    billing = read(NOTE, NOTE | {"fatura": "F2"}, SECOND)
    assert told(billing) == []
    first, second = billing.notes
    assert (first.reference, first.line, second.reference, second.line) == ("F1", 2, "F2", 3)
    assert [(det.nItem, det.prod.xProd, det.prod.vProd) for det in first.draft.det] == [
        (1, "Internet fibra", Decimal("99.90")),
        (2, "Telefone", Decimal("39.90")),
    ]
    assert billing.lines == 3


def test_one_reference_at_two_emitters_is_two_notes() -> None:
    billing = read(NOTE, NOTE | {"cnpj_emitente": MG})
    assert [(note.cnpj, note.draft.cMunFG) for note in billing.notes] == [
        (cnpj, issuer.municipio) for cnpj, issuer in ISSUERS.items()
    ]


def test_every_column_arrives_at_its_place() -> None:
    [note] = read(NOTE | OPTIONAL).notes
    draft = note.draft
    assert (note.cnpj, note.reference, note.serie) == (RS, "F1/1", 1)
    assert (draft.dest.xNome, draft.dest.CPF, draft.dest.CNPJ) == ("Maria da Silva", "52998224725", None)
    assert (draft.dest.indIEDest, draft.dest.IE) == ("9", "0963233556")
    place = draft.dest.enderDest
    assert (place.xLgr, place.nro, place.xCpl, place.xBairro) == ("Rua das Flores", "100", "Ap. 12", "Centro")
    assert (place.cMun, place.xMun, place.CEP, place.UF) == ("4314902", "Porto Alegre", "90010000", "RS")
    assert (place.fone, place.email) == ("51999990000", "maria@exemplo.com.br")
    subscriber = draft.assinante
    assert (subscriber.iCodAssinante, subscriber.tpAssinante, subscriber.tpServUtil) == ("1001", "3", "4")
    assert (subscriber.nContrato, str(subscriber.dContratoIni)) == ("C-1001", "2024-03-01")
    assert draft.gFat is not None
    assert (draft.gFat.CompetFat, str(draft.gFat.dVencFat)) == ("202611", "2026-12-10")
    assert draft.gFat.codBarras == NOTE["linha_digitavel"]
    assert (str(draft.gFat.dPerUsoIni), str(draft.gFat.dPerUsoFim)) == ("2026-11-01", "2026-11-30")
    assert (draft.gFat.codDebAuto, draft.gFat.codBanco, draft.gFat.codAgencia) == ("123456", "041", "0100")
    assert draft.gFat.gPIX is not None
    assert draft.gFat.gPIX.urlQRCodePIX == OPTIONAL["pix"]
    assert (subscriber.NroTermPrinc, subscriber.cUFPrinc, subscriber.NroTermAdic) == ("5133334444", "43", None)
    assert str(subscriber.dContratoFim) == "2027-03-01"
    [det] = draft.det
    assert (det.prod.cClass, det.chNFComAnt, det.nItemAnt) == ("0100401", OPTIONAL["chave_anterior"], 1)
    assert (det.imposto.indSemCST, det.prod.CFOP) == ("1", None), "another document bears it"
    assert det.imposto.retTrib is not None
    assert (det.imposto.retTrib.vRetPIS, det.imposto.retTrib.vRetCofins) == (Decimal("0.65"), Decimal("3.00"))
    assert det.infAdProd is not None
    assert "NFS-e 123" in det.infAdProd
    assert draft.infAdic is not None
    assert draft.infAdic.infCpl == ("Obrigado!",)


def test_what_is_left_out_takes_what_the_manual_says() -> None:
    [person] = read(NOTE).notes
    [company] = read(NOTE | {"cpf_cnpj": "12.ABC.345/01DE-35"}).notes
    assert (person.draft.assinante.tpAssinante, person.draft.dest.indIEDest, person.serie) == ("3", "9", None)
    assert person.draft.infAdic is None
    assert (company.draft.assinante.tpAssinante, company.draft.dest.CNPJ) == ("1", "12ABC34501DE35")
    assert company.draft.dest.CPF is None


@pytest.mark.parametrize("column", PER_NOTE)
def test_lines_of_a_fatura_that_disagree_are_told_and_give_no_note(column: str) -> None:
    first = NOTE | OPTIONAL | {"total_fatura": "139,80"}
    second = first | {"descricao": "Telefone", "valor_unitario": "59,90"}
    agreed = read(first, second)
    assert (told(agreed), len(agreed.notes)) == ([], 1)
    billing = read(first, second | {column: PER_NOTE[column]}, NOTE | {"fatura": "F2"})
    assert told(billing) == [(3, "FATURA-DIFERENTE", column)]
    assert [note.reference for note in billing.notes] == ["F2"]


def test_no_column_is_neither_the_faturas_nor_the_items() -> None:
    assert {*NOTE, *OPTIONAL} == PER_ITEM | set(PER_NOTE)
    assert not PER_ITEM & set(PER_NOTE)


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"plano": "RADIO10"}, (2, "PLANO", "plano")),
        ({"municipio": "Nenhures"}, (2, "CELULA-MUNICIPIO", "municipio")),
        ({"total_fatura": "99,91"}, (2, "FATURA-TOTAL", "total_fatura")),
        ({"desconto": "99,91"}, (2, "DESCONTO", "desconto")),
        ({"quantidade": "9999999999999", "valor_unitario": "9999999999999"}, (2, "ITEM-GRANDE", "valor_unitario")),
        ({"cnpj_emitente": "12ABC34501DE35"}, (2, "EMITENTE", "cnpj_emitente")),
    ],
)
def test_a_fatura_that_makes_no_sense_is_told_at_its_column(wrong: dict[str, str], expected: object) -> None:
    billing = read(NOTE | wrong, NOTE | {"fatura": "F2"})
    assert told(billing) == [expected]
    assert [note.reference for note in billing.notes] == ["F2"]
    assert billing.faults[0].reference == "F1"


def test_a_total_that_differs_is_told_with_both_amounts_as_brazilians_write_them() -> None:
    [found] = read(NOTE | {"valor_unitario": "1234,50", "total_fatura": "1.234,00"}).faults
    assert "1.234,50" in found.fault.sentence
    assert "1.234,00" in found.fault.sentence


def test_a_town_may_be_named_by_its_code_instead() -> None:
    [note] = read(NOTE | {"municipio": "POA", "codigo_ibge": "4314902"}).notes
    assert note.draft.dest.enderDest.cMun == "4314902"


def test_a_fatura_of_which_one_line_is_faulty_gives_no_note_at_all() -> None:
    assert references(NOTE, SECOND | {"cep": "1"}, NOTE | {"fatura": "F2"}) == ["F2"]


@pytest.mark.parametrize("cnpj", ["11222333000182", "", "x"])
def test_a_line_whose_emitter_cannot_be_read_holds_its_fatura_back(cnpj: str) -> None:
    billing = read(NOTE, SECOND | {"cnpj_emitente": cnpj}, NOTE | {"fatura": "F2"})
    assert [note.reference for note in billing.notes] == ["F2"]
    assert (2, "FATURA-INCERTA", "fatura") in told(billing)
    assert "linha 3" in billing.faults[0].fault.sentence


def test_a_line_without_fatura_holds_its_neighbours_back() -> None:
    """A program that writes the reference only once: the note would go out without its second item."""
    rows = [NOTE | {"fatura": f"F{n}"} for n in range(5)]
    rows.insert(3, SECOND | {"fatura": ""})
    billing = read(*rows)
    assert [note.reference for note in billing.notes] == ["F0", "F1", "F4"]
    assert told(billing) == [
        (4, "FATURA-INCERTA", "fatura"),
        (5, "CELULA-VAZIA", "fatura"),
        (6, "FATURA-INCERTA", "fatura"),
    ]


@pytest.mark.parametrize("last", ["fatura", "uf"])
def test_a_line_with_a_separator_too_many_holds_the_fatura_back_that_it_names(last: str) -> None:
    """Unquoted, it moves every cell after it by one: what stands under `fatura` is something else."""
    names = ["nome", *(name for name in NOTE if name not in ("nome", last)), last]
    content = written([NOTE, SECOND, NOTE | {"fatura": "F2"}], names=names)
    damaged = content.decode().splitlines()
    damaged[2] = damaged[2].replace("Maria da Silva", "Maria; da Silva")
    billing = read_billing("\n".join(damaged).encode(), written(PARTS), ISSUERS)
    assert [note.reference for note in billing.notes] == ["F2"]
    assert (3, "LINHA-COLUNAS", "") in told(billing)


def test_a_faulty_line_that_nothing_belongs_to_holds_nobody_back() -> None:
    assert references(NOTE, NOTE | {"fatura": "F9", "cnpj_emitente": "x"}, NOTE | {"fatura": "F2"}) == ["F1", "F2"]


def test_without_readable_composicoes_there_is_no_note() -> None:
    billing = read_billing(written([NOTE]), b"\xff\xfe", ISSUERS)
    assert list(billing.notes) == []
    assert told(billing) == [(0, "ARQUIVO-VAZIO", "composicoes: "), (2, "PLANO", "plano")]


@pytest.mark.parametrize("seed", range(20))
def test_every_line_is_in_one_note_or_its_fatura_is_told(seed: int) -> None:
    """A month with faults anywhere: what is emitted is whole, and nothing goes silently missing."""
    chance = random.Random(seed)
    rows, items = [], {}
    for number in range(12):
        reference = f"F{number}"
        items[reference] = [Decimal(chance.randrange(1, 20_000)) / 100 for _ in range(chance.randint(1, 4))]
        rows += [NOTE | {"fatura": reference, "valor_unitario": f"{value:.2f}"} for value in items[reference]]
    for _ in range(3):
        row = chance.randrange(len(rows))
        rows[row] = rows[row] | {chance.choice([*NOTE]): chance.choice(["", "@", "9" * 2001])}
    billing = read(*rows)
    made = {note.reference: note for note in billing.notes}
    for reference, values in items.items():
        if reference in made:
            assert _values(made[reference]) == values
        else:
            assert reference in {found.reference for found in billing.faults}


def _values(note: BilledNote) -> list[Decimal]:
    return [det.prod.vProd for det in note.draft.det]
