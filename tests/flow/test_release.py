"""Stops and releases in the life of a note: by itself, by any user, by an administrator, by nobody; and the waits."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from tests.drafts import internet
from tests.house import House, new_house
from zelo.engine.contract import Engine
from zelo.flow import actions, limits, nfcom
from zelo.flow.actions import NotPossibleError
from zelo.flow.emitter import establishment_of
from zelo.flow.lifecycle import State
from zelo.flow.limits import Standing
from zelo.guard import shell as guard
from zelo.guard.core import Event, Stop
from zelo.settings.table import Settings
from zelo.sim import journal as journals

WRONG_CPF = "11144477736"
SETTINGS = Settings(simulator_url="https://127.0.0.1", guard_safety=2, guard_maximum=4, guard_margin=24)
"""Safety 2, maximum 4, and 6 as the authorizer's 30 less the margin."""


@pytest.fixture
def house(new_embedded: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch) -> House:
    """One refused note whose data nobody mends."""
    monkeypatch.setattr(nfcom, "RULES", ())
    return _house(new_embedded(), SETTINGS)


def _house(engine: Engine, settings: Settings) -> House:
    house = new_house(engine, settings=settings)
    draft = internet()
    house.submit("F-1", replace(draft, dest=replace(draft.dest, CPF=WRONG_CPF)))
    return house


def _press(house: House, most: int = 40) -> None:
    """Send again whenever that is offered, until it no longer is."""
    worker = house.worker()
    for _ in range(most):
        house.settle(worker)
        [row] = house.rows()
        if State(row.state) is not State.REJECTED:
            return
        with house.tools.engine.begin() as connection:
            actions.send_again(connection, house.tools, row.id, "ana")


def _release(house: House, **changes: Any) -> None:
    given: dict[str, Any] = {"sends": 1, "actor": "ana", "why": "cadastro corrigido", "administrator": False}
    with house.tools.engine.begin() as connection:
        actions.release(connection, house.tools, house.rows()[0].id, **(given | changes))


def _standing(house: House) -> Standing:
    [row] = house.rows()
    with house.tools.engine.read() as connection:
        return limits.standing(connection, house.tools, row, establishment_of(connection, row), house.clock())


def _sent(house: House) -> int:
    return sum(entry.servico == journals.RECEPCAO for entry in house.sefaz.journal.entries)


def test_at_safety_any_user_releases_and_the_count_goes_on(house: House) -> None:
    _press(house)
    assert (_sent(house), _standing(house).verdict.stop) == (2, Stop.SAFETY)
    _release(house)
    _press(house)
    assert (_sent(house), _standing(house).state.counts) == (3, {"423": 3}), "one more, and nothing forgotten"
    assert house.states() == {State.HELD: 1}


def test_at_the_maximum_only_an_administrator_releases(house: House) -> None:
    _press(house)
    _release(house, sends=10)
    _press(house)
    assert (_sent(house), _standing(house).verdict.stop) == (4, Stop.MAXIMUM), "a grant of ten does not pass it"
    with pytest.raises(NotPossibleError, match="só um administrador"):
        _release(house)
    _release(house, administrator=True)
    _press(house)
    assert _sent(house) == 5


def test_at_the_ceiling_nobody_releases(house: House) -> None:
    _press(house)
    _release(house, sends=10)
    _press(house)
    _release(house, sends=10, administrator=True)
    _press(house)
    assert (_sent(house), _standing(house).verdict.stop) == (6, Stop.CEILING)
    with pytest.raises(NotPossibleError, match="não apaga o que a SEFAZ contou"):
        _release(house, administrator=True)


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"why": "  "}, "Diga por que"), ({"sends": 0}, "de 1 a 10"), ({"sends": 11}, "de 1 a 10")],
)
def test_a_release_without_reason_or_measure_is_refused(house: House, changes: dict[str, Any], said: str) -> None:
    _press(house)
    with pytest.raises(NotPossibleError, match=said):
        _release(house, **changes)


def test_what_is_not_held_is_not_released(house: House) -> None:
    with pytest.raises(NotPossibleError, match="parada por segurança"):
        _release(house)


def test_who_released_when_and_why_stands_in_the_chained_journal(house: House) -> None:
    _press(house)
    _release(house, sends=2, why="a SEFAZ corrigiu o cadastro")
    with house.tools.engine.read() as connection:
        last = guard.entries(connection, _standing(house).state.natural_key)[-1]
        assert list(guard.verify(connection)) == []
    assert (last.event, last.at) == (Event.RELEASED, house.clock())
    assert last.detail == '["safety", 2, "ana", "a SEFAZ corrigiu o cadastro"]'


def test_between_attempts_the_band_of_the_uf_is_waited_for(
    new_embedded: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nfcom, "RULES", ())
    house = _house(new_embedded(), replace(SETTINGS, guard_safety=4, guard_intervals="RS|3-*-600/SP|1-*-9999/"))
    _press(house)
    at = [entry.at for entry in house.sefaz.journal.entries if entry.servico == journals.RECEPCAO]
    waits = [later - earlier for earlier, later in pairwise(at)]
    assert waits[0] < timedelta(minutes=1)
    assert all(timedelta(minutes=10) <= wait < timedelta(minutes=11) for wait in waits[1:])


def test_what_a_company_sets_replaces_what_the_installation_has(house: House) -> None:
    _set(house, limits="RS|1-3/")
    _press(house)
    assert (_sent(house), _standing(house).policy.maximum) == (1, 3)


def test_parameters_never_pass_the_authorizer_s_own_limit(house: House) -> None:
    _set(house, limits="RS|500-900/")
    _press(house)
    policy = _standing(house).policy
    assert (policy.safety, policy.maximum, policy.ceiling) == (6, 6, 6)


def test_switched_off_only_the_ceiling_holds(house: House) -> None:
    _set(house, enabled=False)
    _press(house)
    assert (_sent(house), _standing(house).verdict.stop) == (6, Stop.CEILING)


def _set(house: House, *, limits: str = "", enabled: bool = True) -> None:
    with house.tools.engine.begin() as connection:
        guard.set_policy(
            connection, company_id=house.company_id, enabled=enabled, intervals="", limits=limits, now=house.clock(),
            actor="ana",
        )  # fmt: skip
