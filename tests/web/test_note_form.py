"""A note typed by hand: right at once, kept while it is wrong, with each fault at its field."""

import json
from dataclasses import replace
from typing import Any, Final

import pytest

from tests.drafts import internet
from tests.web.test_notes import HOSTILE
from tests.web.town import Town, later, said, tree
from zelo.flow.intake import read_draft
from zelo.flow.lifecycle import Event
from zelo.models.nfcom import codec

LINHA: Final = "99990000040000000000000000000018916560000009990"


def filled(town: Town, **changes: str) -> dict[str, str]:
    """A form of one item that is right in every field."""
    return {
        "emissor": f"{town.house.establishments['RS']}:1",
        "referencia": "FAT-77",
        "nome": "Maria da Conceição",
        "cpf_cnpj": "529.982.247-25",
        "indicador_ie": "9",
        "cep": "90010-000",
        "logradouro": "Rua das Flores",
        "numero": "10",
        "bairro": "Centro",
        "municipio": "porto alegre",
        "uf": "RS",
        "telefone": "(51) 3220-1000",
        "cliente": "1001",
        "contrato": "C-1001",
        "contrato_inicio": "2024-03-01",
        "tipo_assinante": "3",
        "tipo_servico": "4",
        "competencia": "2026-11",
        "vencimento": "2026-12-10",
        "linha_digitavel": LINHA,
        "observacao": "Obrigado!\r\nAté o próximo mês.",
        "itens": "1",
        "i1-item": "SCM500",
        "i1-descricao": "Internet fibra 500 Mbps",
        "i1-cclass": "0100401",
        "i1-cfop": "5307",
        "i1-quantidade": "1",
        "i1-valor_unitario": "109,90",
        "i1-desconto": "10,00",
        "i1-icms_cst": "00",
        "i1-icms_aliquota": "17",
        "i1-pis_cst": "01",
        "i1-pis_aliquota": "0,65",
        "i1-cofins_cst": "01",
        "i1-cofins_aliquota": "3",
        "i1-fust_aliquota": "1",
        "i1-funttel_aliquota": "0,5",
        "i1-ibscbs_cst": "000",
        "i1-ibscbs_cclasstrib": "000001",
        "acao": "emitir",
        **changes,
    }


EXPECTED: Final = {
    "cMunFG": "4314902",
    "finNFCom": "0",
    "tpFat": "0",
    "dest": {
        "xNome": "Maria da Conceição",
        "CPF": "52998224725",
        "indIEDest": "9",
        "enderDest": {
            "xLgr": "Rua das Flores",
            "nro": "10",
            "xBairro": "Centro",
            "cMun": "4314902",
            "xMun": "Porto Alegre",
            "CEP": "90010000",
            "UF": "RS",
            "fone": "5132201000",
        },
    },
    "assinante": {
        "iCodAssinante": "1001",
        "tpAssinante": "3",
        "tpServUtil": "4",
        "nContrato": "C-1001",
        "dContratoIni": "2024-03-01",
    },
    "det": [
        {
            "nItem": 1,
            "prod": {
                "cProd": "SCM500",
                "xProd": "Internet fibra 500 Mbps",
                "cClass": "0100401",
                "CFOP": "5307",
                "uMed": "4",
                "qFaturada": "1.00",
                "vItem": "109.90",
                "vDesc": "10.00",
                "vProd": "99.90",
            },
            "imposto": {
                "ICMS00": {"CST": "00", "vBC": "99.90", "pICMS": "17.00", "vICMS": "16.98"},
                "PIS": {"CST": "01", "vBC": "99.90", "pPIS": "0.65", "vPIS": "0.65"},
                "COFINS": {"CST": "01", "vBC": "99.90", "pCOFINS": "3.00", "vCOFINS": "3.00"},
                "FUST": {"vBC": "99.90", "pFUST": "1.00", "vFUST": "1.00"},
                "FUNTTEL": {"vBC": "99.90", "pFUNTTEL": "0.50", "vFUNTTEL": "0.50"},
                "IBSCBS": {
                    "CST": "000",
                    "cClassTrib": "000001",
                    "gIBSCBS": {
                        "vBC": "79.27",
                        "gIBSUF": {"pIBSUF": "0.1", "vIBSUF": "0.08"},
                        "gIBSMun": {"pIBSMun": "0", "vIBSMun": "0.00"},
                        "vIBS": "0.08",
                        "gCBS": {"pCBS": "0.9", "vCBS": "0.71"},
                    },
                },
            },
        }
    ],
    "gFat": {"CompetFat": "202611", "dVencFat": "2026-12-10", "codBarras": LINHA},
    "infAdic": {"infCpl": ["Obrigado! Até o próximo mês."]},
}
"""Worked out by hand: 109,90 - 10,00 = 99,90; ICMS 16,98; PIS 0,65; COFINS 3,00; base of IBS and CBS 79,27."""


def send(town: Town, form: dict[str, str]) -> Any:
    """Send it as somebody who may."""
    return town.post("user", f"{town.home}/notas/nova", form)


def drafts(town: Town) -> list[dict[str, Any]]:
    """The drafts that were taken in."""
    with town.engine.read() as connection:
        return [json.loads(codec.dump(read_draft(connection, row.id, row.revision))) for row in town.house.rows()]


def test_a_right_form_becomes_the_note_it_describes(town: Town) -> None:
    answer = send(town, filled(town))
    assert answer.status_code == 303
    assert answer.headers["location"].endswith("?aviso=recebida")
    assert drafts(town) == [EXPECTED]
    row = town.house.rows()[0]
    assert (row.reference, row.serie, row.establishment_id) == ("FAT-77", 1, town.house.establishments["RS"])


def test_what_the_form_takes_is_authorised(town: Town) -> None:
    send(town, filled(town))
    town.house.settle()
    assert [row.state for row in town.house.rows()] == ["AUTHORISED"]


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("nome", "", "Falta preencher."),
        ("cpf_cnpj", "529.982.247-26", "CPF ou CNPJ inválido."),
        ("cep", "9001", "O CEP precisa de 8 dígitos."),
        ("municipio", "Porto Triste", "Município não existe em RS."),
        ("contrato_inicio", "ontem", "Não é uma data."),
        ("competencia", "13/2026", "Não é um mês."),
        ("linha_digitavel", "7,5E+46", "perdeu dígitos"),
        ("tipo_servico", "77", "A escolha não existe."),
        ("i1-quantidade", "0", "maior que zero"),
        ("i1-valor_unitario", "1O0", "Não é um número."),
        ("i1-desconto", "500", "O desconto passa do valor do item."),
        ("i1-cclass", "9999999", "A escolha não existe."),
        ("i1-cfop", "5102", "A NFCom não aceita o CFOP do item."),
        ("i1-cfop", "", "Falta o CFOP"),
        ("ie", "0963233556", "marcado como não contribuinte, mas traz inscrição estadual"),
        ("nome", "x" * 61, "passa de 60 caracteres"),
        ("nome", "Ma\x00ria", "caractere que não se imprime"),
        ("contrato", "C 1001", "forma"),
        ("emissor", "outro:1", "A escolha não existe."),
        ("referencia", "x" * 61, "passa de 60 caracteres"),
    ],
)
def test_a_fault_sits_at_its_field_and_everything_typed_stays(town: Town, field: str, typed: str, told: str) -> None:
    form = filled(town, **{field: typed})
    answer = send(town, form)
    assert answer.status_code == 422
    page = tree(answer)
    at = page.xpath(f"//*[@id='f-{field}']")
    assert at, said(answer)[:600]
    assert told in at[0].text_content()
    assert page.xpath(f"//*[@name='{field}']/@aria-invalid") == ["true"]
    assert page.xpath(f"//div[@id='erros']//a[@href='#c-{field}']")
    for name in ("bairro", "vencimento", "i1-descricao", "telefone"):
        assert page.xpath(f"//*[@name='{name}']/@value") == [form[name]]
    assert page.xpath("//select[@name='tipo_assinante']/option[@selected]/@value") == ["3"]
    assert drafts(town) == []


def test_the_same_reference_again_changes_nothing_and_another_content_revises(town: Town) -> None:
    send(town, filled(town))
    again = send(town, filled(town))
    assert again.headers["location"].endswith("?aviso=igual")
    other = send(town, filled(town, **{"i1-valor_unitario": "119,90"}))
    assert other.headers["location"].endswith("?aviso=corrigida")
    assert [row.revision for row in town.house.rows()] == [2]


def test_a_reference_that_awaits_an_answer_is_refused_at_its_field(town: Town) -> None:
    send(town, filled(town))
    note = town.house.rows()[0].id
    town.sign(note)
    town.move(note, (Event.ADMITTED, later(3)))
    answer = send(town, filled(town, **{"i1-valor_unitario": "119,90"}))
    assert answer.status_code == 422
    assert "Não reenvie" in tree(answer).xpath("//*[@id='f-referencia']")[0].text_content()


def test_items_come_and_go_and_keep_what_was_typed(town: Town) -> None:
    form = filled(town)
    form["i1-quantidade"] = "bobagem"
    more = send(town, form | {"acao": "mais"})
    page = tree(more)
    assert more.status_code == 200
    assert not page.xpath("//div[@id='erros']"), "nothing is judged while items are added"
    assert page.xpath("//input[@name='itens']/@value") == ["2"]
    assert page.xpath("//input[@name='i1-quantidade']/@value") == ["bobagem"]
    assert page.xpath("//input[@name='i2-icms_aliquota']/@value") == ["17"], "taxes as those of the item before"
    assert page.xpath("//input[@name='i2-descricao']/@value") == [""]
    less = tree(send(town, form | {"acao": "menos", "itens": "2"}))
    assert less.xpath("//input[@name='itens']/@value") == ["1"]
    for count in ("0", "-3", "99", "abc", "1e3", "²"):
        assert send(town, form | {"itens": count}).status_code == 422


def test_two_items_make_two_items(town: Town) -> None:
    form = filled(town, itens="2")
    second = {name.replace("i1-", "i2-"): value for name, value in form.items() if name.startswith("i1-")}
    form |= second | {"i2-cclass": "0600601", "i2-cfop": "", "i2-icms_cst": "SEM", "i2-icms_aliquota": ""}
    assert send(town, form).status_code == 303
    (draft,) = drafts(town)
    assert [item["nItem"] for item in draft["det"]] == [1, 2]
    assert draft["det"][1]["imposto"]["indSemCST"] == "1"


def test_a_pasted_draft_is_taken_whole(town: Town) -> None:
    form = filled(town, acao="colar", json=json.dumps(EXPECTED), nome="", cep="")
    assert send(town, form).headers["location"].endswith("?aviso=recebida")
    assert drafts(town) == [EXPECTED]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Falta preencher."),
        ("{", "O texto não é JSON."),
        ("[]", "valor não serve"),
        (json.dumps({**EXPECTED, "inventado": 1}), "O campo não existe no leiaute da NFCom."),
        (json.dumps({**EXPECTED, "cMunFG": None}), "cMunFG"),
        (json.dumps(EXPECTED).replace("52998224725", "52998224726"), "O CPF do assinante não existe"),
        (json.dumps(EXPECTED).replace("Centro", "Cen\\u0000tro"), "caractere de controle"),
        (json.dumps(EXPECTED).replace("Centro", "Cen\\ud800tro"), "O texto não é JSON."),
        (json.dumps(EXPECTED).replace("99.90", "1E+999999"), "valor"),
        (json.dumps(EXPECTED).replace('"99.90"', "NaN"), "JSON"),
    ],
)
def test_a_pasted_draft_with_faults_stays_to_be_mended(town: Town, text: str, told: str) -> None:
    answer = send(town, filled(town, acao="colar", json=text))
    assert answer.status_code == 422
    assert told in said(answer)
    assert tree(answer).xpath("//textarea[@name='json']")[0].text.strip() == text.strip()
    assert tree(answer).xpath("//details[@open]//textarea[@name='json']")
    assert drafts(town) == []


def test_hostile_text_in_every_field_comes_back_as_text(town: Town) -> None:
    form = dict.fromkeys(filled(town), HOSTILE) | {"acao": "emitir", "itens": "1", "json": HOSTILE}
    for act in ("emitir", "colar", "mais"):
        answer = send(town, form | {"acao": act})
        assert "<script>alert" not in answer.text
        assert tree(answer).xpath("//input[@name='bairro']/@value") == ([HOSTILE] if act != "colar" else [""])


def test_before_the_first_serie_the_page_says_what_to_do(town: Town) -> None:
    answer = town.get("stranger", f"/e/{town.other_id}/notas/nova")
    assert "Antes da primeira nota" in said(answer)


def test_a_correction_starts_from_the_draft_and_becomes_a_revision(town: Town, notes: dict[str, str]) -> None:
    note = notes["REJECTED"]
    path = f"{town.home}/notas/{note}/corrigir"
    page = town.get("user", path)
    text = tree(page).xpath("//textarea[@name='json']")[0].text
    assert json.loads(text) == json.loads(codec.dump(internet()))
    assert "435 Rejeição" in said(page)
    assert town.post("user", path, {"json": text}).headers["location"].endswith("?aviso=igual")
    before = town.house.row(note)
    answer = town.post("user", path, {"json": text.replace("MARIA DA SILVA", "MARIA DE SOUZA")})
    assert answer.headers["location"].endswith("?aviso=corrigida")
    after = town.house.row(note)
    assert (after.state, after.revision, after.recipient, after.nnf) == ("DRAFT", 2, "MARIA DE SOUZA", before.nnf)


def test_a_faulty_correction_changes_nothing(town: Town, notes: dict[str, str]) -> None:
    note = notes["REJECTED"]
    path = f"{town.home}/notas/{note}/corrigir"
    for text, told in (
        ("{", "não é JSON"),
        ("", "Falta preencher"),
        (_with_bad_cpf(), "O CPF do assinante não existe"),
    ):
        answer = town.post("user", path, {"json": text})
        assert answer.status_code == 422
        assert told in said(answer)
    assert town.house.row(note).revision == 1


def _with_bad_cpf() -> str:
    draft = internet()
    return codec.dump(replace(draft, dest=replace(draft.dest, CPF="52998224726"))).decode()


@pytest.mark.parametrize("state", ["UNKNOWN", "RESERVED", "CONFLICT"])
def test_what_may_not_be_corrected_says_why(town: Town, notes: dict[str, str], state: str) -> None:
    note = notes[state]
    path = f"{town.home}/notas/{note}/corrigir"
    assert town.get("user", path).status_code == 409
    assert town.post("user", path, {"json": "{}"}).status_code == 409
