"""Corrections that are certain, shown before they are made, and made as revisions that bear a person's name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import zstandard
from sqlalchemy import Connection, Row, select

from zelo.access.shell.companies import find_establishment
from zelo.engine.schema.flow import draft
from zelo.flow import record
from zelo.flow.intake import Arrival, Taken, submit
from zelo.flow.lifecycle import State
from zelo.flow.tools import Tools
from zelo.isp.month.fix import FIXES, Mended, mend
from zelo.isp.month.shell.standing import Faulty
from zelo.models.nfcom import codec

CHUNK_NOTES: Final = 50


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a certain correction would change in a note."""

    row: Row[Any]
    mended: Mended


def proposals(connection: Connection, notes: Iterable[Faulty], rule: str) -> list[Proposal]:
    """The corrections of that rule's faults that are certain, note by note."""
    concerned = [note for note in notes if any(fault.rule == rule for fault in note.faults)] if rule in FIXES else []
    drafts = _drafts(connection, concerned)
    made = [(note, mend(drafts[note.row.id], note.faults, rule)) for note in concerned if note.row.id in drafts]
    return [Proposal(note.row, mended) for note, mended in made if mended is not None]


def _drafts(connection: Connection, notes: Sequence[Faulty]) -> dict[str, Any]:
    """The draft of each note as it stands, in one statement; one that an older release wrote otherwise is left out."""
    wanted = {note.row.id: note.row.revision for note in notes}
    query = select(draft.c.document_id, draft.c.revision, draft.c.content).where(draft.c.document_id.in_(wanted))
    found = {}
    for row in connection.execute(query):
        if wanted[row.document_id] == row.revision:
            content = codec.load(zstandard.decompress(row.content, max_output_size=codec.MOST_BYTES))
            if not isinstance(content, list):
                found[row.document_id] = content
    return found


def apply(tools: Tools, notes: Sequence[Faulty], rule: str, *, actor: str) -> int:
    """Make every certain correction of that rule; how many notes. A note that moved meanwhile is left as it is."""
    done = 0
    for start in range(0, len(notes), CHUNK_NOTES):
        with tools.engine.begin() as connection:
            for proposal in proposals(connection, notes[start : start + CHUNK_NOTES], rule):
                done += _revise(connection, tools, proposal, rule, actor)
            tools.engine.wake(connection)
    return done


def _revise(connection: Connection, tools: Tools, proposal: Proposal, rule: str, actor: str) -> int:
    row = record.locked(connection, proposal.row.id)
    emitter = find_establishment(connection, row.establishment_id)
    if emitter is None or row.revision != proposal.row.revision or State(row.state) is not State.INVALID:
        return 0
    arrival = Arrival(
        establishment=emitter,
        reference=row.reference,
        content=proposal.mended.draft,
        serie=row.serie,
        actor=actor,
        now=tools.clock(),
        why=f"correção certa de {rule}",
    )
    return int(submit(connection, tools, arrival).taken is Taken.REVISED)
