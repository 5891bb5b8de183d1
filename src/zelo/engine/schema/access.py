"""Tables of `access`: who people are, what they may touch, and what they did."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from zelo.engine.schema.base import Instant, Json, metadata

company = Table(
    "access_company",
    metadata,
    Column("id", Text, primary_key=True),
    Column("bucket", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("cnpj_base", Text, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
)

certificate = Table(
    "access_certificate",
    metadata,
    Column("id", Text, primary_key=True),
    Column("company_id", Text, ForeignKey(company.c.id), nullable=False, index=True),
    Column("cnpj", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("valid_from", Instant, nullable=False),
    Column("valid_until", Instant, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("sealed_file", LargeBinary, nullable=False),
    Column("sealed_password", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("removed_at", Instant),
)

establishment = Table(
    "access_establishment",
    metadata,
    Column("id", Text, primary_key=True),
    Column("company_id", Text, ForeignKey(company.c.id), nullable=False, index=True),
    Column("bucket", Integer, nullable=False),
    Column("ambiente", Integer, nullable=False),
    Column("cnpj", Text, nullable=False, unique=True),
    Column("ie", Text, nullable=False),
    Column("crt", Text, nullable=False),
    Column("nome", Text, nullable=False),
    Column("fantasia", Text),
    Column("uf", Text, nullable=False),
    Column("municipio", Text, nullable=False),
    Column("logradouro", Text, nullable=False),
    Column("numero", Text, nullable=False),
    Column("complemento", Text),
    Column("bairro", Text, nullable=False),
    Column("cep", Text, nullable=False),
    Column("fone", Text),
    Column("email", Text),
    Column("accredited_at", Instant),
    Column("certificate_id", Text, ForeignKey(certificate.c.id)),
    Column("transmitter_id", Text, ForeignKey(certificate.c.id)),
    Column("production_unlocked_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
)

account = Table(
    "access_account",
    metadata,
    Column("id", Text, primary_key=True),
    Column("email", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("installation_admin", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
)

membership = Table(
    "access_membership",
    metadata,
    Column("account_id", Text, ForeignKey(account.c.id), primary_key=True),
    Column("company_id", Text, ForeignKey(company.c.id), primary_key=True, index=True),
    Column("role", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)

invite = Table(
    "access_invite",
    metadata,
    Column("id", Text, primary_key=True),
    Column("company_id", Text, ForeignKey(company.c.id), nullable=False, index=True),
    Column("email", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)

session = Table(
    "access_session",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("account_id", Text, ForeignKey(account.c.id), nullable=False, index=True),
    Column("csrf", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

api_key = Table(
    "access_api_key",
    metadata,
    Column("id", Text, primary_key=True),
    Column("company_id", Text, ForeignKey(company.c.id), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("key_hash", Text, nullable=False, unique=True),
    Column("hint", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)

login_failure = Table(
    "access_login_failure",
    metadata,
    Column("id", Text, primary_key=True),
    Column("email", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_access_login_failure_email_at", "email", "at"),
)

audit = Table(
    "access_audit",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("company_id", Text, index=True),
    Column("action", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("detail", Json),
)

APPEND_ONLY = (audit,)
