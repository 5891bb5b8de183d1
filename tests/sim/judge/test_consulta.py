"""The question after a chave, from what cannot be one to what became of it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.sim import notes
from tests.sim.judge import cases
from tests.sim.test_chave import WRONG
from tests.sim.world import CONSULTA, HOUR, World, read


def test_unknown_then_known(sim: World) -> None:
    assert sim.consult(cases.BASE.chave).cstat == "217"
    sent = sim.send(cases.BASE)
    sim.now += HOUR
    told = sim.consult(cases.BASE.chave)
    assert told.cstat == "100"
    for tag in ("chNFCom", "nProt", "digVal", "dhRecbto", "xMotivo"):
        assert told.text(f"protNFCom/infProt/{tag}") == sent.text(f"protNFCom/infProt/{tag}") != ""


def test_late(sim: World) -> None:
    sim.now += 200 * HOUR
    sim.send(cases.CONTINGENCY)
    told = sim.consult(cases.CONTINGENCY.chave)
    assert (told.cstat, told.text("protNFCom/infProt/cStat")) == ("150", "150")


@pytest.mark.parametrize("standing", ["101", "102"])
def test_ended(sim: World, standing: str) -> None:
    sim.send(cases.BASE)
    sim.sefaz.set_standing(cases.BASE.chave, standing, sim.now)
    told = sim.consult(cases.BASE.chave)
    assert (told.cstat, told.text("protNFCom/infProt/cStat")) == (standing, "100")


def test_the_number_is_known_under_another_chave(sim: World) -> None:
    sim.send(cases.BASE)
    assert sim.consult(replace(cases.BASE, cnf="7654321").chave).cstat == "216"


@pytest.mark.parametrize("reason", sorted(set(WRONG) - {"formato inválido"}))
def test_a_chave_that_cannot_be(sim: World, reason: str) -> None:
    told = sim.consult(WRONG[reason])
    assert (told.cstat, told.motivo) == ("236", f"Rejeição: Chave de Acesso inválida [Motivo: {reason}]")


def test_a_chave_of_wrong_form_does_not_pass_the_schema(sim: World) -> None:
    assert sim.consult(WRONG["formato inválido"]).cstat == "215"


def test_another_authorizer_and_another_environment(sim: World) -> None:
    sim.autorizador = "MG"
    assert sim.consult(cases.BASE.chave).cstat == "249"
    body = notes.envelope(notes.consulta(cases.BASE.chave, tp_amb="1"), CONSULTA)
    assert read(sim.reply(body, CONSULTA)).cstat == "252"


def test_older_than_180_days_after_its_month(sim: World) -> None:
    sim.send(cases.BASE)
    sim.now = datetime(2027, 5, 29, 12, tzinfo=UTC)
    assert sim.consult(cases.BASE.chave).cstat == "100"
    sim.now = datetime(2027, 5, 30, 12, tzinfo=UTC)
    assert sim.consult(cases.BASE.chave).cstat == "478"
