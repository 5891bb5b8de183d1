"""CPU time of several pieces of work, in turns and for equal spans, so that a noisy machine disturbs all alike."""

import gc
import time
from collections.abc import Callable, Mapping

ROUNDS = 15
SPAN_MICROS = 100_000
"""How long a piece works in its turn: a longer turn would meet a quiet moment less often than a short one."""


def micros(work: Mapping[str, Callable[[int], object]]) -> dict[str, float]:
    """The best of several rounds of each piece, in microseconds of CPU a call; a piece is told which call it is."""
    best = {name: _turn(piece, 2) for name, piece in work.items()}
    gc.collect()
    gc.freeze()  # what the peers have imported is nobody's garbage
    for _ in range(ROUNDS):
        for name, piece in work.items():
            best[name] = min(best[name], _turn(piece, max(2, round(SPAN_MICROS / best[name]))))
    gc.unfreeze()
    return best


def _turn(piece: Callable[[int], object], repeats: int) -> float:
    gc.collect()
    start = time.process_time()
    for number in range(repeats):
        piece(number)
    return (time.process_time() - start) / repeats * 1e6
