"""Which halts concern a company: may it transmit, until when not, because of which note."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from zelo.access.shell import companies
from zelo.facts import authorizer, cstat, place
from zelo.fiscal.instant import local_date
from zelo.fiscal.uf import Uf
from zelo.flow import record
from zelo.guard import halt
from zelo.guard import shell as guard
from zelo.models.nfcom.document import MODELO


@dataclass(frozen=True, slots=True)
class House:
    """An establishment with what a halt may name: its authorizer and the CNPJ that transmits for it."""

    row: Row[Any]
    autorizador: str
    transmitter: str


def houses(connection: Connection, company_id: str, now: datetime) -> list[House]:
    """The establishments of a company."""
    by_id = {row.id: row.cnpj for row in companies.certificates(connection, company_id)}
    return [
        House(row, _authorizer(row, now), by_id.get(row.transmitter_id or row.certificate_id, ""))
        for row in companies.establishments(connection, company_id)
    ]


def _authorizer(row: Row[Any], now: datetime) -> str:
    uf = Uf(row.uf)
    return authorizer.autorizador(MODELO, uf, local_date(now, place.zone(uf)))


def concerns(row: Row[Any], house: House) -> bool:
    """Whether a halt stops something of that establishment (the same reading as flow/stops)."""
    match halt.parts(row.scope):
        case ("estabelecimento" | "serie", establishment_id, *_):
            return bool(establishment_id == house.row.id)
        case ("autorizador", autorizador, *_):
            return autorizador == house.autorizador
        case ("transmissor", autorizador, _, cnpj):
            return autorizador == house.autorizador and cnpj in (house.transmitter, house.row.cnpj)
    return False


def standing(connection: Connection, of: Sequence[House], now: datetime) -> list[Row[Any]]:
    """The halts in force that concern any of those establishments, oldest first."""
    return [row for row in guard.halts(connection, now) if any(concerns(row, house) for house in of)]


def against(rows: Iterable[Row[Any]], house: House) -> list[Row[Any]]:
    """Those that concern one establishment."""
    return [row for row in rows if concerns(row, house)]


def serie_of(row: Row[Any]) -> str:
    """The one série that a halt stops, or "" when it stops them all."""
    parts = halt.parts(row.scope)
    return parts[2] if parts[0] == "serie" else ""


def answer(against: Sequence[Row[Any]]) -> str:
    """May the establishment transmit: yes, no, or only in other séries."""
    if not against:
        return "Sim"
    return "Em parte" if all(serie_of(row) for row in against) else "Não"


def detail(connection: Connection, row: Row[Any], company_id: str) -> str:
    """What the authorizer said; of another company's note only the official text, for the rest is not ours to show."""
    owner = record.find(connection, row.document_id) if row.document_id else None
    if owner is None or owner.company_id == company_id:
        return str(row.detail)
    return cstat.texto(MODELO, row.cstat)
