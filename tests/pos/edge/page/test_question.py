"""What a person does about a call that no device can tell of: looks, says what they found, and it is off the list."""

import json
from dataclasses import replace

from lxml import html

from tests.pos.edge.page.site import BEARER, Site, Visitor
from tests.pos.edge.page.test_routes import WORST, ask
from tests.pos.edge.shop import until
from zelo.pos.edge.decide import End, Outcome
from zelo.pos.edge.journal.entry import Question
from zelo.pos.edge.journal.shell import rows
from zelo.pos.edge.outbox.core import Rank
from zelo.pos.edge.outbox.shell import queue
from zelo.pos.edge.page import doubt
from zelo.pos.edge.page.house import Centre
from zelo.pos.edge.shell.local import Overlook

SECONDS = 15


def in_doubt(site: Site) -> Question:
    """A sale that a device took and did not answer."""
    site.shop.trouble("A", "crash_after")
    assert "06000" in site.shop.sell(till="003").result(SECONDS)
    [found] = site.shop.store.read(rows.questions)
    return found


def forgotten(site: Site) -> Question:
    """One whose device does not remember it any more."""
    in_doubt(site)
    site.shop.forget("A")
    site.shop.drivers["A"].put_back()
    assert until(lambda: site.shop.store.read(rows.questions)[0].outcome is Outcome.FORGOTTEN)
    return site.shop.store.read(rows.questions)[0]


def test_a_person_says_what_they_found_and_the_centre_hears_it(site: Site, visitor: Visitor) -> None:
    found = forgotten(site)
    site.watch()
    _, text = visitor.get("/")
    assert all(said in text for said in ("Vendas em dúvida: 1.", "Venda sem resposta", "caixa 003", "Ver e anotar"))
    place = f"/perguntas/{found.attempt_id}"
    assert "já não sabe dizer se executou" in visitor.get(place)[1]
    status, text = visitor.send(f"{place}/conferir", quem="Ana", motivo=" ")
    assert (status, "Diga quem olhou" in text) == (400, True)
    assert not site.gatherer.soon.is_set()
    assert visitor.send(f"{place}/conferir", quem="Ana", motivo=WORST)[0] == 303
    assert site.gatherer.soon.is_set(), "the alarm ends at once"
    assert "Anotado" in visitor.get(visitor.location)[1]
    assert site.shop.store.read(rows.questions) == []
    assert visitor.send(f"{place}/conferir", quem="Ana", motivo="de novo")[0] == 404
    batch = site.shop.store.read(queue.take, 100, 10**7)
    [told] = [json.loads(item.body) for item in batch.items if item.rank is Rank.CONTROL and item.key == "decisao"]
    assert (told["quem"], told["motivo"], told["decisao"]) == ("Ana", WORST, "conferir")
    assert (told["caixa"], told["sessao"], told["equipamento"]) == ("003", found.session, "A")


def test_what_a_device_will_still_tell_is_shown_and_is_not_a_persons(site: Site, visitor: Visitor) -> None:
    found = in_doubt(site)
    site.watch()
    _, text = visitor.get("/")
    assert "Venda sem resposta" in text
    assert "Vendas em dúvida:" not in text, "it is no alarm"
    place = f"/perguntas/{found.attempt_id}"
    assert "<form" not in visitor.get(place)[1].partition("<main")[2]
    assert visitor.send(f"{place}/conferir", quem="Ana", motivo="vi")[0] == 400
    told = {"quem": "Ana", "motivo": "vi"}
    assert ask(site, "POST", f"perguntas/{found.attempt_id}/conferir", told, **BEARER)[0] == 404
    site.shop.drivers["A"].put_back()
    assert until(lambda: site.shop.store.read(rows.questions) == []), "the device told"
    assert visitor.get(place)[0] == 404


def test_what_a_device_was_asked_that_is_gone_for_good_is_a_persons(site: Site) -> None:
    found = in_doubt(site)
    overlook = Overlook(site.shop.desk, site.gatherer, site.shop.clock, lambda: Centre(""))
    house = overlook.look()
    overlook.close()
    left = replace(house, devices=[seen for seen in house.devices if seen.name != "A"])
    text = doubt.question(left, found.attempt_id, "")
    assert text is not None
    assert "não tem a quem perguntar" in text
    assert html.fromstring(text).xpath("//main//form")


def test_the_twin_takes_what_a_person_found(site: Site) -> None:
    found = forgotten(site)
    [listed] = ask(site, "GET", "duvidas", **BEARER)[1]["sem_resposta"]
    assert (listed["numero"], listed["pode_anotar"]) == (found.attempt_id, True)
    place = f"perguntas/{found.attempt_id}/conferir"
    assert ask(site, "POST", place, {"quem": "Ana"}, **BEARER)[0] == 400
    assert ask(site, "POST", place, {"quem": "Ana", "motivo": "não saiu"}, **BEARER)[0] == 200
    assert ask(site, "POST", place, {"quem": "Ana", "motivo": "não saiu"}, **BEARER)[0] == 404


def test_a_sale_that_never_ended_ends_in_doubt_once_a_person_looked(site: Site) -> None:
    site.shop.drivers["B"].absent = True
    site.shop.trouble("A", "crash_after")
    assert "não se sabe" in site.shop.sell(session=9).result(SECONDS)
    site.shop.forget("A")
    site.shop.drivers["A"].put_back()
    assert until(lambda: site.shop.store.read(rows.questions)[0].outcome is Outcome.FORGOTTEN)
    site.shop.store.write(lambda connection: connection.execute("UPDATE request SET end = NULL, reply = NULL"))
    [found] = site.shop.store.read(rows.questions)
    assert found.end is None, "as a gateway leaves it that is killed"
    overlook = Overlook(site.shop.desk, site.gatherer, site.shop.clock, lambda: Centre(""))
    assert overlook.check(found.attempt_id, "Ana", "o equipamento queimou")
    assert not overlook.check(found.attempt_id, "Ana", "de novo")
    overlook.close()
    known = site.shop.store.read(rows.find, found.request_id)
    assert known is not None
    assert known.end is End.DOUBT
    assert "não se sabe" in site.shop.sell(session=9).result(SECONDS)


def test_a_person_changes_nothing_about_a_call_that_has_told(site: Site) -> None:
    assert "06000" in site.shop.sell(session=10).result(SECONDS)
    known = site.shop.store.read(rows.by_session, "001", 10)
    assert known is not None
    assert not site.shop.store.write(rows.check, known.attempts[0].id)
    assert site.shop.store.read(rows.find, known.id) == known


def test_a_number_that_is_none_is_a_page_and_no_json(visitor: Visitor) -> None:
    status, text = visitor.get("/perguntas/abc")
    assert status == 404
    assert "Isto não está mais aqui" in text
