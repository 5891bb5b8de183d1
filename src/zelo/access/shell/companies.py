"""Companies, their establishments and certificates."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from zelo.access.token import Chance
from zelo.access.vault import Vault
from zelo.engine.schema.access import certificate, company, establishment
from zelo.fiscal.identity import CHANCE_BYTES, bucket_of, new_id

_ESTABLISHMENT: Final = select(establishment).where(establishment.c.id == bindparam("id"))


def create_company(connection: Connection, *, now: datetime, chance: Chance, name: str, cnpj_base: str) -> str:
    """A new company; its id. Raises IntegrityError when the CNPJ base is there already."""
    company_id = new_id(now, chance(CHANCE_BYTES))
    connection.execute(
        insert(company).values(
            id=company_id, bucket=bucket_of(company_id), name=name, cnpj_base=cnpj_base, created_at=now
        )
    )
    return company_id


def find_company(connection: Connection, company_id: str) -> Row[Any] | None:
    """A company by id."""
    return connection.execute(select(company).where(company.c.id == company_id)).first()


def companies(connection: Connection, ids: Sequence[str]) -> Sequence[Row[Any]]:
    """Those companies, by name."""
    return connection.execute(select(company).where(company.c.id.in_(ids)).order_by(company.c.name)).fetchall()


def create_establishment(
    connection: Connection, *, now: datetime, chance: Chance, company_id: str, values: Mapping[str, Any]
) -> str:
    """A new establishment from its register (columns of access_establishment); its id."""
    establishment_id = new_id(now, chance(CHANCE_BYTES))
    connection.execute(
        insert(establishment).values(
            id=establishment_id, company_id=company_id, bucket=bucket_of(company_id), created_at=now, **values
        )
    )
    return establishment_id


def change_establishment(connection: Connection, establishment_id: str, values: Mapping[str, Any]) -> None:
    """Change columns of its register."""
    connection.execute(update(establishment).where(establishment.c.id == establishment_id).values(**values))


def find_establishment(connection: Connection, establishment_id: str) -> Row[Any] | None:
    """An establishment by id."""
    return connection.execute(_ESTABLISHMENT, {"id": establishment_id}).first()


def establishments(connection: Connection, company_id: str) -> Sequence[Row[Any]]:
    """The establishments of a company, by CNPJ."""
    return connection.execute(
        select(establishment).where(establishment.c.company_id == company_id).order_by(establishment.c.cnpj)
    ).fetchall()


def keep_certificate(
    connection: Connection,
    *,
    now: datetime,
    chance: Chance,
    vault: Vault,
    company_id: str,
    file: bytes,
    password: str,
    shown: Mapping[str, Any],
) -> str:
    """Seal a certificate file and its password; `shown` = cnpj, subject, issuer, validity, fingerprint. Its id."""
    certificate_id = new_id(now, chance(CHANCE_BYTES))
    connection.execute(
        insert(certificate).values(
            id=certificate_id,
            company_id=company_id,
            sealed_file=vault.seal(file),
            sealed_password=vault.seal(password.encode()),
            created_at=now,
            **shown,
        )
    )
    return certificate_id


def certificates(connection: Connection, company_id: str) -> Sequence[Row[Any]]:
    """The certificates of a company that were not removed, the one that lasts longest first."""
    return connection.execute(
        select(certificate)
        .where(certificate.c.company_id == company_id, certificate.c.removed_at.is_(None))
        .order_by(certificate.c.valid_until.desc())
    ).fetchall()


def has_certificates(connection: Connection) -> bool:
    """Whether any company keeps a sealed one."""
    return connection.execute(select(certificate.c.id).where(certificate.c.removed_at.is_(None))).first() is not None


def open_certificate(connection: Connection, vault: Vault, certificate_id: str) -> tuple[bytes, str] | None:
    """File and password of a certificate that is in use. Raises VaultError."""
    row = connection.execute(
        select(certificate.c.sealed_file, certificate.c.sealed_password).where(
            certificate.c.id == certificate_id, certificate.c.removed_at.is_(None)
        )
    ).first()
    return (vault.open(row.sealed_file), vault.open(row.sealed_password).decode()) if row else None


def remove_certificate(connection: Connection, certificate_id: str, now: datetime) -> None:
    """Take a certificate out of use; establishments that used it have none afterwards."""
    connection.execute(update(certificate).where(certificate.c.id == certificate_id).values(removed_at=now))
    for column in (establishment.c.certificate_id, establishment.c.transmitter_id):
        connection.execute(update(establishment).where(column == certificate_id).values({column.name: None}))


def reseal(connection: Connection, vault: Vault) -> int:
    """Bring every secret under the newest master key; how many certificates."""
    rows = connection.execute(select(certificate.c.id, certificate.c.sealed_file, certificate.c.sealed_password)).all()
    for row in rows:
        connection.execute(
            update(certificate)
            .where(certificate.c.id == row.id)
            .values(sealed_file=vault.reseal(row.sealed_file), sealed_password=vault.reseal(row.sealed_password))
        )
    return len(rows)
