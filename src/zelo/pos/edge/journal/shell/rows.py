"""The statements of the journal about askings and calls. Each works in the transaction that the caller has open."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import apsw
import zstandard

from zelo.fiscal.instant import from_micros, to_micros
from zelo.models.cfe.reply import MOST_REPLY_CHARACTERS, read_reply
from zelo.pos.edge.decide import Attempt, End, Outcome
from zelo.pos.edge.journal.answer import named, put_back
from zelo.pos.edge.journal.entry import OTHER, Elsewhere, Known, Question
from zelo.pos.edge.outbox.shell import queue
from zelo.pos.edge.request import Request

_BYTES_OF_CHARACTER: Final = 4
_PLAIN_CHARACTERS: Final = 1_000
"""A text up to this size is stored as it is: compressed it would still fill its page."""


def packed(text: str) -> bytes | str:
    """A text as it is stored."""
    return text if len(text) <= _PLAIN_CHARACTERS else zstandard.compress(text.encode(), 1)


def _unpacked(stored: bytes | str | None) -> str:
    if isinstance(stored, bytes):
        return zstandard.decompress(stored, MOST_REPLY_CHARACTERS * _BYTES_OF_CHARACTER).decode()
    return stored or ""


def _answer(connection: apsw.Connection, stored: bytes | str | None) -> str:
    """An answer as the till had it, "" where it is kept no more, or the copy of its coupon has given way."""
    kept = _unpacked(stored)
    name = named(kept)
    if name is None:
        return kept
    xml = queue.whole(connection, *name)
    return "" if xml is None else put_back(kept, xml)


def begin(connection: apsw.Connection, request: Request, at: datetime) -> None:
    """Write an asking down; one that is known already stays as it is."""
    connection.execute(
        "INSERT INTO request (id, till, session, function, matter, at, elsewhere, lost, turn)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(id), 0) FROM attempt)) ON CONFLICT DO NOTHING",
        (
            request.id,
            request.till,
            request.session,
            request.function.name,
            request.matter,
            to_micros(at),
            Elsewhere.UNSURE if request.elsewhere else Elsewhere.LOOKED if request.shared else Elsewhere.NO,
            request.lost,
        ),
    )


def note(
    connection: apsw.Connection, request_id: str, till: str, session: int, function: str, matter: str, at: datetime
) -> None:
    """Write down an asking that another gateway took."""
    connection.execute(
        "INSERT INTO request (id, till, session, function, matter, at, turn)"
        " VALUES (?, ?, ?, ?, ?, ?, (SELECT coalesce(max(id), 0) FROM attempt)) ON CONFLICT DO NOTHING",
        (request_id, till, session, function, matter, to_micros(at)),
    )


def unclaimed(connection: apsw.Connection) -> list[Known]:
    """What was done here though the other gateway may have taken it, and has not heard; oldest first."""
    queries = [
        f"SELECT {_KNOWN} FROM request WHERE elsewhere = {why:d} AND end = 'done' ORDER BY at"  # noqa: S608
        for why in (Elsewhere.UNSURE, Elsewhere.LOOKED)
    ]
    return [known for query in queries for known in _known(connection, query, ())]


def elsewhere(connection: apsw.Connection, request_id: str, what: Elsewhere) -> None:
    """What the other gateway has to do with an asking from now on; a doubt about what it did is none any more."""
    connection.execute("UPDATE request SET elsewhere = ? WHERE id = ?", (what, request_id))
    connection.execute("DELETE FROM attempt WHERE request_id = ? AND device = ?", (request_id, OTHER))


def asked_again(connection: apsw.Connection, request_id: str, lost: int) -> None:
    """The till came back, and the other gateway, which may have done it meanwhile, does not say."""
    connection.execute(
        "UPDATE request SET elsewhere = ?, lost = max(lost, ?) WHERE id = ? AND elsewhere != ?",
        (Elsewhere.UNSURE, lost, request_id, Elsewhere.GIVEN),
    )


def heard(connection: apsw.Connection, request_id: str, lost: int) -> None:
    """The other gateway knows what was done here, as its till had asked for it by then."""
    if connection.execute("SELECT 1 FROM request WHERE id = ? AND lost = ?", (request_id, lost)).fetchone():
        elsewhere(connection, request_id, Elsewhere.HEARD)


def give(connection: apsw.Connection, request: Request, reply: str, at: datetime) -> None:
    """Write down that the other gateway is given an asking of which nothing was done here, whatever becomes of it."""
    begin(connection, request, at)
    connection.execute(
        "UPDATE request SET elsewhere = ?, end = ?, reply = ?, ended_at = ? WHERE id = ? AND (end IS NULL OR end = ?)",
        (Elsewhere.GIVEN, End.REFUSED, packed(reply), to_micros(at), request.id, End.REFUSED),
    )


def take_back(connection: apsw.Connection, request_id: str) -> None:
    """The other did nothing of what it was given: what no device was called for here may be asked for anew."""
    connection.execute(
        "DELETE FROM request WHERE id = ?1 AND elsewhere = ?2"
        " AND NOT EXISTS (SELECT 1 FROM attempt WHERE request_id = ?1)",
        (request_id, Elsewhere.GIVEN),
    )
    connection.execute(
        "UPDATE request SET elsewhere = ? WHERE id = ? AND elsewhere = ?", (Elsewhere.NO, request_id, Elsewhere.GIVEN)
    )


def given(connection: apsw.Connection) -> list[str]:
    """What the other was given, oldest first."""
    query = f"SELECT id FROM request WHERE elsewhere = {Elsewhere.GIVEN:d} ORDER BY at"  # noqa: S608 our own words
    return [name for (name,) in connection.execute(query)]


def call(connection: apsw.Connection, request_id: str, attempt: Attempt, at: datetime) -> int:
    """Write down that a device is going to be called; the number of the attempt, whatever it had."""
    connection.execute(
        "INSERT INTO attempt (request_id, device, session, at, outcome, witness, nserie) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (request_id, attempt.device, attempt.session, to_micros(at), Outcome.CALLED, attempt.witness, attempt.nserie),
    )
    return connection.last_insert_rowid()


def outcome(connection: apsw.Connection, attempt_id: int, what: Outcome, reply: str | None, at: datetime) -> None:
    """What became of a call."""
    connection.execute(
        "UPDATE attempt SET outcome = ?, reply = ?, ended_at = ? WHERE id = ?",
        (what, None if reply is None else packed(reply), to_micros(at), attempt_id),
    )


def end(connection: apsw.Connection, request_id: str, what: End, reply: str, at: datetime) -> None:
    """How an asking ended, and what its till is told. A doubt about what the other gateway did is a person's."""
    connection.execute(
        "UPDATE request SET end = ?, reply = ?, ended_at = ? WHERE id = ?",
        (what, packed(reply), to_micros(at), request_id),
    )
    if what is End.DOUBT:
        connection.execute(
            "INSERT INTO attempt (request_id, device, session, at, outcome) SELECT id, ?, 0, at, ? FROM request r"
            " WHERE id = ? AND elsewhere = ? AND NOT EXISTS"
            " (SELECT 1 FROM attempt a WHERE a.request_id = r.id AND a.device = ?)",
            (OTHER, Outcome.FORGOTTEN, request_id, Elsewhere.UNSURE, OTHER),
        )


def reserve(connection: apsw.Connection, device: str, until: int) -> None:
    """Session numbers of a device up to this one may be used from now on."""
    connection.execute(
        "INSERT INTO device (name, sessions_until) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET sessions_until = excluded.sessions_until",
        (device, until),
    )


def reserved(connection: apsw.Connection, device: str) -> int | None:
    """Up to which number the sessions of a device may be used, None before the first."""
    row = connection.execute("SELECT sessions_until FROM device WHERE name = ?", (device,)).fetchone()
    return None if row is None else int(row[0])


def codes(connection: apsw.Connection) -> dict[str, bytes]:
    """Device → its code, encrypted."""
    rows: list[Any] = connection.execute("SELECT device, encrypted FROM code").fetchall()
    return dict(rows)


def keep_code(connection: apsw.Connection, device: str, encrypted: bytes) -> None:
    """The code of a device from now on."""
    connection.execute("INSERT OR REPLACE INTO code (device, encrypted) VALUES (?, ?)", (device, encrypted))


_KNOWN: Final = "id, till, session, function, matter, at, end, reply, delivered, elsewhere, turn, lost"
_ATTEMPT: Final = "id, device, session, outcome, reply, witness, nserie"


def find(connection: apsw.Connection, request_id: str) -> Known | None:
    """An asking by its id."""
    return next(_known(connection, f"SELECT {_KNOWN} FROM request WHERE id = ?", (request_id,)), None)  # noqa: S608


def by_session(connection: apsw.Connection, till: str, session: int) -> Known | None:
    """The last asking of a till under one of its session numbers."""
    query = f"SELECT {_KNOWN} FROM request WHERE till = ? AND session = ? ORDER BY turn DESC, at DESC LIMIT 1"  # noqa: S608
    return next(_known(connection, query, (till, session)), None)


def same(connection: apsw.Connection, request_id: str, till: str, session: int) -> tuple[Known | None, Known | None]:
    """The asking under this id; without one, the last of the till under this session number (0 for none)."""
    found = find(connection, request_id)
    if found is not None or not session:
        return found, None
    return None, by_session(connection, till, session)


def last_fiscal(connection: apsw.Connection, till: str, functions: tuple[str, ...]) -> Known | None:
    """The last asking of a till that issues something; the gateway's own cancels bear no session.

    Its answer is kept, or it is still open: each of both has its index.
    """
    marks = ", ".join("?" * len(functions))
    found = [
        known
        for index, where in (("answered", "reply IS NOT NULL"), ("unfinished", "(end IS NULL OR delivered = 0)"))
        for known in _known(
            connection,
            f"SELECT {_KNOWN} FROM request INDEXED BY request_{index}"  # noqa: S608 our own words
            f" WHERE {where} AND till = ? AND function IN ({marks}) AND session > 0"
            " ORDER BY turn DESC, at DESC LIMIT 1",
            (till, *functions),
        )
    ]
    return max(found, key=lambda known: (known.turn, known.at), default=None)


def unfinished(connection: apsw.Connection) -> list[Known]:
    """Askings that have not ended, or whose answer perhaps never arrived, oldest first."""
    query = f"SELECT {_KNOWN} FROM request WHERE end IS NULL OR delivered = 0 ORDER BY at"  # noqa: S608
    return list(_known(connection, query, ()))


def unsettled(connection: apsw.Connection, device: str, nserie: str) -> list[tuple[str, Attempt]]:
    """Calls to a device of which it is not known what became, oldest first, each with the id of its asking.

    It is known by its number, by its name only where the number was not known then, or is not now.
    """
    query = (
        f"SELECT request_id, {_ATTEMPT} FROM attempt"  # noqa: S608 our own words
        " WHERE outcome IN ('called', 'doubt')"
        " AND CASE WHEN '' IN (nserie, ?2) THEN device = ?1 ELSE nserie = ?2 END ORDER BY +id"
    )
    rows: list[Any] = connection.execute(query, (device, nserie)).fetchall()
    return [(row[0], _attempt(row[1:])) for row in rows]


def last_session(connection: apsw.Connection, device: str) -> int:
    """The last session of a device under which it issued something, 0 for none."""
    row = connection.execute(
        "SELECT session FROM attempt a WHERE device = ? AND outcome = 'answered'"
        " AND EXISTS (SELECT 1 FROM coupon c WHERE c.request_id = a.request_id AND c.attempt_id = a.id)"
        " ORDER BY id DESC LIMIT 1",
        (device,),
    ).fetchone()
    return 0 if row is None else int(row[0])


def questions(connection: apsw.Connection) -> list[Question]:
    """Calls of which it is not known what became, those that no device remembers among them, oldest first."""
    query = (
        "SELECT a.id, a.request_id, a.device, a.nserie, a.at, a.outcome, r.function, r.till, r.session, r.end"
        " FROM attempt a JOIN request r ON r.id = a.request_id WHERE a.outcome {} ORDER BY a.at"
    )
    rows: list[Any] = [
        row
        for outcomes in ("IN ('called', 'doubt')", "= 'forgotten'")
        for row in connection.execute(query.format(outcomes)).fetchall()
    ]
    return [
        Question(
            attempt_id=name,
            request_id=asked,
            device=device,
            nserie=nserie,
            at=from_micros(at),
            outcome=Outcome(outcome),
            function=function,
            till=till,
            session=session,
            end=None if end is None else End(end),
        )
        for name, asked, device, nserie, at, outcome, function, till, session, end in rows
    ]


def check(connection: apsw.Connection, attempt_id: int) -> bool:
    """A person looked what became of a call; False where it is known by now."""
    found = connection.execute(
        "UPDATE attempt SET outcome = ? WHERE id = ? AND outcome IN ('called', 'doubt', 'forgotten') RETURNING id",
        (Outcome.CHECKED, attempt_id),
    )
    return found.fetchone() is not None


def _known(connection: apsw.Connection, query: str, values: tuple[Any, ...]) -> Iterator[Known]:
    rows: list[Any] = connection.execute(query, values).fetchall()
    for row in rows:
        attempts: Any = connection.execute(
            f"SELECT {_ATTEMPT} FROM attempt WHERE request_id = ? ORDER BY id",  # noqa: S608 our own words
            (row[0],),
        )
        name, till, session, function, asked, at, ended, reply, told, other, turn, lost = row
        yield Known(
            id=name,
            till=till,
            session=session,
            function=function,
            matter=asked,
            at=from_micros(at),
            end=None if ended is None else End(ended),
            reply=_answer(connection, reply),
            delivered=bool(told),
            attempts=tuple(_attempt(each) for each in attempts),
            elsewhere=other == Elsewhere.UNSURE,
            turn=turn,
            lost=lost,
        )


def _attempt(row: tuple[Any, ...]) -> Attempt:
    text = _unpacked(row[4])
    return Attempt(row[0], row[1], row[2], Outcome(row[3]), read_reply(text) if text else None, row[5], row[6])
