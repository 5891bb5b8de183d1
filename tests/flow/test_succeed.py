"""An invoice whose note was cancelled is billed anew, once: by many at once, dying half way, coming twice."""

import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from sqlalchemy import event

from tests.drafts import internet
from tests.flow import test_contingency as offline
from tests.flow.test_cancel import cancel
from tests.house import PLACES, House, new_house
from tests.isp.billing.files import NOTE
from tests.isp.test_importing import take, taken
from tests.simulation.judge import violations
from zelo.engine.contract import Engine
from zelo.fiscal.fault import Fault
from zelo.flow import contingency, intake
from zelo.flow.intake import Taken
from zelo.flow.lifecycle import State
from zelo.isp.month.balance import balance
from zelo.isp.month.scope import Scope
from zelo.isp.month.shell import standing
from zelo.isp.month.tile import Side
from zelo.sim import journal as journals

OLD, NEW = internet(value="100.00"), internet(value="80.00")


def cancelled(engine: Engine) -> House:
    """One invoice, F0, whose note was authorised and then cancelled."""
    house = new_house(engine, places=PLACES[:1])
    house.submit("F0", OLD)
    house.settle()
    cancel(house, house.rows()[0].id)
    house.settle()
    assert house.states() == {State.CANCELLED: 1}
    return house


def billed(house: House) -> dict[Side, Decimal]:
    """What stands on each side of the month's equation, without the zeros."""
    with house.tools.engine.read() as connection:
        found = balance(standing.spots(connection, Scope(company_id=house.company_id)))
    return {side: found.side(side).value for side in Side if found.side(side).value}


def test_other_content_is_a_new_note_with_a_new_number(engine: Engine) -> None:
    house = cancelled(engine)
    [old] = house.rows()
    receipt = house.submit("F0", NEW)
    assert receipt.taken is Taken.NEW
    assert billed(house) == {Side.PENDING: Decimal("80.00"), Side.OUT: Decimal("100.00")}
    house.settle()
    before, after = house.row(old.id), house.row(receipt.document_id)
    assert (before.state, before.nnf, before.chave, before.successor_id) == (State.CANCELLED, 1, old.chave, after.id)
    assert before.reference == "F0 (nota 1, série 1, cancelada)"
    assert (after.state, after.nnf, after.reference, after.billed) == (State.AUTHORISED, 2, "F0", Decimal("80.00"))
    assert billed(house) == {Side.AUTHORISED: Decimal("80.00"), Side.OUT: Decimal("100.00")}
    assert set(journals.authorised(house.sefaz.journal)) == {old.chave, after.chave}
    assert violations(house) == []


def test_identical_content_does_nothing_before_and_after(engine: Engine) -> None:
    house = cancelled(engine)
    [old] = house.rows()
    assert house.submit("F0", OLD) == intake.Receipt(Taken.SAME, old.id)
    made = house.submit("F0", NEW).document_id
    assert [house.submit("F0", NEW) for _ in range(2)] == [intake.Receipt(Taken.SAME, made)] * 2
    house.settle()
    assert house.submit("F0", NEW) == intake.Receipt(Taken.SAME, made)
    refused = house.submit("F0", OLD)
    assert refused.fault is not None
    assert (refused.taken, refused.fault.rule) == (Taken.REFUSED, intake.ALREADY_AUTHORISED)
    assert house.states() == {State.CANCELLED: 1, State.AUTHORISED: 1}


def test_again_and_again_each_has_its_own_number(engine: Engine) -> None:
    house = cancelled(engine)
    for value in ("80.00", "70.00"):
        made = house.submit("F0", internet(value=value)).document_id
        house.settle()
        cancel(house, made)
        house.settle()
    house.submit("F0", internet(value="60.00"))
    house.settle()
    assert sorted((row.nnf, row.state) for row in house.rows()) == [
        *((nnf, State.CANCELLED) for nnf in (1, 2, 3)),
        (4, State.AUTHORISED),
    ]
    assert billed(house)[Side.AUTHORISED] == Decimal("60.00")


def test_from_many_at_once_it_is_one_new_note(engine: Engine) -> None:
    house, said = cancelled(engine), list[Taken]()
    threads = [threading.Thread(target=lambda: said.append(house.submit("F0", NEW).taken)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == sorted([Taken.NEW, *[Taken.SAME] * 5])
    house.settle()
    assert house.states() == {State.CANCELLED: 1, State.AUTHORISED: 1}


class Died(BaseException):
    """The process is gone."""


class DyingAt:
    """A database whose process dies before the n-th statement of a transaction."""

    def __init__(self, inner: Engine, at: int) -> None:
        self._inner, self._left = inner, at

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    @contextmanager
    def begin(self) -> Any:
        """See engine.contract.Engine."""

        def statement(*_: object) -> None:
            self._left -= 1
            if self._left == 0:
                raise Died

        with self._inner.begin() as connection:
            event.listen(connection, "before_cursor_execute", statement)
            try:
                yield connection
            finally:
                event.remove(connection, "before_cursor_execute", statement)


def test_dying_before_any_statement_changes_nothing_and_the_next_try_does_all(engine: Engine) -> None:
    house = cancelled(engine)
    before = house.rows()
    for at in count(1):
        dying = replace(house, tools=replace(house.tools, engine=DyingAt(engine, at)))
        try:
            dying.submit("F0", NEW)
            break
        except Died:
            assert house.rows() == before, f"statement {at}"
    assert at > 5, "it died in the middle too"
    house.settle()
    assert house.states() == {State.CANCELLED: 1, State.AUTHORISED: 1}
    assert violations(house) == []


def test_a_file_that_comes_twice_bills_it_once(engine: Engine) -> None:
    house = new_house(engine, places=PLACES[:1])
    take(house, NOTE | {"fatura": "F0"})
    house.settle()
    cancel(house, house.rows()[0].id)
    house.settle()
    corrected = NOTE | {"fatura": "F0", "valor_unitario": "10,00"}
    assert [taken(take(house, corrected)) for _ in range(2)] == [{Taken.NEW: 1}, {Taken.SAME: 1}]
    house.settle()
    assert taken(take(house, corrected)) == {Taken.SAME: 1}
    assert house.states() == {State.CANCELLED: 1, State.AUTHORISED: 1}


@pytest.fixture
def doubled(new_embedded: Callable[[], Engine]) -> House:
    """One invoice with two authorised notes: number 1 in spite of the silence, number 2 in contingency."""
    house = new_house(new_embedded(), places=PLACES[:1])
    line, worker = offline.cut(house, 1, offline.NO_ANSWER, heard=True)
    assert not isinstance(offline.start(house), Fault)
    assert billed(house) == {Side.PENDING: Decimal("100.00"), Side.OUT: Decimal("100.00")}, "one invoice, once"
    line.silence = None
    house.settle(worker)
    assert house.states() == {State.AUTHORISED: 2}
    return house


@pytest.mark.parametrize("unwanted", [1, 2])
def test_of_a_doubled_invoice_the_note_that_is_left_bills_it(doubled: House, unwanted: int) -> None:
    by_number = {row.nnf: row for row in doubled.rows()}
    cancel(doubled, by_number[unwanted].id)
    doubled.settle()
    assert billed(doubled) == {Side.AUTHORISED: Decimal("100.00"), Side.OUT: Decimal("100.00")}
    with doubled.tools.engine.read() as connection:
        assert contingency.doubled(connection, doubled.company_id) == []
    refused = doubled.submit("F0", NEW)
    assert refused.fault is not None
    assert (refused.taken, refused.fault.rule) == (Taken.REFUSED, intake.ALREADY_AUTHORISED)
    cancel(doubled, by_number[3 - unwanted].id)
    doubled.settle()
    assert doubled.submit("F0", NEW).taken is Taken.NEW
    doubled.settle()
    assert billed(doubled) == {Side.AUTHORISED: Decimal("80.00"), Side.OUT: Decimal("200.00")}
    standing_there = set(journals.authorised(doubled.sefaz.journal)) - set(journals.cancelled(doubled.sefaz.journal))
    assert len(standing_there) == 1
    assert violations(doubled) == []
