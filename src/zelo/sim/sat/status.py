"""ConsultarStatusOperacional: the twenty-eight fields, or twenty-seven without the last chave of the list."""

from datetime import datetime

from zelo.sim.sat.state import Block, Step, memory_used
from zelo.sim.sat.turn import Turn, validity

_ZEROES = "0" * 44
_LIST_END = 17
"""Place of LISTA_FINAL among the fields that follow the five common ones."""


def status(turn: Turn) -> Step:
    """The state of the device; LISTA_INICIAL and LISTA_FINAL are the first and last chave not yet sent."""
    unit, state, net = turn.unit, turn.state, turn.state.network
    pending = sorted(each.chave for each in state.pending)
    held = validity(state.certificate)
    blocked = state.block if state.block is not Block.NONE or not turn.blocks_itself() else Block.AUTONOMOUS

    def stamp(at: datetime | None) -> str:
        return f"{at.astimezone(unit.clock):%Y%m%d%H%M%S}" if at else ""

    fields = [
        unit.nserie, net.kind, net.ip, unit.mac, net.mask, net.gateway, net.dns_1, net.dns_2,
        "CONECTADO" if unit.registry.reachable else "NAO_CONECTADO", "ALTO",
        f"{unit.terms.memory_total_bytes} BYTES", f"{memory_used(state)} BYTES", stamp(turn.now),
        _dotted(state.software), unit.layout.zfill(5), state.last.chave if state.last else "",
        pending[0] if pending else _ZEROES, pending[-1] if pending else _ZEROES,
        stamp(state.sent_at), stamp(state.contact_at),
        *(f"{each.astimezone(unit.clock):%Y%m%d}" if each else "" for each in (held or (None, None))), blocked.value,
    ]  # fmt: skip
    if unit.profile.status_fields < turn.call.function.fields:
        del fields[_LIST_END]
    return turn.done(*fields)


def _dotted(version: str) -> str:
    """Six digits as 01.00.00."""
    return f"{version[:2]}.{version[2:4]}.{version[4:]}"
