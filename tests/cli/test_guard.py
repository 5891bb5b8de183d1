"""`zelo guard`: every decision is told; a whole journal is called whole, a changed one named by its number."""

from datetime import UTC, datetime

from sqlalchemy import update

from tests.cli.installation import Run, opened, rows_of
from zelo.engine.schema.guard import note
from zelo.guard import shell as guard
from zelo.guard.core import Event, Policy, Release, Stop

KEY = "2|11222333000181|62|1|7"
POLICY = Policy(5, 5, 5)
CHAVE = "43261111222333000181620010000000071003785285"


def spend(env: dict[str, str]) -> None:
    """A number that was sent once and rejected."""
    with opened(env) as tools, tools.engine.begin() as connection:
        now = datetime(2026, 11, 20, tzinfo=UTC)
        guard.admit(connection, natural_key=KEY, chave=CHAVE, token="t", now=now, policy=POLICY)
        guard.tell(connection, natural_key=KEY, chave=CHAVE, event=Event.REJECTED, now=now, cstat="215")


def test_a_whole_journal_is_called_whole(run: Run, env: dict[str, str]) -> None:
    spend(env)
    ended = run(env, "guard", "verify")
    assert (ended.code, ended.said.strip(), ended.complained) == (0, "O diário da guarda está inteiro.", "")


def test_a_number_whose_row_forgot_something_is_named(run: Run, env: dict[str, str]) -> None:
    spend(env)
    with opened(env) as tools, tools.engine.begin() as connection:
        connection.execute(update(note).values(counts={}))
    ended = run(env, "guard", "verify")
    assert ended.code == 1
    assert KEY in ended.sentence
    assert ended.said == ""


def test_every_decision_about_a_number_is_told_with_its_evidence(run: Run, env: dict[str, str]) -> None:
    spend(env)
    release = Release(Stop.SAFETY, 2, "Ana (1)", "cadastro [corrigido]")
    with opened(env) as tools, tools.engine.begin() as connection:
        now = datetime(2026, 11, 20, 15, tzinfo=UTC)
        guard.release(connection, natural_key=KEY, chave=CHAVE, now=now, what=release)
    ended = run(env, "guard", "explain", " ".join((CHAVE[:22], CHAVE[22:])))
    assert ended.code == 0
    assert rows_of(ended.said) == [
        ["19/11/2026 21:00:00", "Admitida: um envio reservado antes do primeiro byte", "1"],
        ["19/11/2026 21:00:00", "Recusada: 215", "1"],
        ["20/11/2026 12:00:00", "Liberada por Ana (1) (limite de segurança, 2 envios): cadastro [corrigido]", "1"],
    ]


def test_a_chave_that_nobody_sent_is_said_to_be_unknown(run: Run, env: dict[str, str]) -> None:
    assert "A guarda não conhece esta chave" in run(env, "guard", "explain", CHAVE).sentence
