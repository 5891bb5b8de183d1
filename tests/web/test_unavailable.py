"""The database is away: nothing is admitted, people and programs are told so with an hour, and it passes by itself."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from tests.messages import chave
from tests.web.town import Town, said
from zelo.engine.embedded import Embedded
from zelo.engine.schema.guard import foreign, journal


def _away(*_: object) -> None:
    raise OperationalError("SELECT", {}, Exception("connection refused"))


def _ask(town: Town) -> Any:
    return town.client("key user").post(
        f"{town.api}/guard/admissions", json={"model": "55", "service": "autorizacao", "subject": chave()}
    )


@pytest.mark.parametrize("ways", [("begin", "read"), ("begin",)], ids=["away", "only readable"])
def test_no_program_is_admitted_and_each_is_told_when_to_ask_again(
    town: Town, monkeypatch: pytest.MonkeyPatch, ways: tuple[str, ...]
) -> None:
    with monkeypatch.context() as patch:
        for way in ways:
            patch.setattr(Embedded, way, _away)
        answer = _ask(town)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    [fault] = answer.json()["faults"]
    assert fault["sentence"].startswith("O banco de dados não responde")
    assert "answer" not in answer.json()
    with town.engine.read() as connection:
        assert connection.execute(select(foreign)).all() == connection.execute(select(journal)).all() == []
    assert _ask(town).json()["answer"] == "admit", "and it goes on by itself"


def test_people_see_what_holds_meanwhile_and_the_page_comes_back_by_itself(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in ("/guarda", "/situacao"):
        with monkeypatch.context() as patch:
            patch.setattr(Embedded, "read", _away)
            patch.setattr(Embedded, "begin", _away)
            answer = town.get("user", f"{town.home}{path}")
        assert (answer.status_code, answer.headers["refresh"], answer.headers["retry-after"]) == (503, "5", "5")
        assert "a guarda diz não" in said(answer)
        assert f'href="{town.home}{path}"' in answer.text
        assert town.get("user", f"{town.home}{path}").status_code == 200
