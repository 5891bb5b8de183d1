"""XML of model 59 read within bounds: size, no document type, no network; what is missing is a fault with its place."""

import re
from decimal import Decimal
from typing import Final

from lxml import etree

from zelo.fiscal.fault import Fault

MOST_SALE_BYTES: Final = 1_500_000
"""A device refuses more (06005, fact `tamanho_cfe`)."""
MOST_COUPON_BYTES: Final = 4_000_000
"""A coupon is its sale with what the device adds, signed."""
MOST_ITEMS: Final = 500
BAD_XML: Final = "CFE-XML"
BAD_SIZE: Final = "CFE-TAMANHO"
BAD_FIELD: Final = "CFE-CAMPO"

_DOCUMENT_TYPE: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_NUMBER: Final = re.compile(r"[0-9]{1,15}(\.[0-9]{1,4})?")
_SHOWN: Final = 100


class UnreadableError(ValueError):
    """Carries the fault out of a reading; never leaves this package."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.sentence)
        self.fault = fault


def parse(xml: bytes, root: str, most_bytes: int) -> etree._Element:
    """The infCFe of a document of that root. Raises UnreadableError."""
    if len(xml) > most_bytes:
        sentence = f"O XML tem {len(xml)} bytes; o limite é {most_bytes}."
        raise UnreadableError(Fault(BAD_SIZE, sentence, "Divida a venda em dois cupons."))
    if _DOCUMENT_TYPE.search(xml) or b"\0" in xml:
        raise UnreadableError(Fault(BAD_XML, "O XML traz DTD, entidades ou NUL.", "Envie só os elementos do leiaute."))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        tree = etree.fromstring(xml.removeprefix(b"\xef\xbb\xbf"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line, column = getattr(error, "position", (0, 0))
        where = f"linha {line}, coluna {column}"
        raise UnreadableError(Fault(BAD_XML, "O texto não é XML.", "Confira o arquivo.", where)) from error
    inf = tree.find("infCFe") if tree.tag == root else None
    if inf is None:
        sentence = f"O documento não é um {root} com infCFe."
        raise UnreadableError(Fault(BAD_XML, sentence, "Confira o nome do elemento raiz.", str(tree.tag)[:_SHOWN]))
    return inf


def text(inf: etree._Element, path: str, pattern: str) -> str:
    """The text at a path, of that form. Raises UnreadableError where there is none or it has another form."""
    found = inf.findtext(path)
    if found is None or re.fullmatch(pattern, found, re.ASCII) is None:
        raise bad_field(path, found)
    return found


def amount(inf: etree._Element, path: str, default: Decimal | None = None) -> Decimal:
    """The number at a path; `default` where there is none. Raises UnreadableError."""
    found = inf.findtext(path)
    if found is None and default is not None:
        return default
    if found is None or _NUMBER.fullmatch(found) is None:
        raise bad_field(path, found)
    return Decimal(found)


def bad_field(path: str, found: str | None) -> UnreadableError:
    """What is wrong with a tag."""
    if found is None:
        return UnreadableError(Fault(BAD_FIELD, "Falta o campo.", "Preencha o campo.", path))
    return UnreadableError(
        Fault(BAD_FIELD, "O valor não tem a forma do leiaute.", "Corrija o valor.", path, found[:_SHOWN])
    )


def person(inf: etree._Element) -> str:
    """CNPJ or CPF of the consumer, "" where there is none. Raises UnreadableError."""
    for tag, digits in (("CNPJ", 14), ("CPF", 11)):
        if inf.find(f"dest/{tag}") is not None:
            return text(inf, f"dest/{tag}", rf"[A-Z0-9]{{{digits}}}")
    return ""
