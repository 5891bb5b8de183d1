"""`zelo guard explain`: every decision about the number of a chave, with its evidence."""

from rich.table import Table

from zelo.cli.screen import out, plain, say
from zelo.facts import place
from zelo.facts.cstat import classe
from zelo.fiscal.fault import Fault
from zelo.fiscal.instant import show
from zelo.fiscal.uf import Uf
from zelo.flow import limits, record
from zelo.flow.emitter import establishment_of
from zelo.flow.tools import Tools
from zelo.guard import foreign, review
from zelo.guard import shell as guard
from zelo.guard.review import Override
from zelo.guard.story import now_told, story


class ExplainError(LookupError):
    """Nothing is known of that chave; the message says so in pt-BR."""


def run(tools: Tools, chave: str) -> None:
    """Print the journal and what the guard would say now. Raises ExplainError."""
    with tools.engine.read() as connection:
        number = guard.number_of(connection, chave)
        if number is None:
            raise ExplainError("A guarda não conhece esta chave: nenhum envio dela foi pedido a esta instalação.")
        lines = story(number, guard.entries(connection, number))
        row = record.of_chave(connection, chave)
        uf, verdict = Uf.DF, None
        if row is not None:
            emitter = establishment_of(connection, row)
            uf = Uf(emitter.uf)
            verdict = limits.standing(connection, tools, row, emitter, tools.clock()).verdict
        readings = review.in_force(guard.overrides(connection), place.today(tools.clock()))
        counted = guard.state_of(connection, number).counts
    zone = place.zone(uf)
    named = foreign.of_text(chave, tools.ambiente)
    modelo = "" if isinstance(named, Fault) else named.modelo
    table = Table("Quando", "O que aconteceu", "Conta", title=f"Número {plain(number)}")
    for line in lines:
        other = "" if line.chave == chave else f" (chave {line.chave})"
        table.add_row(show(line.at, zone), plain(line.text + other), str(line.spent))
    out.print(table)
    for cstat in sorted(counted):
        reading = readings.get((modelo, cstat))
        if reading is not None:
            say(plain(_read_otherwise(reading)))
    if verdict is not None:
        say(f"Agora: {now_told(verdict)}")


def _read_otherwise(row: Override) -> str:
    official, read = classe(row.modelo, row.cstat), row.classe
    return (
        f"{row.cstat} é lido como {read.value if read else ''} desde {row.desde:%d/%m/%Y}, e não como "
        f"{official.value if official else 'desconhecido'}: {row.why} ({row.actor.partition(' (')[0]})"
    )
