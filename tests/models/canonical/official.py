"""The official schemas as others read them: libxml2's verdict on a single value, nfelib's list of tags."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any, Final, get_args, get_origin, get_type_hints

from lxml import etree

NS: Final = "http://www.portalfiscal.inf.br/nfcom"
ENTRY: Final = "nfcom_v1.00.xsd"
_XS: Final = "{http://www.w3.org/2001/XMLSchema}"
_TYPES: Final = "nfcomTiposBasico_v1.00.xsd"
_FOLDER: Final = files("nfelib") / "nfcom" / "schemas" / "v1_0"


@cache
def package() -> dict[str, bytes]:
    """The XSD files by name."""
    return {path.name: path.read_bytes() for path in _FOLDER.iterdir() if path.name.endswith(".xsd")}


@cache
def _globals() -> dict[tuple[str, str], etree._Element]:
    """Global types by kind and name."""
    trees = (etree.fromstring(content) for content in package().values())
    return {(str(node.tag), node.get("name", "")): node for tree in trees for node in tree}


def declaration(path: tuple[str, ...]) -> etree._Element:
    """Where the XSD declares the tag or attribute at a path under NFCom, found by name, the shallowest first."""
    scope = _globals()[f"{_XS}complexType", "TNFCom"]
    node = scope
    for name in path:
        found = [n for n in scope.iter(f"{_XS}element", f"{_XS}attribute") if n.get("name") == name and n is not node]
        node = min(found, key=lambda n: sum(1 for up in n.iterancestors() if up.tag == f"{_XS}element"))
        scope = _globals().get((f"{_XS}complexType", node.get("type", "")), node)
    return node


class Verdict:
    """Asks libxml2 whether single values are of the types of the given declarations; all are compiled at once."""

    def __init__(self, declarations: list[etree._Element]) -> None:
        schema = etree.fromstring(f'<xs:schema xmlns:xs="{_XS[1:-1]}" xmlns="{NS}" targetNamespace="{NS}"/>')
        etree.SubElement(schema, f"{_XS}include", schemaLocation=_TYPES)
        for index, node in enumerate(declarations):
            element = etree.SubElement(schema, f"{_XS}element", name=f"v{index}")
            if node.get("type"):
                element.set("type", node.get("type", ""))
            else:
                element.extend([deepcopy(child) for child in node if child.tag == f"{_XS}simpleType"])
        again = etree.fromstring(etree.tostring(schema), base_url=str(_FOLDER / "values.xsd"))
        self.schema = etree.XMLSchema(again)

    def accepts(self, index: int, text: str) -> bool:
        """Whether `text` is a value of the declaration at that index; what XML cannot hold is no value."""
        element = etree.Element(f"{{{NS}}}v{index}")
        try:
            element.text = text
        except ValueError:
            return False
        return self.schema.validate(element)


@dataclass(frozen=True)
class Tag:
    """A tag or attribute as nfelib's generated classes know it; `most` is None where there is no bound."""

    path: str
    required: bool
    most: int | None


def tags() -> Iterator[Tag]:
    """Every tag under infNFCom and infNFComSupl, and every attribute (with @)."""
    for root in ("infNFCom", "infNFComSupl"):
        yield from _tags(_class_of(get_type_hints(import_module("nfelib.nfcom.bindings.v1_0").Nfcom)[root]), root)


def _tags(cls: Any, path: str) -> Iterator[Tag]:
    hints = get_type_hints(cls)
    for field in fields(cls):
        attribute = "@" if field.metadata["type"] == "Attribute" else ""
        inner = f"{path}/{attribute}{field.metadata.get('name', field.name)}"
        most = field.metadata.get("max_occurs", None if get_origin(hints[field.name]) is list else 1)
        yield Tag(inner, bool(field.metadata.get("required") or field.metadata.get("min_occurs")), most)
        if is_dataclass(_class_of(hints[field.name])):
            yield from _tags(_class_of(hints[field.name]), inner)


def _class_of(hint: Any) -> Any:
    """T of Optional[T] or list[T]."""
    inner = [arg for arg in get_args(hint) if arg is not type(None)]
    return inner[0] if inner else hint
