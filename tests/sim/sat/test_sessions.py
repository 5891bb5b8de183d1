"""Session numbers: new among the last hundred, replies found again, across restarts."""

from collections.abc import Callable
from itertools import count

import pytest

from tests.sim.sat import sales
from tests.sim.sat.till import Bench


def call(bench: Bench, session: int, function: str = "ConsultarSAT", *arguments: object) -> str:
    return str(bench.device.call(function, [session, *arguments]).reply)


@pytest.mark.parametrize("session", [0, -1, 1_000_000])
def test_a_number_out_of_range_is_refused(sat: Bench, session: int) -> None:
    assert call(sat, session).split("|")[1] == "08099"
    assert call(sat, session, "ExtrairLogs", sales.CODE).split("|")[1] == "15097"
    assert sat.device.state.sessions == ()


def test_a_number_may_come_again_after_a_hundred_others(sat: Bench) -> None:
    for number in range(1, 101):
        assert call(sat, number).split("|")[1] == "08000"
    assert call(sat, 1).split("|")[1] == "08099"
    assert call(sat, 101).split("|")[1] == "08000"
    assert call(sat, 1).split("|")[1] == "08000"
    assert call(sat, 3).split("|")[1] == "08099"


def test_a_repeated_sale_sells_nothing(sat: Bench) -> None:
    assert call(sat, 7, "EnviarDadosVenda", sales.CODE, sales.sale()).split("|")[1] == "06000"
    assert call(sat, 7, "EnviarDadosVenda", sales.CODE, sales.sale()).split("|")[1] == "06099"
    assert len(sat.device.memory()) == 1


def test_the_reply_of_a_session_is_found_again(sat: Bench) -> None:
    sold = call(sat, 7, "EnviarDadosVenda", sales.CODE, sales.sale())
    refused = call(sat, 8, "EnviarDadosVenda", sales.CODE, "<a/>")
    assert call(sat, 9, "ConsultarNumeroSessao", sales.CODE, 7) == sold
    assert call(sat, 10, "ConsultarNumeroSessao", sales.CODE, 8) == refused
    assert call(sat, 11, "ConsultarNumeroSessao", sales.CODE, 9).split("|")[1] == "11003"
    assert call(sat, 12, "ConsultarUltimaSessaoFiscal", sales.CODE) == refused


def test_a_device_that_keeps_one_reply_forgets_the_others(new: Callable[..., Bench]) -> None:
    sat = new(profile="emulador-sp")
    first = call(sat, 1, "EnviarDadosVenda", sales.CODE, sales.sale())
    assert call(sat, 2, "ConsultarNumeroSessao", sales.CODE, 1) == first
    assert call(sat, 3).split("|")[1] == "08000"
    assert call(sat, 4, "ConsultarNumeroSessao", sales.CODE, 1).split("|")[1] == "11003"
    assert call(sat, 5, "ConsultarUltimaSessaoFiscal", sales.CODE) == first


@pytest.mark.parametrize("profile", ["er-2.30", "emulador-sp"])
def test_a_restart_forgets_nothing(new: Callable[..., Bench], profile: str) -> None:
    before = new(profile=profile)
    numbers = count(1)
    for _ in range(120):
        call(before, next(numbers))
    sold = before.sell(sales.sale(dest="<CPF>52998224725</CPF>"))
    before.wait(minutes=1)
    before.ask(
        "ConfigurarInterfaceDeRede", sales.CODE, "<config><tipoLan>IPFIX</tipoLan><lanIP>1.2.3.4</lanIP></config>"
    )
    assert before.device.transmit() is not None
    before.sell()
    after = new(profile=profile)
    assert after.device.state == before.device.state
    after.now = before.now
    after.sessions = count(900)
    assert after.cancel(sold.chave).eeeee == "07000"
    assert [each.cod for each in after.device.memory()] == ["100", "", ""]
