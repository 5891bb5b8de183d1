"""How many senders a slow authorizer gets: a function of its last answers, and a worker that obeys it."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.drafts import internet
from tests.house import START, House, new_house
from zelo.engine.contract import Engine
from zelo.engine.schema.monitor import health
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.instant import to_micros
from zelo.flow import pace
from zelo.flow.worker import Identity, Worker
from zelo.monitor import shell as monitor
from zelo.settings.table import Settings

NOW = to_micros(START)


@pytest.mark.parametrize(
    ("millis", "senders"),
    [
        ([], 8), ([300] * 20, 8), ([2000] * 20, 8), ([4000] * 20, 4), ([16000] * 20, 1), ([60000] * 20, 1),
        ([300] * 11 + [60000] * 9, 8), ([300] * 9 + [8000] * 11, 2),
    ],
)  # fmt: skip
def test_the_slower_the_fewer_and_never_none(millis: list[int], senders: int) -> None:
    assert pace.allowed([(NOW, each) for each in millis], 8, START) == senders


def test_it_recovers_with_faster_answers_and_with_time() -> None:
    heard = pace.remember([], [(NOW, 60_000)] * 50)
    assert len(heard) == pace.KEPT
    assert pace.allowed(heard, 8, START) == 1
    assert pace.allowed(pace.remember(heard, [(NOW, 200)] * 11), 8, START) == 8
    assert pace.allowed(heard, 8, START + timedelta(minutes=5)) == 8


class Held(Executor):
    """Keeps every call in the air."""

    def __init__(self) -> None:
        self.held: list[Any] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ARG002
        self.held.append(args[0])
        return Future()


def _slow(house: House, autorizador: str, millis: int) -> None:
    with house.tools.engine.begin() as connection:
        monitor.note_health(
            connection, autorizador=autorizador, ambiente=Ambiente.HOMOLOGACAO, at=START, answered=True, cstat="100",
            motivo="", latency_millis=millis, drift_millis=None, recent=[(NOW, millis)] * 20,
        )  # fmt: skip


def test_a_worker_gives_a_slow_authorizer_its_share_and_the_others_theirs(new_embedded: Callable[[], Engine]) -> None:
    house = new_house(new_embedded(), settings=Settings(simulator_url="https://127.0.0.1", worker_senders=8))
    for n in range(12):
        house.submit(f"RS-{n}", internet())
    for n in range(3):
        house.submit(f"MG-{n}", internet("MG"), "MG")
    _slow(house, "SVRS", 8_000)
    air = Held()
    worker = Worker(house.tools, house.transport, house.keyring, air, Identity("w", "t", 1, START))
    for _ in range(8):
        worker.turn()
    flying = [call.row.autorizador for call in air.held]
    assert (flying.count("SVRS"), flying.count("MG")) == (2, 3), "whatever is free, and turn after turn"


def test_what_a_worker_hears_is_remembered_for_all(new_embedded: Callable[[], Engine]) -> None:
    house = new_house(new_embedded())
    for n in range(3):
        house.submit(f"F-{n}", internet())
    house.settle()
    house.clock.advance(timedelta(seconds=10))
    house.worker().turn()
    with house.tools.engine.read() as connection:
        recent = connection.execute(select(health.c.recent).where(health.c.autorizador == "SVRS")).scalar_one()
    assert len(recent) == 3
