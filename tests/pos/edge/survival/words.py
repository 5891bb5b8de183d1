"""What a till is told of each of its sales when everything is at rest, by either gateway, and whether that is true.

A till that was cut off asks for its session and acts on the answer: it prints, it sells again, or it asks a person.
"""

from collections.abc import Iterator, Sequence

from tests.pos.edge.survival.caller import Caller
from tests.pos.edge.survival.judge import Heard, Sale, base, forgotten, heard, owned, standing
from tests.pos.edge.survival.town import Town
from tests.sim.sat import sales as made

_OPEN = "('called', 'doubt', 'forgotten')"


def lies(town: Town, sales: Sequence[Sale]) -> Iterator[str]:
    """Words that the devices' memories contradict, and doubts that are nobody's."""
    left, listed, untold, asked = standing(town), owned(town), forgotten(town, sales), _asked(town)
    for gateway in town.gateways:
        for sale in sales:
            coupons = left.get(sale.cents, set())
            reply = _recall(gateway.line, sale)
            word, chave = heard(reply)
            where = f"{sale}: asked afterwards, {gateway.folder.name} says"
            if word is Heard.NOTHING or "andamento" in str(reply):
                yield f"{where} nothing: {reply}"
            if word is Heard.SOLD and chave not in coupons:
                yield f"{where} sold, and the coupon does not stand"
            if word is Heard.REFUSED and coupons - listed - untold:
                yield f"{where} not sold, and there is {coupons}: {reply}"
            if word is Heard.DOUBT and not (coupons & listed or sale.request in asked):
                yield f"{where} that nobody knows, and it is nobody's: {reply}"


def _recall(line: int, sale: Sale) -> str | None:
    caller = Caller(sale.till, [line])
    return caller.call(f"recall-{line}-{sale.request}", "ConsultarNumeroSessao", 900_000, made.CODE, sale.session)


def _asked(town: Town) -> set[str]:
    """Askings that stand in a list, because of a call of which nobody knows what became."""
    query = f"SELECT request_id FROM attempt WHERE outcome IN {_OPEN}"  # noqa: S608 our own words
    return {str(name) for gateway in town.gateways for (name,) in base(gateway.folder).execute(query)}
