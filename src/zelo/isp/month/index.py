"""The tables of a month that leave as files: its notes, and the numbers without one. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from zelo.facts import place
from zelo.fiscal import cnpj
from zelo.fiscal.instant import show
from zelo.fiscal.uf import Uf
from zelo.flow.lifecycle import State
from zelo.isp.month.gaps import Gap
from zelo.isp.month.sheet import Cell
from zelo.isp.month.tile import TILES, Tile

NOTES: Final = (
    "estabelecimento", "uf", "serie", "numero", "chave", "referencia", "assinante", "competencia", "faturado",
    "valor_nf", "quadro", "lado", "situacao", "cstat", "motivo", "emissao", "autorizacao", "protocolo", "cancelamento",
    "protocolo_cancelamento",
)  # fmt: skip
NUMBERS: Final = (
    "estabelecimento", "uf", "serie", "primeiro", "ultimo", "numeros", "motivo", "o_que_fazer", "referencia", "cstat",
)  # fmt: skip


def note_cells(row: Any, of: Tile) -> Sequence[Cell]:
    """A note (a row of standing) and its tile under `NOTES`: moments in the emitter's zone, every CPF starred."""
    zone, about = place.zone(Uf(row.uf)), TILES[of]

    def moment(at: datetime | None) -> str:
        return show(at, zone) if at else ""

    return (
        row.cnpj, row.uf, row.serie, row.nnf, row.chave or "", row.reference, row.recipient, row.period, row.billed,
        row.total, about.label, about.side.value, row.situacao or "", row.cstat or "", cnpj.hide_inside(_reason(row)),
        moment(row.emitted_at), moment(row.authorised_at), row.nprot or "", moment(row.cancelled_at),
        row.cancel_nprot or "",
    )  # fmt: skip


def _reason(row: Any) -> str:
    """Why a note stands where it does: why it was cancelled, what our rules say, or what the authority said last."""
    if row.cancel_reason:
        return str(row.cancel_reason)
    if State(row.state) is State.INVALID and row.faults:
        return " ".join(fault["sentence"] for fault in row.faults)
    return str(row.motivo or "")


def gap_cells(emitter: Any, serie: int, gap: Gap) -> Sequence[Cell]:
    """A gap of a série of that establishment under `NUMBERS`."""
    told = (gap.reason.label, gap.reason.remedy, gap.reference, gap.cstat)
    return (emitter.cnpj, emitter.uf, serie, gap.first, gap.last, gap.numbers, *told)
