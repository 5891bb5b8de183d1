"""What a till is told of each of its sales when everything is at rest, by either gateway, and whether that is true.

A till that was cut off asks for its session and acts on the answer: it prints, it sells again, or it asks a person.
"""

import time
from collections.abc import Iterator, Sequence

from tests.pos.edge.survival.caller import Caller, Program
from tests.pos.edge.survival.judge import Heard, Sale, base, forgotten, heard, owned, read, standing
from tests.pos.edge.survival.town import TOKEN, Gateway, Town
from tests.sim.sat import sales as made

_SILENT = "outro gateway da loja pode ter feito este pedido, e não responde"
_MOST_SILENT = 20
_SESSION = 900_000
"""Of whoever asks; no sale has it."""
_OPEN = "('called', 'doubt', 'forgotten')"


def lies(town: Town, sales: Sequence[Sale]) -> Iterator[str]:
    """Words that the devices' memories contradict, and doubts that are nobody's."""
    left, listed, untold, asked = standing(town), owned(town), forgotten(town, sales), _asked(town)
    for sale in sales:
        coupons, known = left.get(sale.cents, set()), False
        silent = coupons - listed - untold
        if sale.hub and not sale.session:
            continue  # nobody can ask for it
        for gateway in town.gateways:
            reply, word, chave = _asked_again(gateway, sale)
            known = known or word is not Heard.NOTHING
            where = f"{sale}: asked afterwards, {gateway.folder.name} says"
            if "andamento" in reply or not reply:
                yield f"{where} nothing: {reply}"
            if word is Heard.SOLD and chave not in coupons:
                yield f"{where} sold, and the coupon does not stand"
            if word is Heard.REFUSED and silent:
                yield f"{where} not sold, and there is {silent}: {reply}"
            if word is Heard.DOUBT and not (coupons & listed or sale.names(town) & asked):
                yield f"{where} that nobody knows, and it is nobody's: {reply}"
        if silent and not known:
            yield f"{sale}: no gateway knows it, and there is {silent}"


def _asked_again(gateway: Gateway, sale: Sale) -> tuple[str, Heard, str]:
    """What a gateway says of a sale, and what its till takes that for.

    On a crowded machine the other gateway may be silent for a moment; who hears so asks again.
    """
    answer = _asked_once(gateway, sale)
    for _ in range(_MOST_SILENT):
        if _SILENT not in answer[0]:
            break
        time.sleep(1.0)
        answer = _asked_once(gateway, sale)
    return answer


def _asked_once(gateway: Gateway, sale: Sale) -> tuple[str, Heard, str]:
    if not sale.key:
        caller = Caller(sale.till, [gateway.line])
        session, name = _SESSION, f"recall-{gateway.line}-{sale.till}-{sale.session}"
        reply = caller.call(name, "ConsultarNumeroSessao", session, made.CODE, sale.session)
        return str(reply or ""), *heard(reply)
    told = Program(sale.till, [gateway.web], TOKEN).find(gateway.web, sale.key)
    return str(told or "none under this key"), *read(told)


def _asked(town: Town) -> set[str]:
    """Askings that stand in a list, because of a call of which nobody knows what became."""
    query = f"SELECT request_id FROM attempt WHERE outcome IN {_OPEN}"  # noqa: S608 our own words
    return {str(name) for gateway in town.gateways for (name,) in base(gateway.folder).execute(query)}
