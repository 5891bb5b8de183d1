"""CPU time of several pieces of work, in turns, so that a noisy machine disturbs all of them alike."""

import gc
import time
from collections.abc import Callable, Mapping

ROUNDS = 7


def micros(work: Mapping[str, Callable[[int], object]], repeats: Mapping[str, int]) -> dict[str, float]:
    """The best of several rounds of each piece, in microseconds of CPU a call; a piece is told which call it is."""
    best = dict.fromkeys(work, float("inf"))
    for piece in work.values():
        piece(0)
    for _ in range(ROUNDS):
        for name, piece in work.items():
            gc.collect()
            start = time.process_time()
            for number in range(repeats[name]):
                piece(number)
            best[name] = min(best[name], (time.process_time() - start) / repeats[name] * 1e6)
    return best
