"""Every table of the installation, in one metadata, and those that only ever grow."""

from typing import Final

from sqlalchemy import Table

from zelo.engine.schema import access, archive, assemble, engine, flow, guard, isp, monitor, notify, printing
from zelo.engine.schema.base import metadata

ROOMS: Final = {
    "access": access,
    "archive": archive,
    "assemble": assemble,
    "engine": engine,
    "flow": flow,
    "guard": guard,
    "isp": isp,
    "monitor": monitor,
    "notify": notify,
    "printing": printing,
}
APPEND_ONLY: Final[tuple[Table, ...]] = (
    *access.APPEND_ONLY,
    *archive.APPEND_ONLY,
    *flow.APPEND_ONLY,
    *guard.APPEND_ONLY,
)
METADATA: Final = metadata
