"""A coupon as the device returns it, a sale or a cancel: what it says, and whether it agrees with itself."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Final, NamedTuple

from lxml import etree

from zelo.facts.place import zone
from zelo.fiscal.fault import Fault
from zelo.fiscal.uf import from_codigo
from zelo.models.cfe.chave import PREFIX, Chave
from zelo.models.cfe.reading import MOST_COUPON_BYTES, UnreadableError, amount, bad_field, parse, person, text
from zelo.models.cfe.sale import CANCEL_ROOT, ROOT

BAD_CHAVE: Final = "CFE-CHAVE"
_DATE_DIGITS: Final = 8
"""Of a stamp, YYYYMMDDhhmmss."""
_CANCEL_MARK: Final = b"<CFeCanc"
_SALE_MARK: Final = re.compile(rb"<CFe[\s>]")
_HEAD_BYTES: Final = 200
"""Where a document names its root."""
_STAMP: Final = re.compile(r"[0-9]{14}")
_TOTAL: Final = re.compile(r"[0-9]{1,13}\.[0-9]{2}")


class Brief(NamedTuple):
    """What a ledger says of a coupon; the names are those of Coupon."""

    chave: Chave
    cancels: Chave | None
    at: datetime
    total: Decimal


@dataclass(frozen=True, slots=True)
class Coupon:
    """An issued CF-e. `cancels` is the chave of the sale that a cancel cancels, else None.

    `at`: the instant by the device's clock, in the zone of its UF; `stamp` the same as the interface writes it.
    """

    chave: Chave
    cancels: Chave | None
    at: datetime
    stamp: str
    total: Decimal
    dest: str
    till: str
    qr_signature: str

    @property
    def brief(self) -> Brief:
        """The same, without what only its paper needs."""
        return Brief(self.chave, self.cancels, self.at, self.total)

    @property
    def qr_text(self) -> str:
        """What its QR code holds: chave, instant, total, consumer or nothing, signature."""
        return "|".join((str(self.chave), self.stamp, f"{self.total:.2f}", self.dest, self.qr_signature))


class Kind(Enum):
    """Which of the two documents of a device it is."""

    SALE = "sale"
    CANCEL = "cancel"


def kind_of(xml: bytes) -> Kind | None:
    """What a document says that it is, by the name of its root; None for neither. Nothing else of it is looked at."""
    head = xml[:_HEAD_BYTES]
    if _CANCEL_MARK in head:
        return Kind.CANCEL
    return Kind.SALE if _SALE_MARK.search(head) else None


def read_coupon(xml: bytes) -> Coupon | Fault:
    """The coupon in a document of the device, or what is wrong with it. Its signature is not looked at here."""
    root = CANCEL_ROOT if kind_of(xml) is Kind.CANCEL else ROOT
    try:
        inf = parse(xml, root, MOST_COUPON_BYTES)
        chave = _chave(inf.get("Id", ""), "@Id")
        _agrees(inf, chave)
        stamp = text(inf, "ide/dEmi", "[0-9]{8}") + text(inf, "ide/hEmi", "[0-9]{6}")
        return Coupon(
            chave=chave,
            cancels=_chave(inf.get("chCanc", ""), "@chCanc") if root == CANCEL_ROOT else None,
            at=_instant(chave, stamp),
            stamp=stamp,
            total=amount(inf, "total/vCFe"),
            dest=person(inf),
            till=text(inf, "ide/numeroCaixa", "[0-9]{3}"),
            qr_signature=text(inf, "ide/assinaturaQRCODE", "[A-Za-z0-9+/=]{344}"),
        )
    except UnreadableError as error:
        return error.fault


def told_sale(named: str, stamp: str, total: str, xml: bytes) -> Brief | None:
    """What an answer to a sale says of its coupon beside the XML, which is not parsed for it.

    None where a field has another form, or where the bytes are not those of that chave.
    """
    if not (_STAMP.fullmatch(stamp) and _TOTAL.fullmatch(total) and named.encode() in xml):
        return None
    try:
        chave = _chave(named, "")
        return Brief(chave, None, _instant(chave, stamp), Decimal(total))
    except UnreadableError:
        return None


def _chave(named: str, where: str) -> Chave:
    try:
        if not named.startswith(PREFIX):
            raise ValueError(named)
        return Chave.parse(named)
    except ValueError as error:
        sentence = "A chave não tem 44 caracteres do modelo 59 com dígito correto."
        raise UnreadableError(
            Fault(BAD_CHAVE, sentence, "Guarde o XML e chame o suporte.", where, named[:50])
        ) from error


def _agrees(inf: etree._Element, chave: Chave) -> None:
    """The tags that the chave is made of. Raises UnreadableError for the first that differs."""
    parts = {"cUF": chave.cuf, "nserieSAT": chave.nserie, "nCFe": chave.ncfe, "cNF": chave.cnf, "cDV": chave.dv}
    told = {f"ide/{tag}": value for tag, value in parts.items()} | {"emit/CNPJ": chave.cnpj}
    for path, value in told.items():
        if inf.findtext(path) != value:
            raise bad_field(path, inf.findtext(path))


def _instant(chave: Chave, stamp: str) -> datetime:
    uf = from_codigo(chave.cuf)
    if uf is None:
        raise bad_field("ide/cUF", chave.cuf)
    try:
        told = datetime.fromisoformat(f"{stamp[:_DATE_DIGITS]}T{stamp[_DATE_DIGITS:]}").replace(tzinfo=zone(uf))
        told.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise bad_field("ide/dEmi", stamp) from error
    return told
