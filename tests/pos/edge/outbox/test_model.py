"""Whole lives of a queue against an independent model, every invariant after every operation. A seed replays."""

import os
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.pos.edge.outbox.model import Life
from zelo.pos.edge.outbox.core import Candidate, Item, Rank, Shelf, sacrificed_for
from zelo.pos.edge.outbox.shell import aside, queue

OPERATIONS = 600
MANY = int(os.environ.get("ZELO_SEEDS", "60"))


@pytest.mark.parametrize("seed", range(1, 5))
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


def _takes_for_received(connection: Any, item: Item, *_: object) -> None:
    queue.confirm(connection, [item])


def _loses_documents(connection: Any, item: Item, _: str, at: datetime) -> None:
    queue.spoil(connection, [item], at)


BROKEN = {
    "a pending document gives way": (queue, "sacrificed_for", _sacrifices_documents, "I1|acknowledged"),
    "what is unsent gives way before copies": (queue, "sacrificed_for", _spares_copies, "I3|I4|refused"),
    "the ledger is forgotten": (queue, "_declare", _forgets, "I5: the ledger"),
    "the newest gives way first": (queue, "_candidates", _newest_first, "I1|I3|I4"),
    "a refused document is taken for received": (aside, "set_aside", _takes_for_received, "I1: what is set aside|I5"),
    "a refused document is declared lost": (aside, "set_aside", _loses_documents, "I1: what is set aside"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_queue_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    module, name, variant, invariant = BROKEN[broken]
    monkeypatch.setattr(module, name, variant)
    with pytest.raises(AssertionError, match=invariant):
        for seed in range(1, 5):
            Life(tmp_path / f"{seed}.db", seed).run(OPERATIONS)
