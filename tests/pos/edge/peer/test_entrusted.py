"""A till whose gateway can do nothing: its sale goes to the other by way of the first, whatever door it came by."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

import apsw
import pytest
from satcfe.excecoes import ErroRespostaSATInvalida, ExcecaoRespostaSAT

from tests.pos.edge.door.knock import knock
from tests.pos.edge.peer.side import (
    ASKED,
    SECONDS,
    TOKEN,
    Pair,
    Side,
    given,
    hub,
    link_of,
    post,
    silent,
    without_device,
)
from tests.pos.edge.shop import until
from tests.sim.sat import sales
from zelo.models.cfe.functions import CODE, FUNCTIONS, Function
from zelo.pos.edge.journal.shell import coupons
from zelo.pos.edge.outbox.core import QueueFullError
from zelo.pos.edge.peer.entrusted import MOST_ARGUMENT_CHARACTERS, entrusted_json, read_entrusted
from zelo.pos.edge.peer.word import BadWordError
from zelo.pos.edge.request import Request
from zelo.pos.edge.shell import unit as units
from zelo.pos.edge.shell.counter import Counter
from zelo.pos.edge.shell.neighbour import Neighbour
from zelo.pos.edge.shell.receipt import UNREAD


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
        one.neighbour._tell(link_of(one), _heartbeat(one))
    assert read == [[chave]]


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


def test_a_disk_that_refuses_keeps_no_program_from_the_other(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = pair
    silent(one)

    def refuse(*_: object, **__: object) -> None:
        raise apsw.FullError("database or disk is full")

    with one.reached(), two.reached():
        monkeypatch.setattr(one.shop.store, "write", refuse)
        assert post(one, "k11")[1]["estado"] == "emitida"
        numbers = {hub(one).enviar_dados_venda(sales.sale()).numeroSessao for _ in range(3)}
        monkeypatch.undo()
    assert len(numbers) == 3
    assert len(two.shop.memory()) == 4


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
    assert read_entrusted(entrusted_json(replace(ASKED, lost=2)), "of-the-other").lost == 2
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
