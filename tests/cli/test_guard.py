"""`zelo guard verify`: a whole journal is called whole, a changed one is named by the number that it belongs to."""

from datetime import UTC, datetime

from sqlalchemy import update

from tests.cli.installation import Run, opened
from zelo.engine.schema.guard import note
from zelo.guard import shell as guard
from zelo.guard.core import Event

KEY = "2|11222333000181|62|1|7"
CHAVE = "43261111222333000181620010000000071003785285"


def spend(env: dict[str, str]) -> None:
    """A number that was sent once and rejected."""
    with opened(env) as tools, tools.engine.begin() as connection:
        now = datetime(2026, 11, 20, tzinfo=UTC)
        guard.admit(connection, natural_key=KEY, chave=CHAVE, token="t", now=now, ceiling=5)
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
