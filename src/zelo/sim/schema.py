"""The official schemas, compiled once, and the sentence of cStat 215 in the words of the authority.

The files come with the package `nfelib` (NT 2026.002 RTC 1.01) and include each other by relative name.
"""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any, Final, cast

from lxml import etree

_PACKAGE: Final = "nfelib.nfcom.schemas"
_VERSION: Final = "v1_0"
_FACET: Final = re.compile(
    r"Element '\{(?P<ns>[^}]*)\}(?P<name>\w+)'(?:, attribute '(?P<attribute>\w+)')?: "
    r"\[facet '(?P<facet>\w+)'\] The value '(?P<value>.*?)' (?:is|has)",
    re.DOTALL,
)
_UNEXPECTED: Final = re.compile(
    r"Element '\{(?P<ns>[^}]*)\}(?P<name>\w+)': This element is not expected\. "
    r"Expected is (?:one of )?\( (?P<these>.*) \)"
)
_CLARK: Final = re.compile(r"\{[^}]*\}")


class _FromPackage(etree.Resolver):
    def resolve(self, system_url: str, public_id: str, context: Any) -> Any:  # type: ignore[override] # noqa: ARG002
        """Answer an include with the file of that name in the package; nothing is looked for anywhere else."""
        name = system_url.rpartition("/")[2]
        return self.resolve_string(_read(name), context, base_url=name)


def _read(name: str) -> bytes:
    return (files(_PACKAGE) / _VERSION / name).read_bytes()


@cache
def schema(entry: str) -> etree.XMLSchema:
    """The schema of a file such as "nfcom_v1.00.xsd"."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    parser.resolvers.add(_FromPackage())
    return etree.XMLSchema(etree.fromstring(_read(entry), parser, base_url=entry))


def first_fault(entry: str, root: etree._Element) -> str:
    """What the schema refuses first, as SVRS words it, or "" when it refuses nothing."""
    compiled = schema(entry)
    if compiled.validate(root):
        return ""
    faults = cast("Iterable[Any]", compiled.error_log)
    return _sentence(next(str(fault.message) for fault in faults))


def _sentence(message: str) -> str:
    if facet := _FACET.match(message):
        what = f"'{facet['attribute']}' attribute" if facet["attribute"] else f"'{facet['ns']}:{facet['name']}' element"
        return (
            f"The {what} is invalid - The value '{facet['value']}' is invalid according to its datatype 'String' - "
            f"The {facet['facet'].capitalize()} constraint failed."
        )
    if unexpected := _UNEXPECTED.match(message):
        expected = _CLARK.sub("", unexpected["these"])
        return (
            f"The element '{unexpected['name']}' in namespace '{unexpected['ns']}' is not expected here. "
            f"List of possible elements expected: '{expected}'."
        )
    return _CLARK.sub("", message)
