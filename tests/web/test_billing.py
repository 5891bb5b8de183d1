"""A month of billing through the page: taken in, counted, and told line by line what is wrong."""

from typing import Any

from tests.web.test_notes import HOSTILE
from tests.web.town import Town, said, tree
from zelo.cli import example


def send(town: Town, billing: bytes, composicoes: bytes, name: str = "novembro.csv") -> Any:
    """Send both files; the page that one is shown then."""
    files = {"faturas": (name, billing, "text/csv"), "composicoes": ("composicoes.csv", composicoes, "text/csv")}
    answer = town.post("user", f"{town.home}/faturamento", files=files)
    return town.get("user", answer.headers["location"]) if answer.status_code == 303 else answer


def month() -> tuple[bytes, bytes]:
    """The example provider's month."""
    return example.billing_csv().encode(), example.composicoes_csv().encode()


def figures(answer: Any) -> dict[str, int]:
    """The counts that the page shows, by their word."""
    items = tree(answer).xpath("//ul[@class='figures']/li")
    return {item.text_content().split(maxsplit=1)[1]: int(item.xpath("./b/text()")[0]) for item in items}


def test_good_notes_are_taken_and_faults_told_by_line_and_column(town: Town) -> None:
    """Of fifty faturas, sixteen or seventeen are of each of the two establishments that this town has of six."""
    answer = send(town, *month())
    assert answer.status_code == 200
    counts = figures(answer)
    assert counts["novas"] == len(town.house.rows()) > 10
    assert counts["novas"] + counts.get("recusadas", 0) == counts["notas"]
    assert counts["erros"] == len(tree(answer).xpath("//table[contains(@class, 'faulty')]/tbody/tr"))
    text = said(answer)
    assert "O emitente não está cadastrado." in text
    line = tree(answer).xpath("//tr[td[3]='cpf_cnpj']")[0]
    assert [cell.text_content().strip() for cell in line.xpath("./td")][:3] == ["8", "2026-11-0007", "cpf_cnpj"]
    assert "123.456.789-00" not in answer.text, "a CPF is starred even where it is wrong"


def test_causes_come_before_lines_the_most_frequent_first(town: Town) -> None:
    causes = tree(send(town, *month())).xpath("//ul[@class='told']/li//span[@class='code']/text()")
    counts = [int(cause.split()[0]) for cause in causes]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 1


def test_the_same_file_again_changes_nothing(town: Town) -> None:
    first = figures(send(town, *month()))
    again = figures(send(town, *month()))
    assert ("novas" in again, again["já recebidas, iguais"]) == (False, first["novas"])


def test_a_file_is_found_again_with_its_notes_and_its_faults(town: Town) -> None:
    first = figures(send(town, *month(), name=f"{HOSTILE}.csv"))
    listed = town.get("reader", f"{town.home}/faturamento")
    assert "<script>alert" not in listed.text
    path = tree(listed).xpath("//table//a/@href")[0]
    page = town.get("reader", path)
    assert figures(page)["erros"] == first["erros"]
    notes = tree(page).xpath("//a[contains(@href,'lote=')]/@href")[0]
    assert f"de {first['novas']} notas autorizadas" in said(town.get("reader", notes))
    foreign = path.replace(town.company_id, town.other_id)
    assert town.get("stranger", foreign).status_code == 404


def test_files_that_are_none_are_told(town: Town) -> None:
    billing, composicoes = month()
    for one, other, told in (
        (b"", composicoes, "Falta o arquivo."),
        (billing, b"", "Falta o arquivo."),
        (b"\xff\xfe", composicoes, "O arquivo não está em UTF-8."),
        (HOSTILE.encode(), composicoes, "Coluna desconhecida."),
        (billing, b"plano\n", "Falta a coluna."),
    ):
        answer = send(town, one, other)
        assert answer.status_code in (200, 422)
        assert told in said(answer)
        assert "<script>alert" not in answer.text
    assert town.house.rows() == []


def test_the_upload_is_in_the_audit(town: Town) -> None:
    send(town, *month())
    assert "enviou o arquivo de faturamento" in said(town.get("administrator", f"{town.home}/auditoria"))
