"""The memory of a device: a SQLite file, written through to the disk in one transaction per call.

It is the oracle of tests: `coupons` lists everything that was ever issued, whatever became of the reply.
"""

import base64
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from zelo.fiscal.instant import from_micros, to_micros
from zelo.sim.sat.sefaz import DONE
from zelo.sim.sat.state import Block, Issued, Kind, Network, Session, State
from zelo.sim.sat.unit import Terms

FILE: Final = "device.sqlite3"
PENDING: Final = ""
"""cod of a coupon that SEFAZ has not answered for."""

_SHAPE: Final = """
create table if not exists card (one integer primary key check (one = 1), told text not null);
create table if not exists coupon (
  seq integer primary key, chave text not null unique, kind text not null, at integer not null, total text not null,
  dest text not null, "of" text not null, xml blob not null, cod text not null default ''
);
create index if not exists coupon_pending on coupon (seq) where cod = '';
create table if not exists session (seq integer primary key, number integer, reply text);
create table if not exists log (seq integer primary key, line text not null);
"""
_APART: Final = frozenset({"last", "sessions", "recent", "pending", "refused", "log"})
"""What has rows of its own."""
_COLUMNS: Final = 'kind, chave, at, total, dest, "of", length(xml)'


@dataclass(frozen=True, slots=True)
class Kept:
    """A coupon in the memory with what SEFAZ said of it (PENDING until then)."""

    issued: Issued
    cod: str


class Memory:
    """An open memory. Whoever uses it from several threads takes turns."""

    def __init__(self, path: Path) -> None:
        """Open or make the file. Raises sqlite3.DatabaseError for one that is no memory."""
        self._base = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._base.execute("pragma journal_mode = wal")
        self._base.execute("pragma synchronous = full")
        self._base.executescript(_SHAPE)

    def load(self, terms: Terms) -> State | None:
        """What the device remembers; None when it has just left the factory."""
        row = self._base.execute("select told from card").fetchone()
        if row is None:
            return None
        state = State(**_from_json(json.loads(row[0])))
        last = [issued for issued, _ in self._rows("order by seq desc limit 1")]
        since = to_micros(last[0].at - terms.cancel) if last else 0
        sessions = self._base.execute("select number, reply from session order by seq").fetchall()
        judged = self._base.execute("select chave, cod from coupon where cod <> '' order by seq").fetchall()
        return replace(
            state,
            last=last[0] if last else None,
            sessions=tuple(Session(*row) for row in sessions),
            recent=tuple(issued for issued, _ in self._rows("where at >= ? order by seq", since)),
            pending=tuple(issued for issued, _ in self._rows("where cod = '' order by seq")),
            refused=tuple(chave for chave, cod in judged if cod not in DONE),
            log=tuple(line for (line,) in self._base.execute("select line from log order by seq")),
        )

    def keep(self, before: State | None, after: State, made: Issued | None, xml: bytes) -> None:
        """Commit what a call or an answer of SEFAZ changed."""
        with _transaction(self._base) as base:
            if made is not None:
                values = (made.chave, made.kind, to_micros(made.at), str(made.total), made.dest, made.of, xml)
                base.execute(
                    'insert into coupon (chave, kind, at, total, dest, "of", xml) values (?, ?, ?, ?, ?, ?, ?)', values
                )
            _write(base, before or State(), after)

    def settle(self, before: State, after: State, codes: Mapping[str, str]) -> None:
        """Commit what SEFAZ said of coupons: chave → cod; those that are still pending stay so."""
        waiting = {each.chave for each in after.pending}
        told = [(cod, chave) for chave, cod in codes.items() if chave not in waiting]
        with _transaction(self._base) as base:
            base.executemany("update coupon set cod = ? where chave = ?", told)
            _write(base, before, after)

    def coupons(self, after: int = 0, most: int = -1) -> list[Kept]:
        """Every coupon in the order of issue, from the `after`-th on, at most so many (-1: all)."""
        return [Kept(issued, cod) for issued, cod in self._rows("order by seq limit ? offset ?", most, after)]

    def xml(self, chave: str) -> bytes | None:
        """The signed document of a chave."""
        row = self._base.execute("select xml from coupon where chave = ?", (chave,)).fetchone()
        return bytes(row[0]) if row else None

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def _rows(self, rest: str, *values: object) -> Iterable[tuple[Issued, str]]:
        asked = f"select {_COLUMNS}, cod from coupon {rest}"  # noqa: S608 constants of this module
        for kind, chave, at, total, dest, of, size, cod in self._base.execute(asked, values).fetchall():
            yield Issued(Kind(kind), chave, from_micros(at), Decimal(total), dest, of, size), cod


@contextmanager
def _transaction(base: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """One immediate transaction: all or nothing."""
    base.execute("begin immediate")
    try:
        yield base
    except BaseException:
        base.execute("rollback")
        raise
    base.execute("commit")


def _write(base: sqlite3.Connection, before: State, after: State) -> None:
    """The card, and what is new among sessions and log lines."""
    base.execute("insert or replace into card values (1, ?)", (json.dumps(_to_json(after)),))
    if after.sessions is not before.sessions:
        made = after.sessions[-1]
        base.execute("insert into session (number, reply) values (?, ?)", (made.number, made.reply))
        base.execute("delete from session where seq <= (select max(seq) from session) - ?", (len(after.sessions),))
        forgotten = {each.number for each in after.sessions if not each.reply}
        fresh = [each.number for each in before.sessions if each.reply and each.number in forgotten]
        base.executemany("update session set reply = '' where number = ?", [(number,) for number in fresh])
    if after.log is not before.log:
        base.execute("insert into log (line) values (?)", (after.log[-1],))
        base.execute("delete from log where seq <= (select max(seq) from log) - ?", (len(after.log),))


def _to_json(state: State) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for field in fields(State):
        value = getattr(state, field.name)
        if field.name in _APART:
            continue
        if isinstance(value, datetime):
            value = value.isoformat()
        elif isinstance(value, bytes):
            value = base64.b64encode(value).decode()
        elif isinstance(value, Network):
            value = asdict(value)
        told[field.name] = value
    return told


def _from_json(told: dict[str, Any]) -> dict[str, Any]:
    instants = {name: told[name] and datetime.fromisoformat(told[name]) for name in told if name.endswith(_INSTANTS)}
    return {
        **told,
        **instants,
        "certificate": base64.b64decode(told["certificate"]),
        "network": Network(**told["network"]),
        "block": Block(told["block"]),
    }


_INSTANTS: Final = ("_at", "_until")
