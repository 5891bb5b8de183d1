"""What a device issued, read out of its answer: the coupon's bytes, and what they say."""

from typing import Final, NamedTuple

from zelo.fiscal.fault import Fault
from zelo.models.cfe.chave import PREFIX, Chave
from zelo.models.cfe.coupon import Brief, read_coupon, told_sale
from zelo.models.cfe.functions import Function, Kind
from zelo.models.cfe.reply import Reply, decoded
from zelo.pos.edge.verdict import Meaning, meaning

_FIELDS: Final = 4
"""What follows the texts of an answer that brings a coupon: the XML in base64, stamp, chave, total (ER SAT)."""


class Issued(NamedTuple):
    """A coupon that came back. `brief` is None when its bytes cannot be read: they are kept all the same."""

    chave: str
    xml: bytes
    brief: Brief | None

    @property
    def nserie(self) -> str:
        """Of the device that issued it, as the chave says, "" where that cannot be read."""
        if self.brief is not None:
            return self.brief.chave.nserie
        try:
            return Chave.parse(self.chave).nserie
        except ValueError:
            return ""


def issued(function: Function, reply: Reply) -> Issued | None:
    """What an answer brings, None where nothing was issued.

    A sale's answer says itself what the journal wants to know; which coupon a cancel cancels only its XML does.
    """
    if function.kind not in (Kind.SALE, Kind.CANCEL) or meaning(function, reply) is not Meaning.DONE:
        return None
    written, stamp, named, total = [*reply.rest, *[""] * _FIELDS][:_FIELDS]
    bytes_of = decoded(written)
    xml = written.encode() if bytes_of is None else bytes_of
    told = told_sale(named, stamp, total, xml) if function.kind is Kind.SALE else None
    brief = told or _read(xml)
    return Issued(named.removeprefix(PREFIX) if brief is None else str(brief.chave), xml, brief)


def _read(xml: bytes) -> Brief | None:
    read = read_coupon(xml)
    return None if isinstance(read, Fault) else read.brief
