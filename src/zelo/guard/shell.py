"""The rows of the guard. Every change is one update of the number's row and one line appended to its journal.

The row is read locked and written only if its journal has not moved meanwhile; if it has, nothing is sent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, bindparam, delete, insert, not_, or_, select, update

from zelo.engine.schema.guard import foreign, halt, journal, note, override, restore, sighting, streak, window
from zelo.engine.schema.guard import policy as policy_table
from zelo.engine.statement import add, change, insert_new, put
from zelo.facts.cstat import Classe, Classify
from zelo.guard import review
from zelo.guard.core import SOME, Answer, Entry, Event, Policy, Release, State, Verdict, apply, decide, fold
from zelo.guard.halt import PROBED
from zelo.guard.review import Override
from zelo.guard.sighting import Sighting
from zelo.guard.window import Budget, Spend, spend


class GuardConflictError(RuntimeError):
    """Somebody else moved the number meanwhile: nothing may be sent on what we believed."""


def admit(
    connection: Connection, *, natural_key: str, chave: str, token: str, now: datetime, policy: Policy
) -> Verdict:
    """Reserve one send of the number, if the guard admits it. Durable when the transaction is.

    A reservation that another program let run out is charged first: it may have sent.
    """
    state = _charge_overdue(connection, _locked(connection, natural_key), now)
    verdict = decide(state, policy, now)
    if verdict.answer is Answer.ADMIT:
        _move(connection, state, Event.ADMITTED, at=now, chave=chave, token=token)
    return verdict


def admit_regardless(
    connection: Connection, *, natural_key: str, chave: str, token: str, now: datetime, said: str
) -> None:
    """Write down a send that was made in spite of what was said. Beside another reservation it is charged at once."""
    state = _charge_overdue(connection, _locked(connection, natural_key), now)
    if state.token is None:
        _move(connection, state, Event.ADMITTED, at=now, chave=chave, token=token, detail=said)
    else:
        _move(connection, state, Event.CHARGED, at=now, chave=chave, detail="1")


def _charge_overdue(connection: Connection, state: State, now: datetime) -> State:
    """A reservation of another program whose lease ran out is charged as an unknown outcome, never freed."""
    late = overdue(connection, state, now)
    if late is None:
        return state
    _move(connection, state, Event.UNKNOWN, at=now, chave=late.subject)
    return state_of(connection, state.natural_key)


def overdue(connection: Connection, state: State, now: datetime) -> Row[Any] | None:
    """The send of another program that holds the number though its lease has run out."""
    if state.token is None:
        return None
    return connection.execute(
        select(foreign).where(foreign.c.token == state.token, foreign.c.lease_until <= now)
    ).first()


def tell(
    connection: Connection,
    *,
    natural_key: str,
    chave: str,
    event: Event,
    now: datetime,
    cstat: str = "",
    detail: str = "",
) -> None:
    """Record what became of a send. Raises ValueError when the number has no reservation to end."""
    _move(connection, _locked(connection, natural_key), event, at=now, chave=chave, cstat=cstat, detail=detail)


def release(connection: Connection, *, natural_key: str, chave: str, now: datetime, what: Release) -> None:
    """Move a stop of the number on. Nothing that was counted is forgotten."""
    tell(connection, natural_key=natural_key, chave=chave, event=Event.RELEASED, now=now, detail=what.detail())


def set_policy(
    connection: Connection, *, company_id: str, enabled: bool, intervals: str, limits: str, now: datetime, actor: str
) -> None:
    """Keep what a company has set, as it was written."""
    values = {"enabled": enabled, "intervals": intervals, "limits": limits, "changed_at": now, "changed_by": actor}
    put(connection, policy_table, {"company_id": company_id}, values)


_POLICY: Final = select(policy_table).where(policy_table.c.company_id == bindparam("company"))


def policy_of(connection: Connection, company_id: str) -> Row[Any] | None:
    """What a company has set, or None where it never did."""
    return connection.execute(_POLICY, {"company": company_id}).first()


def keep_override(connection: Connection, row: Override) -> None:
    """Read a code otherwise from a day on; never changed afterwards, only followed by another."""
    values = {"id": row.id, "modelo": row.modelo, "cstat": row.cstat, "desde": row.desde.isoformat()}
    values |= {"classe": row.classe.value if row.classe else "", "actor": row.actor, "why": row.why}
    connection.execute(insert(override).values(**values, at=row.at))


_OVERRIDES: Final = select(override).order_by(override.c.id)


def overrides(connection: Connection) -> list[Override]:
    """Every reading that was ever set, oldest first."""
    rows = connection.execute(_OVERRIDES).fetchall()
    return [
        Override(
            row.id, row.modelo, row.cstat, Classe(row.classe) if row.classe else None, date.fromisoformat(row.desde),
            row.at, row.actor, row.why,
        )
        for row in rows
    ]  # fmt: skip


def classify(connection: Connection, on: date) -> Classify:
    """The classes of codes as they are read on that day."""
    return review.classify(overrides(connection), on)


def state_of(connection: Connection, natural_key: str) -> State:
    """The present state of a number."""
    row = connection.execute(select(note).where(note.c.natural_key == natural_key)).first()
    return _state(row) if row else State(natural_key)


_LOCK: Final = select(note).where(note.c.natural_key == bindparam("number")).with_for_update()


def _locked(connection: Connection, natural_key: str) -> State:
    row = connection.execute(_LOCK, {"number": natural_key}).first()
    if row is None:
        fresh = State(natural_key)
        if insert_new(connection, note, {"natural_key": natural_key, **_values(fresh)}):
            return fresh
        row = connection.execute(_LOCK, {"number": natural_key}).one()
    return _state(row)


def _values(state: State) -> dict[str, Any]:
    """The row of a state but for its key."""
    return {
        "counts": dict(state.counts), "unknown": state.unknown, "token": state.token, "seq": state.seq,
        "head": state.head, "released": dict(state.released), "sent_at": state.sent_at,
    }  # fmt: skip


def _state(row: Row[Any]) -> State:
    return State(row.natural_key, row.counts, row.unknown, row.token, row.seq, row.head, row.released, row.sent_at)


def _move(
    connection: Connection,
    state: State,
    event: Event,
    *,
    at: datetime,
    chave: str,
    cstat: str = "",
    token: str = "",
    detail: str = "",
) -> None:
    after, entry = apply(state, event, at=at, chave=chave, cstat=cstat, token=token, detail=detail)
    before = {"natural_key": state.natural_key, "seq": state.seq}
    if change(connection, note, before, _values(after)) != 1:
        raise GuardConflictError(state.natural_key)
    line = {field.name: getattr(entry, field.name) for field in fields(entry)}
    add(connection, journal, line | {"event": entry.event.value})


def number_of(connection: Connection, chave: str) -> str | None:
    """The natural key of which a chave is or was one, or None where it was never admitted."""
    query = select(journal.c.natural_key).where(journal.c.chave == chave).limit(1)
    found: str | None = connection.execute(query).scalar()
    return found


def entries(connection: Connection, natural_key: str) -> list[Entry]:
    """The journal of a number, oldest first."""
    rows = connection.execute(select(journal).where(journal.c.natural_key == natural_key).order_by(journal.c.seq))
    return [Entry(r.natural_key, r.seq, r.at, r.chave, Event(r.event), r.cstat, r.detail, r.hash) for r in rows]


def keep_foreign(connection: Connection, **values: Any) -> None:
    """Write down that another program was given a token."""
    connection.execute(insert(foreign).values(**values, outcome="", meaning="", holds=False))


def foreign_of(connection: Connection, token: str, *, lock: bool = False) -> Row[Any] | None:
    """The send of a token, None where there is none. With `lock` its number is locked first and then itself."""
    query = select(foreign).where(foreign.c.token == token)
    row = connection.execute(query).first()
    if row is None or not lock:
        return row
    connection.execute(select(note.c.seq).where(note.c.natural_key == row.key).with_for_update())
    return connection.execute(query.with_for_update()).one()


def latest_foreign(connection: Connection, company_id: str, key: str, subject: str) -> Row[Any] | None:
    """The last send of that chave or Id that the company was admitted."""
    mine = (foreign.c.key == key, foreign.c.subject == subject, foreign.c.company_id == company_id)
    return connection.execute(select(foreign).where(*mine).order_by(foreign.c.asked_at.desc()).limit(1)).first()


def settle_foreign(
    connection: Connection, token: str, *, outcome: str, motivo: str, meaning: str, holds: bool, now: datetime
) -> None:
    """Write down what became of it, once and for all."""
    values = {"outcome": outcome, "motivo": motivo, "meaning": meaning, "holds": holds, "settled_at": now}
    connection.execute(update(foreign).where(foreign.c.token == token).values(**values))


def extend_foreign(connection: Connection, token: str, until: datetime) -> None:
    """The authorizer has it and has not decided: the reservation lives on."""
    connection.execute(update(foreign).where(foreign.c.token == token).values(lease_until=until))


def held_by(connection: Connection, key: str) -> Row[Any] | None:
    """The latest send whose answer a person must look into before another of that key."""
    query = select(foreign).where(foreign.c.key == key, foreign.c.holds).order_by(foreign.c.settled_at.desc())
    return connection.execute(query.limit(1)).first()


def let_go(connection: Connection, key: str) -> None:
    """A person has looked into it."""
    connection.execute(update(foreign).where(foreign.c.key == key, foreign.c.holds).values(holds=False))


def paused_since(
    connection: Connection, *, company_id: str, modelo: str, autorizador: str, meaning: str, since: datetime
) -> datetime | None:
    """When a program of the company was last told so by that authorizer, if after that instant."""
    query = (
        select(foreign.c.settled_at)
        .where(
            foreign.c.settled_at > since,
            foreign.c.company_id == company_id,
            foreign.c.modelo == modelo,
            foreign.c.autorizador == autorizador,
            foreign.c.meaning == meaning,
        )
        .order_by(foreign.c.settled_at.desc())
    )
    found: datetime | None = connection.execute(query.limit(1)).scalar()
    return found


def forget_foreign(connection: Connection, before: datetime, kept: Sequence[str]) -> int:
    """Sends that ended before that instant decide nothing any more; how many were let go.

    Kept are those that wait for a person, whose reservation stands, or whose meaning is one of `kept`.
    """
    reserved = select(note.c.token).where(note.c.token.is_not(None))
    over = and_(foreign.c.asked_at < before, foreign.c.lease_until < before)
    settled = or_(foreign.c.settled_at.is_(None), foreign.c.settled_at < before)
    free = and_(not_(foreign.c.holds), foreign.c.meaning.not_in(kept), foreign.c.token.not_in(reserved))
    return connection.execute(delete(foreign).where(over, settled, free)).rowcount


def mark_restored(connection: Connection, company_id: str, now: datetime) -> None:
    """What the company's programs sent between the backup and now is not known here."""
    put(connection, restore, {"company_id": company_id}, {"at": now})


def restored_at(connection: Connection, company_id: str) -> datetime | None:
    """When the database was last restored, if it ever was."""
    found: datetime | None = connection.execute(select(restore.c.at).where(restore.c.company_id == company_id)).scalar()
    return found


def moved_since(connection: Connection, natural_key: str, since: datetime) -> bool:
    """Whether the number's journal has a line of after that instant."""
    query = select(journal.c.seq).where(journal.c.natural_key == natural_key, journal.c.at > since)
    return connection.execute(query.limit(1)).first() is not None


def keep_sightings(
    connection: Connection, rows: Sequence[Sighting], company_id: str, now: datetime, actor: str
) -> None:
    """Who was seen to send for a company, as a diagnosis told it; a later one of the same replaces it."""
    for row in rows:
        key = {"company_id": company_id, "kind": row.kind, "emitter": row.emitter, "name": row.name}
        put(connection, sighting, key, {"notes": row.notes, "seen_at": row.seen_at, "told_at": now, "told_by": actor})


def verify(connection: Connection) -> Iterable[str]:
    """Natural keys whose journal does not amount to their row, whose chain is broken, or whose row is gone."""
    for row in connection.execute(select(note).order_by(note.c.natural_key)).fetchall():
        if not _amounts(connection, _state(row)):
            yield row.natural_key
    known = select(note.c.natural_key)
    orphans = select(journal.c.natural_key).where(journal.c.natural_key.not_in(known)).distinct()
    yield from connection.execute(orphans.order_by(journal.c.natural_key)).scalars()


def is_whole(connection: Connection, natural_key: str) -> bool:
    """Whether the journal of a number amounts to its row, hash by hash."""
    return _amounts(connection, state_of(connection, natural_key))


def _amounts(connection: Connection, kept: State) -> bool:
    """Whether the journal amounts to that state, but for the name of the holder, which it does not tell."""
    try:
        folded = fold(kept.natural_key, entries(connection, kept.natural_key))
    except ValueError:
        return False
    return folded == replace(kept, token=None if kept.token is None else SOME)


def take(connection: Connection, key: str, budget: Budget, now: datetime) -> Spend:
    """Spend one from a budget shared by all processes."""
    query = select(window).where(window.c.key == key).with_for_update()
    row = connection.execute(query).first()
    if row is None:
        insert_new(connection, window, {"key": key, "times": [], "spent_at": now})
        row = connection.execute(query).one()
    result = spend(row.times, budget, now)
    if result.allowed:
        connection.execute(update(window).where(window.c.key == key).values(times=list(result.times), spent_at=now))
    return result


def give_back(connection: Connection, key: str) -> None:
    """What was spent last was not used up after all."""
    connection.execute(update(window).where(window.c.key == key).values(times=[]))


def stop(
    connection: Connection,
    *,
    scope: str,
    reason: str,
    now: datetime,
    until: datetime | None,
    cstat: str = "",
    detail: str = "",
    document_id: str | None = None,
) -> None:
    """Halt a scope until an instant, or until somebody clears it (None). A later halt replaces an earlier one."""
    values = {"reason": reason, "cstat": cstat, "detail": detail, "document_id": document_id}
    put(connection, halt, {"scope": scope}, {**values, "since": now, "until": until})


def clear(connection: Connection, scope: str) -> bool:
    """Lift a halt; whether there was one."""
    return connection.execute(delete(halt).where(halt.c.scope == scope)).rowcount == 1


def halts(connection: Connection, now: datetime, scopes: Sequence[str] | None = None) -> Sequence[Row[Any]]:
    """Halts in force, of these scopes or of all, oldest first. One that is probed stands until the probe lifts it."""
    query = select(halt).where(or_(halt.c.until.is_(None), halt.c.until > now, halt.c.reason.in_(PROBED)))
    if scopes is not None:
        query = query.where(halt.c.scope.in_(scopes))
    return connection.execute(query.order_by(halt.c.since)).fetchall()


def expired_halts(connection: Connection, now: datetime, reason: str) -> Sequence[Row[Any]]:
    """Halts of that reason whose time has come to be looked into."""
    return connection.execute(select(halt).where(halt.c.reason == reason, halt.c.until <= now)).fetchall()


def count_failure(connection: Connection, scope: str) -> int:
    """One more failure in a row; how many now."""
    insert_new(connection, streak, {"scope": scope, "failures": 0})
    more = update(streak).where(streak.c.scope == scope).values(failures=streak.c.failures + 1)
    return int(connection.execute(more.returning(streak.c.failures)).scalar_one())


_FAILURES: Final = select(streak.c.failures).where(streak.c.scope == bindparam("scope"))
_FAILING: Final = select(streak.c.scope).where(streak.c.failures > 0, streak.c.scope.in_(bindparam("scopes")))


def failures(connection: Connection, scope: str) -> int:
    """How many failures stand under a name."""
    return connection.execute(_FAILURES, {"scope": scope}).scalar() or 0


def forget_failures(connection: Connection, *scopes: str) -> None:
    """Something succeeded: these rows of failures are over. Writes only if there was one."""
    for scope in connection.scalars(_FAILING, {"scopes": scopes}).all():
        change(connection, streak, {"scope": scope}, {"failures": 0})


def forget_old_windows(connection: Connection, before: datetime) -> int:
    """Budgets last spent from before that instant take no place any more; how many."""
    return connection.execute(delete(window).where(window.c.spent_at < before)).rowcount
