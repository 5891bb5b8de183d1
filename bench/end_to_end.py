"""A month from the billing file to authorised notes: the file read, checked, numbered, signed, sent and archived.

Two cores are all that it needs.
"""

import time
from typing import Final

from sqlalchemy import func, select

from bench.provider import ACTOR, provider, worker
from zelo.cli import example
from zelo.engine.schema.flow import document
from zelo.flow.lifecycle import State
from zelo.flow.tools import Tools
from zelo.isp.importing import import_billing

NOTES: Final = 1500
PATIENCE_SECONDS: Final = 120


def run() -> dict[str, float]:
    """The figures of this bench by their stable names."""
    with provider() as (tools, company_id), worker(tools.settings):
        seconds = _month(tools, company_id)
    return {"end_to_end_notes_s": NOTES / seconds}


def _month(tools: Tools, company_id: str) -> float:
    """Seconds from the file to the last authorised note."""
    began = time.monotonic()
    import_billing(
        tools,
        company_id=company_id,
        name="month.csv",
        billing=example.billing_csv(NOTES, spoiled=False).encode(),
        composicoes=example.composicoes_csv().encode(),
        actor=ACTOR,
    )
    while (done := _authorised(tools)) < NOTES and time.monotonic() - began < PATIENCE_SECONDS:
        time.sleep(0.1)
    if done < NOTES:
        raise RuntimeError(f"{done} of {NOTES} notes were authorised in {PATIENCE_SECONDS} s")
    return time.monotonic() - began


def _authorised(tools: Tools) -> int:
    query = select(func.count()).where(document.c.state == State.AUTHORISED.value)
    with tools.engine.read() as connection:
        return int(connection.execute(query).scalar_one())
