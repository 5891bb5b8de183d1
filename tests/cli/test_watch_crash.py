"""A drop folder in which a process dies at any point, and one that two processes watch at once."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.cli.dropping import MINUTE, NAME, answered, owner, paper, put, spent, where
from tests.guard import papers
from tests.house import House, new_house
from tests.simulation.crash import DyingEngine, ProcessDied
from zelo.cli import watch
from zelo.cli.watch import Desk, open_desk, turn
from zelo.engine.contract import Engine
from zelo.engine.schema.guard import journal
from zelo.guard.core import Event


@pytest.fixture
def house(new_embedded: Callable[[], Engine]) -> House:
    return new_house(new_embedded())


class Countdown:
    """Dies at the n-th passage of any point, of disk or database; 0: never. `passed` counts them."""

    def __init__(self, left: int) -> None:
        self._left = left
        self.passed = 0

    def point(self, where: str) -> None:
        """Pass a point."""
        self.passed += 1
        if self.passed == self._left:
            raise ProcessDied(where)


@pytest.fixture
def dying(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Countdown], None]]:
    """Makes every change of the disk a point at which the process may die, before it and after it."""
    countdown = [Countdown(0)]
    for name in ("mkdir", "rename", "replace", "rmdir", "unlink", "write_text"):
        original = getattr(Path, name)

        def act(self: Path, *given: Any, original: Any = original, **more: Any) -> Any:
            countdown[0].point("before the disk")
            result = original(self, *given, **more)
            countdown[0].point("after the disk")
            return result

        monkeypatch.setattr(Path, name, act)

    def lay(new: Countdown) -> None:
        countdown[0] = new

    yield lay
    lay(Countdown(0))


def life(house: House, root: Path, number: int, countdown: Countdown, lay: Callable[[Countdown], None]) -> None:
    """Drop, be let go, send, be refused, twice; the process dies once and is born anew."""
    desk = open_desk(root, owner(house))
    mortal = replace(house.tools, engine=DyingEngine(house.tools.engine, countdown))  # type: ignore[arg-type]
    doomed = Desk(root, replace(desk.owner, tools=mortal))
    sent = 0
    waiting = [(NAME, paper(number), watch.ENTRADA)]
    while sent < 2 or waiting or set(where(desk).values()) != {"lidos"}:
        for name, content, folder in waiting:
            put(desk, name, content, folder)
        waiting = []
        lay(countdown)
        try:
            turn(doomed)
        except ProcessDied:
            doomed = desk
        lay(Countdown(0))
        free = desk.root / "liberados" / NAME
        if free.exists():
            assert free.read_bytes() == paper(number)
            free.unlink()
            sent += 1
            assert sent <= 2, "sent twice for one question"
            waiting = [(f"{sent}-rec.xml", answered(number, "778"), watch.RETORNOS)]
            if sent == 1:
                waiting.append((NAME, paper(number), watch.ENTRADA))
        house.clock.advance(MINUTE / 2)


def test_a_process_that_dies_anywhere_loses_nothing_and_sends_nothing_twice(
    house: House, tmp_path: Path, dying: Callable[[Countdown], None]
) -> None:
    whole = Countdown(0)
    life(house, tmp_path / "0", 1, whole, dying)
    assert whole.passed > 60
    for deadly in range(1, whole.passed + 1):
        number = deadly + 1
        life(house, tmp_path / str(deadly), number, Countdown(deadly), dying)
        with house.tools.engine.read() as connection:
            of_it = journal.c.chave == papers.chave(number)
            events = Counter(connection.execute(select(journal.c.event).where(of_it)).scalars())
        assert events[Event.ADMITTED.value] >= 2, "each send was admitted"
        assert 2 <= spent(house, number) <= 3, "a crash may cost one send, never give one"


def test_two_watchers_of_one_folder_let_each_document_go_once(new_engine: Callable[[], Engine], tmp_path: Path) -> None:
    house = new_house(new_engine())
    desks = [open_desk(tmp_path / "pasta", owner(house)) for _ in range(2)]
    for number in range(1, 61):
        put(desks[0], f"{number}-nfe.xml", paper(number))

    def labour(desk: Desk) -> None:
        while "entrada" in {folder.split("/")[0] for folder in _somewhere(desk)}:
            turn(desk)

    threads = [threading.Thread(target=labour, args=(desk,)) for desk in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for desk in desks:
        turn(desk)
        assert desk.trouble == ""
    assert Counter(where(desks[0]).values()) == {"liberados": 60}
    with house.tools.engine.read() as connection:
        admitted = connection.execute(select(journal.c.chave).where(journal.c.event == "admitted")).scalars().all()
    assert Counter(admitted) == dict.fromkeys((papers.chave(number) for number in range(1, 61)), 1)


def _somewhere(desk: Desk) -> set[str]:
    return {"entrada" for path in (desk.root / "entrada").iterdir() if not path.name.startswith(".")}
