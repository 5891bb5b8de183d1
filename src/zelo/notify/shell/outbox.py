"""The rows of what is told. Every function receives the open connection, the time and ids."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from zelo.access.may import BY_WORD
from zelo.engine.schema.access import account, company, membership
from zelo.engine.schema.notify import address as extra
from zelo.engine.schema.notify import cause, notice, outbox, switch
from zelo.engine.statement import claim, insert_new, put
from zelo.fiscal.ambiente import Ambiente
from zelo.notify import delivery
from zelo.notify import letter as letters
from zelo.notify.core import (
    MOST_SHOWN,
    NAME_CHARS,
    SUBJECT_CHARS,
    TEXT_CHARS,
    WORDING,
    Cause,
    Kind,
    Letter,
    Member,
    Recipient,
    compose,
    line,
    recipients,
    wants,
)
from zelo.notify.delivery import OPEN, Answer, Settled, State

_OPEN: Final = tuple(state.value for state in OPEN)
MOST_ADDRESSES: Final = 20
"""Of a company, besides its people."""


def tell(connection: Connection, company_id: str, told: Cause, now: datetime) -> bool:
    """Write down what happened, in the transaction in which it did; False when it was told before."""
    return insert_new(
        connection,
        cause,
        {
            "company_id": company_id,
            "key": told.key,
            "kind": told.kind.value,
            "headline": line(told.headline, SUBJECT_CHARS),
            "text": line(told.text, TEXT_CHARS),
            "path": told.path,
            "at": now,
        },
    )


def gather(connection: Connection, *, ambiente: Ambiente, now: datetime, new_id: Callable[[datetime], str]) -> int:
    """Make notices of the causes that have waited long enough; how many. One caller at a time (engine/periodic)."""
    waiting = (
        select(cause.c.company_id, cause.c.kind, func.min(cause.c.at).label("since"))
        .where(cause.c.notice_id.is_(None))
        .group_by(cause.c.company_id, cause.c.kind)
    )
    made = 0
    for row in connection.execute(waiting).fetchall():
        if row.since + WORDING[Kind(row.kind)].wait <= now:
            _make(connection, row.company_id, Kind(row.kind), ambiente, now, new_id)
            made += 1
    return made


def _make(
    connection: Connection, company_id: str, kind: Kind, ambiente: Ambiente, now: datetime, new_id: Callable[..., str]
) -> None:
    """The notice, its causes marked, and a mail to each recipient: one transaction of the caller."""
    notice_id = new_id(now)
    pending = (cause.c.company_id == company_id, cause.c.kind == kind.value, cause.c.notice_id.is_(None))
    first = connection.execute(select(cause).where(*pending).order_by(cause.c.at, cause.c.key).limit(MOST_SHOWN))
    shown = [Cause(kind, row.key, row.headline, row.text, row.path) for row in first]
    name = connection.execute(select(company.c.name).where(company.c.id == company_id)).scalar_one()
    values = {"id": notice_id, "company_id": company_id, "kind": kind.value, "at": now}
    connection.execute(insert(notice).values(**values, causes=0, subject="", content={}))
    count = connection.execute(update(cause).where(*pending).values(notice_id=notice_id)).rowcount
    told = compose(shown, count, company_id=company_id, company=name, ambiente=ambiente)
    written = {"causes": count, "subject": told.subject, "content": letters.kept(told)}
    connection.execute(update(notice).where(notice.c.id == notice_id).values(**written))
    for one in receiving(connection, company_id):
        _post(connection, new_id(now), notice_id, one, now)


def _post(connection: Connection, mail_id: str, notice_id: str, to: Recipient, now: datetime) -> None:
    state = State.REFUSED if to.wrong else State.WAITING
    connection.execute(
        insert(outbox).values(
            id=mail_id,
            notice_id=notice_id,
            address=to.address,
            name=to.name,
            state=state.value,
            tries=0,
            said=to.wrong,
            created_at=now,
            due_at=None if to.wrong else now,
            settled_at=now if to.wrong else None,
        )
    )


def members(connection: Connection, company_id: str) -> list[Member]:
    """The people of a company whose accounts are in use, with what each chose."""
    chosen = (switch.c.account_id == account.c.id) & (switch.c.company_id == membership.c.company_id)
    query = (
        select(account.c.id, account.c.email, account.c.name, membership.c.role, switch.c.wanted)
        .join(membership, membership.c.account_id == account.c.id)
        .outerjoin(switch, chosen)
        .where(membership.c.company_id == company_id, account.c.disabled_at.is_(None))
        .order_by(account.c.name, account.c.id)
    )
    return [Member(row.id, row.email, row.name, BY_WORD[row.role], row.wanted) for row in connection.execute(query)]


def receiving(connection: Connection, company_id: str) -> list[Recipient]:
    """Who is told of what happens to a company."""
    others = {row.address: row.name for row in addresses(connection, company_id)}
    return recipients(members(connection, company_id), others)


def wishes(connection: Connection, account_id: str, company_id: str) -> bool:
    """Whether a person is told of what happens to that company."""
    found = [one for one in members(connection, company_id) if one.id == account_id]
    return any(wants(one.role, one.wanted) for one in found)


def choose(connection: Connection, *, account_id: str, company_id: str, wanted: bool) -> None:
    """What a person wishes for one company."""
    put(connection, switch, {"account_id": account_id, "company_id": company_id}, {"wanted": wanted})


def addresses(connection: Connection, company_id: str) -> Sequence[Row[Any]]:
    """The addresses of a company besides those of its people."""
    query = select(extra).where(extra.c.company_id == company_id).order_by(extra.c.name, extra.c.id)
    return connection.execute(query).fetchall()


def add_address(
    connection: Connection, *, address_id: str, company_id: str, address: str, name: str, now: datetime
) -> bool:
    """One more; False when it is there already."""
    values = {"address": address, "name": line(name, NAME_CHARS), "added_at": now}
    return insert_new(connection, extra, {"id": address_id, "company_id": company_id, **values})


def drop_address(connection: Connection, company_id: str, address_id: str) -> bool:
    """One less; False when the company has no such."""
    gone = delete(extra).where(extra.c.company_id == company_id, extra.c.id == address_id)
    return connection.execute(gone).rowcount == 1


def give_up_old(connection: Connection, now: datetime) -> int:
    """What has waited for days is news no more, as where a mail server was named long after; how many mails."""
    old = outbox.c.created_at < now - delivery.GIVEN_UP_AFTER
    values = {"state": State.GIVEN_UP.value, "due_at": None, "settled_at": now, "said": delivery.OLD}
    given_up = update(outbox).where(outbox.c.state.in_(_OPEN), old, outbox.c.due_at <= now).values(**values)
    return connection.execute(given_up).rowcount


def take(connection: Connection, now: datetime, lease: timedelta) -> Row[Any] | None:
    """A mail whose time has come, ours for one lease and counted as a try: the intent, before the act."""
    values = {"due_at": now + lease, "tries": outbox.c.tries + 1}
    due = [outbox.c.state.in_(_OPEN), outbox.c.due_at <= now]
    taken = claim(connection, outbox, where=due, order_by=[outbox.c.due_at, outbox.c.id], limit=1, values=values)
    return taken[0] if taken else None


def written(connection: Connection, notice_id: str) -> Letter:
    """The words of a notice."""
    content = connection.execute(select(notice.c.content).where(notice.c.id == notice_id)).scalar_one()
    return letters.read(content)


def settle(connection: Connection, row: Row[Any], answer: Answer, now: datetime, chance: int) -> Settled | None:
    """The outcome, after the act. None when the lease had run out and somebody else has tried since."""
    made = delivery.settle(answer, tries=row.tries, born=row.created_at, now=now, chance=chance)
    written_down = connection.execute(
        update(outbox)
        .where(outbox.c.id == row.id, outbox.c.tries == row.tries, outbox.c.state.in_(_OPEN))
        .values(
            state=made.state.value,
            due_at=made.due_at,
            said=line(made.said, TEXT_CHARS),
            settled_at=now if made.due_at is None else None,
        )
    )
    return made if written_down.rowcount == 1 else None


def notices(connection: Connection, company_id: str, limit: int, before: str = "") -> Sequence[Row[Any]]:
    """What a company was told, newest first; `before`: the id of a notice to go on from."""
    query = select(notice).where(notice.c.company_id == company_id).order_by(notice.c.id.desc()).limit(limit)
    return connection.execute(query.where(notice.c.id < before) if before else query).fetchall()


def mails(connection: Connection, notice_ids: Sequence[str]) -> dict[str, list[Row[Any]]]:
    """The mails of those notices by notice, each time in the order of names."""
    query = select(outbox).where(outbox.c.notice_id.in_(notice_ids)).order_by(outbox.c.name, outbox.c.id)
    found: dict[str, list[Row[Any]]] = {notice_id: [] for notice_id in notice_ids}
    for row in connection.execute(query):
        found[row.notice_id].append(row)
    return found
