"""`zelo sim sat` and `zelo sim sell`: a person sells on an emulated device and is told what came of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.installation import Run
from tests.sim.sat import sales
from zelo.cli.sat import MFE, SatError, rates_of
from zelo.sim.sat.shell.client import Client
from zelo.sim.sat.shell.server import Setup, started


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with started(tmp_path_factory.mktemp("sat"), Setup(transmit_seconds=0.05)) as (port, _):
        yield port


@pytest.fixture
def sale(tmp_path: Path) -> Path:
    file = tmp_path / "venda.xml"
    file.write_text(sales.sale(), "utf-8")
    return file


def test_a_sale_shows_its_coupon(run: Run, port: int, sale: Path) -> None:
    ended = run({}, "sim", "sell", str(sale), "--port", str(port))
    assert ended.code == 0
    with Client(port) as device:
        chave = device.command("memory")["coupons"][-1]["chave"]
    assert "Vendido: R$ 5,00" in ended.said
    assert chave in ended.said.replace(" ", "")


def test_a_refusal_is_said_in_the_words_of_the_device(run: Run, port: int, sale: Path) -> None:
    sale.write_text(sales.sale(paid=["1.00"]), "utf-8")
    ended = run({}, "sim", "sell", str(sale), "--port", str(port))
    assert (ended.code, "06010 1408" in ended.complained) == (1, True)


def test_a_wrong_code_is_said(run: Run, port: int, sale: Path) -> None:
    ended = run({}, "sim", "sell", str(sale), "--port", str(port), "--code", "00000000")
    assert (ended.code, "06001" in ended.complained) == (1, True)


def test_a_lost_reply_is_said_to_be_unknown(run: Run, port: int, sale: Path) -> None:
    with Client(port) as device:
        device.command("faults", trouble="lost_after", function="EnviarDadosVenda")
    ended = run({}, "sim", "sell", str(sale), "--port", str(port))
    assert (ended.code, "não se sabe se vendeu" in ended.complained) == (1, True)


def test_what_is_no_sale_does_not_reach_the_device(run: Run, sale: Path) -> None:
    sale.write_text("<CFe><infCFe/></CFe>", "utf-8")
    ended = run({}, "sim", "sell", str(sale), "--port", "1")
    assert (ended.code, "(det: 0)" in ended.complained) == (1, True)


def test_nobody_at_the_port_is_said(run: Run, sale: Path) -> None:
    ended = run({}, "sim", "sell", str(sale), "--port", "1")
    assert (ended.code, "zelo sim sat" in ended.complained) == (1, True)


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--fault", "lost_after", "lost_after=50"),
        ("--fault", "nada=5", "Falha desconhecida"),
        ("--fault", "busy=1001", "por mil"),
        ("--profile", "nada", "Perfil desconhecido"),
        ("--clock", "ontem", "instante"),
        ("--clock", "2026-11-20T10:00:00", "fuso"),
    ],
)
def test_a_device_that_cannot_be_is_said(run: Run, tmp_path: Path, option: str, value: str, said: str) -> None:
    ended = run({}, "sim", "sat", "--folder", str(tmp_path), "--port", "0", option, value)
    assert (ended.code, said in ended.complained) == (1, True), ended


def test_rates_are_read() -> None:
    assert rates_of(["busy=5", "slow=10"]) == {"busy": 5, "slow": 10}
    with pytest.raises(SatError):
        rates_of(["busy=-5"])


def test_a_mfe_issues_for_ceara_and_sends_by_itself(tmp_path: Path) -> None:
    setup = Setup(transmit_seconds=0.05, plate=MFE, starts_at="2026-11-20T10:00:00-03:00")
    with started(tmp_path, setup) as (port, _), Client(port) as device:
        text = sales.sale(emit=f"<CNPJ>{MFE.cnpj}</CNPJ><IE>{MFE.ie}</IE><indRatISSQN>N</indRatISSQN>")
        sold = device.call("EnviarDadosVenda", 1, "12345678", text).split("|")
        assert (sold[1], sold[8][3:9], sold[7][:8]) == ("06000", "232611", "20261120")
        for _ in range(200):
            coupons = device.command("memory")["coupons"]
            if coupons[0]["cod"]:
                break
        device.command("transmit")
        assert device.command("memory")["coupons"][0]["cod"] == "100"
