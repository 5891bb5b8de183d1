"""What goes wrong at the centre on purpose: one table. A draw depends on the seed, the batch and how often it came.

What befalls a document is drawn by its key alone: it is the same however often, and with whatever else, it comes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from zelo.sim.faults import PER_MILLE, chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A row: whether the batch is committed all the same, and what comes back; status 0 closes the connection.

    `body` None is the centre's own answer. `of_document`: it befalls documents, and the batch for their sake.
    """

    name: str
    committed: bool
    status: int
    sentence: str
    retry_after: str = ""
    slow: bool = False
    body: bytes | None = None
    of_document: bool = False


NONE: Final = Trouble(name="", committed=True, status=200, sentence="")
TROUBLES: Final[Mapping[str, Trouble]] = {
    row.name: row
    for row in (
        Trouble(
            name="unwanted",
            committed=False,
            status=422,
            of_document=True,
            sentence="A central nunca aceita um documento do lote (422).",
        ),
        Trouble(name="refuse", committed=False, status=503, sentence="A central recusa o lote (503)."),
        Trouble(
            name="retry_after",
            committed=False,
            status=429,
            retry_after="1",
            sentence="A central pede uma pausa de 1 s (429, Retry-After).",
        ),
        Trouble(name="lost_before", committed=False, status=0, sentence="A conexão cai antes de a central gravar."),
        Trouble(name="lost_after", committed=True, status=0, sentence="A central grava, e a resposta se perde."),
        Trouble(name="slow", committed=True, status=200, slow=True, sentence="A resposta chega inteira, mas demora."),
        Trouble(
            name="stranger",
            committed=False,
            status=200,
            body=b"<!DOCTYPE html><html><body>Aceite os termos do Wi-Fi</body></html>",
            sentence="Quem responde é a página de um Wi-Fi (200), e não a central.",
        ),
    )
}


def check_rates(rates: Mapping[str, int]) -> None:
    """Raises ValueError, in pt-BR, for an unknown trouble, a negative rate or more than 1000 per mille in all."""
    unknown = sorted(set(rates) - set(TROUBLES))
    if unknown:
        raise ValueError(f"Falha desconhecida: {', '.join(unknown)}. Existem: {', '.join(TROUBLES)}.")
    if any(rate < 0 for rate in rates.values()) or sum(rates.values()) > PER_MILLE:
        raise ValueError("As taxas são por mil, não negativas, e somam no máximo 1000.")


def draw(rates: Mapping[str, int], seed: int, digest: str, times: int, keys: Iterable[str] = ()) -> Trouble:
    """What befalls a batch that comes for the so-manieth time, with documents of these keys."""
    left = chance(seed, "centre", digest, times, among=PER_MILLE)
    for name, trouble in TROUBLES.items():
        if trouble.of_document:
            if any(befalls(trouble, rates, seed, key) for key in keys):
                return trouble
            continue
        left -= rates.get(name, 0)
        if left < 0:
            return trouble
    return NONE


def befalls(trouble: Trouble, rates: Mapping[str, int], seed: int, key: str) -> bool:
    """Whether a trouble of documents befalls the one of this key."""
    return chance(seed, trouble.name, key, among=PER_MILLE) < rates.get(trouble.name, 0)
