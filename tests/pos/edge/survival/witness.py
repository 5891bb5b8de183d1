"""What the journals of both gateways and the devices' memories say of a sale that ended wrongly, for who reads why."""

from collections.abc import Iterator, Sequence

from tests.pos.edge.survival.judge import Sale, base
from tests.pos.edge.survival.town import Gateway, Town, told

_QUERIES = (
    "SELECT id, end, at, ended_at, delivered, elsewhere, hex(reply) FROM request WHERE id = ?",
    "SELECT id, device, session, witness, at, ended_at, outcome, hex(reply) FROM attempt WHERE request_id = ?",
    "SELECT chave, attempt_id, device, cancels, at, standing, note FROM coupon WHERE request_id = ?",
)
_MOST_CHARACTERS = 300
"""Of a row: an answer carries its whole coupon."""


def evidence(town: Town, sales: Sequence[Sale], wrong: Sequence[str]) -> list[str]:
    """One line for each row and each coupon that belongs to a sale which `wrong` names."""
    named = [sale for sale in sales if any(line.startswith(str(sale)) for line in wrong)]
    return [line for sale in named for line in _of(town, sale)]


def _of(town: Town, sale: Sale) -> Iterator[str]:
    yield str(sale)
    for gateway in town.gateways:
        for name in sorted(sale.names(town)):
            yield from _journal(gateway, name)
    for machine in town.machines.values():
        for coupon in told(machine):
            if coupon["total"] == f"{sale.cents / 100:.2f}":
                yield f"  {machine.name}: {coupon}"


def _journal(gateway: Gateway, request: str) -> Iterator[str]:
    for query in _QUERIES:
        for row in base(gateway.folder).execute(query, (request,)):
            yield f"  {gateway.folder.name}: {row}"[:_MOST_CHARACTERS]
