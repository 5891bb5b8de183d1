"""How a company wants its month looked at."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from zelo.engine.schema.isp import policy
from zelo.engine.statement import put

USUAL_CHANGE_PERCENT: Final = 20


@dataclass(frozen=True, slots=True)
class Policy:
    """Whether a person looks before anything of a file is sent, and how much a contract may change unremarked."""

    looks: bool = True
    change_percent: int = USUAL_CHANGE_PERCENT


def policy_of(connection: Connection, company_id: str) -> Policy:
    """What the company has set, or the usual."""
    row = connection.execute(select(policy).where(policy.c.company_id == company_id)).first()
    return Policy(row.looks, row.change_percent) if row else Policy()


def set_policy(connection: Connection, company_id: str, wanted: Policy, *, actor: str, now: datetime) -> None:
    """From now on."""
    values = {"looks": wanted.looks, "change_percent": wanted.change_percent, "changed_at": now, "changed_by": actor}
    put(connection, policy, {"company_id": company_id}, values)
