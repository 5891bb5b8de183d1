"""The statements of the journal about coupons. Each works in the transaction that the caller has open."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import apsw

from zelo.fiscal.instant import from_micros, to_micros
from zelo.models.cfe.chave import Chave
from zelo.models.cfe.coupon import Brief
from zelo.pos.edge.decide import Attempt
from zelo.pos.edge.journal.entry import CouponStanding, Sold

_CENTS: Final = 100
_MONTHS: Final = 12
_AFTER_DIGITS: Final = ":"
"""In the order of ASCII."""
_SOLD: Final = (
    "SELECT c.chave, c.request_id, c.attempt_id, c.device, c.cancels, c.at, c.total_cents, c.standing, c.note, r.till,"
    " a.at"
    " FROM coupon c JOIN request r ON r.id = c.request_id JOIN attempt a ON a.id = c.attempt_id"
)
_OPEN: Final = "c.standing IN ('surplus', 'undelivered', 'listed')"
"""In the words of an index. With +at beside it no other index is taken, to bring them in order."""


def keep(
    connection: apsw.Connection, issued: Brief, request_id: str, attempt: Attempt, standing: CouponStanding
) -> None:
    """Write down what a device issued; the sale that a cancel cancels is cancelled from now on."""
    cancels = None if issued.cancels is None else str(issued.cancels)
    connection.execute(
        "INSERT INTO coupon (chave, request_id, attempt_id, device, cancels, at, total_cents, standing)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            str(issued.chave),
            request_id,
            attempt.id,
            attempt.device,
            cancels,
            to_micros(issued.at),
            int(issued.total * _CENTS),
            standing,
        ),
    )
    if cancels is not None:
        stand(connection, cancels, CouponStanding.CANCELLED, f"cancelado por {issued.chave}")


def stand(connection: apsw.Connection, chave: str, standing: CouponStanding, note: str) -> None:
    """What a coupon is from now on, and why."""
    connection.execute("UPDATE coupon SET standing = ?, note = ? WHERE chave = ?", (standing, note, chave))


def settle(connection: apsw.Connection, chave: str, standing: CouponStanding, note: str) -> bool:
    """What is decided about a coupon that somebody must look at; False where nobody must, or not any more."""
    found = connection.execute(
        "UPDATE coupon SET standing = ?, note = ltrim(note || ' · ' || ?, ' ·')"
        " WHERE chave = ? AND standing IN ('surplus', 'undelivered', 'listed') RETURNING chave",
        (standing, note, chave),
    )
    return found.fetchone() is not None


def is_before(connection: apsw.Connection, chave: str, attempt: Attempt) -> bool:
    """Whether this coupon was issued before that call was made."""
    earlier = "SELECT EXISTS (SELECT 1 FROM coupon WHERE chave = ? AND attempt_id < ?)"
    return bool(connection.execute(earlier, (chave, attempt.id)).get)


def device_of(connection: apsw.Connection, chave: str) -> str:
    """The device that issued a coupon, "" for one that the journal does not know."""
    row = connection.execute("SELECT device FROM coupon WHERE chave = ?", (chave,)).fetchone()
    return "" if row is None else str(row[0])


def unknown(connection: apsw.Connection, chaves: Sequence[str]) -> list[str]:
    """Those of them that no device here issued."""
    return [chave for chave in chaves if not device_of(connection, chave)]


def is_stray(connection: apsw.Connection, last: Chave) -> bool:
    """Whether a device's last coupon was not issued for us: it is newer than one that was, this month or the last."""
    if device_of(connection, str(last)):
        return False
    ours = (_greatest(connection, replace(last, aamm=month)) for month in (last.aamm, _month_before(last.aamm)))
    return any("" < number < last.ncfe for number in ours)


def _greatest(connection: apsw.Connection, like: Chave) -> str:
    """The greatest number of a coupon of that device and month, "" for none."""
    before_number = str(like).removesuffix(f"{like.ncfe}{like.cnf}{like.dv}")
    query = "SELECT max(chave) FROM coupon WHERE chave BETWEEN ? AND ?"
    found = connection.execute(query, (before_number, before_number + _AFTER_DIGITS)).get
    return "" if found is None else Chave.parse(str(found)).ncfe


def _month_before(aamm: str) -> str:
    year, month = divmod(int(aamm[:2]) * _MONTHS + int(aamm[2:]) - 2, _MONTHS)
    return f"{year:02}{month + 1:02}"


def issued_at(connection: apsw.Connection, chave: str) -> datetime | None:
    """When a coupon was issued, None for one that the journal does not know."""
    row: Any = connection.execute("SELECT at FROM coupon WHERE chave = ?", (chave,)).fetchone()
    return None if row is None else from_micros(row[0])


def of_asking(connection: apsw.Connection, request_id: str) -> list[Sold]:
    """What was issued for an asking."""
    return _sold(connection, f"{_SOLD} WHERE c.request_id = ? ORDER BY c.at", (request_id,))


def surplus(connection: apsw.Connection, nserie: str) -> list[Sold]:
    """The coupons of a device, by its number, that are too much, oldest first."""
    query = f"{_SOLD} WHERE {_OPEN} AND c.standing = 'surplus' ORDER BY +c.at"
    return [sold for sold in _sold(connection, query, ()) if Chave.parse(sold.chave).nserie == nserie]


def newest(connection: apsw.Connection, most: int) -> list[Sold]:
    """The newest coupons."""
    return _sold(connection, f"{_SOLD} ORDER BY c.at DESC LIMIT ?", (most,))


def sold(connection: apsw.Connection, chave: str) -> Sold | None:
    """A coupon by its chave."""
    return next(iter(_sold(connection, f"{_SOLD} WHERE c.chave = ?", (chave,))), None)


def sold_since(connection: apsw.Connection, at: datetime) -> tuple[int, int]:
    """How many sales that were not cancelled since then, and their sum in cents."""
    row: Any = connection.execute(
        "SELECT count(*), coalesce(sum(total_cents), 0) FROM coupon"
        " WHERE at >= ? AND cancels IS NULL AND standing != 'cancelled'",
        (to_micros(at),),
    ).fetchone()
    return row[0], row[1]


def to_look_at(connection: apsw.Connection) -> list[Sold]:
    """The coupons that somebody must look at, oldest first."""
    return _sold(connection, f"{_SOLD} WHERE {_OPEN} ORDER BY +c.at", ())


def _sold(connection: apsw.Connection, query: str, values: tuple[Any, ...]) -> list[Sold]:
    rows: list[Any] = connection.execute(query, values).fetchall()
    return [
        Sold(
            chave=chave,
            request_id=asked,
            attempt_id=attempt,
            device=device,
            cancels=cancels or "",
            at=from_micros(at),
            total_cents=cents,
            standing=CouponStanding(standing),
            note=note,
            till=till,
            asked_at=from_micros(asked_at),
        )
        for chave, asked, attempt, device, cancels, at, cents, standing, note, till, asked_at in rows
    ]
