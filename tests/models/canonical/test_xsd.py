"""The reader of schema packages: it gives the shipped table from nfelib's schemas and refuses what it does not know."""

from importlib.resources import files
from typing import Final

import pytest

from tests.models.canonical.official import ENTRY, package
from zelo.models.canonical.layout import parse
from zelo.models.canonical.xsd import layout_text

HEAD: Final = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:t" targetNamespace="urn:t">'


def _text(inside: str, **others: str) -> str:
    content = {"main.xsd": inside, **{f"{name}.xsd": text for name, text in others.items()}}
    return layout_text({name: f"{HEAD}{text}</xs:schema>".encode() for name, text in content.items()}, "main.xsd", "r")


def test_the_shipped_layout_is_what_the_official_schemas_say() -> None:
    shipped = (files("zelo.models.nfcom") / "layout.txt").read_text("utf-8")
    assert layout_text(package(), ENTRY, "NFCom") == shipped


def test_types_are_found_through_includes_and_extensions() -> None:
    text = _text(
        '<xs:include schemaLocation="types.xsd"/><xs:element name="r"><xs:complexType><xs:complexContent>'
        '<xs:extension base="TBase"><xs:sequence><xs:element name="more" type="TCode" minOccurs="0"/></xs:sequence>'
        "</xs:extension></xs:complexContent></xs:complexType></xs:element>",
        types='<xs:include schemaLocation="main.xsd"/><xs:simpleType name="TCode"><xs:restriction base="xs:string">'
        '<xs:maxLength value="3"/><xs:pattern value="[A-Z]"/><xs:pattern value="[0-9]"/></xs:restriction>'
        '</xs:simpleType><xs:complexType name="TBase"><xs:sequence><xs:element name="code" type="TCode"/>'
        '</xs:sequence><xs:attribute name="v" type="TCode" use="required"/></xs:complexType>',
    )
    assert text.splitlines()[1:] == [
        "type TCode len ..3 re [A-Z]|[0-9]",
        "root r urn:t",
        f"  {'@v':<32} 1      TCode",
        f"  {'code':<32} 1      TCode",
        f"  {'more':<32} 0..1   TCode",
    ]
    assert parse(text).find("more").least == 0


def test_particles_keep_their_kind_and_occurrence() -> None:
    text = _text(
        '<xs:element name="r"><xs:complexType><xs:sequence><xs:sequence><xs:element name="a" type="xs:string"/>'
        '</xs:sequence><xs:choice minOccurs="0"><xs:element name="b" type="xs:base64Binary"/><xs:sequence>'
        '<xs:element name="c" type="xs:string" maxOccurs="unbounded"/></xs:sequence></xs:choice>'
        "</xs:sequence></xs:complexType></xs:element>"
    )
    words = [line.split()[:2] for line in text.splitlines()[2:]]
    assert words == [["a", "1"], ["choice", "0..1"], ["b", "1"], ["seq", "1"], ["c", "1..*"]]


@pytest.mark.parametrize(
    "inside",
    [
        "<xs:complexType><xs:all/></xs:complexType>",
        "<xs:complexType><xs:sequence><xs:any/></xs:sequence></xs:complexType>",
        "<xs:complexType><xs:complexContent><xs:restriction base='T'/></xs:complexContent></xs:complexType>",
        "<xs:complexType><xs:sequence><xs:element name='a'/></xs:sequence></xs:complexType>",
        "<xs:complexType><xs:choice><xs:element name='a'><xs:simpleType/></xs:element></xs:choice></xs:complexType>",
        (
            "<xs:simpleType><xs:restriction base='xs:string'><xs:maxLength value='9'/><xs:totalDigits value='3'/>"
            "</xs:restriction></xs:simpleType>"
        ),
        "",
    ],
)
def test_what_the_reader_does_not_know_is_refused_not_guessed(inside: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        _text(f'<xs:element name="r">{inside}</xs:element>')


def test_entities_are_not_resolved() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    with pytest.raises((ValueError, KeyError)):
        layout_text({"main.xsd": bomb}, "main.xsd", "r")
