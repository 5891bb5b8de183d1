"""The archive on both databases: what was kept comes back to the byte, and what was damaged is noticed."""

import hashlib
import random
import re
import string
import threading
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from tests.models.nfcom.golden import FOLDER
from zelo.archive import shell
from zelo.archive.pack import pack
from zelo.archive.shell import DamagedArchiveError
from zelo.engine.contract import Engine
from zelo.engine.schema.archive import xml
from zelo.fiscal.identity import new_id

NOW: Final = datetime(2026, 11, 21, tzinfo=UTC)
CHAVE: Final = "43261112ABC34501DE35620010000000051076543217"
NOTES: Final = 60
LEAST_RATIO: Final = 4
KIND: Final = "NFCom"


def keep(connection: Connection, number: int, content: bytes, **more: Any) -> str:
    """Keep a document; its row's id."""
    row_id = new_id(NOW + timedelta(seconds=number), bytes(10))
    values = {"establishment_id": "e1", "modelo": "62", "chave": CHAVE, "kind": KIND, **more}
    shell.keep(connection, row_id=row_id, now=NOW, company_id="c1", content=content, **values)
    return row_id


def rows(connection: Connection) -> list[Any]:
    return list(connection.execute(select(xml).order_by(xml.c.id)))


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=2000), min_size=1, max_size=4))
def test_any_bytes_come_back(engine: Engine, contents: list[bytes]) -> None:
    with engine.begin() as connection:
        for number, content in enumerate(contents):
            keep(connection, number, content)
            assert shell.read_by_digest(connection, CHAVE, hashlib.sha256(content).hexdigest()) == content
        connection.rollback()


def test_the_newest_of_a_kind_is_read_and_every_one_by_its_digest(engine: Engine) -> None:
    first, second, proc = b"<NFCom>1</NFCom>", b"<NFCom>2</NFCom>", b"<nfcomProc/>"
    with engine.begin() as connection:
        keep(connection, 1, first)
        keep(connection, 2, second)
        keep(connection, 3, proc, kind="nfcomProc")
    with engine.read() as connection:
        assert shell.read(connection, CHAVE, KIND) == second
        assert shell.read(connection, CHAVE, "nfcomProc") == proc
        assert shell.read_by_digest(connection, CHAVE, hashlib.sha256(first).hexdigest()) == first
        assert shell.kinds(connection, CHAVE) == [KIND, KIND, "nfcomProc"]
        assert shell.read(connection, CHAVE, "other") is None
        assert shell.read(connection, "0" * 44, KIND) is None
        assert shell.read_by_digest(connection, CHAVE, "0" * 64) is None


def test_the_same_bytes_twice_are_one_row(engine: Engine) -> None:
    with engine.begin() as connection:
        for number in range(3):
            keep(connection, number, b"<NFCom/>")
        keep(connection, 4, b"<NFCom/>", kind="other")
        keep(connection, 5, b"<NFCom/>", chave="0" * 44)
        assert len(rows(connection)) == 3


def test_the_same_bytes_from_many_threads_are_one_row(engine: Engine) -> None:
    def work(number: int) -> None:
        with engine.begin() as connection:
            keep(connection, number, b"<NFCom/>")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.read() as connection:
        assert len(rows(connection)) == 1


def notes() -> list[bytes]:
    """Notes of one emitter that differ as a month's notes do: chave, person, address, amounts, digest, signature."""
    chance = random.Random(62)
    golden = (FOLDER / "residential-internet.xml").read_text("utf-8")
    return [_another(golden, chance).encode() for _ in range(NOTES)]


def _another(note: str, chance: random.Random) -> str:
    def characters(count: int, among: str) -> str:
        return "".join(chance.choice(among) for _ in range(count))

    def drawn(found: re.Match[str]) -> str:
        among = string.digits if found[2].replace(".", "").isdecimal() else string.ascii_uppercase + " "
        return f"<{found[1]}>{characters(len(found[2]), among)}</"

    digits = (
        "CPF|fone|CEP|nro|nNF|cNF|cDV|iCodAssinante|nContrato|codBarras|vItem|vProd|vBC|vICMS|vPIS|vCOFINS|vNF|vTotDFe"
    )
    person, rest = note[note.index("<dest>") :], note[: note.index("<dest>")]
    text = re.sub(rf"<({digits}|xNome|xLgr|xBairro|email)>([^<]+)</", drawn, person)
    text = re.sub(r"(?<=<DigestValue>)[^<]+", lambda old: characters(len(old[0]), string.ascii_letters), text)
    text = re.sub(r"(?<=<SignatureValue>)[^<]+", lambda old: characters(len(old[0]), string.ascii_letters + "+/"), text)
    return re.sub(r"(?<=NFCom)[0-9A-Z]{44}", lambda old: old[0][:25] + characters(19, string.digits), rest) + text


def test_a_months_notes_take_a_quarter_at_most(engine: Engine) -> None:
    """Measured: 9.5 times smaller, names and signatures being pure chance; without a dictionary 1.9 times."""
    made = notes()
    with engine.begin() as connection:
        for number, note in enumerate(made):
            keep(connection, number, note, chave=f"{number:044d}")
        found = rows(connection)
        assert [shell.read(connection, row.chave, KIND) for row in found] == made
    ratio = sum(row.size_bytes for row in found) / sum(len(row.content) for row in found)
    alone = sum(map(len, made)) / sum(len(pack(note, b"")) for note in made)
    assert ratio > LEAST_RATIO > alone
    assert [row.size_bytes for row in found] == [len(note) for note in made]


def test_a_dictionary_stands_alone_so_that_reading_never_chains(engine: Engine) -> None:
    with engine.begin() as connection:
        for number in range(8):
            keep(connection, number, f"<NFCom>{number}</NFCom>".encode(), establishment_id=f"e{number % 2}")
        keep(connection, 8, b"<NFCom>other model</NFCom>", modelo="55")
        found = rows(connection)
    alone = {row.id: row for row in found if row.dictionary_id is None}
    assert {(row.establishment_id, row.modelo) for row in alone.values()} == {("e0", "62"), ("e1", "62"), ("e1", "55")}
    assert len(alone) == 3
    for row in found:
        if row.dictionary_id is not None:
            model = alone[row.dictionary_id]
            assert (model.establishment_id, model.modelo) == (row.establishment_id, row.modelo)


def put(connection: Connection, content: bytes, sha256: str, dictionary_id: str | None = None) -> None:
    """A row as if the disk had changed it."""
    connection.execute(
        insert(xml).values(
            id="Z", bucket=0, company_id="c1", establishment_id="e1", modelo="62", chave=CHAVE, kind="damaged",
            sha256=sha256, size_bytes=len(content), dictionary_id=dictionary_id, content=content, created_at=NOW,
        )
    )  # fmt: skip


GOOD: Final = b"<NFCom>" + b"good" * 50 + b"</NFCom>"
DIGEST: Final = hashlib.sha256(GOOD).hexdigest()
FRAME: Final = pack(GOOD, b"")


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"nothing",
        FRAME[:-3],
        FRAME[:10] + bytes([FRAME[10] ^ 4]) + FRAME[11:],
        pack(GOOD + b" ", b""),
        pack(b"", b""),
    ],
    ids=["empty", "no frame", "cut", "flipped", "another content", "no content"],
)
def test_a_damaged_row_is_named_and_never_handed_on(engine: Engine, frame: bytes) -> None:
    with engine.begin() as connection:
        put(connection, frame, DIGEST)
        with pytest.raises(DamagedArchiveError, match=CHAVE):
            shell.read(connection, CHAVE, "damaged")
        with pytest.raises(DamagedArchiveError, match="damaged: "):
            shell.read_by_digest(connection, CHAVE, DIGEST)


def test_a_row_whose_dictionary_is_gone_or_another_is_named(engine: Engine) -> None:
    dictionary = b"<NFCom>" + b"good" * 40
    with engine.begin() as connection:
        other = keep(connection, 1, b"quite another document")
        for dictionary_id in (other, "nobody"):
            savepoint = connection.begin_nested()
            put(connection, pack(GOOD, dictionary), DIGEST, dictionary_id)
            with pytest.raises(DamagedArchiveError, match=CHAVE):
                shell.read(connection, CHAVE, "damaged")
            savepoint.rollback()


def test_a_damaged_dictionary_keeps_nobody_from_keeping(engine: Engine) -> None:
    """The next note of the emitter is more important than its size."""
    with engine.begin() as connection:
        put(connection, b"nothing", DIGEST)
        keep(connection, 1, GOOD)
        assert shell.read(connection, CHAVE, KIND) == GOOD


def test_the_database_refuses_to_change_or_delete(engine: Engine) -> None:
    with engine.begin() as connection:
        keep(connection, 1, GOOD)
    for statement in (update(xml).values(content=b"x"), delete(xml)):
        with pytest.raises(DBAPIError, match="only grows"), engine.begin() as connection:
            connection.execute(statement)
    with engine.read() as connection:
        assert shell.read(connection, CHAVE, KIND) == GOOD
