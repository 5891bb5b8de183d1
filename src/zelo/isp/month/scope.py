"""Which notes are looked at: a company's month or the notes of one file, narrowed. It builds conditions only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, and_, false, func, or_, select, true, type_coerce

from zelo.engine.schema.flow import document, event
from zelo.engine.schema.isp import note
from zelo.facts import cstat as codes
from zelo.fiscal.chave import SHAPE
from zelo.fiscal.situacao import Situacao
from zelo.flow.event.lifecycle import State as Event
from zelo.flow.lifecycle import State
from zelo.isp.month.tile import Tile, tile
from zelo.models.nfcom.document import EMISSAO_CONTINGENCIA, MODELO

TPEMIS: Final = func.substr(document.c.chave, 35, 1)
"""tpEmis is the 35th character of a chave (MOC NFCom 1.00a, item 2.2.6); empty before there is one."""
_GONE: Final = (Situacao.CANCELADA.value, Situacao.SUBSTITUIDA.value)
_NUMBER_DIGITS: Final = 9
_REFUSED: Final = (Event.REJECTED, Event.HELD, Event.INVALID)
SUCCEEDED: Final = document.c.successor_id.is_not(None)
CANCEL_REFUSED: Final = document.c.id.in_(
    select(event.c.document_id).where(event.c.state.in_([state.value for state in _REFUSED]))
)
STILL_BILLED: Final = and_(
    or_(document.c.situacao.is_(None), document.c.situacao.not_in(_GONE)),
    or_(~SUCCEEDED, document.c.state == State.AUTHORISED.value),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Notes of a company; an empty field asks for all. `cause` is the id of a rule or a cStat."""

    company_id: str
    period: str = ""
    batch_id: str = ""
    establishment_id: str = ""
    tile: Tile | None = None
    cause: str = ""
    text: str = ""

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """What a document of this scope fulfils."""
        found: list[ColumnElement[bool]] = [document.c.company_id == self.company_id]
        if self.period:
            found.append(document.c.period == self.period)
        if self.batch_id:
            found.append(document.c.id.in_(select(note.c.document_id).where(note.c.batch_id == self.batch_id)))
        if self.establishment_id:
            found.append(document.c.establishment_id == self.establishment_id)
        if self.tile is not None:
            found.append(of_tile(self.tile))
        if self.cause:
            found.append(_of_cause(self.cause))
        if self.text:
            found.append(_matches(self.text))
        return found


def of_tile(wanted: Tile) -> ColumnElement[bool]:
    """The documents of a tile, read off `tile` itself so that list and number never disagree."""
    return or_(false(), *(_in_state(state, wanted) for state in State))


def _in_state(state: State, wanted: Tile) -> ColumnElement[bool]:
    """By what of a document decides in that state: each such condition both ways, as `tile` reads them together."""
    standing = document.c.state == state.value
    decisive = [name for name in _READINGS if _decides(state, name)]
    mine = [
        and_(true(), *(_READINGS[name].holds if holds else ~_READINGS[name].holds for name, holds in one.items()))
        for one in _ways(decisive)
        if _tile(state, one) is wanted
    ]
    return and_(standing, or_(false(), *mine))


@dataclass(frozen=True, slots=True)
class _Reading:
    """A condition on documents, and what `tile` is told where it holds."""

    holds: ColumnElement[bool]
    told: Mapping[str, Any]


_READINGS: Final = {
    "gone": _Reading(func.coalesce(document.c.situacao, "").in_(_GONE), {"situacao": _GONE[0]}),
    "item": _Reading(
        func.coalesce(document.c.cstat, "").in_(sorted(codes.of_items(MODELO))),
        {"cstat": min(codes.of_items(MODELO))},
    ),
    "offline": _Reading(func.coalesce(TPEMIS, "") == EMISSAO_CONTINGENCIA, {"tpemis": EMISSAO_CONTINGENCIA}),
    "refused": _Reading(CANCEL_REFUSED, {"cancel_refused": True}),
    "succeeded": _Reading(SUCCEEDED, {"succeeded": True}),
}


def _tile(state: State, holding: Mapping[str, bool]) -> Tile:
    told: dict[str, Any] = {"situacao": None}
    for name, holds in holding.items():
        told |= _READINGS[name].told if holds else {}
    return tile(state, **told)


def _ways(names: Sequence[str]) -> list[dict[str, bool]]:
    return [dict(zip(names, one, strict=True)) for one in product((False, True), repeat=len(names))]


def _decides(state: State, name: str) -> bool:
    others = [other for other in _READINGS if other != name]
    return any(_tile(state, way | {name: True}) is not _tile(state, way | {name: False}) for way in _ways(others))


def _of_cause(cause: str) -> ColumnElement[bool]:
    """Refused by the authority with that code, or by that rule before."""
    told = type_coerce(document.c.faults, Text).contains(f'"rule":"{cause}"', autoescape=True)
    return or_(document.c.cstat == cause, and_(document.c.state == State.INVALID.value, told))


def _matches(text: str) -> ColumnElement[bool]:
    """What a person types into the one search field: chave, number, reference or a part of a name."""
    packed = "".join(text.split()).upper()
    if SHAPE.fullmatch(packed):
        return document.c.chave == packed
    either = [document.c.reference.icontains(text, autoescape=True)]
    if text.isascii() and text.isdecimal() and len(text) <= _NUMBER_DIGITS:
        either.append(document.c.nnf == int(text))
    else:
        either.append(document.c.recipient.icontains(text, autoescape=True))
    return or_(*either)
