"""What somebody reads from the door: the headline of the page, over what is seen and found."""

from dataclasses import replace

import pytest
from lxml import html

from tests.pos.edge.page.site import Site
from tests.pos.edge.shop import until
from zelo.pos.edge.gather.rules import Finding, Level
from zelo.pos.edge.page import view
from zelo.pos.edge.page.house import Centre
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
