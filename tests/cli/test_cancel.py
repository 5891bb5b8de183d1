"""`zelo cancel` against a simulated authority, whose journal judges: once each, however often it is asked."""

from pathlib import Path

import pytest
from sqlalchemy import select

from tests.cli.installation import Run, environ, example, opened, rows_of
from zelo.engine.schema.flow import document, event
from zelo.sim import journal as journals
from zelo.sim.shell.folder import journal_in
from zelo.sim.shell.server import Handle

GOOD = ("2026-11-0001", "2026-11-0002")
REASON = ("--reason", "Mensalidade cobrada em dobro")


@pytest.fixture
def live(run: Run, data_dir: Path, simulator: Handle, tmp_path: Path) -> dict[str, str]:
    """The environment of an installation with an authority and two authorised notes."""
    env = environ(data_dir, simulator)
    assert run(env, "emit", str(example(tmp_path / "files", GOOD))).code == 0
    return env


def chaves(env: dict[str, str]) -> list[str]:
    """Of the notes of the installation."""
    with opened(env) as tools, tools.engine.read() as connection:
        return list(connection.execute(select(document.c.chave).order_by(document.c.nnf)).scalars())


def cancelled(sefaz_folder: Path) -> dict[str, int]:
    """How often each note was cancelled at the authority."""
    return dict(journals.cancelled(journal_in(sefaz_folder)))


def test_asked_for_and_waited_for_twice_each_is_cancelled_once(
    run: Run, live: dict[str, str], sefaz_folder: Path
) -> None:
    known = chaves(live)
    spaced = " ".join(known[0][at : at + 4] for at in range(0, 44, 4))
    first = run(live, "cancel", spaced, known[0], known[1], *REASON, "--sure")
    assert first.code == 0, first.complained
    assert rows_of(first.said) == [["Cancelamento registrado", "2", ""]]
    assert cancelled(sefaz_folder) == dict.fromkeys(known, 1)
    again = run(live, "cancel", *known, *REASON, "--sure")
    assert (again.code, again.said.count("já está cancelada")) == (0, 2)
    assert cancelled(sefaz_folder) == dict.fromkeys(known, 1)


def test_without_waiting_nothing_leaves_until_somebody_waits(
    run: Run, live: dict[str, str], sefaz_folder: Path
) -> None:
    [chave, _] = chaves(live)
    asked = run(live, "cancel", chave, *REASON, "--sure", "--no-wait")
    assert (asked.code, cancelled(sefaz_folder)) == (1, {})
    assert rows_of(asked.said)[0][:2] == ["Pedido", "1"]
    assert run(live, "cancel", chave, *REASON, "--sure").code == 0, "the one under way is waited for"
    assert cancelled(sefaz_folder) == {chave: 1}


def test_what_would_be_refused_is_said_in_a_sentence_and_not_sent(
    run: Run, live: dict[str, str], sefaz_folder: Path
) -> None:
    [chave, _] = chaves(live)
    short = run(live, "cancel", chave, "--reason", "erro", "--sure")
    assert short.code == 1
    assert "O motivo precisa ter de 15 a 255 caracteres." in short.said
    assert "[" not in run(live, "cancel", chave, "--reason", "[red]erro", "--sure").said.split("caracteres")[0]
    assert cancelled(sefaz_folder) == {}
    with opened(live) as tools, tools.engine.read() as connection:
        assert connection.execute(select(event)).fetchall() == []


def test_not_sure_or_an_unknown_chave_ends_in_a_sentence_and_cancels_nothing(
    run: Run, live: dict[str, str], sefaz_folder: Path
) -> None:
    [chave, _] = chaves(live)
    unsure = run(live, "cancel", chave, *REASON)
    assert unsure.code == 1
    assert unsure.sentence == "Um cancelamento não se desfaz: confira as chaves e repita com --sure."
    unknown = run(live, "cancel", chave, "4" * 44, *REASON, "--sure")
    assert (unknown.code, unknown.sentence) == (1, f"Nenhuma nota deste zelo tem a chave {'4' * 44}.")
    assert cancelled(sefaz_folder) == {}
