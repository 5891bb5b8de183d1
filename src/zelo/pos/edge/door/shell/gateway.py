"""What a door may ask of the gateway behind it, as callables: the doors know neither desk nor journal."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import NamedTuple

from zelo.pos.edge.door.api.telling import Device, Found
from zelo.pos.edge.request import Request

Answer = Callable[[Request], "Future[str]"]
"""Hands the reply back under the till's own session number; never raises for a bad sale."""

Arrived = Callable[[Request, str], None]
"""Hears that the till has this reply to what it asked."""


class First(NamedTuple):
    """What an asking must agree with that comes under the same id. `matter`: as of a `Request`."""

    till: str
    session: int
    matter: str


@dataclass(frozen=True, slots=True)
class Gateway:
    """`new_id` is fresh at every call; the others may write to disk, so they are called off the event loop.

    `arrived(request, reply)`: the caller has this answer, as far as a door can see. `read(id, reply)`: somebody has it,
    who asked what stands under an id.
    `code()`: the activation code that the gateway keeps. `next_session(till)`: 1 to 999999, not among the last hundred
    of that till. `first(id)`: what this id was first used for, None where nothing was written down of it nor is under
    way. `find(id)`: what stands under an id, here or at the other gateway. `now(request, reply)`: what a reply that
    alone leaves it open comes to by now.
    """

    answer: Answer
    arrived: Arrived
    read: Callable[[str, str], None]
    code: Callable[[], str]
    new_id: Callable[[], str]
    next_session: Callable[[str], int]
    first: Callable[[str], First | None]
    find: Callable[[str], Found | None]
    now: Callable[[Request, str], Found]
    devices: Callable[[], Sequence[Device]]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a configuration says of the doors. `names`: hosts beside loopback; `networks`: as 192.168.0.0/24.

    `wait_seconds`: how long a till is kept waiting for the gateway's answer.
    """

    token: str
    names: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    wait_seconds: float = 120.0
