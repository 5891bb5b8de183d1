"""What can be said about an asking before any device: known, or recalled."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import apsw

from zelo.models.cfe.chave import Chave
from zelo.models.cfe.functions import ASK_SESSION, ASKED, CANCEL, CHAVE, FUNCTIONS, ISSUES, SALE, Kind
from zelo.models.cfe.reply import refusal
from zelo.pos.edge import pool
from zelo.pos.edge.decide import ERROR, End
from zelo.pos.edge.journal.entry import Known
from zelo.pos.edge.journal.shell import coupons, rows
from zelo.pos.edge.journal.shell.store import Store
from zelo.pos.edge.peer.recall import AT_WORK, NEVER, Recalled
from zelo.pos.edge.peer.word import State, Word
from zelo.pos.edge.request import RefusedBefore, Request
from zelo.pos.edge.shell.unit import Unit

REPEATED: Final = timedelta(minutes=30)
"""Within it the same session with the same content is the same asking: as long as a coupon could still be cancelled."""
_AT_WORK: Final = "O pedido desta sessão ainda está em andamento."
NOT_HEARD: Final = (
    "Não se sabe: o outro gateway da loja pode ter feito este pedido, e não responde. Veja as vendas dele antes de "
    "repetir."
)
_THERE: Final = "Não se sabe ainda: o outro gateway da loja está com este pedido. Consulte a sessão antes de repetir."
_STATES: Final = {End.DONE: State.DONE, End.REFUSED: State.REFUSED, End.DOUBT: State.DOUBT}
"""How an asking ended, as the other gateway hears it."""
_FISCAL: Final = (SALE.name, CANCEL.name)


def answered(store: Store, request: Request, now: datetime, live: Iterable[Request] = ()) -> str | Known | None:
    """The answer that needs no device; else what the journal knows of the same asking, None for a new one.

    `live`: what is under way, of which the journal may not know yet.
    """
    if request.function.kind is Kind.RECALL:
        return recall_words(request, recalled(store, request, live))
    known = None if request.function.kind is Kind.ASK else _known(store, request, now)
    if known is None or known.end is None:
        return known
    if known.matter != request.matter:
        return other_matter(request)
    reply = reply_of(store, known)
    return RefusedBefore(reply) if known.end is End.REFUSED and request.function.kind in ISSUES else reply


def other_matter(request: Request) -> str:
    """The answer to an asking whose id came with other content before, here or at the other gateway."""
    return _refused(request, ERROR, "Este identificador já foi usado com outro conteúdo. Nada foi emitido.")


def not_heard(request: Request) -> str:
    """The answer to what the other gateway may have done, and does not say."""
    return _refused(request, ERROR, NOT_HEARD)


def at_the_other(request: Request) -> str:
    """The answer to what the other gateway is at."""
    return _refused(request, ERROR, _THERE)


def reply_of(store: Store, known: Known) -> str:
    """The answer that an asking got; where the journal has let go of it, which coupon came of it, if any."""
    if known.reply:
        return known.reply
    issued = [sold.chave for sold in store.read(coupons.of_asking, known.id)]
    sentence = "Este pedido já foi respondido, e a resposta não está mais guardada. "
    sentence += f"Cupom {', '.join(issued)}. Não venda de novo." if issued else "Nada foi emitido."
    return refusal(FUNCTIONS[known.function], ERROR, sentence).worded(known.session)


def _known(store: Store, request: Request, now: datetime) -> Known | None:
    """The asking that this one repeats: by its id, or by the till's session number with the same content."""
    known, last = store.read(rows.same, request.id, request.till, request.session)
    if known is not None or last is None:
        return known
    if last.end is End.REFUSED or abs(now - last.at) > REPEATED or last.matter != request.matter:
        return None
    return last


def only(store: Store, units: Sequence[Unit], request: Request) -> str:
    """The device that alone can do it, "" for any. One that is not here has the number of the coupon as its name."""
    if request.function.kind is Kind.CANCEL:
        return _issuer(store, units, str(request.argument(CHAVE)))
    if request.function.kind is Kind.KEEP:
        return pool.keeper(request.till, {unit.name: unit.place for unit in units})
    return ""


def _issuer(store: Store, units: Sequence[Unit], named: str) -> str:
    """The device that issued a coupon, by the number that the chave bears; one not heard yet as the journal has it."""
    try:
        chave = Chave.parse(named)
    except ValueError:
        return ""
    named_so = [unit.name for unit in units if unit.nserie == chave.nserie]
    if named_so:
        return named_so[0]
    device = store.read(coupons.device_of, str(chave))
    return device if any(unit.name == device and not unit.nserie for unit in units) else chave.nserie


def recalled(store: Store, request: Request, live: Iterable[Request]) -> Recalled:
    """ConsultarNumeroSessao and ConsultarUltimaSessaoFiscal: what this gateway answered the till, not a device.

    `live`: what is under way, of which the journal may not know yet.
    """
    if _is_under_way(request, live):
        return AT_WORK
    known = store.read(_recall, request)
    if known is None:
        return NEVER
    if known.end is None:
        return AT_WORK
    return Recalled(_STATES[known.end], reply_of(store, known), known.at, known.session, known.matter)


def recall_words(request: Request, found: Recalled | None) -> str:
    """What the till is told of it. `found` None: the other gateway may know, and does not answer."""
    if found is None:
        return not_heard(request)
    if found.state is State.UNKNOWN:
        return _refused(request, "003", "")
    return _refused(request, "098", _AT_WORK) if found.state is State.OPEN else found.reply


def _is_under_way(request: Request, live: Iterable[Request]) -> bool:
    own = [each for each in live if each.till == request.till and each.session]
    if request.function is ASK_SESSION:
        return any(each.session == int(request.argument(ASKED)) for each in own)
    return any(each.function.name in _FISCAL for each in own)


def _recall(connection: apsw.Connection, request: Request) -> Known | None:
    if request.function is ASK_SESSION:
        return rows.by_session(connection, request.till, int(request.argument(ASKED)))
    return rows.last_fiscal(connection, request.till, _FISCAL)


def word(store: Store, known: Known | None) -> Word:
    """What stands of an asking, for who asks by its id. One whose coupon is all that is kept of it is in doubt."""
    if known is None:
        return Word(State.UNKNOWN)
    if known.end is None:
        return Word(State.OPEN)
    forgotten = known.end is End.DONE and not known.reply
    return Word(State.DOUBT if forgotten else _STATES[known.end], reply_of(store, known), known.matter, known.lost)


def told(connection: apsw.Connection, till: str, session: int, matter: str) -> Known | None:
    """The asking whose answer another one got, which came under another id."""
    last = rows.by_session(connection, till, session)
    return last if last is not None and last.matter == matter else None


def _refused(request: Request, suffix: str, sentence: str) -> str:
    return refusal(request.function, suffix, sentence).worded(request.session)
