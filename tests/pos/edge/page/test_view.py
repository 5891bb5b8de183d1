"""What somebody reads from the door: the headline of the page, over what is seen and found."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from lxml import html

from tests.pos.edge.page.site import Site
from tests.pos.edge.shop import until
from zelo.pos.edge.command.words import status_lines
from zelo.pos.edge.gather.rules import Finding, Level
from zelo.pos.edge.outbox.core import Account, Aside, Fill
from zelo.pos.edge.page import telling, view
from zelo.pos.edge.page.house import Centre
from zelo.pos.edge.peer.pair import PairSeen
from zelo.pos.edge.shell.local import Overlook

URGENT, WARNING, NOTICE = (Finding("x", "A", level, "Há algo.", "Veja.") for level in Level)


@pytest.mark.parametrize(
    ("findings", "headline"),
    [
        ((), "Tudo certo: 2 equipamentos prontos para vender."),
        ((NOTICE,), "2 equipamentos prontos para vender; veja 1 aviso abaixo."),
        ((WARNING, NOTICE), "2 equipamentos prontos para vender; veja 2 avisos abaixo."),
        ((URGENT,), "Vende, mas há o que resolver: 2 de 2 equipamentos prontos."),
    ],
)
def test_all_is_well_only_where_nothing_was_found(site: Site, findings: tuple[Finding, ...], headline: str) -> None:
    units = site.shop.desk.units.values()
    assert until(lambda: all(unit.status_at is not None for unit in units))
    overlook = Overlook(site.shop.desk, site.gatherer, site.shop.clock, lambda: Centre(""))
    since = {each.fingerprint: site.shop.clock() for each in findings}
    house = replace(overlook.look(), findings=findings, since=since)
    overlook.close()
    told = html.fromstring(view.overview(house, "")).findtext(".//h1")
    assert told == headline


def test_a_gateway_that_cannot_write_does_not_say_that_it_sells(site: Site) -> None:
    overlook = Overlook(site.shop.desk, site.gatherer, site.shop.clock, lambda: Centre(""))
    assert overlook.look().writes
    site.shop.store._writer.trouble = "falta espaço"
    house = overlook.look()
    overlook.close()
    told = html.fromstring(view.overview(house, "")).findtext(".//h1")
    assert told == "O disco não deixa gravar: este gateway não vende."


def test_a_round_of_the_alarms_that_falls_into_a_look_hides_none(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.shop.silence("B")
    for _ in range(2):
        site.watch()
        site.shop.clock.ahead += timedelta(minutes=3)
    site.watch()
    overlook = Overlook(site.shop.desk, site.gatherer, site.shop.clock, lambda: Centre(""))
    weigh = overlook._fill

    def slow(now: datetime) -> tuple[Fill, list[Account], list[Aside]]:
        site.shop.clock.ahead += timedelta(seconds=10)
        site.watch()
        return weigh(now)

    monkeypatch.setattr(overlook, "_fill", slow)
    house = overlook.look()
    overlook.close()
    assert "mudo" in {each.rule for each in house.findings}
    assert {each.fingerprint for each in house.findings} <= set(house.since)


@pytest.mark.parametrize(
    ("pair", "badge", "sentence"),
    [
        (PairSeen(), "responde", "Responde. Se este parar, os caixas que conhecem os dois vendem por ele."),
        (
            PairSeen(trouble="não responde", silent_seconds=420),
            "sem reserva",
            "Não responde há 7 min. A loja está sem reserva.",
        ),
        (PairSeen(same_side=True), "sem reserva", "Diz ser o mesmo lado que este: corrija [par] em edge.toml."),
    ],
)
def test_the_other_gateway_is_shown_where_there_is_one(site: Site, pair: PairSeen, badge: str, sentence: str) -> None:
    overlook = Overlook(site.shop.desk, site.gatherer, site.shop.clock, lambda: Centre(""))
    alone = overlook.look()
    site.gatherer.pair = lambda: pair
    paired = overlook.look()
    overlook.close()
    assert "outro gateway" not in view.overview(alone, "")
    assert telling.tell(alone)["par"] is None
    assert not any("outro gateway" in line for line in status_lines(telling.tell(alone)))
    page = view.overview(paired, "")
    assert f">{badge}</span> {sentence}</p>" in page[page.index("O outro gateway") :]
    assert f"O outro gateway: {sentence}" in status_lines(telling.tell(paired))
    assert telling.tell(paired)["par"]["bem"] is (badge == "responde")
