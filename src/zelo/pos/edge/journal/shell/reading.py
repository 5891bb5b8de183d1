"""The statements about answers that tills have read. Each works in the transaction that the caller has open."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import apsw

from zelo.fiscal.instant import to_micros

UNREAD: Final = (
    "SELECT r.id, c.chave FROM request r CROSS JOIN coupon c ON c.request_id = r.id"
    " WHERE r.delivered = 0 AND r.end = 'done' AND r.ended_at < ? AND c.standing = 'sold' AND c.cancels IS NULL"
)
"""In this order: the few askings that are not delivered lead to their coupons. It is asked every second."""


def delivered(connection: apsw.Connection, request_id: str, *, coupon: bool) -> bool:
    """The till has its answer; False where there is no such asking. Nobody need look into a `coupon` that it has."""
    connection.execute("UPDATE request SET delivered = 1 WHERE id = ?", (request_id,))
    found = connection.changes() > 0
    if coupon:
        connection.execute(
            "UPDATE coupon SET standing = 'sold', note = '' WHERE request_id = ? AND standing = 'undelivered'",
            (request_id,),
        )
    return found


def read(connection: apsw.Connection, chaves: Iterable[str]) -> None:
    """Tills have these coupons, by a question or by way of the other gateway; those of others are not known here."""
    for chave in chaves:
        asked: Any = connection.execute("SELECT request_id FROM coupon WHERE chave = ?", (chave,)).fetchone()
        if asked is not None:
            delivered(connection, asked[0], coupon=True)


def list_unread(connection: apsw.Connection, chave: str, note: str) -> None:
    """A coupon of which nobody has said until now that they read it is for a person, unless it is so already."""
    connection.execute(
        "UPDATE coupon SET standing = 'undelivered', note = ? WHERE chave = ? AND standing = 'sold'"
        " AND EXISTS (SELECT 1 FROM request r WHERE r.id = coupon.request_id AND r.delivered = 0)",
        (note, chave),
    )


def decided(connection: apsw.Connection, chave: str) -> None:
    """A person has seen to a coupon: nobody need read its answer any more."""
    whose = "UPDATE request SET delivered = 1 WHERE id = (SELECT request_id FROM coupon WHERE chave = ?)"
    connection.execute(whose, (chave,))


def unread(connection: apsw.Connection, before: datetime) -> list[tuple[str, str]]:
    """Id and chave of sales that were told before then, and of which no till has said that it read them."""
    rows: list[Any] = connection.execute(UNREAD, (to_micros(before),)).fetchall()
    return rows
