"""A month of billing through the pages: sent, shown as it was understood, its columns mapped, confirmed once."""

from datetime import timedelta
from typing import Any, Final

import pytest

from tests.web.test_notes import HOSTILE
from tests.web.town import Town, said, tree
from zelo.cli import example
from zelo.engine.schema.isp import charge, upload
from zelo.engine.schema.isp import importing as importing_table
from zelo.isp import importing, order, reading
from zelo.isp.billing import template

WORKBOOK: Final = b"PK\x03\x04"


def send(town: Town, billing: bytes, composicoes: bytes, name: str = "novembro.csv", **data: str) -> Any:
    """Send both files, which a worker reads; the answer is the page of what was understood, or the form again."""
    files = {"faturas": (name, billing, "text/csv"), "composicoes": ("composicoes.csv", composicoes, "text/csv")}
    answer = town.post("user", f"{town.home}/faturamento", data, files=files)
    if answer.status_code != 303:
        return answer
    read(town)
    return town.get("user", answer.headers["location"])


def read(town: Town) -> None:
    """Read what was sent, as a worker does."""
    assert order.turn(town.house.tools, reading.KIND) == 1


def confirm(town: Town, understood: Any) -> Any:
    """Take in what is shown, as a worker does; the answer is the page of the file."""
    answer = town.post("user", understood.url.path)
    assert answer.status_code == 303
    assert order.turn(town.house.tools, importing.KIND) == 1
    return town.get("user", answer.headers["location"])


def month() -> tuple[bytes, bytes]:
    """The example provider's month."""
    return example.billing_csv().encode(), example.composicoes_csv().encode()


def figures(answer: Any) -> dict[str, int]:
    """The counts that the page shows, by their word."""
    items = tree(answer).xpath("//ul[@class='figures']/li")
    return {item.text_content().split(maxsplit=1)[1]: int(item.xpath("./b/text()")[0]) for item in items}


def waiting(town: Town) -> int:
    """How many files wait to be confirmed."""
    with town.engine.read() as connection:
        return len(connection.execute(upload.select()).fetchall())


def listed_files(town: Town) -> list[str]:
    """Pages of the files that were taken in."""
    found: list[str] = tree(town.get("reader", f"{town.home}/faturamento")).xpath("//table//a/@href")
    return found


def test_nothing_comes_of_a_file_before_it_is_confirmed(town: Town) -> None:
    """Of fifty faturas, sixteen or seventeen are of each of the two establishments that this town has of six."""
    shown = send(town, *month())
    counts = figures(shown)
    assert town.house.rows() == []
    assert counts["notas boas"] > 10
    result = confirm(town, shown)
    assert figures(result)["notas"] == counts["notas boas"] == len(town.house.rows())
    assert waiting(town) == 0


def test_faults_are_told_by_cause_line_and_column_before_and_after(town: Town) -> None:
    shown = send(town, *month())
    for answer in (shown, confirm(town, shown)):
        assert "O emitente não está cadastrado." in said(answer)
        line = tree(answer).xpath("//tr[td[3]='cpf_cnpj']")[0]
        assert [cell.text_content().strip() for cell in line.xpath("./td")][:3] == ["8", "2026-11-0007", "cpf_cnpj"]
        assert "123.456.789-00" not in answer.text, "a CPF is starred even where it is wrong"
        causes = tree(answer).xpath("//ul[@class='told'][1]/li//span[@class='code']/text()")
        counts = [int(cause.split()[0]) for cause in causes]
        assert counts == sorted(counts, reverse=True)
        assert counts[0] > 1


def test_the_same_file_again_changes_nothing(town: Town) -> None:
    confirm(town, send(town, *month()))
    first = [(row.id, row.revision) for row in town.house.rows()]
    confirm(town, send(town, *month()))
    assert [(row.id, row.revision) for row in town.house.rows()] == first


def test_two_people_confirm_a_file_and_it_comes_in_once(town: Town) -> None:
    shown = send(town, *month())
    first, again = (town.post(who, shown.url.path) for who in ("user", "administrator"))
    assert first.headers["location"] == again.headers["location"].partition("?")[0]
    assert (order.turn(town.house.tools, importing.KIND), order.turn(town.house.tools, importing.KIND)) == (1, 0)
    page = town.get("administrator", town.post("user", shown.url.path).headers["location"])
    assert "O arquivo já foi confirmado" in said(page)
    assert figures(page)["novas"] == len(town.house.rows())
    assert len(listed_files(town)) == 1


def test_a_file_comes_in_while_people_look(town: Town) -> None:
    shown = send(town, *month())
    path = town.post("user", shown.url.path).headers["location"]
    waits = town.get("reader", path)
    assert "Na fila" in said(waits)
    assert "entrando" in said(town.get("reader", f"{town.home}/faturamento"))
    assert town.get("reader", f"{path}/entrada").status_code == 200
    with town.engine.begin() as connection:
        now = town.clock()
        half = {"stage": "storing", "done": 10, "whole": 20, "began_at": now, "version": 2, "faults": 1}
        connection.execute(importing_table.update().values(**half))
    town.clock.advance(timedelta(seconds=60))
    told = said(town.get("reader", f"{path}/entrada"))
    assert "10 de 20 notas guardadas" in told
    assert "1 erro até agora" in told
    assert "faltam uns" in told
    assert town.get("stranger", f"{path}/entrada").status_code == 404
    assert order.turn(town.house.tools, importing.KIND) == 1
    assert town.get("reader", f"{path}/entrada").headers["location"] == path
    assert figures(town.get("reader", path))["novas"] == len(town.house.rows())


def test_a_file_is_found_again_with_its_notes_and_its_faults(town: Town) -> None:
    first = figures(confirm(town, send(town, *month(), name=f"{HOSTILE}.csv")))
    listed = town.get("reader", f"{town.home}/faturamento")
    assert "<script>alert" not in listed.text
    path = tree(listed).xpath("//table//a/@href")[0]
    page = town.get("reader", path)
    assert figures(page)["erros"] == first["erros"]
    notes = tree(page).xpath("//a[contains(@href,'lote=')]/@href")[0]
    assert f"de {first['notas']} notas autorizadas" in said(town.get("reader", notes))
    foreign = path.replace(town.company_id, town.other_id)
    assert town.get("stranger", foreign).status_code == 404


def test_what_waits_belongs_to_its_company(town: Town) -> None:
    path = send(town, *month()).url.path.replace(town.company_id, town.other_id)
    for answer in (town.get("stranger", path), town.post("stranger", path), town.post("stranger", f"{path}/colunas")):
        assert (answer.status_code, answer.headers["location"].partition("?")[2]) == (303, "aviso=envio")
    assert waiting(town) == 1
    assert town.house.rows() == []


def test_files_that_are_none_are_told(town: Town) -> None:
    billing, composicoes = month()
    for one, other, told in (
        (b"", composicoes, "Falta o arquivo."),
        (billing, b"", "Falta o arquivo."),
        (b"\x00\x01\x02", composicoes, "não é texto"),
        (b"%PDF-1.7", composicoes, "Não é CSV, XLSX, JSON nem tabela HTML."),
        (WORKBOOK + b"x" * 60, composicoes, "A planilha não se abre."),
        (HOSTILE.encode(), composicoes, "Falta a coluna."),
        (billing, b"plano\n", "Falta a coluna."),
    ):
        answer = send(town, one, other)
        assert told in said(answer)
        assert "<script>alert" not in answer.text
        assert "Conferir e transmitir" not in said(answer)
    assert town.house.rows() == []


def renamed() -> bytes:
    """The month with a column that nobody could know."""
    return month()[0].replace(b";plano;", b";Pacote do assinante;", 1)


def test_a_column_nobody_knows_is_mapped_once_and_known_in_the_next_file(town: Town) -> None:
    shown = send(town, renamed(), month()[1])
    assert figures(shown)["notas boas"] == 0
    select = tree(shown).xpath("//tr[td/label='Pacote do assinante']//select/@name")[0]
    fields = {
        one.get("name"): (one.xpath("./option[@selected]/text()") or [""])[0]
        for one in tree(shown).xpath("//select[starts-with(@name,'coluna-')]")
    }
    answer = town.post("user", f"{shown.url.path}/colunas", fields | {select: "plano", "nome": "Meu ERP"})
    assert answer.status_code == 303
    read(town)
    again = town.get("user", answer.headers["location"])
    assert figures(again)["notas boas"] > 10
    confirm(town, again)
    assert "Meu ERP" in town.get("user", f"{town.home}/faturamento").text
    next_month = send(town, renamed(), month()[1], mapeamento="Meu ERP")
    assert figures(next_month)["notas boas"] == len(town.house.rows()) > 10


@pytest.mark.parametrize("name", ["", " ", "x" * 61])
def test_a_mapping_needs_a_name(town: Town, name: str) -> None:
    shown = send(town, renamed(), month()[1])
    answer = town.post("user", f"{shown.url.path}/colunas", {"nome": name})
    assert answer.status_code == 422
    assert "O nome vai de 1 a 60 letras." in said(answer)


def test_a_mapping_to_columns_that_are_none_is_not_believed(town: Town) -> None:
    shown = send(town, renamed(), month()[1])
    fields = {"nome": HOSTILE[:60], "coluna-0": "senha", "coluna-999": "plano"}
    answer = town.post("user", f"{shown.url.path}/colunas", fields)
    read(town)
    again = town.get("user", answer.headers["location"])
    assert again.status_code == 200
    assert "<script>alert" not in again.text


def test_the_upload_and_the_mapping_are_in_the_audit(town: Town) -> None:
    shown = send(town, *month())
    town.post("user", f"{shown.url.path}/colunas", {"nome": "Meu ERP"})
    read(town)
    confirm(town, send(town, *month()))
    audit = said(town.get("administrator", f"{town.home}/auditoria"))
    assert "enviou o arquivo de faturamento" in audit
    assert "gravou o mapeamento de colunas" in audit


@pytest.mark.parametrize("name", template.FILES)
def test_the_examples_can_be_had_and_are_understood(town: Town, name: str) -> None:
    got = town.get("reader", f"{town.home}/faturamento/modelo/{name}")
    assert (got.status_code, name in got.headers["content-disposition"]) == (200, True)
    if name.startswith("faturas"):
        plans = town.get("reader", f"{town.home}/faturamento/modelo/composicoes.xlsx")
        shown = send(town, got.content, plans.content, name=name)
        assert figures(shown)["linhas"] == 2
        assert "O emitente não está cadastrado." in said(shown)


def test_what_a_company_says_of_charges_without_boleto_counts_from_the_next_file(town: Town) -> None:
    head, _, rest = month()[0].decode().partition("\n")
    lines = [line.rpartition(";") for line in rest.splitlines()]
    cards = "\n".join(f"{';'.join(_without_line(head, whole))};cartão" for whole in (f"{a};{c}" for a, _, c in lines))
    content = f"{head};forma_cobranca\n{cards}".encode()
    before = send(town, content, month()[1])
    assert figures(before)["notas boas"] == 0
    assert "Formas de cobrança" in said(before)
    assert town.post("administrator", f"{town.home}/cobranca", {"cartao": "12x"}).status_code == 422
    assert town.post("administrator", f"{town.home}/cobranca", {"cartao": "0"}).status_code == 303
    assert "Ana Administra" in said(town.get("reader", f"{town.home}/cobranca"))
    assert figures(send(town, content, month()[1]))["notas boas"] > 10
    town.post("administrator", f"{town.home}/cobranca", {"cartao": ""})
    with town.engine.read() as connection:
        assert connection.execute(charge.select()).fetchall() == []


def _without_line(head: str, line: str) -> list[str]:
    cells = line.split(";")
    cells[head.split(";").index("linha_digitavel")] = ""
    return cells
