"""What a device says decides whether it sells, and what brings it back; which of several takes a call."""

import pytest

from zelo.models.cfe.functions import ASK_ALIVE, ASK_STATUS, SALE, Function
from zelo.models.cfe.reply import Reply, read_reply
from zelo.pos.edge.decide import Attempt
from zelo.pos.edge.health import MOST_BUSY, Health, Return, describe, heard, unheard
from zelo.pos.edge.pool import Place, choose, keeper


def _said(eeeee: str) -> Reply:
    return Reply(1, eeeee, "0000", "Texto", "", "", ())


def _status(state: str) -> Reply:
    return read_reply("000001|10000|Resposta com sucesso|||" + "x|" * 22 + state)


@pytest.mark.parametrize("eeeee", ["06002", "06003", "06006", "06007", "06008", "06009"])
def test_a_device_that_cannot_sell_leaves_and_a_good_status_brings_it_back(eeeee: str) -> None:
    out = heard(Health(), SALE, _said(eeeee))
    assert eeeee in out.out
    assert heard(out, ASK_STATUS, _status("0")).out == ""
    assert heard(out, ASK_STATUS, _status("3")).out
    assert heard(out, ASK_ALIVE, _said("08000")).out


@pytest.mark.parametrize("end", ["|", "\r\n", " ", "||"])
@pytest.mark.parametrize(("state", "sells"), [("0", True), ("3", False)])
def test_a_status_with_a_bar_or_a_line_end_too_many_is_that_status(state: str, end: str, sells: bool) -> None:  # noqa: FBT001
    assert (heard(Health(), ASK_STATUS, _status(state + end)).out == "") is sells


@pytest.mark.parametrize("state", ["", "9", "?"])
def test_a_state_that_nobody_knows_changes_nothing(state: str) -> None:
    assert heard(Health(), ASK_STATUS, _status(state)).out == ""
    out = heard(Health(), SALE, _said("06002"))
    assert heard(out, ASK_STATUS, _status(state)) == out


def test_a_wrong_code_is_not_cured_by_a_status() -> None:
    out = heard(Health(), SALE, _said("06001"))
    assert out.returns is Return.CODE
    assert heard(out, ASK_STATUS, _status("0")).out


@pytest.mark.parametrize(("function", "eeeee"), [(SALE, "06010"), (SALE, "06005"), (SALE, "06000")])
def test_what_every_device_would_refuse_keeps_none_out(function: Function, eeeee: str) -> None:
    assert heard(Health(), function, _said(eeeee)).out == ""


def test_one_that_is_always_busy_is_taken_for_hung_until_it_says_something_else() -> None:
    health = Health()
    for _ in range(MOST_BUSY):
        assert not health.out
        health = heard(health, SALE, _said("06098"))
    assert "reinicie" in health.out
    assert heard(health, ASK_STATUS, _status("0")).out == ""


def test_what_this_machine_is_the_cause_of_is_said_until_the_device_speaks() -> None:
    health = unheard(Health(), "A biblioteca não carrega.")
    assert describe("", health) == "A biblioteca não carrega."
    assert "cabo" in describe("", unheard(health))
    for answer in (_said("08000"), _said("08098")):
        assert describe("", heard(health, ASK_ALIVE, answer)) == "Pronto para vender."


def test_silence_ends_with_any_word() -> None:
    assert unheard(Health()).silent
    assert not heard(unheard(Health()), ASK_ALIVE, _said("08000")).silent


PLACES = {
    "A": Place("A", frozenset({"001"}), calls=50),
    "B": Place("B", frozenset({"002"}), calls=0),
    "C": Place("C", weight=3, calls=6),
    "D": Place("D", weight=1, calls=4),
}


@pytest.mark.parametrize(
    ("among", "till", "met", "chosen"),
    [
        ("ABCD", "001", "", "A"),
        ("ABCD", "002", "", "B"),
        ("ABCD", "009", "", "C"),
        ("ABD", "009", "", "D"),
        ("AB", "009", "", "B"),
        ("ABCD", "001", "A", "C"),
        ("AB", "001", "AB", "A"),
    ],
)
def test_its_own_device_first_then_one_of_nobody_by_weight(among: str, till: str, met: str, chosen: str) -> None:
    attempts = [Attempt(place, name, 1) for place, name in enumerate(met)]
    assert choose(frozenset(among), till, attempts, PLACES) == chosen


def test_a_till_that_changes_a_device_means_its_own() -> None:
    assert keeper("002", PLACES) == "B"
    assert keeper("009", PLACES) == "A"
