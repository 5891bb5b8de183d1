"""The commands of the management: clock, troubles, SEFAZ, block, memory. One table says what there is."""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any, Final

from zelo.sim.sat.faults import TROUBLES, Order
from zelo.sim.sat.shell.device import Device
from zelo.sim.sat.shell.memory import Kept
from zelo.sim.sat.state import Block, memory_used
from zelo.sim.shell.management import Clock

MOST_COUPONS: Final = 1_000
"""How many coupons one answer lists."""
_BLOCKS: Final = {"none": Block.NONE, "sefaz": Block.SEFAZ, "deactivation": Block.DEACTIVATION}
_FACTS: Final = ("reachable", "block_asked", "unblock_asked")
_CHAVE: Final = re.compile(r"\d{44}", re.ASCII)

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Desk:
    """What the commands act on."""

    device: Device
    clock: Clock


def _state(desk: Desk, _: Payload) -> Payload:
    """What the device is and remembers, in numbers."""
    device, state = desk.device, desk.device.state
    return {
        "nserie": device.unit.nserie,
        "profile": device.unit.profile.name,
        "now": device.now().isoformat(),
        "active": state.active,
        "block": state.block.value,
        "hung": device.hung,
        "off": state.off,
        "ncfe": state.ncfe,
        "pending": len(state.pending),
        "refused": list(state.refused),
        "sessions": [each.number for each in state.sessions],
        "memory_used_bytes": memory_used(state),
        "contact_at": _stamp(state.contact_at),
        "reachable": device.unit.registry.reachable,
        "troubles": {row.name: row.sentence for row in TROUBLES.values()},
    }


def _stamp(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _clock(desk: Desk, payload: Payload) -> Payload:
    """`offset_seconds` from the real time, or `advance_seconds` from where it stands."""
    offset = _number(payload, "offset_seconds", desk.clock.offset_seconds)
    moved = Clock(offset + _number(payload, "advance_seconds", 0))
    moved.now()
    desk.clock.offset_seconds = moved.offset_seconds
    return {"now": desk.clock.now().isoformat()}


def _faults(desk: Desk, payload: Payload) -> Payload:
    """With `rates` (per mille) from now on; with `trouble` for the next `times` calls of a `function`."""
    if "rates" in payload:
        desk.device.set_rates(_rates(payload))
    if "trouble" in payload:
        order = Order(
            _text(payload, "trouble", ""),
            _text(payload, "function", ""),
            _integer(payload, "times", 1),
            _text(payload, "suffix", "099"),
        )
        desk.device.order(order)
    return {"troubles": list(TROUBLES)}


def _sefaz(desk: Desk, payload: Payload) -> Payload:
    """`reachable`, `block_asked`, `unblock_asked`; `software` on offer; `notice` with cod and text; `rates` of cods."""
    changes: dict[str, Any] = {name: payload[name] for name in _FACTS if name in payload}
    if not all(isinstance(value, bool) for value in changes.values()):
        raise ValueError(f"{', '.join(_FACTS)} são verdadeiro ou falso.")
    if "software" in payload:
        changes["software"] = _text(payload, "software", "")
    if "notice" in payload:
        changes["notice"] = (_text(payload, "cod", ""), _text(payload, "notice", ""))
    if "rates" in payload:
        desk.device.reject(_rates(payload))
    registry = desk.device.register(**changes)
    return {"reachable": registry.reachable, "software": registry.software, "notice": list(registry.notice)}


def _transmit(desk: Desk, _: Payload) -> Payload:
    """Hand one lot to SEFAZ now."""
    answer = desk.device.transmit()
    return {"cod": answer.cod if answer else "", "coupons": dict(answer.coupons) if answer else {}}


def _block(desk: Desk, payload: Payload) -> Payload:
    """`by`: none, sefaz or deactivation."""
    by = _text(payload, "by", "")
    if by not in _BLOCKS:
        raise ValueError(f"Bloqueio desconhecido. Existem: {', '.join(_BLOCKS)}.")
    desk.device.block(_BLOCKS[by])
    return {"block": desk.device.state.block.value}


def _fill(desk: Desk, payload: Payload) -> Payload:
    """`bytes` of the memory taken away."""
    desk.device.fill(_integer(payload, "bytes", 0))
    return {"memory_used_bytes": memory_used(desk.device.state)}


def _restart(desk: Desk, _: Payload) -> Payload:
    """Power off and on."""
    desk.device.restart()
    return {"hung": desk.device.hung}


def _memory(desk: Desk, payload: Payload) -> Payload:
    """Every coupon from the `from`-th on, in the order of issue."""
    begin = _integer(payload, "from", 0)
    kept = desk.device.memory(begin, MOST_COUPONS)
    return {"coupons": [_told(each) for each in kept], "next": begin + len(kept)}


def _told(kept: Kept) -> Payload:
    issued = kept.issued
    return {
        "chave": issued.chave,
        "kind": issued.kind.value,
        "at": issued.at.isoformat(),
        "total": str(issued.total),
        "of": issued.of,
        "cod": kept.cod,
    }


def _coupon(desk: Desk, payload: Payload) -> Payload:
    """The signed document of a `chave`, in base64."""
    chave = _text(payload, "chave", "")
    xml = desk.device.xml(chave) if _CHAVE.fullmatch(chave) else None
    if xml is None:
        raise ValueError("Não há cupom com essa chave.")
    return {"chave": chave, "xml": base64.b64encode(xml).decode()}


COMMANDS: Final[Mapping[str, Callable[[Desk, Payload], Payload]]] = {
    "state": _state,
    "clock": _clock,
    "faults": _faults,
    "sefaz": _sefaz,
    "transmit": _transmit,
    "block": _block,
    "fill": _fill,
    "restart": _restart,
    "memory": _memory,
    "coupon": _coupon,
}


def command(desk: Desk, payload: Payload) -> Payload:
    """The result of one command. Raises ValueError, in pt-BR, for what is wrong with it."""
    act = COMMANDS.get(_text(payload, "command", ""))
    if act is None:
        raise ValueError(f"Existem: {', '.join(COMMANDS)}.")
    try:
        return act(desk, payload)
    except OverflowError as error:
        raise ValueError("O número sai do calendário.") from error


def _rates(payload: Payload) -> dict[str, int]:
    rates = payload["rates"]
    if not isinstance(rates, dict) or not all(type(rate) is int for rate in rates.values()):
        raise ValueError("rates é um objeto de nome para taxa inteira por mil.")
    return rates


def _text(payload: Payload, name: str, default: str) -> str:
    value = payload.get(name, default)
    if not isinstance(value, str):
        raise ValueError(f"{name} é um texto.")
    return value


def _number(payload: Payload, name: str, default: float) -> float:
    value = payload.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise ValueError(f"{name} é um número.")
    return value


def _integer(payload: Payload, name: str, default: int) -> int:
    value = payload.get(name, default)
    if type(value) is not int or value < 0:
        raise ValueError(f"{name} é um inteiro não negativo.")
    return value
