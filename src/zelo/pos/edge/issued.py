"""What a device issued, read out of its answer: the coupon's bytes, and what they say."""

import base64
import binascii
from dataclasses import dataclass
from typing import Final

from zelo.fiscal.fault import Fault
from zelo.models.cfe.chave import PREFIX
from zelo.models.cfe.coupon import Brief, read_coupon, told_sale
from zelo.models.cfe.functions import Function, Kind
from zelo.models.cfe.reply import Reply
from zelo.pos.edge.verdict import Meaning, meaning

_XML: Final = 0
_CHAVE: Final = 2


@dataclass(frozen=True, slots=True)
class Issued:
    """A coupon that came back. `brief` is None when its bytes cannot be read: they are kept all the same."""

    chave: str
    xml: bytes
    brief: Brief | None


def issued(function: Function, reply: Reply) -> Issued | None:
    """What an answer brings, None where nothing was issued.

    A sale's answer says itself what the journal wants to know; which coupon a cancel cancels only its XML does.
    """
    if function.kind not in (Kind.SALE, Kind.CANCEL) or meaning(function, reply) is not Meaning.DONE:
        return None
    fields = dict(enumerate(reply.rest))
    chave = fields.get(_CHAVE, "").removeprefix(PREFIX)
    try:
        xml = base64.b64decode(fields.get(_XML, ""), validate=True)
    except (binascii.Error, ValueError):
        xml = fields.get(_XML, "").encode()
    told = told_sale(reply.rest, xml) if function.kind is Kind.SALE else None
    return Issued(chave, xml, told or _brief(xml))


def _brief(xml: bytes) -> Brief | None:
    read = read_coupon(xml)
    return None if isinstance(read, Fault) else read.brief
