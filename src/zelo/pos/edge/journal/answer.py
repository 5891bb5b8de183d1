"""How the journal keeps an answer: with a name in place of the coupon's XML, which the outbox of the same file has.

It decides what is left out and how it is put back; whether the bytes are still there is for whoever asks to look.
"""

import base64
import re
from typing import Final

from zelo.models.cfe.reply import BAR, Reply

_NAME: Final = re.compile(r"\|@([0-9A-Z]{44}):([0-9]{1,10})\|")
_GROUP_BYTES, _GROUP_CHARACTERS = 3, 4
"""Of base64: only the last such group can be written in more than one way."""


def left_out(reply: Reply, chave: str, xml: bytes, crc: int) -> Reply:
    """A reply that begins with this XML, with its name instead; unchanged where it could not be put back as it was."""
    name = f"@{chave}:{crc}"
    last = xml[-((len(xml) - 1) % _GROUP_BYTES + 1) :]
    in_one_line = len(reply.rest[0]) == -(-len(xml) // _GROUP_BYTES) * _GROUP_CHARACTERS
    whole = bool(xml) and in_one_line and reply.rest[0].endswith(base64.b64encode(last).decode())
    return reply._replace(rest=(name, *reply.rest[1:])) if whole and _NAME.fullmatch(f"{BAR}{name}{BAR}") else reply


def named(kept: str) -> tuple[str, int] | None:
    """Chave and CRC of the XML that was left out of an answer, None where nothing was."""
    found = _NAME.search(kept)
    return None if found is None else (found[1], int(found[2]))


def put_back(kept: str, xml: bytes) -> str:
    """The answer as the till had it."""
    return _NAME.sub(f"{BAR}{base64.b64encode(xml).decode()}{BAR}", kept, count=1)
