"""A NFCom as the judge reads it: its groups, freed from XML once, and small ways to read a tag."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final, NamedTuple

from lxml import etree

from zelo.sim import chave as chaves
from zelo.sim.message import DSIG, NAMESPACE

ROOT: Final = f"{{{NAMESPACE}}}NFCom"
ID_PREFIX: Final = "NFCom"
ZERO: Final = Decimal(0)

_DEDUCTION_GROUP: Final = "5"
_PLUS, _MINUS = 1, -1


class Group(NamedTuple):
    """An element by local name: its text, its attributes, its children in order under each name.

    A tuple, for a note has some hundred and sixty of them and a tuple is made fastest.
    """

    text: str
    attributes: Mapping[str, str]
    children: Mapping[str, Sequence["Group"]]


def grouped(node: etree._Element) -> Group:
    """An element with all that is in it; the parser has bounded its depth."""
    children: dict[str, list[Group]] = {}
    for child in node.iterchildren(etree.Element):
        children.setdefault(str(child.tag).rpartition("}")[2], []).append(grouped(child))
    attributes = {str(name): str(value) for name, value in node.items()}
    return Group(node.text or "", attributes, children)


@cache
def _names(path: str) -> tuple[str, ...]:
    return tuple(path.split("/"))


def group(node: Group | None, path: str) -> Group | None:
    """The first element at a path of tags such as "ide/cUF"."""
    for name in _names(path):
        if node is None:
            return None
        found = node.children.get(name)
        node = found[0] if found else None
    return node


def groups(node: Group | None, name: str) -> Sequence[Group]:
    """Every child of that name."""
    return () if node is None else node.children.get(name, ())


def text(node: Group | None, path: str) -> str:
    """The text at a path, or "" where there is none."""
    found = group(node, path)
    return "" if found is None else found.text


def amount(node: Group | None, path: str) -> Decimal:
    """The number at a path, zero where there is none; the schema has seen to its form."""
    found = group(node, path)
    return ZERO if found is None else Decimal(found.text)


def has(node: Group | None, path: str) -> bool:
    """Whether there is an element at that path."""
    return group(node, path) is not None


@dataclass(frozen=True, slots=True)
class Item:
    """A `det`: its number, its groups, its ICMS group (whichever) and the sign it has in every total.

    The sign is minus for a cClass that starts with 5 and turns once more by `indDevolucao` (MOC Anexo I, after G138).
    """

    number: str
    det: Group
    prod: Group | None
    imposto: Group | None
    icms: Group | None
    cclass: str
    sign: int


@dataclass(frozen=True, slots=True)
class Note:
    """A whole note; `xml` is its tree for the signature. `digest`: base64 of SHA-1 over the canonical `infNFCom`."""

    xml: etree._Element
    root: Group
    inf: Group
    ide: Group | None
    emit: Group | None
    dest: Group | None
    assinante: Group | None
    total: Group | None
    items: tuple[Item, ...]
    chave: str
    natural_key: str
    digest: str


def read(xml: etree._Element) -> Note | None:
    """The note in a tree, however incomplete, or None when it is something else."""
    signed = xml.find(f"{{{NAMESPACE}}}infNFCom") if xml.tag == ROOT else None
    root = grouped(xml)
    inf = group(root, "infNFCom")
    if signed is None or inf is None:
        return None
    chave = inf.attributes.get("Id", "").removeprefix(ID_PREFIX)
    known = chaves.SHAPE.fullmatch(chave) is not None
    return Note(
        xml=xml,
        root=root,
        inf=inf,
        ide=group(inf, "ide"),
        emit=group(inf, "emit"),
        dest=group(inf, "dest"),
        assinante=group(inf, "assinante"),
        total=group(inf, "total"),
        items=tuple(_item(det) for det in groups(inf, "det")),
        chave=chave if known else "",
        natural_key=chaves.natural_key(chaves.take_apart(chave)) if known else "",
        digest=base64.b64encode(hashlib.sha1(canonical(signed), usedforsecurity=False).digest()).decode(),
    )


def _item(det: Group) -> Item:
    prod, imposto = group(det, "prod"), group(det, "imposto")
    cclass = text(prod, "cClass")
    sign = _MINUS if cclass.startswith(_DEDUCTION_GROUP) else _PLUS
    return Item(
        number=det.attributes.get("nItem", ""),
        det=det,
        prod=prod,
        imposto=imposto,
        icms=_icms(imposto),
        cclass=cclass,
        sign=-sign if has(prod, "indDevolucao") else sign,
    )


def _icms(imposto: Group | None) -> Group | None:
    """The one group of CST of the ICMS; the sharing with another UF (ICMSUFDest) is not one."""
    names = imposto.children if imposto is not None else {}
    return next((group(imposto, name) for name in names if name.startswith("ICMS") and name != "ICMSUFDest"), None)


def canonical(node: etree._Element) -> bytes:
    """Inclusive C14N 1.0 of an element that inherits its namespace: parsed again alone, so that it declares its own."""
    return etree.tostring(etree.fromstring(etree.tostring(node, with_tail=False)), method="c14n", with_comments=False)


def signature_value(root: etree._Element, name: str) -> str:
    """The text of a tag inside the signature, or ""."""
    return root.findtext(f"{{{DSIG}}}Signature//{{{DSIG}}}{name}") or ""
