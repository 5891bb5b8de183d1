"""The port that commands a simulator: JSON over plain HTTP on loopback. One table says what there is."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any, Final
from urllib.parse import parse_qs

from zelo.sim.authority import AUTHORITIES
from zelo.sim.config import Pause
from zelo.sim.faults import TROUBLES, OneShot
from zelo.sim.journal import authorised, blocks, numbers_used_twice, to_json, unanswered
from zelo.sim.reading import READINGS
from zelo.sim.sefaz import FIRST_DAY, Sefaz
from zelo.sim.shell.wire import Application, Receive, Scope, Send, read_body, respond

MOST_COMMAND_BYTES: Final = 65_536
MOST_ENTRIES: Final = 1_000
"""How many entries of the journal one answer shows."""

_JSON: Final = b"application/json; charset=utf-8"
_OK, _BAD_REQUEST, _NOT_FOUND = 200, 400, 404

Payload = Mapping[str, Any]


@dataclass(slots=True)
class Clock:
    """The real time and how far the simulator's is from it."""

    offset_seconds: float = 0

    def now(self) -> datetime:
        """The simulator's instant."""
        return datetime.now(UTC) + timedelta(seconds=self.offset_seconds)  # noqa: TID251 the one clock of the simulator


@dataclass(frozen=True, slots=True)
class Desk:
    """What the commands act on; `keep` writes down what they add to the journal."""

    sefaz: Sefaz
    clock: Clock
    keep: Callable[[], None]


def _health(desk: Desk, _: Payload) -> Payload:
    return {"status": "ok", "ambiente": desk.sefaz.config.ambiente.rotulo, "now": desk.clock.now().isoformat()}


def _journal(desk: Desk, payload: Payload) -> Payload:
    begin = _integer(payload, "from", 0)
    entries = desk.sefaz.journal.entries[begin : begin + MOST_ENTRIES]
    return {"entries": [to_json(entry) for entry in entries], "next": begin + len(entries)}


def _summary(desk: Desk, _: Payload) -> Payload:
    journal = desk.sefaz.journal
    return {
        "entries": len(journal.entries),
        "authorised": len(authorised(journal)),
        "numbers_used_twice": len(numbers_used_twice(journal)),
        "unanswered": len(unanswered(journal)),
        "blocks": len(blocks(journal)),
        "by_cstat": dict(Counter(entry.cstat for entry in journal.entries if entry.cstat)),
        "by_trouble": dict(Counter(entry.trouble for entry in journal.entries if entry.trouble)),
        "paused": desk.sefaz.paused(desk.clock.now()),
        "rates": dict(desk.sefaz.rates),
        "reading": desk.sefaz.reading.name,
        "seed": desk.sefaz.config.seed,
    }


def _pause(desk: Desk, payload: Payload) -> Payload:
    now = desk.clock.now()
    seconds = _number(payload, "seconds", 0)
    pause = Pause(_text(payload, "cstat", "108"), now, now + timedelta(seconds=seconds) if seconds else None)
    for name in _chosen(payload):
        desk.sefaz.pause(name, pause)
    return {"paused": desk.sefaz.paused(now)}


def _resume(desk: Desk, payload: Payload) -> Payload:
    for name in _chosen(payload):
        desk.sefaz.resume(name)
    return {"paused": desk.sefaz.paused(desk.clock.now())}


def _faults(desk: Desk, payload: Payload) -> Payload:
    """With "rates" from now on; with "trouble" for the next "times" requests of a "chave" or of anybody."""
    if "rates" in payload:
        rates = payload["rates"]
        if not isinstance(rates, dict) or not all(type(rate) is int for rate in rates.values()):
            raise ValueError("rates é um objeto de nome da falha para taxa inteira por mil.")
        desk.sefaz.set_rates(rates)
    if "trouble" in payload:
        shot = OneShot(_text(payload, "trouble", ""), _text(payload, "chave", ""), _integer(payload, "times", 1))
        desk.sefaz.order(shot)
    return {"rates": dict(desk.sefaz.rates), "troubles": {row.name: row.sentence for row in TROUBLES.values()}}


def _clock(desk: Desk, payload: Payload) -> Payload:
    moved = Clock(_number(payload, "offset_seconds", 0))
    if moved.now().date() < FIRST_DAY:
        raise ValueError(f"O relógio do simulador começa em {FIRST_DAY:%d/%m/%Y}.")
    desk.clock.offset_seconds = moved.offset_seconds
    return {"now": desk.clock.now().isoformat()}


def _reading(desk: Desk, payload: Payload) -> Payload:
    reading = READINGS.get(_text(payload, "name", ""))
    if reading is None:
        raise ValueError(f"Leitura desconhecida. Existem: {', '.join(READINGS)}.")
    desk.sefaz.read_as(reading)
    return {"reading": reading.name, "meaning": reading.meaning}


def _standing(desk: Desk, payload: Payload) -> Payload:
    chave, cstat = _text(payload, "chave", ""), _text(payload, "cstat", "")
    desk.sefaz.set_standing(chave, cstat, desk.clock.now())
    desk.keep()
    return {"chave": chave, "cstat": cstat}


COMMANDS: Final[Mapping[tuple[str, str], Callable[[Desk, Payload], Payload]]] = {
    ("GET", "/health"): _health,
    ("GET", "/journal"): _journal,
    ("GET", "/summary"): _summary,
    ("POST", "/pause"): _pause,
    ("POST", "/resume"): _resume,
    ("POST", "/faults"): _faults,
    ("POST", "/clock"): _clock,
    ("POST", "/reading"): _reading,
    ("POST", "/standing"): _standing,
}


def commands(desk: Desk) -> Application:
    """The application of the management port."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive, MOST_COMMAND_BYTES, MOST_COMMAND_BYTES)
        status, answer = command(desk, scope["method"], scope["path"], scope["query_string"], body)
        await respond(send, status, json.dumps(answer, ensure_ascii=False).encode(), _JSON)

    return application


def command(desk: Desk, method: str, path: str, query: bytes, body: bytes | None) -> tuple[int, Payload]:
    """Status and answer of one command; what is wrong with it is said in `erro`."""
    act = COMMANDS.get((method, path))
    if act is None:
        return _NOT_FOUND, {"erro": f"Existem: {', '.join(' '.join(each) for each in COMMANDS)}."}
    try:
        return _OK, act(desk, _payload(query, body))
    except ValueError as error:
        return _BAD_REQUEST, {"erro": str(error)}
    except OverflowError:
        return _BAD_REQUEST, {"erro": "O número sai do calendário."}


def _payload(query: bytes, body: bytes | None) -> Payload:
    """Parameters of the address and members of the JSON body together. Raises ValueError for anything else."""
    if body is None:
        raise ValueError(f"O comando passa de {MOST_COMMAND_BYTES} bytes.")
    values: dict[str, Any] = {name: found[-1] for name, found in parse_qs(query.decode("ascii", "replace")).items()}
    try:
        members = json.loads(body) if body else {}
    except (ValueError, RecursionError) as error:
        raise ValueError("O corpo não é JSON.") from error
    if not isinstance(members, dict):
        raise ValueError("O corpo não é um objeto JSON.")
    return {**values, **members}


def _chosen(payload: Payload) -> tuple[str, ...]:
    """The authorizer that is named, or all."""
    name = _text(payload, "autorizador", "")
    return (name,) if name else tuple(AUTHORITIES)


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
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    if type(value) is not int or value < 0:
        raise ValueError(f"{name} é um inteiro não negativo.")
    return value
