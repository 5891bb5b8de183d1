"""`zelo emit` against a simulated authority, whose journal judges: nothing twice, and a plain word for every fault."""

import json
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.cli.installation import EXAMPLES, FAULTY, Run, environ, example, finished, opened, rows_of, sent
from zelo.access.shell import companies
from zelo.cli import emit
from zelo.engine.schema.access import establishment
from zelo.guard import halt
from zelo.guard import shell as guard
from zelo.sim import journal as journals
from zelo.sim.shell.folder import journal_in
from zelo.sim.shell.server import Handle

GOOD = ("2026-11-0001", "2026-11-0002", "2026-11-0010")


@pytest.fixture
def live(data_dir: Path, simulator: Handle) -> dict[str, str]:
    """The environment of an installation with an authority."""
    return environ(data_dir, simulator)


def test_the_shipped_example_twice_emits_nothing_twice(
    live: dict[str, str], sefaz_folder: Path, tmp_path: Path
) -> None:
    """Fifty faturas, five of them faulty; the real program, the real file."""
    first = finished(live, "emit", str(EXAMPLES / "billing.csv"), cwd=tmp_path)
    authorised = journals.authorised(journal_in(sefaz_folder))
    assert first.code == 1, "the file has faults"
    assert len(authorised) == 50 - len(FAULTY)
    assert set(authorised.values()) == {1}
    assert ["Autorizada", "45", ""] in rows_of(first.said)
    causes = [row[0] for row in rows_of(first.said) if row[0].isdecimal()]
    assert causes == ["1", "1", "1"], "two cells and a plan nobody described"
    assert [row[:2] for row in rows_of(first.said) if not row[0].isdecimal()] == [
        ["Autorizada", "45"],
        ["Com erros", "2"],
    ]
    told = [line.partition(":")[0] for line in first.said.splitlines() if line.startswith("linha ")]
    assert told == ["linha 8, cpf_cnpj", "linha 21, cep", "linha 26, plano"]
    assert "123.456.789-00" not in first.said + first.complained
    before = sent(sefaz_folder)
    again = finished(live, "emit", str(EXAMPLES / "billing.csv"), cwd=tmp_path)
    assert again.code == 1
    assert sent(sefaz_folder) == before
    assert ["Já recebidas", "47"] in [row[:2] for row in rows_of(again.said)]


def test_a_file_without_fault_ends_well_and_ends_well_again(
    run: Run, live: dict[str, str], sefaz_folder: Path, tmp_path: Path
) -> None:
    file = str(example(tmp_path / "files", GOOD))
    assert run(live, "emit", file).code == 0
    assert run(live, "emit", file).code == 0
    assert Counter(entry.cstat for entry in sent(sefaz_folder)) == {"100": len(GOOD)}


def test_what_an_interrupted_command_left_is_sent_by_the_next_one(
    run: Run, live: dict[str, str], sefaz_folder: Path, tmp_path: Path
) -> None:
    """The notes are there already, but none of them stands authorised: that is not the end of the work."""
    file = str(example(tmp_path / "files", GOOD))
    assert run(live, "emit", file, "--no-wait").code == 1
    assert sent(sefaz_folder) == []
    again = run(live, "emit", file)
    assert again.code == 0
    assert [row[:2] for row in rows_of(again.said)] == [["Autorizada", "3"], ["Já recebidas", "3"]]
    assert len(sent(sefaz_folder)) == len(GOOD)


def test_a_note_that_needs_a_person_is_no_good_end_however_often_it_is_sent(
    run: Run, live: dict[str, str], sefaz_folder: Path, tmp_path: Path
) -> None:
    file = str(example(tmp_path / "files", ("2026-11-0031",)))
    for _ in range(2):
        ended = run(live, "emit", file)
        assert ended.code == 1
        assert rows_of(ended.said)[0][:2] == ["Com erros", "1"]
    assert sent(sefaz_folder) == []


def test_what_a_file_says_is_never_a_mark_of_the_screen(run: Run, env: dict[str, str], tmp_path: Path) -> None:
    file = example(tmp_path / "files", GOOD[:1], valor_unitario="[/x][red]", plano="[bold]P[/]")
    ended = run(env, "emit", str(file), "--no-wait")
    assert ended.code == 1
    assert "[/x][red]" in ended.said
    other = example(tmp_path / "other", GOOD[:1], plano="[bold]P[/]")
    assert "[bold]P[/]" in run(env, "emit", str(other), "--no-wait").said


def test_many_faults_are_cut_short_and_counted(run: Run, env: dict[str, str], tmp_path: Path) -> None:
    ended = run(env, "emit", str(example(tmp_path / "files", uf="XX")), "--no-wait")
    told = [line for line in ended.said.splitlines() if line.startswith("linha ")]
    assert len(told) == emit.SHOWN_FAULTS
    [rest] = [line for line in ended.said.splitlines() if line.startswith("... e mais ")]
    assert int(rest.split()[3].rstrip(";")) > emit.SHOWN_FAULTS


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("nope.csv",), "Não existe nope.csv. Confira o caminho."),
        (("good/billing.csv", "--composicoes", "nope.csv"), "Não existe nope.csv. Confira o caminho."),
        (("good",), "good é uma pasta, e não um arquivo. Confira o caminho."),
        (("good/billing.csv", "--company", "99999999"), "Escolha a empresa com --company: 11222333 Conecta"),
    ],
)
def test_what_cannot_be_emitted_ends_in_a_sentence(
    run: Run, env: dict[str, str], tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    example(tmp_path / "good", GOOD)
    (tmp_path / "composicoes.csv").write_bytes((EXAMPLES / "composicoes.csv").read_bytes())
    ended = run(env, "emit", *words)
    assert ended.code == 1
    assert sentence in ended.sentence


def test_an_installation_without_company_says_what_to_do(run: Run, tmp_path: Path) -> None:
    ended = run(environ(tmp_path / "empty"), "emit", str(EXAMPLES / "billing.csv"))
    assert (ended.code, "Nenhuma empresa cadastrada" in ended.sentence) == (1, True)


def test_of_two_companies_one_must_be_chosen(run: Run, env: dict[str, str], tmp_path: Path) -> None:
    with opened(env) as tools, tools.engine.begin() as connection:
        companies.create_company(
            connection, now=tools.clock(), chance=tools.chance, name="Outra [x]", cnpj_base="12ABC345"
        )
    file = str(example(tmp_path / "files", GOOD[:1]))
    ended = run(env, "emit", file, "--no-wait")
    assert ended.code == 1
    assert "11222333 Conecta" in ended.sentence
    assert "12ABC345 Outra [x]" in ended.sentence
    chosen = run(env, "emit", file, "--no-wait", "--company", "11222333")
    assert [row[:2] for row in rows_of(chosen.said)] == [["Na fila", "1"]]


def test_a_file_larger_than_the_setting_allows_is_not_read(run: Run, env: dict[str, str]) -> None:
    ended = run({**env, "ZELO_UPLOAD_BYTES": "1000"}, "emit", str(EXAMPLES / "billing.csv"))
    assert (ended.code, ended.sentence) == (1, "O arquivo passa de 1000 bytes (upload_bytes).")


def test_an_emitter_that_waits_for_a_person_is_said_at_once(
    run: Run, live: dict[str, str], sefaz_folder: Path, tmp_path: Path
) -> None:
    with opened(live) as tools, tools.engine.begin() as connection:
        for row in connection.execute(select(establishment.c.id)):
            scope = halt.of_establishment(row.id)
            guard.stop(connection, scope=scope, reason=halt.ISSUER, now=tools.clock(), until=None, detail="IE baixada.")
    ended = run(live, "emit", str(example(tmp_path / "files", GOOD)))
    assert ended.code == 1
    assert "Parada, espera uma pessoa: emitente. IE baixada. Veja a página Situação." in ended.said
    assert sent(sefaz_folder) == []


def test_a_file_to_be_looked_at_is_only_checked_and_the_month_says_what_waits(
    run: Run, live: dict[str, str], sefaz_folder: Path, tmp_path: Path
) -> None:
    file = str(example(tmp_path / "files", GOOD))
    assert run(live, "emit", file, "--conferir").code == 1
    assert sent(sefaz_folder) == []
    month = run(live, "month", "2026-11", "--json")
    told = json.loads(month.said)
    assert (month.code, told["mes"], told["quadros"]["conferidas"]["notas"]) == (1, "2026-11", len(GOOD))
    assert run(live, "emit", file).code == 0, "without the word, the same file sends what waits"
    after = run(live, "month", "2026-11")
    assert after.code == 0
    assert "Autorizadas" in after.said
    assert run(live, "month", "novembro").sentence == "O mês se escreve como 2026-11."
