"""From documents to paper: which XML of a document is printed, with which logo and mark, one or a whole search."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, Row

from zelo.archive import shell as archive
from zelo.engine.contract import Engine
from zelo.fiscal.chave import Chave
from zelo.fiscal.situacao import Situacao
from zelo.flow.lifecycle import State
from zelo.models.nfcom.document import EMISSAO_CONTINGENCIA, ROOT
from zelo.models.nfcom.proc import PROC
from zelo.monitor import shell as monitor
from zelo.monitor.shell import Wanted
from zelo.printing import shell as printing
from zelo.printing.book import Sheaf

ENDED: Final = (State.AUTHORISED, State.CANCELLED)
"""States of a document whose nfcomProc is kept."""
AT_A_TIME: Final = 50
"""Documents read in one go; nothing stays open while they are printed."""


def name(chave: str) -> str:
    """The file name of a DANFE-COM."""
    return f"{chave}-danfecom.pdf"


def kind_of(row: Row[Any]) -> str:
    """Which XML of a document is handed to others: the nfcomProc once authorised, the signed note before."""
    return PROC if State(row.state) in ENDED else ROOT


def prints(row: Row[Any]) -> bool:
    """Whether a document has a DANFE-COM: authorised, or signed off-line."""
    return bool(row.chave) and (kind_of(row) == PROC or Chave.parse(row.chave).tpemis == EMISSAO_CONTINGENCIA)


def sheaf(connection: Connection, row: Row[Any]) -> Sheaf | None:
    """What of a document is printed; None where nothing was signed yet. Raises DamagedArchiveError."""
    return _sheaf(connection, row, _logo(connection, row.company_id))


def sheaves(engine: Engine, company_id: str, wanted: Wanted) -> Iterator[tuple[str, Sheaf]]:
    """Names and sheaves of every authorised or cancelled document of a search, newest first."""
    asked, before = replace(wanted, states=tuple(state.value for state in ENDED)), None
    while True:
        with engine.read() as connection:
            logo = _logo(connection, company_id)
            rows = monitor.documents(connection, company_id, asked, limit=AT_A_TIME, before=before)
            read = [(name(row.chave), _sheaf(connection, row, logo)) for row in rows]
        yield from ((named, found) for named, found in read if found is not None)
        if len(rows) < AT_A_TIME:
            return
        before = rows[-1].id


def _logo(connection: Connection, company_id: str) -> bytes | None:
    found = printing.logo(connection, company_id)
    return found.content if found else None


def _sheaf(connection: Connection, row: Row[Any], logo: bytes | None) -> Sheaf | None:
    xml = archive.read(connection, row.chave, kind_of(row)) if row.chave else None
    return Sheaf(xml, Situacao(row.situacao) if row.situacao else None, logo) if xml else None
