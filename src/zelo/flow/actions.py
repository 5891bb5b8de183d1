"""What a person may do with a document or a halt. Each is one transaction of the caller, told in the history."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, update

from zelo.engine.schema.flow import document
from zelo.flow import breaker, limits, quarantine, record
from zelo.flow.emitter import establishment_of
from zelo.flow.lifecycle import Event, State, accepts
from zelo.flow.tools import Tools
from zelo.guard import halt
from zelo.guard import shell as guard
from zelo.guard.core import Release, Stop, Verdict

MOST_SENDS: Final = 10
"""A release is a finite grant, and a small one."""
WHY_CHARS: Final = 300


class NotPossibleError(RuntimeError):
    """The document is not in a state for that; the message says so in pt-BR."""


def ask_again(connection: Connection, tools: Tools, document_id: str, actor: str) -> None:
    """Consult the authorizer as soon as the budget of the chave allows. Raises NotPossibleError."""
    row = record.locked(connection, document_id)
    if not accepts(State(row.state), Event.ASKED_AGAIN):
        raise NotPossibleError("Só se consulta uma nota sem resposta, parada ou em conflito.")
    record.move(connection, row, Event.ASKED_AGAIN, now=tools.clock(), actor=actor)
    tools.engine.wake(connection)


def send_again(connection: Connection, tools: Tools, document_id: str, actor: str) -> None:
    """Send a rejected note again as it is: what was wrong was outside it. The guard still counts it."""
    row = record.locked(connection, document_id)
    if State(row.state) is not State.REJECTED:
        raise NotPossibleError("Só se reenvia, sem mudar, uma nota recusada.")
    record.move(connection, row, Event.RESUMED, now=tools.clock(), actor=actor, detail="reenvio sem mudança")
    tools.engine.wake(connection)


def renumber(connection: Connection, tools: Tools, document_id: str, actor: str) -> None:
    """Give up a number that belongs to another document and take the next; the série goes on."""
    row = record.locked(connection, document_id)
    if not accepts(State(row.state), Event.RENUMBERED):
        raise NotPossibleError("Só muda de número uma nota em conflito de numeração.")
    record.move(
        connection,
        row,
        Event.RENUMBERED,
        now=tools.clock(),
        actor=actor,
        detail=f"deixou o número {row.nnf}",
        nnf=None,
        cnf=None,
        chave=None,
        digest=None,
    )
    guard.clear(connection, halt.of_serie(row.establishment_id, row.serie))
    tools.engine.wake(connection)


def release(
    connection: Connection, tools: Tools, document_id: str, *, sends: int, actor: str, why: str, administrator: bool
) -> None:
    """Let a held note be sent so many times more. Nothing is forgotten: SEFAZ goes on counting from where it was.

    Raises NotPossibleError: in another state, without reason, beyond an administrator's word or beyond the ceiling.
    """
    now = tools.clock()
    row = record.locked(connection, document_id)
    if State(row.state) is not State.HELD:
        raise NotPossibleError("Só se libera uma nota parada por segurança.")
    known = limits.standing(connection, tools, row, establishment_of(connection, row), now)
    what = grant(known.verdict, sends=sends, actor=actor, why=why, administrator=administrator)
    guard.release(connection, natural_key=known.state.natural_key, chave=row.chave, now=now, what=what)
    record.move(connection, row, Event.RELEASED, now=now, actor=actor, detail=told(what))
    tools.engine.wake(connection)


def grant(verdict: Verdict, *, sends: int, actor: str, why: str, administrator: bool) -> Release:
    """So many sends more of what the guard holds, a note or an event, as far as this person may. Pure.

    Raises NotPossibleError.
    """
    if not why.strip():
        raise NotPossibleError("Diga por que pode ser enviada de novo: o motivo fica guardado.")
    if not 1 <= sends <= MOST_SENDS:
        raise NotPossibleError(f"Libere de 1 a {MOST_SENDS} envios de cada vez.")
    if verdict.stop is Stop.CEILING:
        raise NotPossibleError(
            f"Já foram {verdict.spent} de {verdict.most} envios: mais um poderia bloquear a empresa inteira, "
            "e liberar não apaga o que a SEFAZ contou. Consulte a nota ou emita outra."
        )
    if verdict.stop is Stop.MAXIMUM and not administrator:
        raise NotPossibleError("Chegou ao limite máximo: só um administrador da empresa pode liberar.")
    return Release(verdict.stop or Stop.SAFETY, sends, actor, why.strip()[:WHY_CHARS])


def told(what: Release) -> str:
    """A release as a history tells it."""
    return f"{what.sends} {'envio' if what.sends == 1 else 'envios'}: {what.why}"


def lift(connection: Connection, tools: Tools, scope: str) -> bool:
    """Clear a halt that waits for a person, and let what it stopped go on; whether there was one.

    A block by the authority ends by its hour alone: it cannot be lifted here.
    """
    now = tools.clock()
    standing = [row for row in guard.halts(connection, now, [scope]) if row.reason != halt.CONSUMPTION]
    if not standing:
        return False
    kind, *whose = halt.parts(scope)
    if kind == halt.ESTABLISHMENT and any(row.reason == halt.QUARANTINE for row in standing):
        quarantine.end(connection, whose[0])
    if kind == halt.ESTABLISHMENT:
        breaker.half_open(connection, whose[0])
    guard.clear(connection, scope)
    _hurry(connection, halt.parts(scope), now)
    tools.engine.wake(connection)
    return True


def _hurry(connection: Connection, scope: tuple[str, ...], now: datetime) -> None:
    if scope[0] in ("estabelecimento", "serie"):
        waiting = [state.value for state in (State.SIGNED, State.PAUSED, State.DRAFT)]
        connection.execute(
            update(document)
            .where(document.c.establishment_id == scope[1], document.c.state.in_(waiting), document.c.due_at > now)
            .values(due_at=now)
        )
