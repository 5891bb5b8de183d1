"""Live events: a counter when something of the company changes, and silence once one may not look any more."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import OperationalError

from tests.web.town import PERSONAS, Town
from zelo.engine.schema.access import session
from zelo.guard import halt
from zelo.guard import shell as guard
from zelo.monitor import shell as monitor
from zelo.web import live

FAST: Final = 0.005


@pytest.fixture(autouse=True)
def _look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", FAST)


def opened(town: Town) -> AsyncIterator[str]:
    """The stream as the reader's page opens it."""
    return live._stream(town.house.tools, town.company_id, town.tokens["reader"], town.app.state)


async def heard(stream: AsyncIterator[str], most: int = 3) -> str:
    """The next event that is not a comment, "" when the stream has ended, "quiet" when neither comes."""
    for _ in range(most):
        text = await anext(stream, "")
        if text != ": \n\n":
            return text
    return "quiet"


def listen(town: Town, change: Callable[[], object]) -> list[str]:
    """What is heard at first, and after a change."""

    async def run() -> list[str]:
        stream = opened(town)
        first = [await heard(stream), await heard(stream)]
        change()
        return [*first, await heard(stream)]

    return asyncio.run(run())


def test_opening_tells_at_once_and_then_each_change_counts_up(town: Town) -> None:
    assert listen(town, lambda: town.submit("F-1")) == ["retry: 3000\n\n", "data: 1\n\n", "data: 2\n\n"]


def test_a_halt_is_a_change_too(town: Town) -> None:
    def stop() -> None:
        with town.engine.begin() as connection:
            scope = halt.of_authorizer("SVRS", town.house.tools.ambiente)
            guard.stop(connection, scope=scope, reason=halt.AUTHORIZER, now=town.clock(), until=None)

    assert listen(town, stop)[-1] == "data: 2\n\n"


def test_quiet_is_filled_with_comments_so_that_nobody_closes_the_line(town: Town) -> None:
    async def run() -> list[str]:
        stream = opened(town)
        return [await anext(stream) for _ in range(3)]

    assert asyncio.run(run())[-1] == ": \n\n"


def test_the_stream_ends_with_the_session(town: Town) -> None:
    def leave() -> None:
        with town.engine.begin() as connection:
            connection.execute(delete(session))

    assert listen(town, leave)[-1] == ""
    assert town.app.state.streams == set()


def test_the_stream_ends_with_the_membership(town: Town) -> None:
    def remove() -> None:
        path = f"{town.home}/pessoas/{town.accounts['reader']}/retirar"
        assert town.post("administrator", path, {"certeza": "sim"}).status_code == 303

    assert listen(town, remove)[-1] == ""


def test_the_stream_ends_when_the_database_is_away(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    assert listen(town, lambda: monkeypatch.setattr(monitor, "pulse", away))[-1] == ""


def test_the_stream_ends_when_the_server_closes(town: Town) -> None:
    assert listen(town, town.app.state.closing.set)[-1] == ""


def test_a_page_left_open_for_long_asks_anew(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_LOOKS", 2)

    async def run() -> list[str]:
        return [text async for text in opened(town)]

    assert asyncio.run(run()) == ["retry: 3000\n\n", "data: 1\n\n"]


def test_there_is_a_limit_to_open_streams(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_STREAMS", 0)
    assert town.get("reader", f"{town.home}/eventos").status_code == 503


@pytest.mark.parametrize("persona", PERSONAS)
def test_each_persona_gets_what_the_rule_says(town: Town, monkeypatch: pytest.MonkeyPatch, persona: str) -> None:
    monkeypatch.setattr(live, "MOST_LOOKS", 1)
    answer = town.get(persona, f"{town.home}/eventos")
    allowed = persona in ("reader", "user", "administrator")
    known = persona in town.tokens and persona != "disabled"
    assert answer.status_code == (200 if allowed else 404 if known else 303)
    if allowed:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        assert "data: 1\n\n" in answer.text
