"""A queue drains through a bad line: each item at the centre once, none missing, and the equation holds."""

import os
import random
import threading
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.pos.edge.outbox.house import AT, DEVICE, EPOCH, GATEWAY, OTHER, declared, opened
from zelo.pos.edge.outbox.core import Rank
from zelo.pos.edge.outbox.shell import queue
from zelo.pos.edge.outbox.shell.file import writing
from zelo.pos.edge.uplink.core import Answer, Course, Fate
from zelo.pos.edge.uplink.shell import sender as sending
from zelo.pos.edge.uplink.shell.post import Centre, Post
from zelo.pos.edge.uplink.shell.sender import Sender
from zelo.sim.centre.shell.server import Centre as Simulated
from zelo.sim.centre.shell.server import Setup, serving

ITEMS = 800
BAD_LINE = {"refuse": 150, "retry_after": 30, "stranger": 20, "lost_before": 50, "lost_after": 200}
"""Per mille: a fifth refused, a fifth committed without an answer, and some more."""
MOST_BATCHES = 400
MANY = int(os.environ.get("ZELO_SEEDS", "20"))


@dataclass
class World:
    """A till and a centre. `put_in` is what was acknowledged to whoever put it in: name → key and body."""

    sender: Sender
    centre: Simulated
    put_in: dict[tuple[str, int, int], tuple[str, bytes]]

    def drain(self) -> None:
        for _ in range(MOST_BATCHES):
            if self.sender.once() is None:
                return
        raise AssertionError("the queue does not drain")

    def judge(self) -> None:
        """The centre has what was put in, once, byte for byte, but for what was declared lost; and its books close.

        Something may be both: it came, the answer was lost, and it gave way before the batch was sent again.
        """
        came = {(emitter, rank, seq): (key, body) for emitter, _, rank, seq, key, body in self.centre.store.documents()}
        lost = declared(self.sender.connection)
        assert came.items() <= self.put_in.items(), "the centre has what nobody put in"
        assert self.put_in.keys() - lost <= came.keys(), "the centre has not what was put in"
        accounts = self.centre.accounts()
        assert sum(account.emitted for account in accounts) == len(self.put_in)
        for account in accounts:
            assert account.pending == 0
            assert account.missing == ()
            assert account.clones == 0
        assert sum(account.lost for account in accounts) == len(lost - came.keys())
        assert {account.epoch for account in accounts} == {EPOCH}


def _drained(folder: Path, seed: int) -> None:
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


def _put(world: World, draw: random.Random, number: int) -> None:
    rank = draw.choices(tuple(Rank), (5, 1, 1, 3))[0]
    emitter = GATEWAY if rank is Rank.LOG else draw.choice((DEVICE, OTHER))
    body = draw.randbytes(draw.choice((300, 5_400) if rank is Rank.FISCAL else (0, 300, 60_000)))
    with writing(world.sender.connection):
        placed = queue.put(world.sender.connection, rank, emitter, f"{number:044d}", body, AT)
    world.put_in[emitter, int(rank), placed.seq] = (f"{number:044d}", body)


@pytest.mark.parametrize("seed", range(2))
def test_a_queue_drains_through_a_bad_line(tmp_path: Path, seed: int) -> None:
    _drained(tmp_path, seed)


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
