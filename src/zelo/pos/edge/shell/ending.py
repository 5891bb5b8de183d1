"""How an asking ends in the journal, and what its till is told where the disk complained."""

from contextlib import suppress
from datetime import datetime

import apsw

from zelo.models.cfe.reply import refusal
from zelo.pos.edge.decide import ERROR, End
from zelo.pos.edge.journal.shell import rows
from zelo.pos.edge.journal.shell.store import Store
from zelo.pos.edge.request import Request


def write_end(connection: apsw.Connection, request: Request, end: End, worded: str, at: datetime) -> None:
    """An end that no device had a part in."""
    rows.begin(connection, request, at)
    rows.end(connection, request.id, end, worded, at)


def as_it_stands(store: Store, request: Request) -> tuple[End, str]:
    """What a till is told though the disk complained: a commit that failed may have been made all the same."""
    with suppress(apsw.Error):
        known = store.read(rows.find, request.id)
        if known is not None and known.end is not None:
            return known.end, known.reply
    sentence = "O zelo não conseguiu gravar no disco. Verifique espaço e disco; consulte antes de repetir."
    return End.DOUBT, refusal(request.function, ERROR, sentence).worded(request.session)
