"""Tables of the engine itself: what database this is, and when each periodic job runs next."""

from sqlalchemy import Column, Table, Text

from zelo.engine.schema.base import Instant, metadata

meta = Table("engine_meta", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))

periodic = Table(
    "engine_periodic",
    metadata,
    Column("name", Text, primary_key=True),
    Column("next_at", Instant, nullable=False),
)
