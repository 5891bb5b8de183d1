"""Each gateway sees whether the other is there, whether it takes its word, and what its clock says."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.pos.edge.peer.side import TOKEN, Pair, Side
from tests.pos.edge.shop import until
from zelo.pos.edge.peer.pair import Pulse, pulse_json, read_pulse
from zelo.pos.edge.peer.shell import heartbeat, link
from zelo.pos.edge.peer.shell.heartbeat import Heartbeat
from zelo.pos.edge.peer.shell.link import MUTE, STRANGER, Link
from zelo.pos.edge.peer.word import BadWordError

NOW = datetime(2026, 11, 23, 12, 0, 0, 250, tzinfo=UTC)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is always time to ask."""
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.0)
    monkeypatch.setattr(link, "REST_SECONDS", 0.0)


def _beaten(side: Side, token: str = TOKEN, own: int = 0) -> Heartbeat:
    """How the other stands for that side."""
    beating = Heartbeat(Link("127.0.0.1", side.other, token), own, side.shop.clock)
    beating.beat()
    return beating


def test_one_that_is_not_there_is_silent_for_longer_and_longer_until_it_speaks(pair: Pair) -> None:
    one, two = pair
    beating = _beaten(one, own=1)
    first = beating.seen
    beating.beat()
    assert beating.seen.trouble == MUTE
    assert beating.seen.silent_seconds > first.silent_seconds > 0
    beating._spoke_at -= 100
    with two.reached():
        beating.beat()
        assert (beating.seen.trouble, beating.seen.silent_seconds, beating.seen.same_side) == ("", 0.0, False)
        assert abs(beating.seen.ahead_seconds) < 5
    beating.beat()
    assert 0 < beating.seen.silent_seconds < 5, "counted from when it last spoke"


def test_one_that_is_the_same_side_or_whose_clock_is_ahead_is_seen(pair: Pair) -> None:
    one, two = pair
    two.shop.clock.ahead = timedelta(minutes=10)
    with two.reached():
        seen = _beaten(one, own=0).seen
    assert seen.same_side
    assert 590 < seen.ahead_seconds < 610


def test_a_token_that_the_other_does_not_take_is_no_silence(pair: Pair) -> None:
    one, two = pair
    with two.reached():
        assert "token" in _beaten(one, token="another").seen.trouble


@pytest.mark.parametrize("said", [{}, [], {"lado": "0", "em": 1}, {"lado": 0, "em": 10**30}])
def test_what_answers_and_is_no_gateway_is_none(pair: Pair, monkeypatch: pytest.MonkeyPatch, said: object) -> None:
    one, _ = pair
    monkeypatch.setattr(Link, "_call", lambda *_: said)
    assert _beaten(one).seen.trouble == STRANGER


def test_a_pulse_comes_back_as_it_went() -> None:
    assert read_pulse(pulse_json(Pulse(1, NOW))) == Pulse(1, NOW)
    for bad in (None, {"lado": True, "em": 1}, {"lado": 1}):
        with pytest.raises(BadWordError):
            read_pulse(bad)


def test_a_gateway_that_tells_the_other_its_news_looks_how_it_is(pair: Pair) -> None:
    one, two = pair
    with one.reached():
        assert until(lambda: two.neighbour.seen is not None and two.neighbour.seen.same_side)
    assert until(lambda: two.neighbour.seen is not None and two.neighbour.seen.trouble == MUTE)
