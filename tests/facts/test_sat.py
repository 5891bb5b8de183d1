"""The codes of devices: three tables, each code in the width of its table, those that matter with their text."""

import pytest

from zelo.facts.sat import codes, texto

WIDTH = {"EEEEE": 5, "CCCC": 4, "cod": 3}


@pytest.mark.parametrize("table", WIDTH)
def test_every_code_has_the_width_of_its_table_and_a_text(table: str) -> None:
    found = codes(table)
    assert len(found) > 50
    for codigo, text in found.items():
        assert codigo.isdecimal()
        assert len(codigo) == WIDTH[table]
        assert text == text.strip() != ""
        assert "|" not in text


@pytest.mark.parametrize(
    ("table", "codigo", "words"),
    [
        ("EEEEE", "06000", "Emitido com sucesso"),
        ("EEEEE", "06098", "em processamento"),
        ("EEEEE", "06010", "validação do conteúdo"),
        ("EEEEE", "11003", "Sessão não existe"),
        ("CCCC", "1408", "Meio de Pagamento"),
        ("CCCC", "1412", "30 minutos"),
        ("cod", "100", "processado"),
        ("cod", "204", "Duplicidade"),
    ],
)
def test_a_code_that_matters_says_so(table: str, codigo: str, words: str) -> None:
    assert words in texto(table, codigo)


def test_an_unknown_code_has_no_text() -> None:
    assert (texto("EEEEE", "99999"), codes("nada")) == ("", {})
