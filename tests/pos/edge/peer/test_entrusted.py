"""A till whose gateway can do nothing: its sale goes to the other by way of the first, whatever door it came by."""

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from http.client import HTTPConnection
from itertools import count
from typing import Any

import pytest
from satcfe.clientesathub import ClienteSATHub
from satcfe.excecoes import ErroRespostaSATInvalida, ExcecaoRespostaSAT

from tests.pos.edge.door.knock import knock
from tests.pos.edge.peer.side import SECONDS, TOKEN, Pair, Side
from tests.pos.edge.shop import until
from tests.sim.sat import sales
from zelo.models.cfe.functions import ASK_SESSION, CODE, FUNCTIONS, SALE, Function
from zelo.pos.edge.journal.shell import coupons
from zelo.pos.edge.outbox.core import QueueFullError
from zelo.pos.edge.peer.entrusted import MOST_ARGUMENT_CHARACTERS, entrusted_json, read_answer, read_entrusted
from zelo.pos.edge.peer.shell.link import Link
from zelo.pos.edge.peer.word import BadWordError, State, Word
from zelo.pos.edge.request import Request
from zelo.pos.edge.shell import unit as units
from zelo.pos.edge.shell.counter import Counter
from zelo.pos.edge.shell.neighbour import Neighbour
from zelo.pos.edge.shell.receipt import UNREAD

ASKED = Request("one-sale", "001", SALE, (77, sales.CODE, sales.sale()))
IDS = count(1)


def hub(side: Side) -> ClienteSATHub:
    """The unchanged client, which takes one address."""
    return ClienteSATHub("127.0.0.1", side.port, numero_caixa=7)


def given(side: Side, **more: Any) -> "Future[str]":
    """What a till is answered; each asking is a new one."""
    return side.counter.answer(replace(ASKED, id=f"entrusted-{next(IDS)}", **more))


def without_device(side: Side) -> None:
    for driver in side.shop.drivers.values():
        driver.absent = True


def test_a_program_of_sathub_whose_gateway_has_no_device_left_sells_and_cancels_through_the_other(pair: Pair) -> None:
    one, two = pair
    without_device(one)
    with one.reached(), two.reached():
        sold = hub(one).enviar_dados_venda(sales.sale())
        assert {sold.chaveConsulta.removeprefix("CFe")} == two.shop.standing()
        assert hub(one).consultar_numero_sessao(sold.numeroSessao).chaveConsulta == sold.chaveConsulta
        assert hub(one).consultar_ultima_sessao_fiscal().chaveConsulta == sold.chaveConsulta
        done = hub(one).cancelar_ultima_venda(sold.chaveConsulta, sales.cancel(sold.chaveConsulta))
        assert done.EEEEE == "07000"
    assert one.shop.memory() == []
    assert two.shop.standing() == set()


def test_the_coupon_is_read_when_the_program_has_it_and_not_before(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = pair
    without_device(one)
    read: list[list[str]] = []
    monkeypatch.setattr(one.neighbour._link, "read", read.append)
    with one.reached(), two.reached():
        told = given(one).result(SECONDS)
        one.neighbour.look_back()
        assert read == []
        [chave] = two.shop.standing()
        one.counter.arrived(ASKED, told)
        one.neighbour._tell(_link(one), _heartbeat(one))
    assert read == [[chave]]


def _link(side: Side) -> Link:
    assert side.neighbour._link is not None
    return side.neighbour._link


def _heartbeat(side: Side) -> Any:
    return side.neighbour._heartbeat


def test_a_gateway_that_can_sell_asks_no_other(pair: Pair) -> None:
    one, two = pair
    with one.reached(), two.reached():
        assert "|06000|" in given(one).result(SECONDS)
    assert two.shop.memory() == []


def test_a_sale_whose_devices_are_blocked_goes_to_the_other(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = pair

    def blocked(_: Function, arguments: tuple[int | str, ...], seconds: float) -> str:
        del seconds
        return f"{arguments[0]:06d}|06008|0000|SAT bloqueado||"

    monkeypatch.setattr(one.shop.drivers["A"], "call", blocked)
    with one.reached(), two.reached():
        assert "|06000|" in given(one).result(SECONDS)
    assert len(two.shop.standing()) == 1


def test_a_sale_that_cannot_be_written_down_goes_to_the_other(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = pair
    intend = units.Unit._intend

    def refuse(self: units.Unit, *asked: Any) -> int:
        if self.name == "A":
            raise QueueFullError
        return intend(self, *asked)

    monkeypatch.setattr(units.Unit, "_intend", refuse)
    with one.reached(), two.reached():
        assert "|06000|" in given(one).result(SECONDS)
    assert one.shop.memory() == []


def test_what_is_wrong_with_the_sale_is_the_tills_and_no_other_gateway_is_asked(pair: Pair) -> None:
    one, two = pair
    with one.reached(), two.reached():
        wrong = (77, sales.CODE, sales.sale(paid=("0.01",)))
        assert "|06010|" in given(one, arguments=wrong).result(SECONDS)
    assert two.shop.memory() == []


def test_a_function_that_changes_a_device_goes_to_no_device_of_the_other(pair: Pair) -> None:
    one, two = pair
    without_device(one)
    with one.reached(), two.reached():
        block = Request("block", "001", FUNCTIONS["BloquearSAT"], (79, sales.CODE))
        told = one.counter.answer(block).result(SECONDS)
    assert "|16099|" in told
    assert two.shop.desk.units["B"].called_at is None
    assert one.counter.answer(block).result(SECONDS) == told, "whatever the other says"


def test_a_gateway_that_knows_no_other_answers_itself(pair: Pair) -> None:
    one, two = pair
    without_device(one)
    alone = Counter(one.shop.desk, Neighbour(one.shop.desk, None))
    with two.reached():
        assert "Nada foi emitido" in alone.answer(ASKED).result(SECONDS)
    assert two.shop.memory() == []


def test_where_neither_can_sell_the_program_hears_it_once(pair: Pair) -> None:
    for side in pair:
        without_device(side)
    with ExitStack() as reached:
        for side in pair:
            reached.enter_context(side.reached())
        told = given(pair[0]).result(SECONDS)
        assert until(lambda: not any(side.shop.desk.live for side in pair))
    assert told.startswith("000077|06099|")
    assert "Nenhum equipamento pode vender agora. Nada foi emitido." in told


def test_where_the_other_is_not_there_nothing_was_emitted(pair: Pair) -> None:
    without_device(pair[0])
    assert "Nada foi emitido" in given(pair[0]).result(SECONDS)


def test_one_that_does_not_take_the_token_did_nothing(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = pair
    without_device(one)
    monkeypatch.setattr(_link(one), "_token", "of-another-shop")
    with two.reached():
        assert "Nada foi emitido" in given(one).result(SECONDS)
    assert two.shop.memory() == []


def test_an_answer_that_is_lost_on_the_way_is_asked_for_once_more(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = pair
    without_device(one)
    calls = count()
    monkeypatch.setattr(
        "zelo.pos.edge.peer.shell.link.read_answer", lambda told: read_answer(told) if next(calls) else _lose(told)
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

    monkeypatch.setattr(_link(one), "_exchange", refuse)
    with two.reached():
        assert said in given(one).result(SECONDS)


def test_one_that_is_gone_when_it_is_asked_once_more_may_have_sold(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    words: list[str | None] = [None, ""]
    monkeypatch.setattr(_link(pair[0]), "entrust", lambda _: words.pop(0))
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
        monkeypatch.setattr("zelo.pos.edge.peer.shell.link.read_answer", _lose)
    else:
        monkeypatch.setattr("zelo.pos.edge.peer.shell.link.ENTRUSTED_SECONDS", 0.2)
        two.shop.drivers["B"].slow_seconds = 1.0
    with one.reached(), two.reached():
        told = given(one).result(SECONDS)
        assert "não se sabe" in told.lower()
        assert until(lambda: len(two.shop.standing()) == 1)
        [chave] = two.shop.standing()
        assert until(lambda: chave in one.ask(ASK_SESSION, ASKED.session))


def _lose(_: object) -> str:
    raise BadWordError("half a sentence")


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


def test_one_that_asks_again_meanwhile_hears_the_same(pair: Pair) -> None:
    one, two = pair
    without_device(one)
    two.shop.drivers["B"].slow_seconds = 1.0
    with one.reached(), two.reached():
        first = one.counter.answer(ASKED)
        assert until(lambda: bool(two.shop.desk.live))
        assert one.counter.answer(ASKED).result(SECONDS) == first.result(SECONDS)
        other = replace(ASKED, arguments=(77, sales.CODE, sales.sale(paid=("90.00",))))
        assert "outro conteúdo" in one.counter.answer(other).result(SECONDS)
    assert len(two.shop.memory()) == 1


def test_other_content_under_the_id_of_what_is_given_away_is_refused(pair: Pair) -> None:
    one, two = pair
    without_device(one)
    two.shop.drivers["B"].slow_seconds = 1.0
    with one.reached(), two.reached():
        first = one.counter.answer(ASKED)
        assert until(lambda: bool(two.shop.desk.live))
        other = replace(ASKED, elsewhere=True, arguments=(77, sales.CODE, "another sale"))
        assert "outro conteúdo" in one.counter.answer(other).result(SECONDS)
        assert "|06000|" in first.result(SECONDS)


def test_a_gateway_that_was_killed_meanwhile_does_not_say_that_nothing_was_sold(pair: Pair) -> None:
    """As the Integrador's folder asks, which begins again with what it finds at work."""
    one, two = pair
    without_device(one)
    two.neighbour._claims = list  # type: ignore[method-assign]
    with two.reached():
        with one.reached():
            sold = one.counter.answer(ASKED).result(SECONDS)
        begun_anew = Counter(one.shop.desk, Neighbour(one.shop.desk, _link(one)))
        assert begun_anew.answer(ASKED).result(SECONDS) == sold
    begun_anew = Counter(one.shop.desk, Neighbour(one.shop.desk, _link(one)))
    assert "não se sabe" in begun_anew.answer(ASKED).result(SECONDS).lower()
    assert len(two.shop.memory()) == 1


def test_what_was_refused_at_both_is_told_again_and_not_tried_again(pair: Pair) -> None:
    one, two = pair
    for side in pair:
        without_device(side)
    with one.reached(), two.reached():
        told = one.counter.answer(ASKED).result(SECONDS)
        for side in pair:
            side.shop.drivers["AB"[side is two]].put_back()
        begun_anew = Counter(one.shop.desk, Neighbour(one.shop.desk, _link(one)))
        assert "Nada foi emitido" in told
        assert "Nada foi emitido" in begun_anew.answer(ASKED).result(SECONDS)
    assert one.shop.memory() + two.shop.memory() == []


def test_what_is_at_the_other_now_is_nothing_that_one_may_repeat(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    one = pair[0]
    without_device(one)
    assert "Nada foi emitido" in one.counter.answer(ASKED).result(SECONDS)
    monkeypatch.setattr(_link(one), "look", lambda _: Word(State.OPEN))
    assert "não se sabe" in one.counter.answer(ASKED).result(SECONDS).lower()


def test_a_doubt_is_not_given_away(pair: Pair) -> None:
    one, two = pair
    one.shop.trouble("A", "crash_after")
    with one.reached(), two.reached():
        assert "não se sabe" in given(one).result(SECONDS)
    assert two.shop.memory() == []


def test_a_coupon_that_nobody_read_is_for_a_person_of_the_gateway_that_issued_it(pair: Pair) -> None:
    one, two = pair
    without_device(one)
    with one.reached(), two.reached():
        given(one).result(SECONDS)
    two.shop.clock.ahead += UNREAD + timedelta(seconds=1)
    assert until(lambda: {each.chave for each in two.shop.store.read(coupons.to_look_at)} == two.shop.standing())


def test_the_code_of_the_shop_does_not_travel() -> None:
    assert sales.CODE not in str(entrusted_json(ASKED))
    assert read_entrusted(entrusted_json(ASKED), "of-the-other") == replace(
        ASKED, arguments=(77, "of-the-other", sales.sale()), elsewhere=True
    )
    assert read_entrusted(entrusted_json(ASKED), "of-the-other").matter == ASKED.matter


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"funcao": "ConsultarSAT"}, "emite"),
        ({"funcao": "AtivarSAT"}, "emite"),
        ({"id": "x" * 65}, "id"),
        ({"argumentos": None}, "objeto"),
        ({"argumentos": {"sessao": True, "dados": ""}}, "sessao"),
        ({"argumentos": {"sessao": 1_000_000, "dados": ""}}, "sessao"),
        ({"argumentos": {"sessao": 1}}, "dados"),
        ({"argumentos": {"sessao": 1, "dados": "a\0b"}}, "dados"),
        ({"argumentos": {"sessao": 1, "dados": "\ud800"}}, "dados"),
        ({"argumentos": {"sessao": 1, "dados": "x" * (MOST_ARGUMENT_CHARACTERS + 1)}}, "dados"),
    ],
)
def test_what_is_no_asking_is_refused_by_its_field(wrong: dict[str, object], named: str) -> None:
    with pytest.raises(BadWordError, match=named):
        read_entrusted(entrusted_json(ASKED) | wrong, sales.CODE)


def test_what_is_no_asking_reaches_no_device(pair: Pair) -> None:
    one = pair[0]
    with one.reached():
        head = {"Authorization": f"Bearer {TOKEN}"}
        for body in ("", "[]", '{"funcao": "DesligarSAT"}', '{"argumentos": ' * 9_000):
            status, told, _ = knock(one.port, "POST", "/v1/par/entregues", body, head)
            assert (status, told["regra"]) == (400, "PAR-CAMPO")
        assert knock(one.port, "POST", "/v1/par/entregues", "{}")[0] == 401
    assert one.shop.memory() == []


def test_a_question_is_answered_here(pair: Pair) -> None:
    without_device(pair[0])
    asked = Request("a-question", "001", FUNCTIONS["ConsultarSAT"], (78,))
    assert "|08099|" in pair[0].counter.answer(asked).result(SECONDS)
    assert CODE not in {name for name, _ in asked.function.parameters}
    with pair[0].reached(), pytest.raises((ExcecaoRespostaSAT, ErroRespostaSATInvalida)):
        hub(pair[0]).consultar_sat()
