"""What an answer means, what goes next, how long to wait."""

import json

import pytest

from tests.pos.edge.outbox.house import DEVICE
from zelo.pos.edge.outbox.core import Range, Rank
from zelo.pos.edge.uplink.core import (
    MOST_ITEMS,
    MOST_PACE_SECONDS,
    MOST_WAIT_SECONDS,
    NO_ANSWER,
    Answer,
    Course,
    Fate,
    after,
    judge,
    of_everything,
    wait_seconds,
)

ACK = json.dumps({"confirmed": [[DEVICE, 0, 1, 9]], "losses": [], "pace_millis": 1500}).encode()
REFUSED = Answer(Fate.REFUSED)
WHY = '{"erro": "A chave  não\\n\\u001bconfere."}'.encode()


def test_an_acknowledgement_commits_and_sets_the_pace() -> None:
    answer = judge(200, "", ACK)
    assert answer.ack is not None
    assert answer.ack.confirmed == (Range(DEVICE, Rank.FISCAL, 1, 9),)
    assert wait_seconds(after(Course(), answer), answer, 0.5) == 1.5
    for_ever = judge(200, "", ACK.replace(b"1500", b"9" * 400))
    assert wait_seconds(after(Course(), for_ever), for_ever, 0.5) == MOST_PACE_SECONDS


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Wi-Fi</html>",
        b"[]",
        b"null",
        b"{}",
        b"[" * 100_000,
        b"\xff",
        b'{"confirmed": 1, "losses": [], "pace_millis": 0}',
        b'{"confirmed": [["a", 9, 1, 1]], "losses": [], "pace_millis": 0}',
        b'{"confirmed": [["a", 0, "1", 1]], "losses": [], "pace_millis": 0}',
        b'{"confirmed": [["a", 0, 1]], "losses": [], "pace_millis": 0}',
        b'{"confirmed": [], "losses": [], "pace_millis": -1}',
        b'{"confirmed": [], "losses": [], "pace_millis": true}',
    ],
)
def test_whatever_else_comes_with_200_settles_nothing(body: bytes) -> None:
    assert judge(200, "", body).fate is Fate.UNKNOWN


def test_every_tenth_batch_takes_the_newest() -> None:
    course, newest = Course(), []
    for _ in range(30):
        newest.append(course.newest)
        course = after(course, judge(200, "", ACK))
    assert [number for number, is_newest in enumerate(newest, 1) if is_newest] == [10, 20, 30]


def test_waits_double_to_a_bound_and_are_drawn_from_nothing_to_it() -> None:
    course, bounds = Course(), []
    for _ in range(40):
        course = after(course, NO_ANSWER)
        bounds.append(wait_seconds(course, NO_ANSWER, 1.0))
        assert wait_seconds(course, NO_ANSWER, 0.0) == 0.0
    assert bounds[:4] == [2.0, 4.0, 8.0, 16.0]
    assert bounds[-1] == MOST_WAIT_SECONDS


@pytest.mark.parametrize(("header", "least"), [("30", 30.0), ("", 0.0), ("soon", 0.0), ("-1", 0.0), ("9" * 30, 3600.0)])
def test_what_the_centre_asks_for_is_waited_at_least(header: str, least: float) -> None:
    answer = judge(503, header, b"")
    assert answer.fate is Fate.REFUSED
    assert wait_seconds(after(Course(), answer), answer, 0.0) == least


@pytest.mark.parametrize(
    ("status", "body", "fate"),
    [
        (400, WHY, Fate.BAD),
        (409, WHY, Fate.BAD),
        (422, WHY, Fate.BAD),
        (413, b"", Fate.BAD),
        (400, b"<html>proxy</html>", Fate.REFUSED),
        (422, b'{"erro": 1}', Fate.REFUSED),
        (422, b"[]", Fate.REFUSED),
        *((status, WHY, Fate.REFUSED) for status in (302, 401, 403, 404, 407, 408, 429, 500, 503)),
    ],
)
def test_only_the_centre_refuses_a_batch_for_what_it_holds(status: int, body: bytes, fate: Fate) -> None:
    answer = judge(status, "", body)
    assert answer.fate is fate
    assert answer.said == f"a central respondeu {status}" + (": A chave não confere" if body == WHY else "")


def test_a_batch_is_narrowed_at_once_and_a_centre_that_refuses_everything_is_waited_for() -> None:
    bad = judge(422, "", WHY)
    course = after(Course(), bad)
    assert wait_seconds(course, bad, 1.0) == 0.0
    assert wait_seconds(course, of_everything(bad), 1.0) == 2.0
    assert after(course, of_everything(bad)).most_items == course.most_items


def test_what_is_bad_is_halved_and_grows_back() -> None:
    course = after(Course(), judge(413, "", b""))
    assert course.most_items == MOST_ITEMS // 2
    for _ in range(20):
        course = after(course, judge(422, "", WHY))
    assert course.most_items == 1
    for _ in range(20):
        course = after(course, judge(200, "", ACK))
    assert course == Course(20)
    assert after(Course(), REFUSED).most_items == MOST_ITEMS
