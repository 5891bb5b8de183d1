"""`zelo month`: a month of billing on the terminal: its equation, its tiles, each establishment; or JSON."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from rich.progress_bar import ProgressBar
from rich.table import Table
from sqlalchemy import Row

from zelo.access.shell import companies
from zelo.cli.emit import EmitError, find_company
from zelo.cli.screen import out, plain, say
from zelo.facts import place
from zelo.fiscal.instant import local_date
from zelo.fiscal.money import show
from zelo.fiscal.uf import Uf
from zelo.flow.tools import Tools
from zelo.isp.month import balance as sums
from zelo.isp.month import calendar
from zelo.isp.month.balance import Balance, Sum
from zelo.isp.month.calendar import Month
from zelo.isp.month.scope import Scope
from zelo.isp.month.shell import standing
from zelo.isp.month.tile import TILES, Side

BAR_COLUMNS: Final = 40
_COLOURS: Final = {Side.AUTHORISED: "green", Side.PENDING: "yellow", Side.REFUSED: "red"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A month of a company as it stands: the whole, and each establishment by CNPJ and UF."""

    company: str
    month: Month
    days_left: int | None
    whole: Balance
    places: list[tuple[str, str, Balance]]


def run(tools: Tools, asked: str, company: str, *, as_json: bool) -> int:
    """Show the month; 0 when all that is billed stands authorised. Raises EmitError."""
    shown = read(tools, asked, company)
    out.print_json(json.dumps(told(shown), ensure_ascii=False)) if as_json else show_month(shown)
    return 0 if shown.whole.side(Side.AUTHORISED) == shown.whole.billed else 1


def read(tools: Tools, asked: str, company: str) -> Shown:
    """The month asked for, or the one that it is at the first establishment. Raises EmitError."""
    chosen = find_company(tools, company)
    with tools.engine.read() as connection:
        emitters = companies.establishments(connection, chosen.id)
        today = _today(emitters, tools.clock())
        month = month_asked(asked, emitters, tools.clock())
        spots = standing.spots(connection, Scope(company_id=chosen.id, period=month.period))
    apart = sums.by_establishment(spots)
    places = [(row.cnpj, row.uf, apart[row.id]) for row in emitters if row.id in apart]
    return Shown(chosen.name, month, month.days_left(today), sums.balance(spots), places)


def month_asked(asked: str, emitters: Sequence[Row[Any]], now: datetime) -> Month:
    """The month that was typed, or the one that it is at the first establishment. Raises EmitError."""
    month = calendar.read(asked) if asked else Month.of(_today(emitters, now))
    if month is None:
        raise EmitError("O mês se escreve como 2026-11.")
    return month


def _today(emitters: Sequence[Row[Any]], now: datetime) -> date:
    return local_date(now, place.zone(Uf(emitters[0].uf) if emitters else Uf.DF))


def told(shown: Shown) -> dict[str, object]:
    """The month as plain values: amounts are texts with two places."""
    return {
        "empresa": shown.company,
        "mes": shown.month.slug,
        "dias_restantes": shown.days_left,
        **_sides(shown.whole),
        "quadros": {tile.value: _sum(found) for tile, found in shown.whole.tiles.items()},
        "estabelecimentos": [{"cnpj": cnpj, "uf": uf, **_sides(one)} for cnpj, uf, one in shown.places],
    }


def _sides(balance: Balance) -> dict[str, object]:
    return {"faturado": _sum(balance.billed), **{side.value: _sum(balance.side(side)) for side in Side}}


def _sum(found: Sum) -> dict[str, object]:
    return {"notas": found.notes, "valor": str(found.value)}


def show_month(shown: Shown) -> None:
    """The equation, a bar, the tiles that hold something, and the establishments."""
    left = "" if shown.days_left is None else f" · faltam {shown.days_left} dias"
    say(f"[bold]{shown.month.name}[/]{left} · {plain(shown.company)}")
    whole = shown.whole
    if not whole.known.notes:
        say("Ainda não há notas deste mês.")
        return
    sides = " + ".join(f"[{colour}]R$ {show(whole.side(side).value)} {side}[/]" for side, colour in _COLOURS.items())
    say(f"R$ {show(whole.billed.value)} faturado = {sides}")
    done, every = whole.side(Side.AUTHORISED).notes, whole.billed.notes
    out.print(ProgressBar(total=max(every, 1), completed=done, width=BAR_COLUMNS, complete_style="green"))
    table = Table(title=f"{whole.known.notes} notas")
    table.add_column("Quadro")
    table.add_column("Notas", justify="right")
    table.add_column("R$", justify="right")
    table.add_column("O que é")
    for tile, about in TILES.items():
        found = whole.tiles[tile]
        if found.notes:
            table.add_row(about.label, str(found.notes), show(found.value), about.sentence)
    out.print(table)
    _show_places(shown.places)


def _show_places(places: list[tuple[str, str, Balance]]) -> None:
    table = Table(title="Por estabelecimento")
    table.add_column("Estabelecimento")
    for name in ("Notas", "Faturado", "Autorizado", "Pendente", "Recusado"):
        table.add_column(name, justify="right")
    for cnpj, uf, one in places:
        sides = [show(one.side(side).value) for side in _COLOURS]
        table.add_row(f"{uf} {cnpj}", str(one.billed.notes), show(one.billed.value), *sides)
    out.print(table)
