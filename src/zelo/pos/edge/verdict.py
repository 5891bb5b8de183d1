"""What an answer of a device means for whoever asked and for the device: one table by the end of EEEEE.

Sources: ER SAT's codes as `facts/data/sat.csv` has them; what to do about each is ours (decision 021). The codes of a
cancel changed their numbers over the years, so a refused cancel is only ever handed back.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from zelo.models.cfe.functions import FUNCTIONS, Function, Kind
from zelo.models.cfe.reply import Reply


class Meaning(StrEnum):
    """What to do about an answer."""

    DONE = "done"
    """It was executed: the answer is the till's."""
    BACK = "back"
    """Every device would refuse it: the answer is the till's."""
    AGAIN = "again"
    """The device is at work, or the session number was taken: the same device, a new session."""
    OUT = "out"
    """This device cannot sell for now: out of rotation, and another is asked."""
    UNSURE = "unsure"
    """The device does not know itself: it is asked about the session, and only if it says so again it did nothing."""


_BUSY: Final[Mapping[str, Meaning]] = {"097": Meaning.AGAIN, "098": Meaning.AGAIN}
_SALE: Final[Mapping[str, Meaning]] = {
    "000": Meaning.DONE,
    "001": Meaning.OUT,
    "002": Meaning.OUT,
    "003": Meaning.OUT,
    "006": Meaning.OUT,
    "007": Meaning.OUT,
    "008": Meaning.OUT,
    "009": Meaning.OUT,
    "099": Meaning.UNSURE,
    **_BUSY,
}
_KINDS: Final[Mapping[Kind, Mapping[str, Meaning]]] = {
    Kind.SALE: _SALE,
    Kind.CANCEL: {"000": Meaning.DONE, "099": Meaning.UNSURE, **_BUSY},
    Kind.ASK: {"000": Meaning.DONE, "001": Meaning.OUT, "099": Meaning.OUT, **_BUSY},
    Kind.RECALL: _BUSY,
    Kind.KEEP: {"000": Meaning.DONE, "099": Meaning.UNSURE, **_BUSY},
}
_OWN: Final[Mapping[str, Mapping[str, Meaning]]] = {
    "AtivarSAT": {"006": Meaning.DONE},
    "DesligarSAT": {"099": Meaning.DONE},
}
"""Codes that mean something of their own. 04006: the device took its code and made the CSR of an ICP-Brasil
certificate. 19099: it is going to switch itself off.
"""
_MEANINGS: Final = {row.name: {**_KINDS[row.kind], **_OWN.get(row.name, {})} for row in FUNCTIONS.values()}
WRONG_CODE: Final = "001"
"""Each of these in a row brings a device nearer to its block (06009): it is not asked again before its code changes."""


def meaning(function: Function, reply: Reply) -> Meaning:
    """What a reply to a function means. A code without a row is the till's to read."""
    return _MEANINGS[function.name].get(reply.suffix, Meaning.BACK)
