"""A file of the drop folder before the guard: a document asks, an answer reports. Each is one transaction.

The token of a document is chosen before it asks and is the name under which the folder holds it meanwhile: whoever
finds it there after a crash asks with the same token and is told the same, for one reservation.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

from zelo.fiscal.fault import Fault
from zelo.flow import foreign
from zelo.flow.foreign import Admission, NotPossibleError, Outcome, Reported
from zelo.flow.foreign_stops import Asker
from zelo.flow.tools import Tools
from zelo.guard import foreign as messages
from zelo.guard import paper
from zelo.guard import shell as guard
from zelo.guard.advice import Said, Word
from zelo.guard.core import Event
from zelo.guard.foreign import Foreign
from zelo.guard.paper import Answered

CLOCKS: Final = timedelta(minutes=5)
"""How far the authorizer's clock may run behind ours; an answer from before its question is another's."""
_ADMITTED: Final = "Pode enviar, uma vez. Depois grave em retornos o que a SEFAZ respondeu."
_LATE: Final = "O envio liberado venceu sem sair daqui e foi contado. Será perguntado de novo."
_DONE: Final = "Este número já foi autorizado: não envie de novo. Consulte a chave na SEFAZ."


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose folder it is."""

    tools: Tools
    company_id: str
    cnpj_base: str

    def asker(self, now: datetime) -> Asker:
        """The company as it asks at that time."""
        return Asker(self.tools, self.company_id, self.cnpj_base, now)


@dataclass(frozen=True, slots=True)
class Judged:
    """A document with what is said to it."""

    send: Foreign
    admission: Admission


def look(owner: Owner, content: bytes) -> Judged | Fault:
    """What would be said to a document now. Writes nothing, reserves nothing."""
    asker = owner.asker(owner.tools.clock())
    send = _message(asker, content)
    if isinstance(send, Fault):
        return send
    with owner.tools.engine.read() as connection:
        said = _done(connection, send) or foreign.standing(connection, asker, send)
    return Judged(send, Admission(said, None))


def document(owner: Owner, token: str, content: bytes) -> Judged | Fault:
    """May it be sent? With the same token the answer is the same, as long as its reservation lasts."""
    asker = owner.asker(owner.tools.clock())
    send = _message(asker, content)
    if isinstance(send, Fault):
        return send
    with owner.tools.engine.begin() as connection:
        kept = _kept(connection, asker, token, send)
        if kept is None and (done := _done(connection, send)):
            kept = Admission(done, None)
        if kept is not None:
            return Judged(send, kept)
        asked = foreign.ask(connection, asker, send, transmitter="", shadow=False, token=token)
        if asked.token is None:
            asked = _kept(connection, asker, token, send) or asked  # somebody else found it there too, and was faster
    return Judged(send, asked)


def answer(owner: Owner, name: str, content: bytes, token: str) -> list[tuple[str, Reported | Fault]]:
    """Report each result of the file; of one that names no document, for `token`, which may be "". By subject."""
    asker = owner.asker(owner.tools.clock())
    with owner.tools.engine.begin() as connection:
        return [(one.subject, _report(connection, asker, one, token)) for one in paper.answers(name, content)]


def _message(asker: Asker, content: bytes) -> Foreign | Fault:
    send = paper.message(content, asker.tools.ambiente)
    if isinstance(send, Fault) or asker.owns(send):
        return send
    return Fault(paper.RULE, "O emitente não é da empresa desta pasta.", "Use a pasta da empresa que emite.", "CNPJ")


def _kept(connection: Connection, asker: Asker, token: str, send: Foreign) -> Admission | None:
    """What this token was told before: the same, unless its reservation is over."""
    row = guard.foreign_of(connection, token)
    if row is None:
        return None
    over = row.settled_at is not None or row.lease_until <= asker.now
    if over or (row.company_id, row.subject) != (asker.company_id, send.subject):
        return Admission(Said(Word.WAIT, _LATE, until=asker.now), None)
    return Admission(Said(Word.ADMIT, _ADMITTED, guard.state_of(connection, row.key).spent), token)


def _done(connection: Connection, send: Foreign) -> Said | None:
    """A number that was authorised has nothing more to send, whatever it may still spend."""
    lines = guard.entries(connection, send.key)
    return Said(Word.HELD, _DONE) if lines and lines[-1].event is Event.AUTHORISED else None


def _report(connection: Connection, asker: Asker, one: Answered, token: str) -> Reported | Fault:
    row = _row(connection, asker, one, token)
    if row is None:
        return _fault("Nenhum envio deste documento foi liberado nesta instalação.", "Confira se passou por entrada.")
    if one.at is not None and one.at < row.asked_at - CLOCKS:
        return _fault("A resposta é de antes do último envio liberado.", "Grave a resposta deste envio.")
    try:
        done = foreign.report(connection, asker, row.token, Outcome(one.cstat, one.motivo))
    except NotPossibleError as error:
        return _fault(str(error), "Confira se a resposta é deste envio.")
    return done or _fault("O envio é de outra empresa.", "Use a pasta da empresa que emite.")


def _row(connection: Connection, asker: Asker, one: Answered, token: str) -> Row[Any] | None:
    if not one.subject:
        return guard.foreign_of(connection, token) if token else None
    named = messages.of_text(one.subject, asker.tools.ambiente)
    if isinstance(named, Fault):
        return None
    return guard.latest_foreign(connection, asker.company_id, named.key, one.subject)


def _fault(sentence: str, remedy: str) -> Fault:
    return Fault(paper.RULE, sentence, remedy)
