"""Status of twenty-eight fields, and the four reasons for which a device blocks itself, by a clock in our hand."""

from collections.abc import Callable

import pytest

from tests.sim.sat import sales
from tests.sim.sat.till import Bench

ZEROES = "0" * 44
TOTAL_BYTES = 67_108_864


def outcome(bench: Bench) -> tuple[str, str]:
    """EEEEE of a sale, ESTADO_OPERACAO."""
    return bench.sell().eeeee, bench.status().fields[27]


def test_a_new_device_reports_itself(sat: Bench) -> None:
    fields = sat.status().fields
    assert len(fields) == 28
    assert fields[5:9] == ("900000059", "DHCP", "10.0.0.59", "02:00:00:00:00:59")
    assert fields[13:15] == ("CONECTADO", "ALTO")
    assert fields[17:24] == ("20261120100000", "01.00.00", "00.08", "", ZEROES, ZEROES, "")
    assert fields[24:] == ("20261120100000", "20261120", "20311119", "0")


def test_an_address_that_is_not_given_stays(sat: Bench) -> None:
    given = "<config><tipoLan>IPFIX</tipoLan><lanIP>192.168.5.101</lanIP></config>"
    assert sat.ask("ConfigurarInterfaceDeRede", sales.CODE, given).eeeee == "12000"
    assert sat.status().fields[6:12] == (
        "IPFIX",
        "192.168.5.101",
        "02:00:00:00:00:59",
        *("255.255.255.0", "10.0.0.1"),
        "10.0.0.1",
    )


def test_pending_coupons_are_listed_first_and_last_until_sent(sat: Bench) -> None:
    sold = [sat.sell().chave.removeprefix("CFe") for _ in range(3)]
    fields = sat.status().fields
    assert (fields[20], fields[21], fields[22]) == (sold[-1], min(sold), max(sold))
    sat.wait(minutes=5)
    sat.device.transmit()
    fields = sat.status().fields
    assert (fields[20], fields[21], fields[22], fields[23]) == (sold[-1], ZEROES, ZEROES, "20261120100500")


def test_an_old_emulator_has_one_field_less(new: Callable[..., Bench]) -> None:
    sat = new(profile="emulador-sp")
    chave = sat.sell().chave.removeprefix("CFe")
    fields = sat.status().fields
    assert (len(fields), fields[20], fields[21], fields[26]) == (27, chave, chave, "0")


@pytest.mark.parametrize(("days", "expected"), [(10, ("06000", "0")), (11, ("06008", "3"))])
def test_it_blocks_itself_without_contact(sat: Bench, days: int, expected: tuple[str, str]) -> None:
    sat.device.register(reachable=False)
    sat.wait(days=days)
    assert outcome(sat) == expected
    assert sat.status().fields[13] == "NAO_CONECTADO"


def test_contact_unblocks_it(sat: Bench) -> None:
    sat.device.register(reachable=False)
    sat.wait(days=30)
    sat.device.touch()
    assert outcome(sat) == ("06008", "3")
    sat.device.register(reachable=True)
    sat.device.touch()
    assert outcome(sat) == ("06000", "0")


def test_it_blocks_itself_with_coupons_unsent_although_in_contact(sat: Bench) -> None:
    sat.sell()
    sat.device.reject({"124": 1000})
    sat.wait(days=10, seconds=1)
    sat.device.transmit()
    assert outcome(sat) == ("06008", "3")
    sat.device.reject({})
    sat.device.transmit()
    assert outcome(sat) == ("06000", "0")


def test_it_blocks_itself_with_memory_almost_full(sat: Bench) -> None:
    most = TOTAL_BYTES * 95 // 100
    sat.device.fill(most)
    assert outcome(sat) == ("06000", "3"), "the coupon itself fills what is missing"
    sat.device.transmit()
    assert outcome(sat) == ("06000", "3")
    sat.device.fill(most + 1)
    assert outcome(sat) == ("06008", "3")


def test_it_blocks_itself_with_its_certificate_expired(sat: Bench) -> None:
    sat.wait(days=5 * 365)
    sat.device.touch()
    assert outcome(sat) == ("06000", "0")
    sat.wait(seconds=1)
    assert outcome(sat) == ("06008", "3")


def test_wrong_codes_in_a_row_block_until_the_code_of_emergency(sat: Bench) -> None:
    for _ in range(4):
        assert sat.ask("ConsultarStatusOperacional", "00000000").eeeee == "10001"
    assert sat.sell().eeeee == "06000"
    for _ in range(5):
        assert sat.ask("ConsultarStatusOperacional", "00000000").eeeee == "10001"
    assert sat.sell().eeeee == "06009"
    assert sat.ask("TrocarCodigoDeAtivacao", "99999999", 2, "abcdefgh", "abcdefgh").eeeee == "18000"
    assert sat.ask("EnviarDadosVenda", "abcdefgh", sales.sale()).eeeee == "06000"


def test_a_warning_of_sefaz_comes_with_every_reply(sat: Bench) -> None:
    sat.device.register(notice=("800", "Atualize | seu software"))
    assert sat.ask("ConsultarSAT").fields[3:] == ("800", "Atualize / seu software")
    assert sat.sell().fields[4:6] == ("800", "Atualize / seu software")
    assert sat.sell("<a/>").fields[4:] == ("800", "Atualize / seu software")


def test_the_taxpayer_blocks_with_everything_sent_only(sat: Bench) -> None:
    sat.device.register(block_asked=True)
    sat.sell()
    assert sat.ask("BloquearSAT", sales.CODE).eeeee == "16099"
    sat.device.transmit()
    assert sat.ask("BloquearSAT", sales.CODE).eeeee == "16000"
    assert outcome(sat) == ("06006", "2")
