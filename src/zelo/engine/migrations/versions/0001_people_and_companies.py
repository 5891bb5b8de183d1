"""Who may do what, and who issues: the engine's own tables and access."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

INSTANT = sa.BigInteger()
JSON = sa.Text()


def upgrade() -> None:
    """One step forward, in the order in which the tables lean on each other."""
    _access_account()
    _access_audit()
    _access_company()
    _access_api_key()
    _access_certificate()
    _access_establishment()
    _access_invite()
    _access_login_failure()
    _access_membership()
    _access_session()
    _engine_meta()
    _engine_periodic()


def _access_account() -> None:
    op.create_table(
        "access_account",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("installation_admin", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("disabled_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_access_account"),
        sa.UniqueConstraint("email", name="uq_access_account_email"),
    )


def _access_audit() -> None:
    op.create_table(
        "access_audit",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Text()),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("detail", JSON),
        sa.PrimaryKeyConstraint("id", name="pk_access_audit"),
    )
    op.create_index("ix_access_audit_company_id", "access_audit", ["company_id"])


def _access_company() -> None:
    op.create_table(
        "access_company",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("cnpj_base", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("disabled_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_access_company"),
        sa.UniqueConstraint("cnpj_base", name="uq_access_company_cnpj_base"),
    )


def _access_api_key() -> None:
    op.create_table(
        "access_api_key",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_access_api_key_company_id"),
        sa.PrimaryKeyConstraint("id", name="pk_access_api_key"),
        sa.UniqueConstraint("key_hash", name="uq_access_api_key_key_hash"),
    )
    op.create_index("ix_access_api_key_company_id", "access_api_key", ["company_id"])


def _access_certificate() -> None:
    op.create_table(
        "access_certificate",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("cnpj", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("valid_from", INSTANT, nullable=False),
        sa.Column("valid_until", INSTANT, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("sealed_file", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_password", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("removed_at", INSTANT),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_access_certificate_company_id"),
        sa.PrimaryKeyConstraint("id", name="pk_access_certificate"),
    )
    op.create_index("ix_access_certificate_company_id", "access_certificate", ["company_id"])


def _access_establishment() -> None:
    op.create_table(
        "access_establishment",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("ambiente", sa.Integer(), nullable=False),
        sa.Column("cnpj", sa.Text(), nullable=False),
        sa.Column("ie", sa.Text(), nullable=False),
        sa.Column("crt", sa.Text(), nullable=False),
        sa.Column("nome", sa.Text(), nullable=False),
        sa.Column("fantasia", sa.Text()),
        sa.Column("uf", sa.Text(), nullable=False),
        sa.Column("municipio", sa.Text(), nullable=False),
        sa.Column("logradouro", sa.Text(), nullable=False),
        sa.Column("numero", sa.Text(), nullable=False),
        sa.Column("complemento", sa.Text()),
        sa.Column("bairro", sa.Text(), nullable=False),
        sa.Column("cep", sa.Text(), nullable=False),
        sa.Column("fone", sa.Text()),
        sa.Column("email", sa.Text()),
        sa.Column("accredited_at", INSTANT),
        sa.Column("certificate_id", sa.Text()),
        sa.Column("transmitter_id", sa.Text()),
        sa.Column("production_unlocked_at", INSTANT),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("disabled_at", INSTANT),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["access_certificate.id"], name="fk_access_establishment_certificate_id"
        ),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_access_establishment_company_id"),
        sa.ForeignKeyConstraint(
            ["transmitter_id"], ["access_certificate.id"], name="fk_access_establishment_transmitter_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_access_establishment"),
        sa.UniqueConstraint("cnpj", name="uq_access_establishment_cnpj"),
    )
    op.create_index("ix_access_establishment_company_id", "access_establishment", ["company_id"])


def _access_invite() -> None:
    op.create_table(
        "access_invite",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_access_invite_company_id"),
        sa.PrimaryKeyConstraint("id", name="pk_access_invite"),
        sa.UniqueConstraint("token_hash", name="uq_access_invite_token_hash"),
    )
    op.create_index("ix_access_invite_company_id", "access_invite", ["company_id"])


def _access_login_failure() -> None:
    op.create_table(
        "access_login_failure",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_access_login_failure"),
    )
    op.create_index("ix_access_login_failure_email_at", "access_login_failure", ["email", "at"])


def _access_membership() -> None:
    op.create_table(
        "access_membership",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["access_account.id"], name="fk_access_membership_account_id"),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_access_membership_company_id"),
        sa.PrimaryKeyConstraint("account_id", "company_id", name="pk_access_membership"),
    )
    op.create_index("ix_access_membership_company_id", "access_membership", ["company_id"])


def _access_session() -> None:
    op.create_table(
        "access_session",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["access_account.id"], name="fk_access_session_account_id"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_access_session"),
    )
    op.create_index("ix_access_session_account_id", "access_session", ["account_id"])


def _engine_meta() -> None:
    op.create_table(
        "engine_meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_engine_meta"),
    )


def _engine_periodic() -> None:
    op.create_table(
        "engine_periodic",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_engine_periodic"),
    )
