"""What a person decides too late, for somebody else was there before them; and what the disk does not take."""

from collections.abc import Callable
from typing import Any

import apsw
import pytest

from tests.pos.edge.page.site import BEARER, Site, Visitor
from tests.pos.edge.page.test_question import forgotten
from tests.pos.edge.page.test_routes import ask, doubtful, standing
from zelo.pos.edge.journal.entry import CouponStanding
from zelo.pos.edge.journal.shell import coupons, rows
from zelo.pos.edge.shell import local

WHO = {"quem": "Ana", "motivo": "desistiu"}


def meanwhile(monkeypatch: pytest.MonkeyPatch, name: str, act: Callable[[apsw.Connection], object]) -> None:
    """Has something happen between the look and what a person decides by it."""
    write = getattr(local, name)

    def late(connection: apsw.Connection, *given: Any) -> bool:
        act(connection)
        return bool(write(connection, *given))

    monkeypatch.setattr(local, name, late)


@pytest.mark.parametrize(
    ("became", "said"),
    [
        (CouponStanding.SOLD, "O caixa leu a resposta: a venda vale."),
        (CouponStanding.CANCELLED, "A venda foi cancelada."),
        (CouponStanding.ACCEPTED, "Alguém já a deixou valer."),
    ],
)
@pytest.mark.parametrize("decision", ["aceitar", "cancelar"])
def test_a_decision_that_comes_too_late_is_not_told_as_taken(
    site: Site, visitor: Visitor, monkeypatch: pytest.MonkeyPatch, decision: str, became: CouponStanding, said: str
) -> None:
    chave = doubtful(site)
    page = visitor.get(f"/duvidas/{chave}")
    with monkeypatch.context() as patch:
        meanwhile(patch, "_decided", lambda connection: coupons.stand(connection, chave, became, "x"))
        status, text = visitor.send(f"/duvidas/{chave}/{decision}", **WHO)
    assert (page[0], status) == (200, 409)
    assert "não está mais em dúvida" in text
    assert said in text
    assert 'href="/"' in text
    assert standing(site, chave) == (became, "x")
    assert visitor.send(f"/duvidas/{chave}/{decision}", **WHO)[0] == 409, "and who comes later still hears the same"
    status, told = ask(site, "POST", f"duvidas/{chave}/{decision}", WHO, **BEARER)
    assert (status, told["remedio"]) == (409, said)


def test_a_twin_tells_as_well_what_happened_between_its_look_and_its_act(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    chave = doubtful(site)
    meanwhile(monkeypatch, "_decided", lambda opened: coupons.stand(opened, chave, CouponStanding.SOLD, ""))
    status, told = ask(site, "POST", f"duvidas/{chave}/cancelar", WHO, **BEARER)
    assert (status, told["onde"]) == (409, "chave")
    assert "O caixa leu a resposta" in told["remedio"]


def test_what_no_coupon_or_a_cancel_has_the_chave_of_is_not_found(site: Site, visitor: Visitor) -> None:
    chave = doubtful(site)
    assert visitor.send(f"/duvidas/{chave}/cancelar", **WHO)[0] == 303
    assert visitor.send(f"/duvidas/{'3' * 44}/cancelar", **WHO)[0] == 404
    assert ask(site, "POST", f"duvidas/{'3' * 44}/cancelar", WHO, **BEARER)[0] == 404


def test_what_was_found_out_too_late_about_a_call_is_told(
    site: Site, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = forgotten(site)
    place = f"perguntas/{found.attempt_id}/conferir"
    meanwhile(monkeypatch, "_checked", lambda connection: rows.check(connection, found.attempt_id))
    status, text = visitor.send(f"/{place}", **WHO)
    assert status == 404
    assert "O equipamento já contou o que fez, ou alguém já anotou" in text
    status, told = ask(site, "POST", place, WHO, **BEARER)
    assert status == 404
    assert "O equipamento já contou o que fez, ou alguém já anotou" in told["remedio"]
