"""A state machine as a table of rows: in a state something happens, and it is another state, due at some time.

The lifecycles of documents and of events are two such tables; nothing else changes a state.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar


class Due(StrEnum):
    """When the next step is due."""

    NOW = "now"
    LATER = "at a time that the event tells"
    PERSON = "when a person acts"
    NEVER = "never"


State = TypeVar("State", bound=StrEnum)
Happening = TypeVar("Happening", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Transition(Generic[State, Happening]):
    """One row of the table."""

    source: State
    event: Happening
    target: State
    due: Due


Table = Mapping[tuple[State, Happening], Transition[State, Happening]]


class LifecycleError(RuntimeError):
    """Something that cannot happen in a state: a defect of ours, never swallowed."""


def table(*rows: tuple[State, Happening, State, Due]) -> Table[State, Happening]:
    """The table of these rows. Raises ValueError for two rows about the same."""
    made = {(source, event): Transition(source, event, target, due) for source, event, target, due in rows}
    if len(made) != len(rows):
        raise ValueError("two transitions for one state and event")
    return made


def step(rows: Table[State, Happening], state: State, event: Happening, whose: str) -> Transition[State, Happening]:
    """The row of the table. Raises LifecycleError, which names `whose` life it is."""
    try:
        return rows[state, event]
    except KeyError:
        raise LifecycleError(f"{event.value!r} cannot happen to {whose} in {state}") from None


def diagram(rows: Table[State, Happening], first: State) -> str:
    """The table as a Mermaid state diagram; states that nothing leaves are ends."""
    left = {row.source for row in rows.values()}
    ends = dict.fromkeys(row.target for row in rows.values() if row.target not in left)
    arrows = [f"    {row.source} --> {row.target}: {row.event.value}" for row in rows.values()]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {first}", *arrows, *(f"    {end} --> [*]" for end in ends)])
