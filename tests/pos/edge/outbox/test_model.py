"""Whole lives of a queue against an independent model, every invariant after every operation. A seed replays."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.pos.edge.outbox.model import Life
from zelo.pos.edge.outbox.core import Candidate, Rank, Shelf, sacrificed_for
from zelo.pos.edge.outbox.shell import queue

OPERATIONS = 600
MANY = int(os.environ.get("ZELO_SEEDS", "60"))


@pytest.mark.parametrize("seed", range(4))
def test_a_life(tmp_path: Path, seed: int) -> None:
    life = Life(tmp_path / "q.db", seed)
    life.run(OPERATIONS)
    assert life.gave_way or life.refused, "the life was too easy"


@pytest.mark.simulate
@pytest.mark.parametrize("seed", range(1_000, 1_000 + MANY))
def test_many_lives(tmp_path: Path, seed: int) -> None:
    Life(tmp_path / "q.db", seed).run(OPERATIONS)


def _sacrifices_documents(rank: Rank) -> tuple[Shelf, ...]:
    return (*sacrificed_for(rank), Shelf(Rank.FISCAL, pending=True))


def _spares_copies(rank: Rank) -> tuple[Shelf, ...]:
    return tuple(shelf for shelf in sacrificed_for(rank) if shelf.pending)


def _forgets(*_: object) -> None:
    """Declares nothing."""


def _newest_first(connection: Any, arriving: Rank) -> Iterable[Candidate]:
    return list(CANDIDATES(connection, arriving))[::-1]


CANDIDATES: Callable[..., Iterable[Candidate]] = queue._candidates
BROKEN = {
    "a pending document gives way": ("sacrificed_for", _sacrifices_documents, "I1|acknowledged"),
    "what is unsent gives way before copies": ("sacrificed_for", _spares_copies, "I3|I4|refused"),
    "the ledger is forgotten": ("_declare", _forgets, "I5: the ledger"),
    "the newest gives way first": ("_candidates", _newest_first, "I1|I3|I4"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_queue_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    name, variant, invariant = BROKEN[broken]
    monkeypatch.setattr(queue, name, variant)
    with pytest.raises(AssertionError, match=invariant):
        Life(tmp_path / "q.db", 0).run(OPERATIONS)
