"""What this gateway says of an asking, and what it takes in afterwards, agree whoever comes first."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import apsw
import pytest

from tests.pos.edge.shop import QUICK, Shop, until
from tests.sim.sat import sales
from zelo.models.cfe.functions import SALE
from zelo.models.cfe.reply import read_reply, refusal
from zelo.pos.edge.decide import Doubt, End
from zelo.pos.edge.door.api.telling import Found
from zelo.pos.edge.journal.entry import Elsewhere
from zelo.pos.edge.journal.shell import rows
from zelo.pos.edge.peer.shell.link import Link
from zelo.pos.edge.peer.word import Claim, Intent, State, Word
from zelo.pos.edge.request import Request
from zelo.pos.edge.shell import unit as units
from zelo.pos.edge.shell.counter import Counter
from zelo.pos.edge.shell.neighbour import Neighbour

SECONDS = 15
OTHER = f"000001|06000|0000|Emitido|||eA==|20261122120000|CFe{'3' * 44}|5.00||x"
"""What the other gateway answered its till."""
ASKED = Request("one", "001", SALE, (1, sales.CODE, sales.sale()))


class Knowing(Link):
    """Another gateway that says this of every asking, None where it does not answer."""

    def __init__(self, word: Word | None) -> None:
        super().__init__("127.0.0.1", 9, "")
        self._says = word
        self.meanwhile: Callable[[str], object] = str
        self.entrusted: list[Request] = []

    def entrust(self, request: Request) -> Word:
        """It takes nothing."""
        self.entrusted.append(request)
        return Word(State.UNKNOWN)

    def ask(self, request_id: str) -> Word | None:
        """It is asked for this one alone."""
        assert request_id == ASKED.id
        self.meanwhile(request_id)
        return self._says

    def look(self, request_id: str) -> Word | None:
        """The same."""
        return self.ask(request_id)


def selling(shop: Shop) -> tuple[Neighbour, str]:
    """This gateway as the other sees it, after it sold what is asked; and what its till was told."""
    neighbour = Neighbour(shop.desk, None)
    told = neighbour.admit(ASKED)
    assert told is not None
    return neighbour, told.result(SECONDS)


def test_what_was_said_to_be_unknown_is_never_taken_in_afterwards(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(1)
    neighbour = Neighbour(shop.desk, None)
    assert neighbour.known(ASKED.id).state is State.UNKNOWN
    assert neighbour.admit(ASKED) is None
    assert shop.memory() == []


@pytest.mark.parametrize(
    ("theirs", "comes_to"),
    [
        (None, Found("a doubt", in_doubt=True)),
        (Word(State.OPEN), Found("a doubt", in_doubt=True)),
        (Word(State.REFUSED, "nothing"), Found("a doubt")),
        (Word(State.DONE, OTHER), Found(OTHER)),
    ],
)
def test_what_was_said_to_be_refused_is_the_others_now_and_its_end_is_the_others_word(
    open_shop: Callable[..., Shop], theirs: Word | None, comes_to: Found
) -> None:
    shop = open_shop(1)
    neighbour = Neighbour(shop.desk, Knowing(theirs))
    shop.store.write(refused, shop)
    assert neighbour.known(ASKED.id).state is State.REFUSED
    assert neighbour.admit(ASKED) is None
    assert Counter(shop.desk, neighbour).now(ASKED, "a doubt") == comes_to


def refused(connection: apsw.Connection, shop: Shop, asked: Request = ASKED) -> None:
    """As after a device that took the call, died, and was found to have done nothing."""
    rows.begin(connection, asked, shop.clock())
    rows.end(connection, asked.id, End.REFUSED, refusal(SALE, "099", "Nada foi emitido.").worded(1), shop.clock())


def test_what_is_given_away_once_more_meanwhile_is_not_ours_again(open_shop: Callable[..., Shop]) -> None:
    link = Knowing(Word(State.UNKNOWN))
    neighbour = Neighbour(open_shop(1).desk, link)
    neighbour.known(ASKED.id)
    link.meanwhile = neighbour.known
    fresh = neighbour.resolve(replace(ASKED, elsewhere=True), SECONDS)
    assert isinstance(fresh, Request)
    assert neighbour.admit(fresh) is None


def test_a_doubt_that_the_till_itself_ends_by_asking_again_is_nobodys(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(1, policy=replace(QUICK, doubt=Doubt.WAIT, wait_seconds=0.5))
    link = Knowing(None)
    counter = Counter(shop.desk, Neighbour(shop.desk, link))
    asked = replace(ASKED, elsewhere=True)
    assert "não se sabe" in counter.answer(asked).result(SECONDS)
    link._says = Word(State.UNKNOWN)
    assert "Nada foi emitido" in counter.answer(asked).result(SECONDS)
    assert shop.store.read(rows.questions) == []
    assert counter.stands(ASKED.id).state is State.REFUSED


def test_a_call_that_is_taken_over_while_others_are_asked_about_is_asked_about_as_well(
    open_shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(1, policy=replace(QUICK, doubt=Doubt.WAIT, patience_seconds=SECONDS))
    unit, device = shop.desk.units["A"], shop.drivers["A"].device
    assert "|08000|" in str(device.call("ConsultarSAT", [700_001]).reply)
    sold = str(device.call(SALE.name, [700_003, sales.CODE, sales.sale()]).reply)
    assert until(lambda: bool(unit.nserie))
    neighbour = Neighbour(shop.desk, Knowing(None))
    neighbour.announced(Intent(ASKED.id, unit.nserie, 700_003, 700_001))
    look, taken_over = units.Unit.has_open_questions, list[threading.Thread]()

    def look_and_dawdle(self: units.Unit) -> bool:
        found = look(self)
        if not taken_over:
            asked = (replace(ASKED, elsewhere=True), 1.0)
            taken_over.append(threading.Thread(target=neighbour.resolve, args=asked))
            taken_over[0].start()
            taken_over[0].join(0.5)
        return found

    monkeypatch.setattr(units.Unit, "has_open_questions", look_and_dawdle)
    unit.unsettled = True
    assert until(lambda: bool(taken_over))
    taken_over[0].join()
    told = neighbour.admit(replace(ASKED, elsewhere=True))
    assert told is not None
    assert sold.split("|")[8] in told.result(SECONDS)


def test_what_came_from_the_other_and_cannot_be_done_here_is_not_sent_back_to_it(
    open_shop: Callable[..., Shop],
) -> None:
    shop = open_shop(1)
    shop.drivers["A"].absent = True
    assert until(lambda: shop.desk.units["A"].health.silent)
    link = Knowing(Word(State.UNKNOWN))
    counter = Counter(shop.desk, Neighbour(shop.desk, link))
    assert "Nada foi emitido" in counter.answer(replace(ASKED, elsewhere=True)).result(SECONDS)
    assert link.entrusted == []
    own = replace(ASKED, id="another", arguments=(2, *ASKED.arguments[1:]))
    assert "Nada foi emitido" in counter.answer(own).result(SECONDS)
    assert link.entrusted == [own]


def test_what_both_ask_each_other_about_at_the_same_time_neither_takes(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(1)
    asked = replace(ASKED, elsewhere=True)
    for both in (True, False):
        link = Knowing(Word(State.UNKNOWN))
        neighbour = Neighbour(shop.desk, link)
        if both:
            link.meanwhile = neighbour.known
        else:
            neighbour.known(ASKED.id)
        fresh = neighbour.resolve(asked, SECONDS)
        assert isinstance(fresh, Request)
        assert (neighbour.admit(fresh) is None) is both


def test_what_the_other_tried_and_this_one_knows_the_other_must_hear(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(1)
    for word, owed in ((State.UNKNOWN, Elsewhere.NO), (State.REFUSED, Elsewhere.LOOKED)):
        shop.store.write(rows.begin, replace(ASKED, elsewhere=True), shop.clock())
        Neighbour(shop.desk, Knowing(Word(word))).resolve(ASKED, SECONDS)
        assert shop.store.read(lambda c: c.execute("SELECT elsewhere FROM request").get) == owed


def test_a_sale_whose_answer_is_kept_no_more_is_in_doubt_with_its_chave(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(1)
    neighbour, answer = selling(shop)
    shop.store.write(lambda connection: connection.execute("UPDATE request SET reply = NULL"))
    assert neighbour.known(ASKED.id).state is State.DOUBT, "the other has no empty answer to hand on"
    found = Counter(shop.desk, neighbour).find(ASKED.id)
    assert found is not None
    assert found.in_doubt
    assert read_reply(answer).rest[2].removeprefix("CFe") in str(found.retorno)


def test_what_was_taken_in_is_open_and_then_told_with_its_answer(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(1)
    neighbour = Neighbour(shop.desk, None)
    told = neighbour.admit(ASKED)
    assert told is not None
    assert neighbour.known(ASKED.id).state in {State.OPEN, State.DONE}
    answer = told.result(SECONDS)
    word = neighbour.known(ASKED.id)
    assert (word.state, word.reply) == (State.DONE, answer)


def test_a_claim_for_the_very_coupon_that_stands_here_cancels_nothing(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(1)
    neighbour, answer = selling(shop)
    before = shop.standing()
    neighbour.claimed(Claim(ASKED.id, ASKED.till, 1, SALE, ASKED.matter, answer))
    assert shop.store.read(lambda c: c.execute("SELECT standing FROM coupon").fetchall()) == [("sold",)]
    assert shop.standing() == before


def test_what_the_other_claims_is_not_sold_here_while_the_claim_is_written_down(
    open_shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(1)
    neighbour, write = Neighbour(shop.desk, None), shop.store.write
    taken: list[object] = []

    def meanwhile(*given: Any) -> Any:
        monkeypatch.undo()
        taken.append(neighbour.admit(ASKED))
        return write(*given)

    monkeypatch.setattr(shop.store, "write", meanwhile)
    assert neighbour.claimed(Claim(ASKED.id, ASKED.till, 1, SALE, ASKED.matter, OTHER))
    assert taken == [None]
    answer = neighbour.admit(ASKED)
    assert answer is not None
    assert answer.result(SECONDS) == OTHER
    assert shop.memory() == []


def test_what_the_other_did_under_the_same_id_with_other_content_is_not_this_ones_answer(
    open_shop: Callable[..., Shop],
) -> None:
    neighbour = Neighbour(open_shop(1).desk, Knowing(Word(State.DONE, OTHER, "of another sale")))
    answer = neighbour.resolve(ASKED, SECONDS)
    assert isinstance(answer, str)
    assert answer.startswith("000001|06099|")
    assert "outro conteúdo. Nada foi emitido" in answer
    for same in (ASKED.matter, ""):
        assert Neighbour(open_shop(1).desk, Knowing(Word(State.DONE, OTHER, same))).resolve(ASKED, SECONDS) == OTHER


def test_a_claim_with_other_content_cancels_nothing_here(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(1)
    neighbour, answer = selling(shop)
    assert neighbour.claimed(Claim(ASKED.id, ASKED.till, 1, SALE, "of another sale", OTHER))
    known = shop.store.read(rows.find, ASKED.id)
    assert known is not None
    assert known.reply == answer
    assert shop.store.read(lambda c: c.execute("SELECT standing FROM coupon").fetchall()) == [("sold",)]


def test_a_claim_that_comes_while_a_device_is_at_the_very_sale_is_told_again_and_the_coupon_cancelled(
    open_shop: Callable[..., Shop],
) -> None:
    shop = open_shop(1)
    neighbour = Neighbour(shop.desk, None)
    claim = Claim(ASKED.id, ASKED.till, 1, SALE, ASKED.matter, OTHER)
    shop.drivers["A"].slow_seconds = 0.5
    told = neighbour.admit(ASKED)
    assert told is not None
    assert not neighbour.claimed(claim)
    assert "06000" in told.result(SECONDS)
    assert until(lambda: neighbour.claimed(claim))
    assert until(lambda: shop.standing() == set())
    known = shop.store.read(rows.find, ASKED.id)
    assert known is not None
    assert known.reply == OTHER
