"""Table of `monitor`: how each authorizer has been answering, the last answers one by one."""

from sqlalchemy import Column, Integer, Table, Text

from zelo.engine.schema.base import Instant, Json, metadata

health = Table(
    "monitor_health",
    metadata,
    Column("autorizador", Text, primary_key=True),
    Column("ambiente", Integer, primary_key=True),
    Column("cstat", Text, nullable=False),
    Column("motivo", Text, nullable=False),
    Column("answered_at", Instant),
    Column("silent_at", Instant),
    Column("latency_millis", Integer),
    Column("drift_millis", Integer),
    Column("recent", Json),
)
