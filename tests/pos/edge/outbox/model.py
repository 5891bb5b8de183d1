"""An independent model of the queue: what was acknowledged to whoever put it in, and what the centre has.

It knows nothing of pages or statements. After each operation the file is read with plain SQL, and the invariants of the
queue are held against what was there before:

I1 a fiscal document is pending, or set aside because the centre refuses it, or the centre has it
I2 the files never outgrow the budget
I3 nothing pending gives way while a copy, or something pending of a lower rank, survives
I4 within a shelf the oldest gives way first
I5 every number is pending, or with the centre, or set aside, or declared: emitted = received + pending + aside + lost
I6 numbers have no hole
"""

import random
from collections import Counter
from datetime import timedelta
from pathlib import Path

from tests.pos.edge.outbox.house import (
    AT,
    BUDGET_BYTES,
    DEVICE,
    GATEWAY,
    OTHER,
    Name,
    declared,
    held,
    opened,
    size_bytes,
)
from zelo.pos.edge.outbox.core import QueueFullError, Rank
from zelo.pos.edge.outbox.shell import aside, queue
from zelo.pos.edge.outbox.shell.file import writing

FISCAL = int(Rank.FISCAL)
MOST_BODY = 120_000
SLACK_BYTES = 200_000
"""What the queue keeps free, and loses to pages that are not full."""
PHASE = 150
"""Operations between two changes of weather: whether the centre answers, how much is sold."""


class Life:
    """One seeded life of a queue, judged after every operation. Raises AssertionError."""

    def __init__(self, file: Path, seed: int) -> None:
        self.file, self.draw = file, random.Random(seed)
        self.connection = opened(file)
        self.emitted: Counter[tuple[str, int]] = Counter()
        self.with_centre: set[Name] = set()
        self.lost: set[Name] = set()
        self.aside: set[Name] = set()
        self.refused = 0
        self.documents = 0
        self.gave_way = 0

    def run(self, operations: int) -> None:
        """Live."""
        pending, copies, _ = held(self.connection)
        online, self.documents = False, 3
        for number in range(operations):
            if number % PHASE == 0:
                online, self.documents = number > 0 and self.draw.random() < 0.3, self.draw.choice((1, 3, 30))
            weights = (80, 16 if online else 0, 1, 1, 1, 1)
            acts = (self.put, self.confirm, self.spoil, self.set_aside, self.bring_back, self.reopen)
            act = self.draw.choices(acts, weights)[0]
            arrived = act()
            pending, copies = self.judge(pending, copies, arrived)
        self.connection.close()

    def put(self) -> Name | None:
        rank = self.draw.choices(tuple(Rank), (self.documents, 2, 3, 6))[0]
        emitter = GATEWAY if rank is Rank.LOG else self.draw.choice((DEVICE, OTHER))
        body = bytes(self.draw.randrange(self.draw.choice((300, 5_000, MOST_BODY))))
        key = f"{self.draw.getrandbits(128):032x}"
        try:
            with writing(self.connection):
                placed = queue.put(self.connection, rank, emitter, key, body, AT)
        except QueueFullError:
            assert rank is Rank.FISCAL
            others = (
                "select coalesce(sum(length(body)), 0) from outbox_item join outbox_shelf using (turn)"
                " where settled = 1 or (settled = 0 and outbox_item.rank > 0)"
            )
            could = self.connection.execute(others).get
            assert could < len(body) + SLACK_BYTES, "refused while others could give way"
            self.refused += 1
            return None
        self.emitted[emitter, rank] += 1
        assert placed.seq == self.emitted[emitter, rank], "I6"
        name = (emitter, int(rank), placed.seq)
        if not placed.kept:
            assert rank is not Rank.FISCAL
            self.lost.add(name)
        return name if placed.kept else None

    def confirm(self) -> None:
        """The centre takes a batch, or a part of it."""
        batch = queue.take(self.connection, self.draw.randint(1, 40), 10**9, newest=self.draw.random() < 0.1)
        some = [item for item in batch.items if self.draw.random() < 0.9]
        with writing(self.connection):
            queue.confirm(self.connection, some)
            queue.confirm_losses(self.connection, batch.losses)
        self.with_centre |= {(item.emitter, int(item.rank), item.seq) for item in some}

    def spoil(self) -> None:
        """A log whose bytes the disk has changed."""
        items = [item for item in queue.take(self.connection, 10**6, 10**9).items if item.rank is Rank.LOG][:1]
        with writing(self.connection):
            queue.spoil(self.connection, items, AT)
        self.lost |= {(item.emitter, int(item.rank), item.seq) for item in items}

    def set_aside(self) -> None:
        """The centre refuses something for ever: a document is kept, and anything else is lost."""
        items = queue.take(self.connection, self.draw.randint(1, 20), 10**9, newest=self.draw.random() < 0.5).items
        if not items:
            return
        item = self.draw.choice(items)
        with writing(self.connection):
            aside.set_aside(self.connection, item, "a central respondeu 422", AT)
        (self.aside if item.rank is Rank.FISCAL else self.lost).add((item.emitter, int(item.rank), item.seq))

    def bring_back(self) -> None:
        """A person says so, or a day is over for the one that was refused the longest ago."""
        _, _, was = held(self.connection)
        with writing(self.connection):
            if self.draw.random() < 0.5:
                assert aside.bring_all_back(self.connection) == len(was)
            else:
                assert aside.bring_back(self.connection, AT, timedelta()) == bool(was)
        _, _, left = held(self.connection)
        self.aside -= was.keys() - left.keys()
        self.audit()

    def reopen(self) -> None:
        self.audit()
        self.connection.close()
        self.connection = opened(self.file)

    def judge(
        self, before: dict[Name, int], copied: dict[Name, int], arrived: Name | None
    ) -> tuple[dict[Name, int], dict[Name, int]]:
        """Hold the file against what was there before the operation; what is there now."""
        pending, copies, apart = held(self.connection)
        gone = {name: turn for name, turn in before.items() if name not in pending | copies | apart}
        assert apart.keys() == self.aside, "I1: what is set aside"
        self.lost |= gone.keys() - self.with_centre
        self.gave_way += len(gone)
        assert arrived is None or arrived in pending, "what was acknowledged is not there"
        assert FISCAL not in {rank for _, rank, _ in gone.keys() - self.with_centre}, "I1"
        assert size_bytes(self.file) <= BUDGET_BYTES, "I2"
        if gone:
            assert not copies, "I3: a copy survived"
            worst = min(rank for _, rank, _ in gone)
            assert not [name for name in pending if name[1] > worst and name != arrived], "I3: a lower rank survived"
        for shelf, was in ((pending, before), (copies, copied)):
            for rank in Rank:
                went = [turn for name, turn in was.items() if name[1] == rank and name not in pending | copies | apart]
                stayed = [turn for name, turn in was.items() if name[1] == rank and name in shelf]
                assert not went or not stayed or max(went) < min(stayed), "I4"
        every = {(*stream, seq) for stream, count in self.emitted.items() for seq in range(1, count + 1)}
        assert every == pending.keys() | self.with_centre | self.aside | self.lost, "I5"
        assert not (pending.keys() | self.aside) & (self.with_centre | self.lost), "I5"
        assert declared(self.connection) == self.lost, "I5: the ledger"
        return pending, copies

    def audit(self) -> None:
        """The queue's own account of every emitter."""
        pending, _, _ = held(self.connection)
        for emitter, rank, emitted, waiting, lost, kept in queue.ledger(self.connection):
            own = [
                {name for name in names if name[:2] == (emitter, rank)} for names in (pending, self.aside, self.lost)
            ]
            assert (emitted, waiting, kept, lost) == (self.emitted[emitter, rank], *map(len, own)), "I5: the account"
