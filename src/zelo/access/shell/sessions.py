"""Log-in with throttling, and server-side sessions of which only a hash is kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, update

from zelo.access.may import Person
from zelo.access.shell.people import find_account, normal_email, person
from zelo.access.token import NOBODY, Chance, hash_token, new_token, password_matches
from zelo.engine.schema.access import login_failure, session
from zelo.fiscal.identity import CHANCE_BYTES, new_id


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody logged in. `csrf` must come back with every form."""

    person: Person
    csrf: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Paused:
    """Too many wrong passwords for that address: nobody is let in before `until`."""

    until: datetime


def check_password(
    connection: Connection, *, now: datetime, chance: Chance, email: str, password: str, failures: int, pause: timedelta
) -> str | Paused | None:
    """The account id when the password is right, None when not, Paused after `failures` errors within `pause`."""
    address = normal_email(email)
    recent = connection.execute(
        select(func.count(), func.min(login_failure.c.at)).where(
            login_failure.c.email == address, login_failure.c.at > now - pause
        )
    ).one()
    if recent[0] >= failures:
        return Paused(recent[1] + pause)
    row = find_account(connection, address)
    usable = row is not None and row.disabled_at is None
    if password_matches(row.password_hash if row else NOBODY, password) and row is not None and usable:
        connection.execute(delete(login_failure).where(login_failure.c.email == address))
        return str(row.id)
    connection.execute(insert(login_failure).values(id=new_id(now, chance(CHANCE_BYTES)), email=address, at=now))
    return None


def start(connection: Connection, *, now: datetime, chance: Chance, account_id: str, hours: int) -> str:
    """A new session; the token for the cookie."""
    token = new_token(chance)
    connection.execute(
        insert(session).values(
            token_hash=hash_token(token),
            account_id=account_id,
            csrf=new_token(chance),
            created_at=now,
            expires_at=now + timedelta(hours=hours),
        )
    )
    return token


def find(connection: Connection, token: str, now: datetime) -> Session | None:
    """Whose session it is, unless expired or disabled."""
    row = connection.execute(
        select(session).where(session.c.token_hash == hash_token(token), session.c.expires_at > now)
    ).first()
    found = person(connection, row.account_id) if row else None
    return Session(found, row.csrf, row.expires_at) if row and found else None


def extend(connection: Connection, token: str, now: datetime, hours: int) -> None:
    """Push the end of a session that is in use, once half of it has gone."""
    connection.execute(
        update(session)
        .where(session.c.token_hash == hash_token(token), session.c.expires_at < now + timedelta(hours=hours) / 2)
        .values(expires_at=now + timedelta(hours=hours))
    )


def end(connection: Connection, token: str) -> None:
    """Log out."""
    connection.execute(delete(session).where(session.c.token_hash == hash_token(token)))


def end_all(connection: Connection, account_id: str) -> None:
    """Log an account out everywhere: after a new password, or when it is disabled."""
    connection.execute(delete(session).where(session.c.account_id == account_id))
