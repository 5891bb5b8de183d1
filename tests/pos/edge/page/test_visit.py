"""A cookie that only the token makes."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as some

from zelo.pos.edge.page import visit

NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
MADE = visit.cookie("token", NOW, "abc")


def test_a_cookie_holds_for_its_token_and_its_time() -> None:
    assert visit.holds("token", MADE, NOW)
    assert visit.holds("token", MADE, NOW + visit.LIFE - timedelta(seconds=1))
    assert not visit.holds("token", MADE, NOW + visit.LIFE)
    assert not visit.holds("other", MADE, NOW)


@given(some.text(max_size=300))
def test_no_other_text_holds(text: str) -> None:
    assert not visit.holds("token", text, NOW) or text == MADE


@given(some.integers(0, len(MADE) - 1), some.characters(codec="ascii"))
def test_a_cookie_that_was_touched_does_not_hold(place: int, character: str) -> None:
    touched = MADE[:place] + character + MADE[place + 1 :]
    assert visit.holds("token", touched, NOW) == (touched == MADE)


def test_the_word_of_a_form_is_of_one_visit() -> None:
    other = visit.cookie("token", NOW, "abd")
    assert visit.may_post("token", MADE, visit.word("token", MADE))
    assert not visit.may_post("token", MADE, visit.word("token", other))
    assert not visit.may_post("token", MADE, MADE.rpartition(".")[2])
