"""What goes wrong on the way, on purpose: one table of troubles, drawn by a hash or ordered one by one.

A draw depends on the seed, on what is sent and on how many times it was seen at that service, and on nothing else: the
order in which senders happen to be served changes no outcome.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PER_MILLE: Final = 1000

_HTML: Final = (
    b"<!DOCTYPE html><html><head><title>Servi\xc3\xa7o indispon\xc3\xadvel</title></head>"
    b"<body><h1>Servi\xc3\xa7o temporariamente indispon\xc3\xadvel</h1></body></html>"
)


class Cut(StrEnum):
    """What becomes of the connection: nothing, dropped before the first byte, dropped within the answer."""

    NONE = "none"
    BEFORE = "before"
    TRUNCATED = "truncated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A row: whether the request is processed all the same, and what arrives instead of the answer.

    `cstat` is an answer that replaces the judgement; `body` None leaves the answer as it is. `meaning` is for the
    developer, `sentence` for whoever looks at the simulator.
    """

    name: str
    processed: bool
    meaning: str
    sentence: str
    cut: Cut = Cut.NONE
    status: int = 200
    body: bytes | None = None
    slow: bool = False
    cstat: str = ""


TROUBLES: Final[Mapping[str, Trouble]] = {
    row.name: row
    for row in (
        Trouble(
            name="lost_before",
            processed=False,
            cut=Cut.BEFORE,
            meaning="The connection drops before the request is processed.",
            sentence="A conexão cai antes do processamento.",
        ),
        Trouble(
            name="lost_after",
            processed=True,
            cut=Cut.BEFORE,
            meaning="The request is processed and the answer never leaves.",
            sentence="O pedido é processado e a resposta se perde.",
        ),
        Trouble(
            name="truncated",
            processed=True,
            cut=Cut.TRUNCATED,
            meaning="The request is processed and the answer breaks off in the middle.",
            sentence="O pedido é processado e a resposta chega pela metade.",
        ),
        Trouble(
            name="http_500",
            processed=True,
            status=500,
            body=_HTML,
            meaning="The request is processed and an HTTP 500 arrives instead of the answer.",
            sentence="O pedido é processado e chega um erro HTTP 500.",
        ),
        Trouble(
            name="http_503",
            processed=False,
            status=503,
            body=_HTML,
            meaning="A gateway answers HTTP 503; nothing is processed.",
            sentence="Chega um erro HTTP 503 e nada é processado.",
        ),
        Trouble(
            name="html_200",
            processed=False,
            body=_HTML,
            meaning="A page of a gateway arrives with status 200; nothing is processed.",
            sentence="Chega uma página HTML com status 200 e nada é processado.",
        ),
        Trouble(
            name="empty_200",
            processed=True,
            body=b"",
            meaning="The request is processed and an empty body arrives with status 200.",
            sentence="O pedido é processado e chega um corpo vazio com status 200.",
        ),
        Trouble(
            name="slow",
            processed=True,
            slow=True,
            meaning="The answer is whole and late.",
            sentence="A resposta chega inteira, mas demora.",
        ),
        Trouble(
            name="reject_once",
            processed=False,
            cstat="286",
            meaning="This attempt is refused for a reason of the authority's own; the same bytes may pass later.",
            sentence="Esta tentativa é recusada por um motivo passageiro (286).",
        ),
        Trouble(
            name="pause_108",
            processed=False,
            cstat="108",
            meaning="This request finds the service paused.",
            sentence="Este pedido encontra o serviço paralisado (108).",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class OneShot:
    """A trouble ordered by hand for the next `times` requests of a chave, or of anybody when `chave` is ""."""

    trouble: str
    chave: str = ""
    times: int = 1


def check_rates(rates: Mapping[str, int]) -> None:
    """Raises ValueError, in pt-BR, for an unknown trouble, a negative rate or more than 1000 per mille in all."""
    unknown = sorted(set(rates) - set(TROUBLES))
    if unknown:
        raise ValueError(f"Falha desconhecida: {', '.join(unknown)}. Existem: {', '.join(TROUBLES)}.")
    if any(rate < 0 for rate in rates.values()) or sum(rates.values()) > PER_MILLE:
        raise ValueError("As taxas são por mil, não negativas, e somam no máximo 1000.")


def chance(seed: int, *what: object, among: int) -> int:
    """A number from 0 to `among` - 1 that only the seed and `what` decide."""
    digest = hashlib.sha256("|".join(map(str, (seed, *what))).encode()).digest()
    return int.from_bytes(digest[:8], "big") % among


def draw(rates: Mapping[str, int], seed: int, *what: object) -> Trouble | None:
    """The trouble that befalls, each with its rate in per mille, or None."""
    left = chance(seed, "trouble", *what, among=PER_MILLE)
    for name, trouble in TROUBLES.items():
        left -= rates.get(name, 0)
        if left < 0:
            return trouble
    return None


def next_shot(shots: tuple[OneShot, ...], chave: str) -> tuple[Trouble | None, tuple[OneShot, ...]]:
    """The first ordered trouble that is meant for this chave, and the orders that remain after it."""
    for place, shot in enumerate(shots):
        if shot.chave in {"", chave}:
            rest = (OneShot(shot.trouble, shot.chave, shot.times - 1),) if shot.times > 1 else ()
            return TROUBLES[shot.trouble], (*shots[:place], *rest, *shots[place + 1 :])
    return None, shots
