"""What must hold after any life, read from the simulator's journal, which shares no code with what it judges."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import select

from tests.house import House
from zelo.archive import shell as archive
from zelo.engine.schema.assemble import numbering
from zelo.engine.schema.flow import document
from zelo.engine.schema.flow import event as flow_event
from zelo.engine.schema.guard import journal as guard_journal
from zelo.flow.event.lifecycle import State as EventState
from zelo.flow.lifecycle import State
from zelo.flow.worker import LONGEST_WAIT
from zelo.guard import shell as guard
from zelo.guard.core import Event
from zelo.monitor.wording import WORDING, Tone
from zelo.sim import journal as journals

KNOWN_THERE = (State.AUTHORISED, State.CANCELLED, State.UNKNOWN, State.RESERVED)
CONSULTAS_PER_HOUR = 10
STATUS_SECONDS = 180


def violations(house: House) -> list[str]:
    """Everything that went wrong in a life, by name."""
    found = [
        *_authorisations(house),
        *_cancellations(house),
        *_numbers(house),
        *_guard(house),
        *_consumption(house),
        *_budgets(house),
        *_waiting(house),
    ]
    return sorted(found)


def _authorisations(house: House) -> Iterable[str]:
    """Each note once at the authority, and what we call authorised is so there, with the very bytes archived."""
    journal = house.sefaz.journal
    for chave, times in journals.authorised(journal).items():
        if times != 1:
            yield f"authorised {times} times: {chave}"
    for number, chaves in journals.numbers_used_twice(journal).items():
        yield f"number used twice: {number} {sorted(chaves)}"
    there = set(journals.authorised(journal))
    with house.tools.engine.read() as connection:
        rows = connection.execute(select(document)).fetchall()
        here = {row.chave for row in rows if row.state in (State.AUTHORISED, State.CANCELLED)}
        yield from (f"authorised only here: {chave}" for chave in here - there)
        for row in rows:
            if row.chave in there and row.state not in KNOWN_THERE:
                yield f"authorised there, {row.state} here: {row.chave}"
        for chave in sorted(here):
            sent = archive.read(connection, chave, "NFCom")
            kept = archive.read(connection, chave, "nfcomProc")
            if sent is None or kept is None or sent not in kept:
                yield f"authorised without its file: {chave}"
    references = [row.reference for row in rows]
    if len(references) != len(set(references)):
        yield "one reference, two documents"


def _cancellations(house: House) -> Iterable[str]:
    """Each note cancelled once at the authority, there and here the same, with its file; nothing cancelled unasked."""
    there = journals.cancelled(house.sefaz.journal)
    by_hand = {entry.chave for entry in house.sefaz.journal.entries if entry.servico == journals.SITUACAO}
    yield from (f"cancelled {times} times: {chave}" for chave, times in there.items() if times != 1)
    with house.tools.engine.read() as connection:
        rows = connection.execute(select(document).where(document.c.chave.is_not(None))).fetchall()
        asked = {row.chave: row for row in connection.execute(select(flow_event)).fetchall()}
        for row in rows:
            if row.state == State.CANCELLED and row.chave not in there.keys() | by_hand:
                yield f"cancelled only here: {row.chave}"
            if row.chave in there and row.chave not in asked:
                yield f"cancelled without a request on record: {row.chave}"
        for chave, event in asked.items():
            if event.state != EventState.REGISTERED:
                continue
            sent, kept = (
                archive.read(connection, chave, "eventoNFCom"),
                archive.read(connection, chave, "procEventoNFCom"),
            )
            if sent is None or kept is None or sent not in kept:
                yield f"cancelled without its file: {chave}"


def _numbers(house: House) -> Iterable[str]:
    """Numbers of a série are 1, 2, 3 ... without gap and without repetition, up to where the série stands."""
    with house.tools.engine.read() as connection:
        for serie in connection.execute(select(numbering)).fetchall():
            used = connection.execute(
                select(document.c.nnf).where(
                    document.c.establishment_id == serie.establishment_id, document.c.nnf.is_not(None)
                )
            ).scalars()
            if sorted(used) != list(range(1, serie.next_nnf)):
                yield f"gap or repetition in the série of {serie.establishment_id}"


def _guard(house: House) -> Iterable[str]:
    """The guard never counts less than was sent, and its journal is whole."""
    journal = house.sefaz.journal
    sent: dict[str, int] = defaultdict(int)
    for entry in journal.entries:
        if entry.servico in ("NFComRecepcao", "NFComRecepcaoEvento") and entry.chave:
            sent[entry.chave] += 1
    with house.tools.engine.read() as connection:
        admitted: dict[str, int] = defaultdict(int)
        query = select(guard_journal.c.chave).where(guard_journal.c.event == Event.ADMITTED.value)
        for chave in connection.execute(query).scalars():
            admitted[chave] += 1
        yield from (f"broken guard journal: {key}" for key in guard.verify(connection))
    for chave, times in sent.items():
        if admitted[chave] < times:
            yield f"sent {times} times, admitted {admitted[chave]}: {chave}"


def _consumption(house: House) -> Iterable[str]:
    """Consumo indevido is never caused."""
    for entry in journals.refused_for_use(house.sefaz.journal):
        yield f"consumo indevido caused: {entry.servico} {entry.chave}"


def _budgets(house: House) -> Iterable[str]:
    """Consultas per chave in any hour, and the rest between two status calls."""
    consultas: dict[str, list[datetime]] = defaultdict(list)
    statuses: dict[str, list[datetime]] = defaultdict(list)
    for entry in house.sefaz.journal.entries:
        if entry.servico == "NFComConsulta":
            consultas[entry.chave].append(entry.at)
        elif entry.servico == "NFComStatusServico":
            statuses[entry.autorizador].append(entry.at)
    for chave, times in consultas.items():
        for i, start in enumerate(times):
            if sum(t - start < timedelta(hours=1) for t in times[i:]) > CONSULTAS_PER_HOUR:
                yield f"too many consultas: {chave}"
                break
    for name, times in statuses.items():
        if any(b - a < timedelta(seconds=STATUS_SECONDS) for a, b in pairwise(times)):
            yield f"status asked too soon: {name}"


def _waiting(house: House) -> Iterable[str]:
    """Each note is at its end, or waits for a person who is told so, or for a time that is written down and near."""
    now = house.clock()
    for row in house.rows():
        words = WORDING[State(row.state)]
        if row.due_at is None:
            if words.tone not in (Tone.DONE, Tone.ENDED, Tone.ACTION):
                yield f"{row.state} waits for nobody and for no hour: {row.chave}"
        elif row.due_at > now + LONGEST_WAIT:
            yield f"{row.state} waits until {row.due_at}: {row.chave}"
