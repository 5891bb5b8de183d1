"""Reads an official schema package and writes it down as a layout table.

The table that ships was made by this reader and a test keeps them equal; a package installed later gets its own.
Input is bytes by file name: no file, no network. Only the part of XML Schema that the SEFAZ packages use is known;
anything else raises ValueError rather than being guessed.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from lxml import etree

_XS: Final = "{http://www.w3.org/2001/XMLSchema}"
_BUILT_IN: Final = {"xs:string", "xs:ID", "string", "xs:base64Binary", "base64Binary", "xs:token", "xs:dateTime"}
_BASE64_TAILS: Final = ("", "[A-Za-z0-9+/][AQgw]==", "[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=")
"""How base64 ends when its number of bytes leaves 0, 1 or 2 over three (XML Schema part 2, 3.2.16; no blanks)."""
_POINTING: Final = tuple(f"{_XS}{kind}" for kind in ("include", "import", "redefine", "override"))
"""What names another file."""
_IGNORED: Final = {f"{_XS}annotation", f"{_XS}unique"}
_INDENT: Final = "  "
HEADER: Final = (
    "# Written from the official schema by models/canonical/xsd.py; read it with models/canonical/layout.py\n"
)


def closed(package: Mapping[str, bytes]) -> None:
    """Whether a package stands by itself. Raises ValueError, in pt-BR, for a DTD and for a file that is elsewhere.

    libxml2 expands entities of an included file and opens any address that it is given: both are refused beforehand.
    """
    for name, content in package.items():
        root = etree.fromstring(content, _parser())
        if root.getroottree().docinfo.internalDTD is not None:
            raise ValueError(f"{name} traz uma DTD, e um schema não precisa dela")
        for node in root.iter(*_POINTING):
            where = node.get("schemaLocation")
            if where is not None and where not in package:
                raise ValueError(f"{name} aponta para {where}, que não está no pacote")


def layout_text(package: Mapping[str, bytes], entry: str, root: str) -> str:
    """The layout of element `root`, declared in file `entry` of the package, in the text form of `layout.parse`."""
    reader = _Reader(package)
    reader.read(entry)
    return HEADER + reader.write(root)


class _Reader:
    """Holds the global declarations of a package while one layout is written."""

    def __init__(self, package: Mapping[str, bytes]) -> None:
        self.package = package
        self.seen: set[str] = set()
        self.simple: dict[str, etree._Element] = {}
        self.complex: dict[str, etree._Element] = {}
        self.elements: dict[str, etree._Element] = {}
        self.namespace = ""
        self.types_used: dict[str, str] = {}
        self.groups_used: dict[str, list[str]] = {}

    def read(self, name: str) -> None:
        """Collect the declarations of a file and of those it includes; imports (the signature) are left out."""
        if name in self.seen:
            return
        self.seen.add(name)
        tree = etree.fromstring(self.package[name], _parser())
        self.namespace = self.namespace or tree.get("targetNamespace", "")
        for node in tree:
            if node.tag == f"{_XS}include":
                self.read(node.get("schemaLocation", ""))
            elif node.tag == f"{_XS}simpleType":
                self.simple[node.get("name", "")] = node
            elif node.tag == f"{_XS}complexType":
                self.complex[node.get("name", "")] = node
            elif node.tag == f"{_XS}element":
                self.elements[node.get("name", "")] = node

    def write(self, root: str) -> str:
        """The text form: types first, then shared groups, then the root."""
        body = list(self._content(self._complex_of(self.elements[root]), 1))
        types = [f"type {name} {facets}".rstrip() for name, facets in self.types_used.items()]
        groups = [line for name, lines in self.groups_used.items() for line in (f"group {name}", *lines)]
        return "\n".join([*types, *groups, f"root {root} {self.namespace}", *body]) + "\n"

    def _complex_of(self, element: etree._Element) -> etree._Element:
        name = element.get("type")
        if name is not None:
            return self.complex[name]
        inline = element.find(f"{_XS}complexType")
        if inline is None:
            raise ValueError(f"{element.get('name')}: neither a named nor an inline complex type")
        return inline

    def _content(self, node: etree._Element, depth: int) -> Iterator[str]:
        """Lines of a complex type: attributes, then the tags of its outer sequence."""
        for attribute in node.findall(f"{_XS}attribute"):
            occurs = "1" if attribute.get("use") == "required" else "0..1"
            yield self._line(depth, f"@{attribute.get('name')}", occurs, self._type_words(attribute))
        for child in node:
            if child.tag == f"{_XS}sequence":
                yield from self._particles(child, depth)
            elif child.tag == f"{_XS}choice":
                yield from self._particle(child, depth)
            elif child.tag == f"{_XS}complexContent":
                yield from self._extension(child, depth)
            elif child.tag != f"{_XS}attribute" and child.tag not in _IGNORED:
                raise ValueError(f"unknown content {child.tag}")

    def _extension(self, node: etree._Element, depth: int) -> Iterator[str]:
        """What the base type holds, then what the extension adds."""
        extension = node.find(f"{_XS}extension")
        if extension is None:
            raise ValueError("complexContent without extension")
        yield from self._content(self.complex[extension.get("base", "")], depth)
        yield from self._content(extension, depth)

    def _particles(self, node: etree._Element, depth: int) -> Iterator[str]:
        for child in node:
            if child.tag not in _IGNORED:
                yield from self._particle(child, depth)

    def _particle(self, node: etree._Element, depth: int) -> Iterator[str]:
        kind = str(node.tag).removeprefix(_XS)
        occurs = _occurs(node)
        in_choice = (parent := node.getparent()) is not None and parent.tag == f"{_XS}choice"
        if kind == "sequence" and occurs == "1" and not in_choice:
            yield from self._particles(node, depth)
        elif kind in ("sequence", "choice"):
            yield self._line(depth, "seq" if kind == "sequence" else "choice", occurs, "")
            yield from self._particles(node, depth + 1)
        elif kind == "element":
            yield from self._element(node, depth, occurs)
        else:
            raise ValueError(f"unknown particle {node.tag}")

    def _element(self, node: etree._Element, depth: int, occurs: str) -> Iterator[str]:
        if node.get("ref"):
            yield self._line(depth, node.get("ref", ""), occurs, "")
            return
        name, type_name = node.get("name", ""), node.get("type")
        if type_name in self.complex:
            if type_name not in self.groups_used:
                lines = list(self._content(self.complex[type_name], 1))
                self.groups_used[type_name] = lines
            yield self._line(depth, name, occurs, type_name)
        elif node.find(f"{_XS}complexType") is not None:
            yield self._line(depth, name, occurs, "")
            yield from self._content(self._complex_of(node), depth + 1)
        else:
            yield self._line(depth, name, occurs, self._type_words(node))

    def _type_words(self, node: etree._Element) -> str:
        """The type of a leaf or attribute as it stands on its line."""
        named = node.get("type")
        if named is not None:
            return self._named(named)
        inline = node.find(f"{_XS}simpleType")
        if inline is None:
            raise ValueError(f"{node.get('name')}: no type")
        return self._facets(inline)

    def _named(self, name: str) -> str:
        if name.endswith("base64Binary"):
            return f"re {_base64(_BASE64_TAILS)}"
        if name in _BUILT_IN:
            return "any"
        if name not in self.types_used:
            facets = self._facets(self.simple[name])
            self.types_used[name] = facets
        return name

    def _facets(self, simple: etree._Element) -> str:
        restriction = simple.find(f"{_XS}restriction")
        if restriction is None:
            raise ValueError(f"{simple.get('name')}: only restrictions are known")
        _only_known_facets(simple, restriction)
        base = restriction.get("base", "")
        words = [] if base in _BUILT_IN else [self._named(base)]
        value = {kind: [n.get("value", "") for n in restriction.findall(f"{_XS}{kind}")] for kind in _FACETS}
        least, most = value["minLength"] or value["length"], value["maxLength"] or value["length"]
        patterns = value["pattern"]
        if base.endswith("base64Binary"):
            octets = [int(length) for length in value["length"]]
            least = most = [str((count + 2) // 3 * 4) for count in octets]
            patterns = [_base64([_BASE64_TAILS[count % 3] for count in octets] or _BASE64_TAILS)]
        if least or most:
            words += ["len", f"{(least or [''])[0]}..{(most or [''])[0]}"]
        if value["enumeration"]:
            words += ["enum", *self._listed(value["enumeration"])]
        if patterns:
            words += ["re", "|".join(patterns)]
        return " ".join(words) or "any"

    @staticmethod
    def _listed(values: Sequence[str]) -> list[str]:
        """Values of a list; the text form parts them by a blank, so none may hold one."""
        if any(len(value.split()) > 1 for value in values):
            raise ValueError(f"blanks in the list {values}")
        return [value for value in values if value]

    def _line(self, depth: int, name: str, occurs: str, words: str) -> str:
        return f"{_INDENT * depth + name:<34} {occurs:<6} {words}".rstrip()


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)


def _base64(tails: Sequence[str]) -> str:
    """Pattern of base64 that ends in one of `tails`."""
    return f"([A-Za-z0-9+/]{{4}})*({'|'.join(tails)})"


_FACETS: Final = ("length", "minLength", "maxLength", "enumeration", "pattern")
_HARMLESS: Final = ("whiteSpace", "annotation")
"""The writer never writes blanks at the ends that a schema could fold."""


def _only_known_facets(simple: etree._Element, restriction: etree._Element) -> None:
    known = {f"{_XS}{kind}" for kind in (*_FACETS, *_HARMLESS)}
    for facet in restriction.iterchildren(tag=etree.Element):
        if facet.tag not in known:
            raise ValueError(f"{simple.get('name')}: facet {etree.QName(facet).localname} is not known")


def _occurs(node: etree._Element) -> str:
    least, most = node.get("minOccurs", "1"), node.get("maxOccurs", "1").replace("unbounded", "*")
    return least if least == most else f"{least}..{most}"
