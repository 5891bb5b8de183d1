"""The SEFAZ that takes coupons in lots: signature, number of the device, duplicates, cancels in time, rejections drawn.

Minimal on purpose: values instead of SOAP. It verifies what arrives with lxml's C14N, not with the device's writer.
Codes: table of NT 2013/001 (100, 101, 105, 106, 202, 203, 204, 210, 214, 217, 218, 539).
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from lxml import etree

from zelo.sim.certificate import Holder
from zelo.sim.certificate import read as read_certificate
from zelo.sim.chave import check_digit
from zelo.sim.faults import PER_MILLE, chance
from zelo.sim.message import DSIG
from zelo.sim.note import canonical
from zelo.sim.sat.state import Issued, Kind, State
from zelo.sim.sat.turn import logged
from zelo.sim.sat.unit import Terms, Unit

TAKEN: Final = frozenset({"100", "101", "102", "103"})
"""Codes after which the device lets a coupon go."""
RETRIED: Final = frozenset({"124", "201", "202", "261"})
"""Codes after which the device keeps it and tries again later; any other sends it to the error folder."""
_DUPLICATE, _OTHER_KEY = "204", "539"
DONE: Final = TAKEN | {_DUPLICATE}
"""Codes after which SEFAZ holds the coupon, now or since before."""
PROCESSED: Final = "106"
TOO_LARGE: Final = "214"
_PARTS: Final = 2
"""infCFe and its signature, nothing else."""


@dataclass(frozen=True, slots=True)
class Lot:
    """What a device hands in at once: chave → XML, in order."""

    nserie: str
    coupons: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Answer:
    """cod of the lot, and cod of each coupon by chave."""

    cod: str
    coupons: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What SEFAZ holds. `taken`: chave → digest; `cancelled`: chaves of sales; `rates`: cod → per mille drawn.

    `postponed`: how often a chave was sent back to be tried again.
    """

    trusted: tuple[bytes, ...]
    seed: int = 0
    rates: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    taken: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    cancelled: frozenset[str] = frozenset()
    postponed: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


def plan(unit: Unit, state: State) -> tuple[Issued, ...]:
    """What the next lot carries, oldest first, within the limits of a lot; nothing without a way to SEFAZ."""
    if not (unit.registry.reachable and state.active):
        return ()
    chosen: list[Issued] = []
    size = 0
    for each in state.pending[: unit.terms.lot_coupons]:
        size += each.size_bytes
        if chosen and size > unit.terms.lot_bytes:
            break
        chosen.append(each)
    return tuple(chosen)


def receive(office: Office, lot: Lot, terms: Terms, now: datetime) -> tuple[Office, Answer]:
    """Judge a lot: the office afterwards, and what it says of each coupon."""
    if len(lot.coupons) > terms.lot_coupons or sum(map(len, lot.coupons.values())) > terms.lot_bytes:
        return office, Answer(TOO_LARGE, {})
    desk = _Desk(office, lot.nserie, dict(office.taken), set(office.cancelled), terms, now)
    codes = {chave: _take(desk, chave, xml) for chave, xml in lot.coupons.items()}
    again = {chave: office.postponed.get(chave, 0) + 1 for chave, cod in codes.items() if cod in RETRIED}
    postponed = {**office.postponed, **again}
    after = replace(office, taken=desk.taken, cancelled=frozenset(desk.cancelled), postponed=postponed)
    return after, Answer(PROCESSED, codes)


@dataclass(frozen=True, slots=True)
class _Desk:
    """A lot at work: whose it is, and what is held by now."""

    office: Office
    nserie: str
    taken: dict[str, str]
    cancelled: set[str]
    terms: Terms
    now: datetime


def _take(desk: _Desk, chave: str, xml: bytes) -> str:
    """cod of one coupon; what is taken is held from now on."""
    cod, of = _judge(desk, chave, xml)
    if cod in TAKEN:
        desk.taken[chave] = digest(xml)
        desk.cancelled.update({of} if of else ())
    return cod


def digest(xml: bytes) -> str:
    """What tells one document from another under the same chave."""
    return hashlib.sha256(xml).hexdigest()


def _judge(desk: _Desk, chave: str, xml: bytes) -> tuple[str, str]:
    """cod of one coupon, and the chave that it cancels."""
    try:
        root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    except etree.XMLSyntaxError:
        return "215", ""
    if not len(root):
        return "215", ""
    if (known := desk.taken.get(chave)) is not None:
        return (_DUPLICATE if known == digest(xml) else _OTHER_KEY), ""
    if root[0].get("Id") != f"CFe{chave}" or check_digit(chave[:-1]) != chave[-1] or chave[22:31] != desk.nserie:
        return "216", ""
    if not verifies(root, desk.office.trusted, desk.now):
        return "202", ""
    tried = desk.office.postponed.get(chave, 0)
    for cod, rate in desk.office.rates.items():
        if chance(desk.office.seed, "sefaz", cod, chave, tried, among=PER_MILLE) < rate:
            return cod, ""
    if root.tag == Kind.SALE:
        return "100", ""
    return _judge_cancel(desk, root[0])


def _judge_cancel(desk: _Desk, inf: etree._Element) -> tuple[str, str]:
    of = inf.get("chCanc", "").removeprefix("CFe")
    if of not in desk.taken:
        return "217", ""
    if of in desk.cancelled:
        return "218", ""
    first = datetime.strptime(f"{inf.findtext('dEmi')}{inf.findtext('hEmi')}", "%Y%m%d%H%M%S")  # noqa: DTZ007 one clock
    then = datetime.strptime(f"{inf.findtext('ide/dEmi')}{inf.findtext('ide/hEmi')}", "%Y%m%d%H%M%S")  # noqa: DTZ007
    return ("101", of) if then - first <= desk.terms.cancel else ("210", "")


def verifies(root: etree._Element, trusted: tuple[bytes, ...], now: datetime) -> bool:
    """Whether digest, signature and certificate of a coupon hold."""
    path = f"{{{DSIG}}}Signature"
    info = root.find(f"{path}/{{{DSIG}}}SignedInfo")
    if info is None or len(root) != _PARTS or root[0].tag != "infCFe":
        return False
    try:
        texts = [
            base64.b64decode(root.findtext(f"{path}//{{{DSIG}}}{name}") or "", validate=True)
            for name in ("DigestValue", "SignatureValue", "X509Certificate")
        ]
    except (binascii.Error, ValueError):
        return False
    stated, value, der = texts
    holder = read_certificate(der, trusted)
    reference = info.find(f"{{{DSIG}}}Reference")
    named = reference is not None and reference.get("URI") == f"#{root[0].get('Id')}"
    if not named or hashlib.sha256(canonical(root[0])).digest() != stated:
        return False
    return _holds(holder, value, canonical(info), now)


def _holds(holder: Holder | None, value: bytes, data: bytes, now: datetime) -> bool:
    if holder is None or holder.key is None or not holder.trusted or not holder.valid_from <= now <= holder.valid_until:
        return False
    try:
        holder.key.verify(value, data, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def settle(unit: Unit, state: State, answer: Answer, now: datetime) -> State:
    """The device after an answer: what was taken leaves its memory, what was refused for good goes to the errors."""
    told = answer.coupons
    gone = {chave for chave, cod in told.items() if cod not in RETRIED}
    refused = tuple(chave for chave, cod in told.items() if chave in gone and cod not in DONE)
    pending = tuple(each for each in state.pending if each.chave not in gone)
    settled = replace(
        state,
        pending=pending,
        refused=(*state.refused, *refused),
        contact_at=now,
        sent_at=now if len(pending) < len(state.pending) else state.sent_at,
    )
    text = f"Lote com {len(told)} cupons: {len(gone) - len(refused)} processados, {len(refused)} recusados"
    return logged(unit, settled, now, "SEFAZ-SAT", text, "erro" if refused else "info")
