"""The lifecycle as one table: what no row of it may break, told without looking at how it is used."""

from itertools import product

import pytest

from zelo.flow.lifecycle import LIFECYCLE, Due, Event, LifecycleError, State, accepts, transition

BEFORE_SENDING = {State.DRAFT, State.INVALID, State.SIGNED}
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


def test_authorised_is_the_one_end_and_every_other_state_still_leads_there() -> None:
    assert {state for state in State if not any(source is state for source, _ in LIFECYCLE)} == {State.AUTHORISED}
    assert all(State.AUTHORISED in _reachable(state) for state in State)


def test_only_the_authority_s_word_authorises() -> None:
    ways = {(row.source, row.event) for row in LIFECYCLE.values() if row.target is State.AUTHORISED}
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
        expected = {Due.NEVER} if row.target is State.AUTHORISED else {Due.PERSON}
        assert row.due in ({Due.NOW, Due.LATER} if row.target in by_itself else expected), row


def test_a_restored_note_with_a_number_is_asked_after_before_all_else() -> None:
    restored = {row.source for row in LIFECYCLE.values() if row.event is Event.RESTORED}
    assert restored == set(State) - {State.DRAFT, State.INVALID, State.CHECKED, State.CONFLICT, State.AUTHORISED}
    assert all(LIFECYCLE[state, Event.RESTORED].target is State.UNKNOWN for state in restored)


@pytest.mark.parametrize(("state", "event"), [*product(State, Event)])
def test_what_is_not_in_the_table_cannot_happen(state: State, event: Event) -> None:
    if accepts(state, event):
        assert transition(state, event).source is state
    else:
        with pytest.raises(LifecycleError, match=f"cannot happen to a document in {state}"):
            transition(state, event)
