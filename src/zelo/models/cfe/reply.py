"""A reply of a device taken apart and put right: fields between bars, as makers really send them.

Makers differ (ER SAT as public clients met it): a status of 27 fields, no CCCC on a refused cancel, a busy reply with a
field too many, no session number. A reply put right has the fields that the function promises.
"""

import base64
import binascii
import re
from contextlib import suppress
from typing import Final, NamedTuple

from zelo.facts.sat import texto
from zelo.models.cfe.functions import ASK_STATUS, Function

BAR: Final = "|"
MOST_REPLY_CHARACTERS: Final = 8_000_000
NO_CCCC: Final = "0000"
_HEAD: Final = re.compile(r"([0-9]{1,6})\|([0-9]{5})\|")
_CCCC: Final = re.compile(r"[0-9]{4}|")
_BEARS_CCCC: Final = frozenset({"06", "07", "13"})
_STATUS: Final = f"{ASK_STATUS.prefix}000"
_WITHOUT_LAST_LIST: Final = 27
_LAST_LIST: Final = 22
"""Where LISTA_FINAL stands; old status replies leave it out."""
_GROUP_CHARACTERS: Final = 4
"""Of base64."""
_HEAD_FIELDS: Final = 2
_TEXT_FIELDS: Final = 3
_BEFORE_REST: Final = _HEAD_FIELDS + _TEXT_FIELDS


class UnreadableReplyError(ValueError):
    """What came back is no reply of this interface; what became of the call is unknown."""


class Reply(NamedTuple):
    """A reply: `session` as it says, EEEEE, CCCC ("" where the function has none), texts, what follows them.

    `cod` and `notice`: a warning of SEFAZ to the user, which any reply may carry. `rest`: the fields of a success.
    """

    session: int
    eeeee: str
    cccc: str
    text: str
    cod: str
    notice: str
    rest: tuple[str, ...]

    @property
    def suffix(self) -> str:
        """The last three digits of EEEEE: what happened, whatever the function."""
        return self.eeeee[2:]

    def worded(self, session: int) -> str:
        """The reply as a till reads it, under its own session number."""
        middle = (self.cccc,) if self.eeeee[:2] in _BEARS_CCCC else ()
        return BAR.join((f"{session:06d}", self.eeeee, *middle, self.text, self.cod, self.notice, *self.rest))


def read_reply(text: str) -> Reply:
    """A reply of any function, put right. Raises UnreadableReplyError."""
    if len(text) > MOST_REPLY_CHARACTERS or "\0" in text:
        raise UnreadableReplyError("the reply is larger than any device sends, or holds NUL")
    head = _HEAD.match(text)
    if head is None:
        raise UnreadableReplyError("the reply does not begin with session and EEEEE")
    session, eeeee = int(head[1]), head[2]
    fields = text.split(BAR)[_HEAD_FIELDS:]
    cccc = ""
    if eeeee[:2] in _BEARS_CCCC:
        cccc = (fields.pop(0) if len(fields) > 1 and _CCCC.fullmatch(fields[0]) else "") or NO_CCCC
    text, cod, notice, *rest = [*fields, "", "", ""][: max(_TEXT_FIELDS, len(fields))]
    return Reply(session, eeeee, cccc, text, cod, notice, _rest(eeeee, rest))


def _rest(eeeee: str, rest: list[str]) -> tuple[str, ...]:
    """What only a success carries, with the last list where an old status has none; a failure carries nothing."""
    if eeeee == _STATUS and len(rest) == _WITHOUT_LAST_LIST - _BEFORE_REST:
        place = _LAST_LIST - _BEFORE_REST
        return (*rest[:place], "", *rest[place:])
    return tuple(rest) if any(rest) else ()


def decoded(field: str) -> bytes | None:
    """A field in base64 as devices write it, also in lines or without its padding; None for what is no base64."""
    with suppress(binascii.Error, ValueError):
        return base64.b64decode(field, validate=True)
    plain = "".join(field.split())
    with suppress(binascii.Error, ValueError):
        return base64.b64decode(plain + "=" * (-len(plain) % _GROUP_CHARACTERS), validate=True)
    return None


def refusal(function: Function, suffix: str, detail: str) -> Reply:
    """A reply of our own: the EEEEE of the function with that end, its official text and our sentence."""
    eeeee = function.prefix + suffix
    sentence = " ".join(f"{texto('EEEEE', eeeee)} {detail}".replace(BAR, "/").split())
    return Reply(0, eeeee, NO_CCCC if function.prefix in _BEARS_CCCC else "", sentence, "", "", ())
