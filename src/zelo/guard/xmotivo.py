"""What a 656/678 says in its xMotivo: which note, and how often (MOC NFCom 8.2; MOC NF-e 7.0 Anexo I 4.3)."""

import re
from dataclasses import dataclass
from typing import Final

MOST_CHARS: Final = 2_000
_CHAVE: Final = re.compile(r"(?<![0-9A-Z])([0-9]{6}[A-Z0-9]{12}[0-9]{26})(?![0-9A-Z])")
_BLAMED_ID: Final = re.compile(r"(?<![0-9A-Z])(ID[0-9A-Z]{41,53})(?![0-9A-Z])")
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


@dataclass(frozen=True, slots=True)
class Blamed:
    """Whom a 656/678 names: the chave or Id, and how many rejections the authorizer counted; None where unsaid."""

    subject: str | None
    count: int | None


def blamed(motivo: str) -> Blamed:
    """Read the text. Letters in the CNPJ are known; an event or inutilização is named by its Id."""
    found = culprit(motivo)
    named = _BLAMED_ID.search(motivo[:MOST_CHARS])
    return Blamed(found.chave or (named.group(1) if named else None), found.count)
