"""What the centre refuses for ever is set aside, kept and counted, so that the rest goes on; and is brought back."""

from datetime import datetime, timedelta
from typing import Any, Final

import apsw

from zelo.fiscal.instant import from_micros, to_micros
from zelo.pos.edge.outbox.core import Aside, Item, Rank
from zelo.pos.edge.outbox.schema import ASIDE as TABLE
from zelo.pos.edge.outbox.shell.queue import ASIDE, PENDING, spoil

MOST_SAID_CHARACTERS: Final = 300


def ensure(connection: apsw.Connection) -> None:
    """The table, in a file that was made before there was one."""
    connection.execute(TABLE)


def set_aside(connection: apsw.Connection, item: Item, said: str, at: datetime) -> None:
    """It is sent no more until it is brought back. In the caller's transaction.

    A document stays, and never gives way. Anything else is declared lost, and what is left of it is a copy: a centre
    that takes no logs must not fill the file with them.
    """
    if item.rank is not Rank.FISCAL:
        spoil(connection, [item], at)
        return
    connection.execute(
        "update outbox_shelf set settled = ? where settled = ? and rank = ? and turn = ?",
        (ASIDE, PENDING, item.rank, item.turn),
    )
    told = (item.turn, to_micros(at), said[:MOST_SAID_CHARACTERS])
    connection.execute("insert or replace into outbox_aside values (?, ?, ?)", told)


def bring_back(connection: apsw.Connection, now: datetime, wait: timedelta) -> bool:
    """Queue the document again that was refused the longest ago, if it has waited so long. In the caller's transaction.

    One of a day to come was refused under a clock that was ahead, and has waited for nobody knows how long.
    """
    due = "select turn from outbox_aside where at <= ? or at > ? order by at, turn limit 1"
    return _bring_back(connection, connection.execute(due, (to_micros(now - wait), to_micros(now))).fetchall()) > 0


def bring_all_back(connection: apsw.Connection) -> int:
    """Queue all of it again; how many. In the caller's transaction."""
    return _bring_back(connection, connection.execute("select turn from outbox_aside").fetchall())


def listed(connection: apsw.Connection, most: int) -> list[Aside]:
    """What is set aside, the oldest first."""
    query = "select i.emitter, i.key, a.at, a.said from outbox_aside a join outbox_item i using (turn)"
    rows = connection.execute(f"{query} order by a.turn limit ?", (most,))
    return [Aside(emitter, key, from_micros(at), said) for emitter, key, at, said in rows]


def _bring_back(connection: apsw.Connection, turns: list[Any]) -> int:
    connection.executemany(
        "update outbox_shelf set settled = ? where settled = ? and rank = ? and turn = ?",
        [(PENDING, ASIDE, Rank.FISCAL, turn) for (turn,) in turns],
    )
    connection.executemany("delete from outbox_aside where turn = ?", turns)
    return len(turns)
