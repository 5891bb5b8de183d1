"""Each row of the table of alarms is met by a device or a place in trouble, and by no healthy one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from zelo.models.cfe.chave import Chave
from zelo.models.cfe.status import Battery, Operation, Status
from zelo.pos.edge.gather.alarm import findings
from zelo.pos.edge.gather.device_rules import DEVICE_RULES
from zelo.pos.edge.gather.place_rules import PLACE_RULES
from zelo.pos.edge.gather.rules import Finding, Level
from zelo.pos.edge.gather.seen import DeviceSeen, PlaceSeen, Stray
from zelo.pos.edge.health import MOST_BUSY, Health, Return
from zelo.pos.edge.peer.pair import PairSeen

NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
WELL = Status(
    nserie="900000059", lan="DHCP", ip=None, mac=None, mask=None, gateway=None, dns_1=None, dns_2=None,
    connected=True, battery=Battery.HIGH, memory_total_bytes=1000, memory_used_bytes=10, clock=NOW, software="01.00.00",
    layout="00.08", last=None, first_pending=None, last_pending=None, lists_empty=True, sent_at=NOW, contact_at=NOW,
    certificate_from=None, certificate_until=(NOW + timedelta(days=400)).date(), operation=Operation.OPEN,
)  # fmt: skip
DEVICE = DeviceSeen(name="A", now=NOW, health=Health(), status=WELL, status_at=NOW, sells=True)
NOT_LOADED = Health(silent=True, unloaded="A biblioteca sat.dll não carrega: não existe o arquivo.")
PLACE = PlaceSeen(now=NOW, disk_free_bytes=10**12)


def told(**changes: object) -> DeviceSeen:
    """The device whose status says this."""
    return replace(DEVICE, status=replace(WELL, **changes))  # type: ignore[arg-type]


def until(days: int) -> DeviceSeen:
    return told(certificate_until=(NOW + timedelta(days=days)).date())


CHAVE = Chave("35", "2611", "08723218000186", "900000059", "000001", "000000", "0")


def unsent(days: int) -> DeviceSeen:
    """A coupon waits since then."""
    seen = told(lists_empty=False, first_pending=CHAVE, last_pending=CHAVE)
    return replace(seen, pending_since=NOW - timedelta(days=days))


DEVICES: list[tuple[str, DeviceSeen, Level]] = [
    ("mudo", replace(DEVICE, silent_seconds=120), Level.URGENT),
    ("biblioteca", replace(DEVICE, silent_seconds=120, health=NOT_LOADED), Level.URGENT),
    ("travado", replace(DEVICE, health=Health(out="reinicie", busy=MOST_BUSY)), Level.URGENT),
    ("bloqueado", replace(DEVICE, health=Health(out="06008 bloqueado")), Level.URGENT),
    ("codigo", replace(DEVICE, health=Health(out="x", returns=Return.CODE)), Level.URGENT),
    ("sem-codigo", replace(DEVICE, has_code=False), Level.WARNING),
    ("certificado", until(60), Level.NOTICE),
    ("certificado", until(30), Level.WARNING),
    ("certificado", until(7), Level.URGENT),
    ("certificado", until(-1), Level.URGENT),
    ("memoria", told(memory_used_bytes=800), Level.WARNING),
    ("memoria", told(memory_used_bytes=950), Level.URGENT),
    ("sem-sefaz", told(contact_at=NOW - timedelta(days=5)), Level.NOTICE),
    ("sem-sefaz", told(contact_at=NOW - timedelta(days=9)), Level.URGENT),
    ("sem-transmitir", unsent(7), Level.WARNING),
    ("sem-transmitir", unsent(30), Level.URGENT),
    ("relogio", told(clock=NOW + timedelta(minutes=6)), Level.WARNING),
    ("relogio", told(clock=NOW - timedelta(hours=2)), Level.URGENT),
    ("bateria", told(battery=Battery.LOW), Level.WARNING),
    ("alheio", replace(DEVICE, stray=Stray(CHAVE, NOW, kept=True)), Level.WARNING),
]
PLACES: list[tuple[str, PlaceSeen, Level]] = [
    ("duvida", replace(PLACE, doubts=1), Level.URGENT),
    ("fila", replace(PLACE, kept_share=0.81), Level.WARNING),
    ("fila", replace(PLACE, kept_share=0.96), Level.URGENT),
    ("disco", replace(PLACE, disk_free_bytes=500 << 20), Level.WARNING),
    ("disco", replace(PLACE, disk_free_bytes=100 << 20), Level.URGENT),
    ("arquivos", replace(PLACE, files_trouble="/xml: falta espaço"), Level.URGENT),
    ("ligacao", replace(PLACE, uplink_trouble="o certificado está vencido"), Level.WARNING),
    ("recusado", replace(PLACE, aside=1), Level.WARNING),
    ("diario", replace(PLACE, disk_trouble="falta espaço"), Level.URGENT),
    ("pasta", replace(PLACE, in_place=False), Level.URGENT),
    ("integrador", replace(PLACE, folder_trouble="/proc/integ: não existe"), Level.URGENT),
    ("codigo-do-caixa", replace(PLACE, wrong_codes=["003"] * 5), Level.WARNING),
    ("par", replace(PLACE, pair=PairSeen(silent_seconds=301, trouble="não responde")), Level.WARNING),
    ("par-lado", replace(PLACE, pair=PairSeen(same_side=True)), Level.URGENT),
    ("par-relogio", replace(PLACE, pair=PairSeen(ahead_seconds=-301)), Level.WARNING),
    ("central", replace(PLACE, waiting_since=NOW - timedelta(hours=25)), Level.WARNING),
    ("central", replace(PLACE, waiting_since=NOW - timedelta(days=9)), Level.URGENT),
]


def only(found: list[Finding]) -> Finding:
    [one] = found
    return one


@pytest.mark.parametrize(("rule", "seen", "level"), DEVICES)
def test_a_device_in_trouble(rule: str, seen: DeviceSeen, level: Level) -> None:
    found = only(findings([seen], PLACE))
    assert (found.rule, found.device, found.level) == (rule, "A", level)
    assert "{" not in found.sentence
    assert found.remedy.endswith(".")


@pytest.mark.parametrize(("rule", "seen", "level"), PLACES)
def test_a_place_in_trouble(rule: str, seen: PlaceSeen, level: Level) -> None:
    found = only(findings([DEVICE], seen))
    assert (found.rule, found.device, found.level) == (rule, "", level)


@pytest.mark.parametrize(
    "seen",
    [
        DEVICE,
        replace(DEVICE, status=None, status_at=None),
        replace(DEVICE, silent_seconds=30),
        until(61),
        told(memory_used_bytes=799),
        told(memory_total_bytes=None, clock=None, contact_at=None, certificate_until=None, battery=None),
        told(contact_at=NOW - timedelta(days=4)),
        unsent(4),
        told(clock=NOW + timedelta(minutes=4)),
    ],
)
def test_a_healthy_device_raises_nothing(seen: DeviceSeen) -> None:
    assert findings([seen], PLACE) == []


def test_every_rule_is_met_above_and_the_worst_comes_first() -> None:
    met = {rule for rule, *_ in (*DEVICES, *PLACES)}
    assert met == {rule.id for rule in DEVICE_RULES} | {rule.id for rule in PLACE_RULES}
    worst: Callable[[Finding], int] = lambda found: list(Level).index(found.level)  # noqa: E731 a key
    found = findings([seen for _, seen, _ in DEVICES], PLACE)
    assert found == sorted(found, key=worst)


def test_days_are_told() -> None:
    assert "vence em 7 dias" in only(findings([until(7)], PLACE)).sentence
    assert "venceu há 1 dia" in only(findings([until(-1)], PLACE)).sentence
    assert "faltam 1 dia para" in only(findings([told(contact_at=NOW - timedelta(days=9))], PLACE)).sentence
