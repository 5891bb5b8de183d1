"""Session numbers: none returns within the last hundred, however often the gateway crashes."""

import random
from collections import deque

import pytest

from zelo.models.cfe.functions import MOST_SESSION
from zelo.pos.edge.sessions import opened, reserve, taken

MUST_DIFFER = 100


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("drawn", [0, 1, 500_000, MOST_SESSION - 301, MOST_SESSION - 1])
def test_no_number_returns_within_a_hundred_through_any_crash(side: int, drawn: int) -> None:
    chance, stored, last = random.Random(drawn), None, deque[int](maxlen=MUST_DIFFER)
    held = opened(None, side, drawn)
    for _ in range(3_000):
        if chance.random() < 0.02:
            held = opened(stored, side, chance.randrange(MOST_SESSION))
        if held.must_reserve:
            held = reserve(held)
            stored = held.until
            if chance.random() < 0.1:
                held = opened(stored, side, 0)
                continue
        number, held = taken(held)
        assert 1 <= number <= MOST_SESSION
        assert number % 2 == side
        assert number not in last
        last.append(number)
