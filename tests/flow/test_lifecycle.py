"""The lifecycle as one table: what no row of it may break, told without looking at how it is used."""

from itertools import product

import pytest

from zelo.flow.lifecycle import LIFECYCLE, Event, State, accepts, transition
from zelo.flow.machine import Due, LifecycleError

BEFORE_SENDING = {State.DRAFT, State.INVALID, State.SIGNED}
ENDS = {State.CANCELLED, State.UNUSED}
KNOWN = {State.AUTHORISED, State.CANCELLED}
MAY_BE_AT_THE_AUTHORITY = {State.RESERVED, State.UNKNOWN}
"""Nobody here knows whether SEFAZ has the note."""


def _reachable(start: State) -> set[State]:
    found, open_ = {start}, [start]
    while open_:
        here = open_.pop()
        new = {row.target for row in LIFECYCLE.values() if row.source is here} - found
        found |= new
        open_ += new
    return found


def test_every_state_is_reached_from_a_draft() -> None:
    assert _reachable(State.DRAFT) == set(State)


def test_every_event_happens_somewhere() -> None:
    assert {event for _, event in LIFECYCLE} == set(Event)


def test_a_life_ends_cancelled_or_with_its_number_unused_and_all_else_still_leads_to_authorised() -> None:
    leaving = {row.source for row in LIFECYCLE.values() if row.target is not row.source}
    assert set(State) - leaving == ENDS
    assert all(State.AUTHORISED in _reachable(state) for state in set(State) - ENDS)


def test_an_authorised_note_stays_so_or_is_cancelled() -> None:
    assert {row.target for row in LIFECYCLE.values() if row.source is State.AUTHORISED} == KNOWN


def test_only_the_authority_s_word_authorises() -> None:
    ways = {
        (row.source, row.event)
        for row in LIFECYCLE.values()
        if row.target is State.AUTHORISED and row.source is not State.AUTHORISED
    }
    assert ways == {(State.RESERVED, Event.AUTHORISED), (State.UNKNOWN, Event.FOUND)}


def test_only_a_signed_note_that_the_guard_admits_may_leave() -> None:
    ways = {(row.source, row.event) for row in LIFECYCLE.values() if row.target is State.RESERVED}
    assert ways == {(State.SIGNED, Event.ADMITTED)}


def test_what_may_be_at_the_authority_is_never_rewritten_and_not_sent_again_before_it_was_asked_after() -> None:
    for row in LIFECYCLE.values():
        if row.source in MAY_BE_AT_THE_AUTHORITY:
            assert row.event not in (Event.REVISED, Event.RENUMBERED, Event.RESUMED), row
            if row.target in BEFORE_SENDING:
                assert row.event in (Event.NOT_SENT, Event.NOT_FOUND), row


def test_a_step_is_due_exactly_where_the_machine_has_something_to_do() -> None:
    by_itself = {State.DRAFT, State.SIGNED, State.RESERVED, State.UNKNOWN, State.PAUSED, State.BLOCKED}
    for row in LIFECYCLE.values():
        expected = {Due.NEVER} if row.target in KNOWN | ENDS else {Due.PERSON}
        if row.source is State.AUTHORISED and row.event is not Event.CONFIRMED and row.target is State.AUTHORISED:
            expected = {Due.NOW, Due.LATER}
        assert row.due in ({Due.NOW, Due.LATER} if row.target in by_itself else expected), row


def test_a_restored_note_with_a_number_is_asked_after_before_all_else() -> None:
    restored = {row.source for row in LIFECYCLE.values() if row.event is Event.RESTORED}
    assert restored == set(State) - {State.DRAFT, State.INVALID, State.CHECKED, State.CONFLICT} - ENDS
    known = {state for state in restored if LIFECYCLE[state, Event.RESTORED].target is not State.UNKNOWN}
    assert known == {State.AUTHORISED}, "it may have been cancelled since, and stays authorised meanwhile"


@pytest.mark.parametrize(("state", "event"), [*product(State, Event)])
def test_what_is_not_in_the_table_cannot_happen(state: State, event: Event) -> None:
    if accepts(state, event):
        assert transition(state, event).source is state
    else:
        with pytest.raises(LifecycleError, match=f"cannot happen to a document in {state}"):
            transition(state, event)
