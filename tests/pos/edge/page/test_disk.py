"""What a person asks for on a disk that takes nothing, or gives nothing: a page or a sentence, and the way on."""

import json
from typing import Any

import apsw
import pytest

from tests.pos.edge.page.site import BEARER, Site, Visitor
from tests.pos.edge.page.test_question import forgotten
from tests.pos.edge.page.test_routes import ask, doubtful, standing
from zelo.pos.edge.door.shell import shield
from zelo.pos.edge.journal.entry import CouponStanding
from zelo.pos.edge.journal.shell.store import FILE

TOLD = {"quem": "Ana", "motivo": "levou", "codigo": "segredo-1", "equipamento": "A"}


def _full(*_: Any) -> None:
    raise apsw.FullError("database or disk is full")


def _sick(*_: Any) -> None:
    raise apsw.IOError("disk I/O error")


@pytest.mark.parametrize("act", ["duvidas", "perguntas", "codigo", "recusados"])
def test_a_disk_that_takes_nothing_is_a_page_with_place_remedy_and_a_way_back(
    site: Site, visitor: Visitor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, act: str
) -> None:
    found, chave = forgotten(site), doubtful(site)
    decision, question = f"duvidas/{chave}/aceitar", f"perguntas/{found.attempt_id}/conferir"
    form, twin = {
        "duvidas": (decision, decision),
        "perguntas": (question, question),
        "codigo": ("equipamentos/A/codigo", "codigo"),
        "recusados": ("recusados/tentar", "recusados/tentar"),
    }[act]
    with monkeypatch.context() as patch:
        patch.setattr(site.shop.store._writer, "write", _full)
        status, text = visitor.send(f"/{form}", **TOLD)
        told = ask(site, "POST", twin, TOLD, **BEARER)
    file = str(site.shop.folder / FILE)
    assert (status, told[0]) == (503, 503)
    assert all(said in text for said in ("nada foi gravado", file, "Libere espaço", 'href="/"', "<main"))
    assert (told[1]["regra"], told[1]["onde"]) == ("PAGINA-DISCO", file)
    assert "Libere espaço" in told[1]["remedio"]
    assert shield.DEFECT not in text + json.dumps(told[1])
    assert [each for each in caplog.messages if "defect in call" in each] == []
    assert standing(site, chave)[0] is CouponStanding.UNDELIVERED
    assert visitor.send(f"/{form}", **TOLD)[0] == 303, "once it takes what is written"


def test_a_disk_that_gives_nothing_is_a_page_as_well(
    site: Site, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site.shop.store, "read", _sick)
    status, text = visitor.get("/")
    assert status == 503
    assert "O disco não deixa ler ou gravar" in text
    assert ask(site, "GET", "status", **BEARER)[0] == 503
