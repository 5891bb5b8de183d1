"""A queue drains through a bad line: each item at the centre once, none missing, and the equation holds."""

import json
import os
import random
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.pos.edge.outbox.house import AT, DEVICE, EPOCH, GATEWAY, OTHER, Name, declared, held, opened
from zelo.pos.edge.outbox.core import Rank
from zelo.pos.edge.outbox.shell import queue
from zelo.pos.edge.outbox.shell.aside import bring_all_back, listed
from zelo.pos.edge.outbox.shell.file import writing
from zelo.pos.edge.uplink.core import MOST_WAIT_SECONDS, RETRY, Answer, Course, Fate, judge
from zelo.pos.edge.uplink.shell import sender as sending
from zelo.pos.edge.uplink.shell.post import Centre, Post
from zelo.pos.edge.uplink.shell.sender import Sender
from zelo.sim.centre.faults import TROUBLES, befalls
from zelo.sim.centre.shell.server import Centre as Simulated
from zelo.sim.centre.shell.server import Setup, serving

ITEMS = 800
BAD_LINE = {"refuse": 150, "retry_after": 30, "stranger": 20, "lost_before": 50, "lost_after": 200, "unwanted": 10}
"""Per mille: a fifth refused, a fifth committed without an answer, and some more; some items are never taken."""
MOST_BATCHES = 1_000
MANY = int(os.environ.get("ZELO_SEEDS", "20"))


@dataclass
class World:
    """A till and a centre. `put_in` is what was acknowledged to whoever put it in: name → key and body.

    `unwanted`: of it, what the centre never takes.
    """

    sender: Sender
    centre: Simulated
    put_in: dict[tuple[str, int, int], tuple[str, bytes]]

    @property
    def unwanted(self) -> set[Name]:
        setup = self.centre.setup
        trouble = TROUBLES["unwanted"]
        return {name for name, (key, _) in self.put_in.items() if befalls(trouble, setup.rates, setup.seed, key)}

    def drain(self) -> None:
        for _ in range(MOST_BATCHES):
            if self.sender.once() is None:
                return
        raise AssertionError("the queue does not drain")

    def judge(self) -> None:
        """The centre has what was put in, once, byte for byte, but for what was declared lost or set aside.

        Something may be both: it came, the answer was lost, and it gave way before the batch was sent again. Books
        that close say that nothing else is to come: they do when nothing is set aside.
        """
        came = {(emitter, rank, seq): (key, body) for emitter, _, rank, seq, key, body in self.centre.store.documents()}
        lost = declared(self.sender.connection)
        aside = held(self.sender.connection)[2].keys()
        assert came.items() <= self.put_in.items(), "the centre has what nobody put in"
        assert self.put_in.keys() - lost - aside <= came.keys(), "the centre has not what was put in"
        accounts = self.centre.accounts()
        assert sum(account.emitted for account in accounts) == len(self.put_in)
        assert sum(account.pending for account in accounts) == len(aside)
        assert all(account.missing == () and account.clones == 0 for account in accounts)
        assert sum(account.lost for account in accounts) == len(lost - came.keys())
        assert {account.epoch for account in accounts} == {EPOCH}
        assert aside == {name for name in self.unwanted if name[1] == Rank.FISCAL}, "set aside, or not, by mistake"


def _drained(folder: Path, seed: int) -> int:
    """How many documents the centre never took until it was mended; in one life of fifty there is none."""
    draw = random.Random(seed)
    setup = Setup(seed=seed, rates=BAD_LINE)
    with (
        serving(folder / "centre", setup) as (url, centre),
        closing(Post(Centre(url, setup.token))) as post,
        closing(opened(folder / "q.db")) as connection,
    ):
        sender = Sender(connection, post.send, lambda: AT, draw.random)
        sender.course = Course(most_items=20)
        world = World(sender, centre, {})
        for number in range(ITEMS):
            _put(world, draw, number)
            if number > ITEMS // 2 and draw.random() < 0.02:
                sender.once()
        world.drain()
        world.judge()
        assert declared(connection), "the queue never was too small"
        refused = len(held(connection)[2])
        _bring_back(world)
        world.drain()
        world.judge()
        centre.setup = Setup(seed=seed)
        _bring_back(world)
        world.drain()
        world.judge()
    return refused


def _bring_back(world: World) -> None:
    """A person says so."""
    with writing(world.sender.connection):
        bring_all_back(world.sender.connection)


def _put(world: World, draw: random.Random, number: int) -> None:
    rank = draw.choices(tuple(Rank), (5, 1, 1, 3))[0]
    emitter = GATEWAY if rank is Rank.LOG else draw.choice((DEVICE, OTHER))
    body = draw.randbytes(draw.choice((300, 5_400) if rank is Rank.FISCAL else (0, 300, 60_000)))
    with writing(world.sender.connection):
        placed = queue.put(world.sender.connection, rank, emitter, f"{number:044d}", body, AT)
    world.put_in[emitter, int(rank), placed.seq] = (f"{number:044d}", body)


@pytest.mark.parametrize("seed", range(2))
def test_a_queue_drains_through_a_bad_line(tmp_path: Path, seed: int) -> None:
    assert _drained(tmp_path, seed) > 0


@pytest.mark.simulate
@pytest.mark.parametrize("seed", range(1_000, 1_000 + MANY))
def test_many_queues_drain_through_a_bad_line(tmp_path: Path, seed: int) -> None:
    _drained(tmp_path, seed)


def test_a_sender_that_settles_before_the_answer_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sender, "once", _settles_first)
    with pytest.raises(AssertionError, match="has not what was put in"):
        _drained(tmp_path, 0)


def _settles_first(self: Sender) -> float | None:
    batch, packed = self._next()
    with writing(self.connection):
        queue.confirm(self.connection, batch.items)
        queue.confirm_losses(self.connection, batch.losses)
    self.send(packed)
    return 0.0 if batch.items else None


def test_a_queue_that_forgets_its_losses_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "_declare", lambda *_: None)
    with pytest.raises(AssertionError, match="has not what was put in"):
        _drained(tmp_path, 0)


def test_a_sale_makes_a_batch_wait_but_not_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "MOST_YIELD_SECONDS", 0.1)
    sales = iter([True, True, False])
    order: list[str] = []

    def selling() -> bool:
        order.append("glance")
        return next(sales, True)

    def send(_: bytes) -> Answer:
        order.append("send")
        return Answer(Fate.REFUSED)

    sender = Sender(opened(tmp_path / "q.db"), send, lambda: AT, lambda: 1.0, selling)
    with writing(sender.connection):
        queue.put(sender.connection, Rank.FISCAL, DEVICE, "chave", b"<CFe/>", AT)
    sender.once()
    assert order == ["glance", "glance", "glance", "send"]
    sender.once()
    assert order[-1] == "send"
    sender.connection.close()


def test_bytes_that_the_disk_changed_are_declared_lost_and_not_sent(tmp_path: Path) -> None:
    with serving(tmp_path / "centre") as (url, centre):
        post = Post(Centre(url, "till"))
        sender = Sender(opened(tmp_path / "q.db"), post.send, lambda: AT, lambda: 0.0)
        world = World(sender, centre, {})
        for number in range(5):
            _put(world, random.Random(7), number)
        sender.connection.execute("update outbox_item set body = x'00' where seq = 2")
        world.drain()
        assert len(declared(sender.connection)) == 1
        world.judge()
        post.close()
        sender.connection.close()


def _queued(sender: Sender, count: int) -> None:
    for number in range(count):
        with writing(sender.connection):
            queue.put(sender.connection, Rank.FISCAL, DEVICE, str(number), b"<CFe/>", AT)


def test_a_centre_that_refuses_everything_accuses_nobody(tmp_path: Path) -> None:
    bad = judge(422, "", b'{"erro": "Versao desconhecida."}')
    sender = Sender(opened(tmp_path / "q.db"), lambda _: bad, lambda: AT, lambda: 1.0)
    _queued(sender, 300)
    waits = [sender.once() for _ in range(30)]
    assert listed(sender.connection, ITEMS) == []
    assert [wait for wait in waits if wait][-1] == MOST_WAIT_SECONDS
    assert [wait == 0 for wait in waits] == [True] * 8 + [False, True] * 11
    sender.connection.close()


@pytest.mark.parametrize("named", [[], [["another", 0, 1, 99]]])
def test_a_centre_that_acknowledges_nothing_of_a_batch_is_waited_for_and_told_of(
    tmp_path: Path, named: list[object]
) -> None:
    idle = judge(200, "", json.dumps({"confirmed": named, "losses": named, "pace_millis": 0}).encode())
    sender = Sender(opened(tmp_path / "q.db"), lambda _: idle, lambda: AT, lambda: 1.0)
    _queued(sender, 3)
    assert [sender.once() for _ in range(3)] == [2.0, 4.0, 8.0]
    assert sender.last is not None
    assert (sender.last.lasting, sender.last.said[:34]) == (True, "a central respondeu sem confirmar ")
    assert len(queue.take(sender.connection, ITEMS, 10**6).items) == 3
    sender.connection.close()


def test_a_loss_that_the_centre_knows_within_a_greater_one_is_told(tmp_path: Path) -> None:
    greater = judge(200, "", json.dumps({"confirmed": [], "losses": [[DEVICE, 3, 1, 9]], "pace_millis": 0}).encode())
    sender = Sender(opened(tmp_path / "q.db"), lambda _: greater, lambda: AT, lambda: 1.0)
    with writing(sender.connection):
        for _ in range(3):
            queue.put(sender.connection, Rank.LOG, DEVICE, "log", b"{}", AT)
        first, second, third = queue.take(sender.connection, ITEMS, 10**6).items
        queue.spoil(sender.connection, [first, third], AT)
        queue.confirm(sender.connection, [second])
    assert len(queue.take(sender.connection, ITEMS, 10**6).losses) == 2
    assert sender.once() == 0.0
    assert sender.once() is None
    sender.connection.close()


def test_what_was_set_aside_is_sent_again_after_a_day_one_at_a_time_when_nothing_else_waits(tmp_path: Path) -> None:
    now = [AT]
    with _unwanted(tmp_path, now, 3) as world:
        sender, centre = world.sender, world.centre
        assert [(each.key, each.at) for each in listed(sender.connection, ITEMS)] == [("0", AT), ("1", AT), ("2", AT)]
        assert "422: A central nunca aceita" in listed(sender.connection, ITEMS)[0].said
        (account,) = queue.ledger(sender.connection)
        assert (account.emitted, account.pending, account.aside, account.received) == (3, 0, 3, 0)
        now[0] += RETRY - timedelta(seconds=1)
        assert sender.once() is None
        now[0] += timedelta(seconds=1)
        centre.setup = Setup()
        assert sender.once() == 0.0
        assert len(listed(sender.connection, ITEMS)) == 2
        world.drain()
        assert [each.key for each in listed(sender.connection, ITEMS)] == []
        assert len(centre.store.documents()) == 3


@contextmanager
def _unwanted(tmp_path: Path, now: list[datetime], items: int) -> Iterator[World]:
    """A centre that wants nothing, after it was sent so many documents."""
    with (
        serving(tmp_path / "centre", Setup(rates={"unwanted": 1000})) as (url, centre),
        closing(Post(Centre(url, "till"))) as post,
        closing(opened(tmp_path / "q.db")) as connection,
    ):
        sender = Sender(connection, post.send, lambda: now[0], lambda: 0.0)
        _queued(sender, items)
        world = World(sender, centre, {})
        world.drain()
        yield world


def test_what_was_set_aside_under_a_clock_that_was_ahead_does_not_wait_for_that_day(tmp_path: Path) -> None:
    now = [AT + timedelta(days=365)]
    with _unwanted(tmp_path, now, 2) as world:
        sender = world.sender
        now[0] = AT
        world.drain()
        assert [(each.key, each.at) for each in listed(sender.connection, ITEMS)] == [("0", AT), ("1", AT)]
        now[0] += RETRY - timedelta(seconds=1)
        assert sender.once() is None, "by the right clock each has its day again"


def test_a_sender_in_a_thread_sends_what_it_is_woken_for_and_stops(tmp_path: Path) -> None:
    with (
        serving(tmp_path / "centre") as (url, centre),
        closing(Post(Centre(url, "till"))) as post,
        closing(opened(tmp_path / "q.db")) as till,
        closing(opened(tmp_path / "q.db")) as connection,
    ):
        sender = Sender(connection, post.send, lambda: AT, lambda: 0.0)
        thread = threading.Thread(target=sender.run)
        thread.start()
        for number in range(30):
            with writing(till):
                queue.put(till, Rank.FISCAL, DEVICE, str(number), b"<CFe/>", AT)
            sender.wake.set()
        while sum(account.received for account in centre.accounts()) < 30:
            thread.join(0.01)
            assert thread.is_alive()
        sender.stop.set()
        sender.wake.set()
        thread.join(5)
        assert not thread.is_alive()
        assert [account.pending for account in queue.ledger(till)] == [0]
