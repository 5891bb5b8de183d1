"""How often one number may be sent: the authorizer's limit, what the company has set, else what the installation has.

Parameters only make us slower: nothing here passes the authorizer's own limit less our margin.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from zelo.facts.limit import limit
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.chave import natural_key
from zelo.fiscal.uf import Uf
from zelo.flow.tools import Tools
from zelo.guard import bounds
from zelo.guard import shell as guard
from zelo.guard.bounds import Parameters
from zelo.guard.core import Policy, State, Verdict, decide
from zelo.models.nfcom.services import RECEPCAO, Service


def policy(
    connection: Connection, tools: Tools, row: Row[Any], uf: str, now: datetime, service: Service = RECEPCAO
) -> Policy:
    """The policy for a document, or an event, of an emitter in that UF."""
    return bounds.policy(parameters(connection, tools, row.company_id), Uf(uf), ceiling(tools, row, now, service))


def parameters(connection: Connection, tools: Tools, company_id: str) -> Parameters:
    """What the company has set, else what the installation has."""
    kept = guard.policy_of(connection, company_id)
    settings = tools.settings
    intervals, limits = (kept.intervals, kept.limits) if kept else (settings.guard_intervals, settings.guard_limits)
    enabled = kept is None or kept.enabled
    return Parameters(intervals, limits, settings.guard_safety, settings.guard_maximum, enabled)


@dataclass(frozen=True, slots=True)
class Standing:
    """A number before the guard: what it has counted, what it obeys, and what it would say now."""

    state: State
    policy: Policy
    verdict: Verdict


def standing(connection: Connection, tools: Tools, row: Row[Any], establishment: Row[Any], now: datetime) -> Standing:
    """Where the number of a document stands."""
    state = guard.state_of(connection, number_of(row, establishment.cnpj))
    limited = policy(connection, tools, row, establishment.uf, now)
    return Standing(state, limited, decide(state, limited, now))


def number_of(row: Row[Any], cnpj: str) -> str:
    """The natural key of a document: what the guard counts by."""
    return natural_key(Ambiente(row.ambiente), cnpj, row.modelo, row.serie, row.nnf)


def ceiling(tools: Tools, row: Row[Any], now: datetime, service: Service = RECEPCAO) -> int:
    """How many equal rejections of one number, or event, nobody may pass: the authorizer's limit less our margin, at
    least one.
    """
    official = limit(
        "rejeicoes_iguais",
        servico=service.name,
        autorizador=row.autorizador,
        modelo=row.modelo,
        ambiente=Ambiente(row.ambiente),
        on=now.date(),
    )
    return max(1, official.valor - tools.settings.guard_margin)
