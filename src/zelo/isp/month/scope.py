"""Which notes are looked at: a company's month or the notes of one file, narrowed. It builds conditions only."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from typing import Final

from sqlalchemy import ColumnElement, Text, and_, false, func, or_, select, type_coerce

from zelo.engine.schema.flow import document
from zelo.engine.schema.isp import note
from zelo.facts import cstat as codes
from zelo.fiscal.chave import SHAPE
from zelo.fiscal.situacao import Situacao
from zelo.flow.lifecycle import State
from zelo.isp.month.tile import Tile, tile
from zelo.models.nfcom.document import EMISSAO_CONTINGENCIA, EMISSAO_NORMAL, MODELO

TPEMIS: Final = func.substr(document.c.chave, 35, 1)
"""tpEmis is the 35th character of a chave (MOC NFCom 1.00a, item 2.2.6); empty before there is one."""
_GONE: Final = (Situacao.CANCELADA.value, Situacao.SUBSTITUIDA.value)
_NUMBER_DIGITS: Final = 9
STILL_BILLED: Final = or_(document.c.situacao.is_(None), document.c.situacao.not_in(_GONE))


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
    standing = document.c.state == state.value
    item_codes = sorted(codes.of_items(MODELO))
    gone = func.coalesce(document.c.situacao, "").in_(_GONE)
    of_item = func.coalesce(document.c.cstat, "").in_(item_codes)
    offline = func.coalesce(TPEMIS, "") == EMISSAO_CONTINGENCIA
    kinds = list(product((False, True), repeat=3))
    mine = [
        one
        for one in kinds
        if wanted
        is tile(
            state,
            _GONE[0] if one[0] else None,
            cstat=item_codes[0] if one[1] else "",
            tpemis=EMISSAO_CONTINGENCIA if one[2] else EMISSAO_NORMAL,
        )
    ]
    if len(mine) == len(kinds):
        return standing
    return and_(standing, or_(false(), *(_all(zip((gone, of_item, offline), one, strict=True)) for one in mine)))


def _all(pairs: Iterable[tuple[ColumnElement[bool], bool]]) -> ColumnElement[bool]:
    return and_(*(condition if wanted else ~condition for condition, wanted in pairs))


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
