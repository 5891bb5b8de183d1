"""The guard of a number: never more equal rejections than the ceiling, whatever happens, and a past nobody changes."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.guard.exploration import AT, CHAVE, KEY, Game, Manners, folded, policy_below, without_end
from zelo.guard.core import GENESIS, Answer, Entry, Event, Policy, Release, State, Stop, apply, decide, fold
from zelo.guard.story import HELD

KINDS: Final = (("215",), ("215", "539"))
ENDS: Final = (Event.NOT_SENT, Event.REJECTED, Event.UNKNOWN, Event.ANSWERED, Event.AUTHORISED)
DEFECTS: Final = {
    "no reservation": Manners(reserves=False),
    "freed lease": Manners(expired=Event.NOT_SENT),
    "reset on release": Manners(release_forgets=True),
    "non-atomic update": Manners(looks_before_it_leaps=True),
    "consecutive-only count": Manners(counts_in_a_row=True),
    "chave-only count": Manners(counts_by_chave=True),
    "an expired lease counts as answered": Manners(expired=Event.ANSWERED),
    "a lost answer is forgiven": Manners(lost=Event.ANSWERED),
    "a clock set back frees the lease": Manners(clock=True, back_frees=True),
    "one too many": Manners(over=1),
}

RELEASED: Final = Release(Stop.SAFETY, 2, "Ana (1)", "cadastro corrigido").detail()

unhurried = settings(deadline=None)


GAMES: Final = [
    Game(ceiling, kinds, Manners(clock=clock), workers)
    for kinds, clock, most in ((KINDS[0], False, 6), (KINDS[1], False, 4), (KINDS[0], True, 4))
    for ceiling in range(1, most + 1)
    for workers in (1, 2, 3)
]


@pytest.mark.parametrize("game", GAMES, ids=str)
def test_no_interleaving_passes_the_ceiling(game: Game) -> None:
    """And each ceiling is reached: the guard is not safe by never sending."""
    worst = 0
    for world in game.worlds():
        worst = max(worst, world.worst)
        assert world.worst + (world.in_air if len(game.kinds) == 1 else 0) <= game.ceiling, world
        assert world.worst <= world.state.spent
        assert not world.hurried, world
    assert worst == game.ceiling


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_in_its_use_is_found_out(name: str) -> None:
    assert any(world.worst > 2 for world in Game(2, KINDS[1], DEFECTS[name]).worlds())


@pytest.mark.parametrize("game", GAMES[::4], ids=str)
def test_every_number_comes_to_rest_and_then_names_whom_or_what_it_waits_for(game: Game) -> None:
    """Whatever dies, the number is free again in the end; then it may be sent, or says from when, or who releases."""
    graph = game.graph()
    assert without_end(graph) == set()
    for world in graph:
        if world.at_rest:
            verdict = game.verdict(world)
            held = verdict.answer is Answer.HELD and HELD[verdict.stop or Stop.CEILING]
            assert held or verdict.answer is Answer.ADMIT or (verdict.until and verdict.until > world.now), world


def test_a_number_that_waits_for_ever_is_found_out() -> None:
    assert without_end(Game(2, ("215",), Manners(expired=None)).graph())


def test_without_a_person_nothing_passes_the_limit_of_safety() -> None:
    worlds = [world.worst for world in Game(5, ("215",), Manners(releases=False)).worlds()]
    assert max(worlds) == policy_below(5).safety == 3


def test_the_journal_of_every_world_amounts_to_its_state() -> None:
    for world in Game(3, KINDS[1]).worlds():
        found = folded(world)
        assert replace(found, token=world.state.token, sent_at=world.state.sent_at) == world.state
        assert (found.token is None) is (world.state.token is None)


def run(events: Sequence[tuple[Event, str]]) -> tuple[State, list[Entry]]:
    """The events that can be, in their order; the others are left out."""
    state, journal = State(KEY), []
    for number, (event, cstat) in enumerate(events):
        detail = {Event.CHARGED: "2", Event.RELEASED: RELEASED}.get(event, f"linha {number}")
        try:
            state, entry = apply(
                state, event, at=AT + timedelta(seconds=number), chave=CHAVE, cstat=cstat, token="t", detail=detail
            )
        except ValueError:
            continue
        journal.append(entry)
    return state, journal


histories = st.lists(st.tuples(st.sampled_from(Event), st.sampled_from(["215", "539", ""])), max_size=25)


@unhurried
@given(histories)
def test_nothing_but_a_reservation_is_ever_given_back(events: list[tuple[Event, str]]) -> None:
    _, journal = run(events)
    state = State(KEY)
    for entry in journal:
        after, _ = apply(
            state, entry.event, at=entry.at, chave=entry.chave, cstat=entry.cstat, token="t", detail=entry.detail
        )
        assert after.unknown >= state.unknown
        assert after.worst >= state.worst
        assert after.spent >= state.spent - (state.token is not None)
        assert all(after.released[stop] >= most for stop, most in state.released.items()), (
            "and no release is taken back"
        )
        assert all(after.counts[cstat] >= count for cstat, count in state.counts.items())
        state = after


@pytest.mark.parametrize("event", list(Event))
@pytest.mark.parametrize("reserved", [True, False])
def test_which_event_can_follow_which(event: Event, reserved: bool) -> None:  # noqa: FBT001 both cases
    state = State(KEY, token="t" if reserved else None)
    beside = (Event.CHARGED, Event.RELEASED, Event.WITHDRAWN)
    always = {*beside, Event.AUTHORISED}
    possible = event in always or (not reserved if event is Event.ADMITTED else reserved)
    detail = RELEASED if event is Event.RELEASED else "1"
    arguments = {"at": AT, "chave": CHAVE, "cstat": "215", "token": "n", "detail": detail}
    if possible:
        after, entry = apply(state, event, **arguments)  # type: ignore[arg-type]
        holder = {Event.ADMITTED: "n", **dict.fromkeys(beside, state.token)}.get(event)
        assert (after.token, after.seq, after.head) == (holder, 1, entry.hash)
    else:
        with pytest.raises(ValueError, match="cannot follow"):
            apply(state, event, **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("detail", ["-1", "0", "", "x", "1.5"])
def test_a_charge_only_ever_adds(detail: str) -> None:
    with pytest.raises(ValueError, match=r"charge|invalid literal"):
        apply(State(KEY, unknown=3), Event.CHARGED, at=AT, chave=CHAVE, detail=detail)


@unhurried
@given(
    st.dictionaries(st.sampled_from(["215", "539", "999"]), st.integers(0, 9)), st.integers(0, 9), st.integers(0, 12)
)
def test_the_rule_of_admission(counts: dict[str, int], unknown: int, ceiling: int) -> None:
    state = State(KEY, counts, unknown)
    policy = Policy(ceiling, ceiling, ceiling)
    verdict = decide(state, policy, AT)
    spent = max([0, *counts.values()]) + unknown
    assert verdict.answer is (Answer.ADMIT if spent < ceiling else Answer.HELD)
    assert (verdict.spent, verdict.most) == (spent, ceiling)
    taken = decide(replace(state, token="t"), policy, AT)
    assert (taken.answer, taken.spent) == (Answer.BUSY, spent + 1)


def change(value: Any) -> Any:
    """Another value of the same type."""
    match value:
        case Event():
            return Event.UNKNOWN if value is not Event.UNKNOWN else Event.REJECTED
        case datetime():
            return value + timedelta(microseconds=1)
        case int():
            return value + 1
    return f"{value}0"


@unhurried
@given(histories, st.data())
def test_any_change_of_any_line_is_noticed(events: list[tuple[Event, str]], data: st.DataObject) -> None:
    state, journal = run([(Event.ADMITTED, ""), (Event.REJECTED, "215"), (Event.ADMITTED, ""), *events])
    assert fold(KEY, journal).head == state.head
    place = data.draw(st.integers(0, len(journal) - 1))
    column = data.draw(st.sampled_from([row.name for row in fields(Entry)]))
    changed = [*journal]
    changed[place] = replace(journal[place], **{column: change(getattr(journal[place], column))})
    with pytest.raises(
        ValueError,
        match=r"broken at line|cannot follow|invalid literal|charge|release|Expecting|Extra data|unpack|not a valid",
    ):
        fold(KEY, changed)


@unhurried
@given(histories, st.data())
def test_any_line_left_out_doubled_or_moved_is_noticed(events: list[tuple[Event, str]], data: st.DataObject) -> None:
    state, journal = run([(Event.ADMITTED, ""), (Event.REJECTED, "215"), (Event.ADMITTED, ""), *events])
    one, other = (data.draw(st.integers(0, len(journal) - 1)) for _ in range(2))
    swapped = [*journal]
    swapped[one], swapped[other] = swapped[other], swapped[one]
    changes = [journal[:one] + journal[one + 1 :], [*journal[: one + 1], *journal[one:]]]
    if one != other:
        changes.append(swapped)
    for changed in changes:
        try:
            found = fold(KEY, changed)
        except ValueError:
            continue
        assert (found.seq, found.head) != (state.seq, state.head), (
            "only a cut end folds, and then the row's head differs"
        )


def test_the_journal_of_another_number_does_not_pass_for_ones_own() -> None:
    _, journal = run([(Event.ADMITTED, ""), (Event.REJECTED, "215")])
    with pytest.raises(ValueError, match="broken at line 1"):
        fold("2|12ABC34501DE35|62|1|6", journal)


def test_an_empty_journal_is_a_number_nobody_used() -> None:
    assert fold(KEY, []) == State(KEY)
    assert State(KEY).head == GENESIS
    assert State(KEY).spent == 0
