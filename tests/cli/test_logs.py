"""What must never be in a log: a CPF in any field and any form, a secret, the values of a statement that failed."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from validate_docbr import CPF

from tests.house import new_house
from zelo.access.shell import people
from zelo.cli import logs
from zelo.engine.contract import Engine
from zelo.engine.schema.access import account

BARE = "52998224725"
MASKED = "529.982.247-25"
STARRED = "***.982.247-**"
CHAVE = "43261111222333000181620010000000071003785285"
CHAVE_OF_LETTERS = "35261212345ABC01DE3562001000000007100378528"


class Person:
    """Something whose repr tells too much."""

    def __repr__(self) -> str:
        return f"Person(cpf={MASKED})"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Writes one line through the configuration of the program and reads it back."""
    assert monkeypatch is not None
    before = structlog.get_config()

    def write(event: str = "x", **fields: Any) -> dict[str, Any]:
        stream = io.StringIO()
        logs.to_stream("info", stream)
        try:
            structlog.get_logger("t").info(event, **fields)
        finally:
            structlog.configure(**before)
        found: dict[str, Any] = json.loads(stream.getvalue())
        return found

    return write


@pytest.mark.parametrize(
    "value",
    [
        BARE,
        MASKED,
        int(BARE),
        f"cliente {BARE}.",
        f"CPF{BARE}",
        f"cpf={BARE};",
        f"_{BARE}_",
        f"{BARE}x",
        "529 982 247 25",
        "529982247-25",
        "529.982.247/25",
        [MASKED, {"a": (BARE,)}],
        {"who": {"deep": int(BARE)}},
        {BARE: "as a name"},
        {MASKED},
        ValueError(f"no {MASKED}"),
        Person(),
        MASKED.encode(),
        Path(f"of/{BARE}.csv"),
    ],
    ids=repr,
)
def test_a_cpf_reaches_no_line_whatever_holds_it(written: Callable[..., dict[str, Any]], value: object) -> None:
    found = written(field=value)
    line = json.dumps({name: told for name, told in found.items() if name != "timestamp"}, ensure_ascii=False)
    assert "529" not in line
    assert "247-25" not in line
    assert "24725" not in line


def test_a_cpf_is_starred_in_the_event_and_in_the_name_of_a_field(written: Callable[..., dict[str, Any]]) -> None:
    line = written(f"refused {MASKED}", **{f"of_{BARE}": 1})
    assert line["event"] == f"refused {STARRED}"
    assert line[f"of_{STARRED}"] == 1


@given(st.from_regex("[0-9]{11}", fullmatch=True), st.text("abcxyz ,;:=/-_()[]{}'\"", max_size=5))
def test_any_cpf_in_any_surroundings_is_starred(cpf: str, around: str) -> None:
    masked = CPF().mask(cpf)
    for text in (f"{around}{cpf}{around}", f"{around}{masked}{around}"):
        found = logs.hide_people(None, "info", {"event": text})["event"]
        assert cpf not in found
        assert masked not in found


@pytest.mark.parametrize(
    "text",
    [
        CHAVE,
        f"chave={CHAVE_OF_LETTERS}0",
        "11222333000181",
        "12ABC34501DE35",
        "2|11222333000181|62|1|7",
        "01KAV7X2Q3M4N5P6R7S8T9V0WX",
        "2026-11-20T12:00:00.123456Z",
        "192.168.100.10",
        "R$ 1.234.567,89",
    ],
)
def test_what_is_public_stays(written: Callable[..., dict[str, Any]], text: str) -> None:
    assert written(field=text)["field"] == text


def test_values_keep_their_kind(written: Callable[..., dict[str, Any]]) -> None:
    line = written(n=7, f=1.5, b=True, none=None, many=[1, "a"], deep={"a": 1})
    assert {name: line[name] for name in ("n", "f", "b", "none", "many", "deep")} == {
        "n": 7, "f": 1.5, "b": True, "none": None, "many": [1, "a"], "deep": {"a": 1},
    }  # fmt: skip


@pytest.mark.parametrize("name", ["password", "senha", "token", "session_token", "pfx", "client_secret", "cookie"])
def test_a_secret_reaches_no_line(written: Callable[..., dict[str, Any]], name: str) -> None:
    line = json.dumps(written(**{name: "hush-hush", "deep": {name: "hush-hush"}}))
    assert "hush" not in line


@pytest.mark.parametrize(
    "text", ["postgresql://zelo:hush@db/zelo", "zelo_hushhushhushhushhush", "see postgresql://hush@db"]
)
def test_a_secret_inside_a_text_reaches_no_line(written: Callable[..., dict[str, Any]], text: str) -> None:
    assert "hush" not in json.dumps(written(field=text, error=ValueError(text)))


def test_an_exception_tells_where_and_what_but_not_the_values_of_the_statement(
    written: Callable[..., dict[str, Any]], engine: Engine
) -> None:
    house = new_house(engine, places=())

    def twice() -> None:
        for _ in range(2):
            with engine.begin() as connection:
                people.create_account(
                    connection,
                    now=house.clock(),
                    chance=house.tools.chance,
                    email="maria@exemplo.com.br",
                    name="Maria da Silva",
                    password="uma frase",
                )

    with pytest.raises(IntegrityError) as caught:
        twice()
    with engine.read() as connection:
        hashed = connection.execute(select(account.c.password_hash)).scalar_one()
    line = written(exc_info=caught.value, error=repr(caught.value), told=str(caught.value))
    text = json.dumps(line, ensure_ascii=False)
    assert "IntegrityError" in line["exception"]
    assert "in twice" in line["exception"]
    assert "aria" not in text
    assert hashed[:20] not in text


def test_an_exception_in_flight_is_told_with_what_caused_it(written: Callable[..., dict[str, Any]]) -> None:
    def fail() -> None:
        try:
            raise KeyError(BARE)
        except KeyError as error:
            raise ValueError("outer\nMaria") from error

    line: dict[str, Any] = {}
    try:
        fail()
    except ValueError:
        line = written(exc_info=True)
    assert "KeyError: '***.982.247-**'" in line["exception"]
    assert line["exception"].endswith("ValueError: outer")


def test_a_log_file_lies_beside_the_data_and_holds_one_event_a_line(tmp_path: Path) -> None:
    before = structlog.get_config()
    logs.to_file("warning", tmp_path / "new")
    log = structlog.get_logger("t")
    try:
        log.warning("a\nb", cpf=BARE)
        log.info("not so grave")
    finally:
        factory = structlog.get_config()["logger_factory"]
        factory._file.close()
        structlog.configure(**before)
    [line] = (tmp_path / "new" / logs.FILE_NAME).read_text("utf-8").splitlines()
    assert json.loads(line)["cpf"] == STARRED
    assert json.loads(line)["level"] == "warning"
