"""The authority says consumo indevido (656/678): who stops, until when, and which note it names.

Nobody asks whether the block is over: whoever sends meanwhile makes the hour begin again (MOC NFCom 8.2). Blocks are
counted for ever, for from the fiftieth on a UF may block for good.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

from zelo.facts.limit import limit
from zelo.fiscal.ambiente import Ambiente
from zelo.flow import alarm, limits, record
from zelo.flow.call import Call
from zelo.flow.emitter import establishment_of
from zelo.flow.lifecycle import Event, State, accepts
from zelo.flow.tools import Tools
from zelo.guard import halt
from zelo.guard import shell as guard
from zelo.guard.core import Event as GuardEvent
from zelo.guard.xmotivo import culprit
from zelo.notify.causes import Block

WARNED_BLOCKS: Final = 10
"""How many blocks before the last tolerated one everybody is told."""


def halt_transmitter(
    connection: Connection, tools: Tools, call: Call, *, cstat: str, motivo: str, now: datetime
) -> datetime:
    """Nobody sends through that certificate before the hour and a margin have passed since this last answer; never by
    itself once the UF may have blocked for good.
    """
    row, ambiente = call.row, Ambiente(call.row.ambiente)
    where: dict[str, Any] = {"autorizador": row.autorizador, "modelo": row.modelo, "ambiente": ambiente}
    minutes = limit("bloqueio", **where, on=now.date()).valor + tools.settings.block_margin_minutes
    most = limit("bloqueios_permanente", **where, on=now.date()).valor
    scope = halt.of_transmitter(row.autorizador, ambiente, call.transmitter_cnpj)
    blocks = guard.count_failure(connection, halt.blocks_of(scope))
    until = now + timedelta(minutes=minutes)
    forever = blocks >= most
    warned = blocks == most - WARNED_BLOCKS
    if warned or blocks == most or not guard.halts(connection, now, [scope]):
        named = culprit(motivo).chave
        told = Block(
            autorizador=row.autorizador,
            cnpj=call.transmitter_cnpj,
            cstat=cstat,
            motivo=motivo,
            until=None if forever else until,
            blocks=blocks,
            most=most,
            warned=warned,
        )
        cause = (record.of_chave(connection, named) if named else None) or row
        alarm.blocked(connection, told, cause, key=f"bloqueio:{call.attempt_id}", now=now)
    guard.stop(
        connection,
        scope=scope,
        reason=halt.PERMANENT if forever else halt.CONSUMPTION,
        now=now,
        until=None if forever else until,
        cstat=cstat,
        detail=f"{motivo} {counted(blocks, most)}",
        document_id=call.document_id,
    )
    return until


def counted(blocks: int, most: int) -> str:
    """How many blocks there were, and from the fortieth on that a UF may soon block for good."""
    if blocks < most - WARNED_BLOCKS:
        return f"({blocks}º bloqueio deste certificado.)"
    return f"(É o {blocks}º bloqueio deste certificado: a partir do {most}º a UF pode bloquear para sempre.)"


def blame(connection: Connection, motivo: str, now: datetime) -> None:
    """The note that SEFAZ names is held; the others only wait."""
    blamed = culprit(motivo)
    row = record.of_chave(connection, blamed.chave) if blamed.chave else None
    if row is None:
        return
    _believe(connection, row, blamed.count, now)
    if accepts(State(row.state), Event.BLAMED):
        detail = f"a SEFAZ contou {blamed.count} rejeições" if blamed.count else motivo
        record.move(connection, row, Event.BLAMED, now=now, detail=detail)


def _believe(connection: Connection, row: Row[Any], count: int | None, now: datetime) -> None:
    """Where the authorizer has counted more than we have, its count is the one that matters."""
    key = limits.number_of(row, establishment_of(connection, row).cnpj)
    more = (count or 0) - guard.state_of(connection, key).spent
    if more > 0:
        guard.tell(connection, natural_key=key, chave=row.chave, event=GuardEvent.CHARGED, now=now, detail=str(more))
