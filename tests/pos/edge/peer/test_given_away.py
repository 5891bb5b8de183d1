"""What the other was given: an answer that gets lost, a till that asks again, a gateway that dies meanwhile."""

import json
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from http.client import HTTPConnection
from itertools import count

import apsw
import pytest

from tests.pos.edge.peer.side import (
    ASKED,
    SECONDS,
    Pair,
    Side,
    given,
    link_of,
    post,
    silent,
    without_device,
)
from tests.pos.edge.shop import until
from tests.sim.sat import sales
from zelo.models.cfe.functions import ASK_SESSION
from zelo.pos.edge.decide import Doubt
from zelo.pos.edge.peer.word import BadWordError, State, Word, read_word
from zelo.pos.edge.shell.counter import Counter
from zelo.pos.edge.shell.neighbour import Neighbour


def test_where_the_other_is_not_there_nothing_was_emitted(pair: Pair) -> None:
    without_device(pair[0])
    assert "Nada foi emitido" in given(pair[0]).result(SECONDS)


def test_one_that_does_not_take_the_token_did_nothing(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = pair
    without_device(one)
    monkeypatch.setattr(link_of(one), "_token", "of-another-shop")
    with two.reached():
        assert "Nada foi emitido" in given(one).result(SECONDS)
    assert two.shop.memory() == []


def test_an_answer_that_is_lost_on_the_way_is_asked_for_once_more(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = pair
    without_device(one)
    calls = count()
    monkeypatch.setattr(
        "zelo.pos.edge.peer.shell.link.read_word", lambda told: read_word(told) if next(calls) else _lose(told)
    )
    with one.reached(), two.reached():
        assert "|06000|" in given(one).result(SECONDS)
    assert len(two.shop.memory()) == 1


@pytest.mark.parametrize(("status", "said"), [(401, "Nada foi emitido"), (500, "Não se sabe"), (503, "Não se sabe")])
def test_one_that_refuses_the_call_did_nothing_and_one_that_failed_may_have(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, status: int, said: str
) -> None:
    one, two = pair
    without_device(one)

    def refuse(connection: HTTPConnection, *_: object) -> tuple[int, bytes]:
        connection.close()
        return status, b"{}"

    monkeypatch.setattr(link_of(one), "_exchange", refuse)
    with two.reached():
        assert said in given(one).result(SECONDS)


def test_one_that_is_gone_when_it_is_asked_once_more_may_have_sold(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    words = [None, Word(State.UNKNOWN)]
    monkeypatch.setattr(link_of(pair[0]), "entrust", lambda _: words.pop(0))
    without_device(pair[0])
    assert "não se sabe" in given(pair[0]).result(SECONDS).lower()
    assert words == []


@pytest.mark.parametrize("lost", ["answers", "time"])
def test_an_answer_that_is_lost_on_the_way_is_a_doubt_that_a_question_ends(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    one, two = pair
    without_device(one)
    if lost == "answers":
        monkeypatch.setattr("zelo.pos.edge.peer.shell.link.read_word", _lose)
    else:
        monkeypatch.setattr("zelo.pos.edge.peer.shell.link.ENTRUSTED_SECONDS", 0.2)
        two.shop.drivers["B"].slow_seconds = 1.0
    with one.reached(), two.reached():
        told = given(one).result(SECONDS)
        assert "não se sabe" in told.lower()
        assert until(lambda: len(two.shop.standing()) == 1)
        [chave] = two.shop.standing()
        assert until(lambda: chave in one.ask(ASK_SESSION, ASKED.session))


def _lose(_: object) -> Word:
    raise BadWordError("half a sentence")


def test_a_program_is_not_told_that_nothing_was_sold_where_the_answer_was_lost(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = pair
    silent(one)
    monkeypatch.setattr("zelo.pos.edge.peer.shell.link.read_word", _lose)
    with one.reached(), two.reached():
        status, told = post(one, "k4")
    assert len(two.shop.memory()) == 1
    assert (status, told["estado"]) == (202, "em_duvida")


def test_one_that_was_silent_a_moment_ago_is_heard_when_it_calls(pair: Pair) -> None:
    one, two = pair
    silent(one)
    two.shop.desk.policy = replace(two.shop.desk.policy, doubt=Doubt.WAIT)
    assert link_of(two).ask("anything") is None
    with one.reached(), two.reached():
        assert "|06000|" in one.counter.answer(ASKED).result(SECONDS)


def test_a_sale_that_is_at_the_other_is_under_way(pair: Pair) -> None:
    one, two = pair
    without_device(one)
    two.shop.drivers["B"].slow_seconds = 1.0
    with one.reached(), two.reached():
        told = given(one)
        assert until(lambda: bool(two.shop.desk.live))
        assert "|11098|" in one.ask(ASK_SESSION, ASKED.session)
        assert "|06000|" in told.result(SECONDS)


def test_one_that_asks_again_under_the_same_id_gets_the_others_answer(pair: Pair) -> None:
    one, two = pair
    without_device(one)
    with one.reached(), two.reached():
        sold = one.counter.answer(ASKED).result(SECONDS)
        assert "|06000|" in sold
        one.shop.drivers["A"].absent = False
        assert one.counter.answer(ASKED).result(SECONDS) == sold
        with ThreadPoolExecutor(4) as many:
            assert {each.result(SECONDS) for each in many.map(lambda _: one.counter.answer(ASKED), range(4))} == {sold}
    assert one.shop.memory() == []
    assert len(two.shop.standing()) == 1


def _being_given(pair: Pair) -> "Future[str]":
    """What a till will hear of a sale that the other gateway is at."""
    one, two = pair
    without_device(one)
    two.shop.drivers["B"].slow_seconds = 1.0
    told = one.counter.answer(ASKED)
    assert until(lambda: bool(two.shop.desk.live))
    return told


def test_one_that_asks_again_meanwhile_hears_the_same(pair: Pair) -> None:
    one, two = pair
    with one.reached(), two.reached():
        first = _being_given(pair)
        assert one.counter.answer(ASKED).result(SECONDS) == first.result(SECONDS)
        other = replace(ASKED, arguments=(77, sales.CODE, sales.sale(paid=("90.00",))))
        assert "outro conteúdo" in one.counter.answer(other).result(SECONDS)
    assert len(two.shop.memory()) == 1


def test_other_content_under_the_id_of_what_is_given_away_is_refused(pair: Pair) -> None:
    one, two = pair
    with one.reached(), two.reached():
        first = _being_given(pair)
        other = replace(ASKED, elsewhere=True, arguments=(77, sales.CODE, "another sale"))
        assert "outro conteúdo" in one.counter.answer(other).result(SECONDS)
        assert "|06000|" in first.result(SECONDS)


@pytest.mark.parametrize("writes", [True, False])
def test_a_key_that_brings_another_sale_is_not_given_the_coupon_of_the_first(
    pair: Pair,
    monkeypatch: pytest.MonkeyPatch,
    writes: bool,  # noqa: FBT001
) -> None:
    one, two = pair
    silent(one)
    other = json.dumps({"caixa": "001", "xml": sales.sale(sales.item(price="9.99"), paid=("10.00",))})

    def refuse(*_: object, **__: object) -> None:
        raise apsw.FullError("database or disk is full")

    with one.reached(), two.reached():
        if not writes:
            monkeypatch.setattr(one.shop.store, "write", refuse)
        assert post(one, "k1")[1]["estado"] == "emitida"
        status, told = post(one, "k1", other)
        monkeypatch.undo()
    assert (status, told.get("estado")) == ((422, None) if writes else (200, "recusada"))
    assert not told.get("chave")
    assert len(two.shop.memory()) == 1


def test_a_gateway_that_was_killed_meanwhile_does_not_say_that_nothing_was_sold(pair: Pair) -> None:
    """As the Integrador's folder asks, which begins again with what it finds at work."""
    one, two = pair
    without_device(one)
    two.neighbour._claims = list  # type: ignore[method-assign]
    with two.reached():
        with one.reached():
            sold = one.counter.answer(ASKED).result(SECONDS)
        begun_anew = Counter(one.shop.desk, Neighbour(one.shop.desk, link_of(one)))
        assert begun_anew.answer(ASKED).result(SECONDS) == sold
    begun_anew = Counter(one.shop.desk, Neighbour(one.shop.desk, link_of(one)))
    assert "O outro gateway assumiu este pedido." in begun_anew.answer(ASKED).result(SECONDS)
    assert len(two.shop.memory()) == 1


def test_a_gateway_that_was_killed_before_it_had_called_any_device_does_not_sell_as_well(pair: Pair) -> None:
    one, two = pair
    silent(one)
    two.shop.drivers["B"].slow_seconds = 1.0
    with two.reached():
        with one.reached():
            one.counter.answer(ASKED)
            assert until(lambda: bool(two.shop.desk.live))
            one.shop.drivers["A"].put_back()
            begun_anew = Side(one.shop, one.port, one.other)
        with begun_anew.reached():
            assert "|06000|" in begun_anew.counter.answer(ASKED).result(SECONDS)
    assert one.shop.memory() == []


def test_what_was_refused_at_both_is_told_again_and_not_tried_again(pair: Pair) -> None:
    one, two = pair
    for side in pair:
        without_device(side)
    with one.reached(), two.reached():
        told = one.counter.answer(ASKED).result(SECONDS)
        for side in pair:
            side.shop.drivers["AB"[side is two]].put_back()
        begun_anew = Counter(one.shop.desk, Neighbour(one.shop.desk, link_of(one)))
        assert "Nada foi emitido" in told
        assert "Nada foi emitido" in begun_anew.answer(ASKED).result(SECONDS)
    assert one.shop.memory() + two.shop.memory() == []


def test_what_neither_could_do_is_tried_at_both_again(pair: Pair) -> None:
    one, two = pair
    silent(one)
    silent(two)
    with one.reached(), two.reached():
        assert "Nada foi emitido" in one.counter.answer(ASKED).result(SECONDS)
        two.shop.drivers["B"].put_back()
        assert until(lambda: not two.shop.desk.units["B"].health.silent)
        assert "|06000|" in one.counter.answer(ASKED).result(SECONDS)


def test_what_is_at_the_other_now_is_nothing_that_one_may_repeat(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    one = pair[0]
    without_device(one)
    assert "Nada foi emitido" in one.counter.answer(ASKED).result(SECONDS)
    monkeypatch.setattr(link_of(one), "look", lambda _: Word(State.OPEN))
    assert "não se sabe" in one.counter.answer(ASKED).result(SECONDS).lower()


def test_an_asking_for_which_no_thread_is_left_ends(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = pair
    silent(one)

    def refuse(self: threading.Thread) -> None:
        raise RuntimeError(f"can't start {self.name}")

    with two.reached():
        monkeypatch.setattr(threading.Thread, "start", refuse)
        told = one.counter.answer(ASKED)
        assert until(told.done)
        monkeypatch.undo()
        assert isinstance(told.exception(), RuntimeError)
        assert one.counter.stands(ASKED.id).state is not State.OPEN
