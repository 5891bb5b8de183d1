"""What a 656/678 says in its xMotivo: which note, and how often (MOC NFCom 8.2; MOC NF-e 7.0 Anexo I 4.3)."""

import re
from dataclasses import dataclass
from typing import Final

MOST_CHARS: Final = 2_000
_CHAVE: Final = re.compile(r"(?<![0-9A-Z])([0-9]{6}[A-Z0-9]{12}[0-9]{26})(?![0-9A-Z])")
_COUNT: Final = re.compile(r"rejei[cç][oõ]es(?: encontradas)?:? ?([0-9]{1,9})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Culprit:
    """The note that is blamed and how many rejections the authorizer counted; None where it does not say."""

    chave: str | None
    count: int | None


def culprit(motivo: str) -> Culprit:
    """Read the text, whatever its dialect; letters in the CNPJ are known."""
    text = motivo[:MOST_CHARS]
    chave, count = _CHAVE.search(text), _COUNT.search(text)
    return Culprit(chave.group(1) if chave else None, int(count.group(1)) if count else None)
