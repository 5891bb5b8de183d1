"""What a file comes to: by CFOP and cClass, against its ERP and against the month before."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, Row, case, func, select, type_coerce

from zelo.engine.schema.access import establishment
from zelo.engine.schema.flow import document, item
from zelo.engine.schema.isp import fault, note
from zelo.fiscal.money import ZERO, from_cents
from zelo.flow.lifecycle import State
from zelo.isp.month.compare import Compared, Contract, Part, Said
from zelo.isp.month.scope import STILL_BILLED, Scope

SHOWN_CONTRACTS: Final = 10
_BILLED: Final = type_coerce(document.c.billed, BigInteger)


def parts(connection: Connection, scope: Scope) -> list[Part]:
    """What is billed by CFOP and cClass."""
    query = (
        select(item.c.cfop, item.c.cclass, func.count(), func.sum(item.c.det), func.sum(item.c.value))
        .join(document, document.c.id == item.c.document_id)
        .where(*scope.conditions, STILL_BILLED)
        .group_by(item.c.cfop, item.c.cclass)
    )
    return [
        Part(cfop, cclass, notes, int(items), value) for cfop, cclass, notes, items, value in connection.execute(query)
    ]


def said(connection: Connection, batch_id: str) -> Said:
    """How a file was taken, and what its ERP says that it comes to against what its notes bill."""
    rows = connection.execute(
        select(
            note.c.taken,
            func.count(),
            func.count(note.c.erp_total),
            func.sum(note.c.erp_total),
            func.sum(case((note.c.erp_total.is_not(None), _BILLED), else_=0)),
        )
        .outerjoin(document, document.c.id == note.c.document_id)
        .where(note.c.batch_id == batch_id)
        .group_by(note.c.taken)
    ).fetchall()
    unread = connection.execute(
        select(func.count(func.distinct(fault.c.reference))).where(
            fault.c.batch_id == batch_id,
            fault.c.reference != "",
            fault.c.reference.not_in(
                select(document.c.reference).where(
                    document.c.id.in_(select(note.c.document_id).where(note.c.batch_id == batch_id))
                )
            ),
        )
    ).scalar_one()
    return Said(
        taken={row[0]: row[1] for row in rows},
        told=sum(row[2] for row in rows),
        erp=sum((row[3] or ZERO for row in rows), ZERO),
        billed=sum((from_cents(int(row[4] or 0)) for row in rows), ZERO),
        unread=unread,
    )


def period_of(connection: Connection, scope: Scope) -> str:
    """The month that most notes of a scope bill; "" of none."""
    query = select(document.c.period).where(*scope.conditions).group_by(document.c.period)
    return connection.execute(query.order_by(func.count().desc()).limit(1)).scalar() or ""


def compare(
    connection: Connection, company_id: str, establishments: Sequence[str], now: str, before: str, percent: int
) -> Compared:
    """Contract by contract, this month against the one before, at these establishments."""
    key = (document.c.establishment_id, document.c.contract)
    is_now = document.c.period == now
    sums = (
        select(
            *key,
            func.sum(case((is_now, 1), else_=0)).label("now_notes"),
            func.sum(case((is_now, 0), else_=1)).label("then_notes"),
            func.sum(case((is_now, _BILLED), else_=0)).label("now_value"),
            func.sum(case((is_now, 0), else_=_BILLED)).label("then_value"),
        )
        .where(
            document.c.company_id == company_id,
            document.c.period.in_((now, before)),
            document.c.establishment_id.in_(establishments),
            document.c.contract != "",
            STILL_BILLED,
        )
        .group_by(*key)
        .cte("contracts")
    )
    c = sums.c
    moved = func.abs(c.now_value - c.then_value)
    kinds = {
        "missing": c.now_notes == 0,
        "new": c.then_notes == 0,
        "changed": (c.now_notes > 0) & (c.then_notes > 0) & (moved * 100 > c.then_value * percent),
    }
    whole = [func.sum(case((kind, 1), else_=0)) for kind in kinds.values()]
    counted = connection.execute(select(func.sum(c.now_value), func.sum(c.then_value), *whole)).one()
    shown = {
        name: [_contract(connection, company_id, row, now, before) for row in _largest(connection, sums, kind, moved)]
        if count
        else []
        for (name, kind), count in zip(kinds.items(), counted[2:], strict=True)
    }
    figures = {name: int(count or 0) for name, count in zip(kinds, counted[2:], strict=True)}
    return Compared(
        now=from_cents(int(counted[0] or 0)), before=from_cents(int(counted[1] or 0)), counts=figures, shown=shown
    )


def _largest(connection: Connection, sums: Any, kind: Any, moved: Any) -> Sequence[Row[Any]]:
    query = select(sums).where(kind).order_by(moved.desc(), sums.c.contract).limit(SHOWN_CONTRACTS)
    return connection.execute(query).fetchall()


def _contract(connection: Connection, company_id: str, row: Row[Any], now: str, before: str) -> Contract:
    """With the name and the note by which people know it."""
    known = connection.execute(
        select(document.c.id, document.c.recipient)
        .where(
            document.c.company_id == company_id,
            document.c.period.in_((now, before)),
            document.c.establishment_id == row.establishment_id,
            document.c.contract == row.contract,
        )
        .order_by(document.c.period.desc())
        .limit(1)
    ).one()
    return Contract(
        row.contract,
        known.recipient,
        known.id,
        from_cents(int(row.now_value)) if row.now_notes else None,
        from_cents(int(row.then_value)) if row.then_notes else None,
    )


def sample(connection: Connection, scope: Scope, count: int) -> Sequence[Row[Any]]:
    """Checked notes to try first: of as many establishments as possible, the oldest of each."""
    place = func.row_number().over(partition_by=document.c.establishment_id, order_by=document.c.id).label("place")
    waits = document.c.state == State.CHECKED.value
    ranked = select(document.c.id, place).where(*scope.conditions, waits).subquery()
    first = select(ranked.c.id).order_by(ranked.c.place, ranked.c.id).limit(count)
    chosen = [row.id for row in connection.execute(first)]
    emitted = document.join(establishment, establishment.c.id == document.c.establishment_id)
    query = select(document, establishment.c.cnpj, establishment.c.uf).select_from(emitted)
    return connection.execute(query.where(document.c.id.in_(chosen)).order_by(document.c.id)).fetchall()
