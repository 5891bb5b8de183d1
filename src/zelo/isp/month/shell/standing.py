"""Where the notes of a month or of a file stand, in few statements however many they are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    ScalarSelect,
    Select,
    case,
    func,
    select,
    type_coerce,
)

from zelo.engine.schema.access import establishment
from zelo.engine.schema.flow import document, event
from zelo.engine.schema.isp import batch
from zelo.fiscal.fault import Fault
from zelo.fiscal.instant import from_micros
from zelo.flow.lifecycle import State
from zelo.isp.month.balance import Spot, Sum
from zelo.isp.month.scope import CANCEL_REFUSED, SUCCEEDED, TPEMIS, Scope
from zelo.isp.month.tile import Tile, tile
from zelo.models.nfcom.document import EMISSAO_NORMAL
from zelo.models.nfcom.event import CANCELAMENTO

MOST_FAULTY: Final = 1_000
"""Faulty notes of which causes and corrections are told at a time; the rest comes when these are corrected."""
WHOLE_ROWS: Final = 500
"""Rows of a whole month in memory at a time."""
_DAY_MICROS: Final = 86_400_000_000
_SECOND_MICROS: Final = 1_000_000
_TPEMIS: Final = slice(34, 35)
_DATED: Final = (
    State.SIGNED, State.RESERVED, State.UNKNOWN, State.PAUSED, State.BLOCKED, State.REJECTED, State.HELD,
)  # fmt: skip
"""States in which a note bears a date of emission that it may still be sent with."""


def spots(connection: Connection, scope: Scope) -> list[Spot]:
    """Where the notes of a scope stand, added up by the database."""
    by = (
        document.c.establishment_id, document.c.state, document.c.situacao, document.c.cstat, TPEMIS, CANCEL_REFUSED,
        SUCCEEDED,
    )  # fmt: skip
    query = select(*by, func.count(), func.sum(document.c.billed)).where(*scope.conditions).group_by(*by)
    return [
        Spot(
            establishment_id,
            tile(
                State(state),
                situacao,
                cstat=cstat or "",
                tpemis=tpemis or EMISSAO_NORMAL,
                cancel_refused=bool(refused),
                succeeded=bool(succeeded),
            ),
            cstat or "",
            Sum(count, value),
        )
        for establishment_id, state, situacao, cstat, tpemis, refused, succeeded, count, value in connection.execute(
            query
        )
    ]


@dataclass(frozen=True, slots=True)
class Day:
    """What was authorised on a day of the company's calendar."""

    on: date
    sum: Sum


def authorised_by_day(connection: Connection, scope: Scope, offset: timedelta) -> list[Day]:
    """The curve of a month. `offset` is that of the company's zone (Brazil has no summer time since 2019)."""
    shifted = type_coerce(document.c.authorised_at, BigInteger) + int(offset.total_seconds()) * _SECOND_MICROS
    of_day = shifted - shifted % _DAY_MICROS
    query = (
        select(of_day, func.count(), func.sum(document.c.billed))
        .where(*scope.conditions, document.c.authorised_at.is_not(None))
        .group_by(of_day)
        .order_by(of_day)
    )
    return [Day(from_micros(int(day)).date(), Sum(count, value)) for day, count, value in connection.execute(query)]


def oldest_unauthorised(connection: Connection, scope: Scope, before: datetime) -> tuple[int, datetime | None]:
    """Notes with a date of emission and no authorisation: how many are older than `before`, and the oldest date."""
    late = func.sum(case((document.c.emitted_at < before, 1), else_=0))
    waiting = document.c.state.in_([state.value for state in _DATED])
    row = connection.execute(select(late, func.min(document.c.emitted_at)).where(*scope.conditions, waiting)).one()
    return int(row[0] or 0), row[1]


def documents(
    connection: Connection, scope: Scope, *, limit: int, before: str = "", least: Decimal | None = None
) -> Sequence[Row[Any]]:
    """Notes of a scope, newest first, each as `_notes` gives it.

    `before` is the id to go on from, `least` the smallest amount asked for.
    """
    found = scope.conditions
    if before:
        found.append(document.c.id < before)
    if least is not None:
        found.append(document.c.billed >= least)
    return connection.execute(_notes().where(*found).order_by(document.c.id.desc()).limit(limit)).fetchall()


def every(connection: Connection, scope: Scope) -> Iterator[Row[Any]]:
    """All notes of a scope in the order of their numbers, each as `_notes` gives it; some in memory at a time."""
    query = _notes().where(*scope.conditions).order_by(*BY_NUMBER).execution_options(yield_per=WHOLE_ROWS)
    yield from connection.execute(query)


BY_NUMBER: Final = (
    establishment.c.cnpj, document.c.serie, document.c.nnf.is_(None), document.c.nnf, document.c.id,
)  # fmt: skip
"""By establishment, série and number; those without a number last, in the order in which they came."""


def _notes() -> Select[Any]:
    """Notes with `cnpj` and `uf` of the emitter, `cancel_refused`, and of a registered cancellation `cancelled_at`,
    `cancel_nprot` and `cancel_reason`.
    """
    more = (
        establishment.c.cnpj,
        establishment.c.uf,
        CANCEL_REFUSED.label("cancel_refused"),
        _of_cancellation(event.c.registered_at).label("cancelled_at"),
        _of_cancellation(event.c.nprot).label("cancel_nprot"),
        _of_cancellation(event.c.reason).label("cancel_reason"),
    )
    emitted = document.join(establishment, establishment.c.id == document.c.establishment_id)
    return select(document, *more).select_from(emitted)


def _of_cancellation(column: ColumnElement[Any]) -> ScalarSelect[Any]:
    registered = (event.c.tipo == CANCELAMENTO, event.c.registered_at.is_not(None))
    query = select(column).where(event.c.document_id == document.c.id, *registered).correlate(document)
    return query.order_by(event.c.seq.desc()).limit(1).scalar_subquery()


def tile_of(row: Row[Any]) -> Tile:
    """The tile of one note, as `_notes` gives it."""
    return tile(
        State(row.state),
        row.situacao,
        cstat=row.cstat or "",
        tpemis=(row.chave or "")[_TPEMIS] or EMISSAO_NORMAL,
        cancel_refused=bool(row.cancel_refused),
        succeeded=row.successor_id is not None,
    )


@dataclass(frozen=True, slots=True)
class Faulty:
    """A note that the rules refuse, with what they say."""

    row: Row[Any]
    faults: tuple[Fault, ...]


def faulty(connection: Connection, scope: Scope, limit: int = MOST_FAULTY) -> list[Faulty]:
    """The first notes of a scope that the rules refuse."""
    columns = (document.c.id, document.c.revision, document.c.establishment_id, document.c.reference)
    query = select(*columns, document.c.recipient, document.c.serie, document.c.faults)
    waiting = document.c.state == State.INVALID.value
    found = query.where(*scope.conditions, waiting).order_by(document.c.id).limit(limit)
    rows: Sequence[Any] = connection.execute(found).fetchall()
    return [Faulty(row, tuple(Fault(**one) for one in row.faults or ())) for row in rows]


def waiting_batches(connection: Connection, scope: Scope) -> list[tuple[Row[Any], int]]:
    """Files of which notes wait for a person's go, with how many; the newest first."""
    waits = document.c.state == State.CHECKED.value
    counted = (
        select(document.c.batch_id, func.count().label("notes"))
        .where(*scope.conditions, waits)
        .group_by(document.c.batch_id)
        .subquery()
    )
    query = select(batch, counted.c.notes).join(counted, counted.c.batch_id == batch.c.id).order_by(batch.c.id.desc())
    return [(row, row[-1]) for row in connection.execute(query)]
