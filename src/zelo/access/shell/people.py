"""Accounts, memberships, invites and API keys."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from zelo.access.may import BY_WORD, Person, Role
from zelo.access.token import Chance, hash_password, hash_token, new_token
from zelo.engine.schema.access import account, api_key, company, invite, membership
from zelo.engine.statement import put
from zelo.fiscal.identity import CHANCE_BYTES, new_id


def normal_email(email: str) -> str:
    """The form in which an address is kept and compared."""
    return email.strip().lower()


def create_account(
    connection: Connection,
    *,
    now: datetime,
    chance: Chance,
    email: str,
    name: str,
    password: str,
    installation_admin: bool = False,
) -> str:
    """A new account; its id."""
    account_id = new_id(now, chance(CHANCE_BYTES))
    connection.execute(
        insert(account).values(
            id=account_id,
            email=normal_email(email),
            name=name,
            password_hash=hash_password(password),
            installation_admin=installation_admin,
            created_at=now,
        )
    )
    return account_id


def any_account(connection: Connection) -> bool:
    """Whether the installation has somebody yet."""
    return connection.execute(select(func.count()).select_from(account)).scalar_one() > 0


def find_account(connection: Connection, email: str) -> Row[Any] | None:
    """The account of an address."""
    return connection.execute(select(account).where(account.c.email == normal_email(email))).first()


def set_password(connection: Connection, account_id: str, password: str) -> None:
    """A new password."""
    connection.execute(update(account).where(account.c.id == account_id).values(password_hash=hash_password(password)))


def person(connection: Connection, account_id: str) -> Person | None:
    """The person of an account that may act: not disabled, roles only in companies not disabled."""
    row = connection.execute(select(account).where(account.c.id == account_id, account.c.disabled_at.is_(None))).first()
    if row is None:
        return None
    roles = connection.execute(
        select(membership.c.company_id, membership.c.role)
        .join(company, company.c.id == membership.c.company_id)
        .where(membership.c.account_id == account_id, company.c.disabled_at.is_(None))
    )
    return Person(
        row.id, row.name, {r.company_id: BY_WORD[r.role] for r in roles}, installation_admin=row.installation_admin
    )


def grant(connection: Connection, *, now: datetime, account_id: str, company_id: str, role: Role) -> None:
    """Make the account a member, or change its role."""
    put(
        connection,
        membership,
        {"account_id": account_id, "company_id": company_id},
        {"role": role.word, "created_at": now},
    )


def members(connection: Connection, company_id: str) -> Sequence[Any]:
    """Members of a company with role and whether the account is disabled."""
    return connection.execute(
        select(account.c.id, account.c.email, account.c.name, account.c.disabled_at, membership.c.role)
        .join(membership, membership.c.account_id == account.c.id)
        .where(membership.c.company_id == company_id)
        .order_by(account.c.name)
    ).fetchall()


def administrators(connection: Connection, company_id: str) -> int:
    """How many active administrators a company has; it must never fall to none."""
    return connection.execute(
        select(func.count())
        .select_from(membership.join(account, account.c.id == membership.c.account_id))
        .where(
            membership.c.company_id == company_id,
            membership.c.role == Role.ADMINISTRATOR.word,
            account.c.disabled_at.is_(None),
        )
    ).scalar_one()


def remove_member(connection: Connection, account_id: str, company_id: str) -> None:
    """Take away somebody's role in a company; the account itself stays."""
    connection.execute(
        membership.delete().where(membership.c.account_id == account_id, membership.c.company_id == company_id)
    )


def create_invite(
    connection: Connection,
    *,
    now: datetime,
    chance: Chance,
    company_id: str,
    email: str,
    role: Role,
    created_by: str,
    days: int,
) -> str:
    """Invite somebody; the token, to be given to that person and kept nowhere."""
    token = new_token(chance)
    connection.execute(
        insert(invite).values(
            id=new_id(now, chance(CHANCE_BYTES)),
            company_id=company_id,
            email=normal_email(email),
            role=role.word,
            token_hash=hash_token(token),
            created_by=created_by,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
    )
    return token


def open_invite(connection: Connection, token: str, now: datetime) -> Row[Any] | None:
    """An invite that is neither used nor expired."""
    return connection.execute(
        select(invite).where(
            invite.c.token_hash == hash_token(token), invite.c.used_at.is_(None), invite.c.expires_at > now
        )
    ).first()


def use_invite(connection: Connection, invite_id: str, now: datetime) -> bool:
    """Spend an invite; False when somebody was faster."""
    return (
        connection.execute(
            update(invite).where(invite.c.id == invite_id, invite.c.used_at.is_(None)).values(used_at=now)
        ).rowcount
        == 1
    )


def create_key(
    connection: Connection, *, now: datetime, chance: Chance, company_id: str, name: str, role: Role, created_by: str
) -> str:
    """An API key; the key itself, shown once."""
    key = f"zelo_{new_token(chance)}"
    connection.execute(
        insert(api_key).values(
            id=new_id(now, chance(CHANCE_BYTES)),
            company_id=company_id,
            name=name,
            role=role.word,
            key_hash=hash_token(key),
            hint=key[-4:],
            created_by=created_by,
            created_at=now,
        )
    )
    return key


def keys(connection: Connection, company_id: str) -> Sequence[Row[Any]]:
    """The keys of a company, revoked ones too."""
    return connection.execute(
        select(api_key).where(api_key.c.company_id == company_id).order_by(api_key.c.id)
    ).fetchall()


def revoke_key(connection: Connection, key_id: str, company_id: str, now: datetime) -> bool:
    """Revoke a key of that company for ever."""
    return (
        connection.execute(
            update(api_key)
            .where(api_key.c.id == key_id, api_key.c.company_id == company_id, api_key.c.revoked_at.is_(None))
            .values(revoked_at=now)
        ).rowcount
        == 1
    )


def person_of_key(connection: Connection, key: str) -> Person | None:
    """The person that an API key is: one company, one role."""
    row = connection.execute(
        select(api_key.c.id, api_key.c.name, api_key.c.company_id, api_key.c.role)
        .join(company, company.c.id == api_key.c.company_id)
        .where(api_key.c.key_hash == hash_token(key), api_key.c.revoked_at.is_(None), company.c.disabled_at.is_(None))
    ).first()
    return Person(row.id, f"chave {row.name}", {row.company_id: BY_WORD[row.role]}) if row else None
