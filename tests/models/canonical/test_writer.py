"""The writer against lxml's C14N on hostile strings, and what it says of values that do not fit."""

from types import SimpleNamespace
from typing import Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from zelo.fiscal.fault import Fault
from zelo.models.canonical.facet import SCHEMA_CSTAT
from zelo.models.canonical.layout import parse
from zelo.models.canonical.writer import EXCLUSIVE, MISSING, TOO_MANY, write

unhurried = settings(deadline=None)
"""A busy machine is no failure."""

XML_TEXT: Final = st.text(
    st.characters(min_codepoint=0x20, exclude_categories=["Cs"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r&<>\"'\x85")
)
"""Every character that XML 1.0 admits, the ones that C14N escapes more often."""

REMEMBERED_CHARS: Final = 40
REMEMBERED_TEXTS: Final = 256

SMALL: Final = parse("""
root a urn:test
  @z           0..1   any
  @b           1      any
  text         1      any
  many         0..3   any
  seq          0..1
    first      1      any
    second     1      any
  choice       1
    one        1      any
    seq        1
      two      1      any
      three    0..1   any
  choice       1
    left       0..1   any
    right      0..1   any
  inner        0..1
    @id        1      re [0-9]
    leaf       1      enum x y
  seq          0..*
    name       1      any
    place      1      any
""")


def _written(**values: object) -> tuple[str, list[Fault]]:
    return write(SMALL.root, SimpleNamespace(**{"b": "", "text": "", "one": "", **values}))


def _canonical(xml: str) -> str:
    return etree.tostring(etree.fromstring(xml), method="c14n").decode()


@unhurried
@given(text=XML_TEXT, attribute=XML_TEXT)
@example(text="]]>\r\n&amp;<!-- -->", attribute="\t\r\n\"'<>&")
@example(text="a\u0301 𝔘 \U0010ffff", attribute="a\u0301 𝔘 \U0010ffff")
def test_what_is_written_is_already_canonical_and_reads_back(text: str, attribute: str) -> None:
    xml, faults = _written(b=attribute, text=text)
    assert faults == []
    assert _canonical(xml) == xml
    root = etree.fromstring(xml)
    assert root.get("b") == attribute
    assert (root.findtext("text") or "") == text


@unhurried
@given(text=XML_TEXT, attribute=XML_TEXT)
def test_lxml_writes_the_same_from_the_same_values(text: str, attribute: str) -> None:
    root = etree.Element("a", b=attribute)
    for name, inside in (("text", text), ("one", "")):
        etree.SubElement(root, name).text = inside
    assert _written(b=attribute, text=text)[0] == etree.tostring(root, method="c14n").decode()


@pytest.mark.parametrize("strange", ["\x00", "\x08", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
@pytest.mark.parametrize("place", ["text", "b"])
def test_a_character_that_xml_does_not_know_is_a_fault(strange: str, place: str) -> None:
    (fault,) = _written(**{place: f"a{strange}b"})[1]
    assert fault.where in ("a/text", "a/@b")
    assert fault.cstat == SCHEMA_CSTAT


def test_tags_come_in_the_order_of_the_layout_whatever_the_order_of_the_values() -> None:
    xml, faults = _written(
        second="2", first="1", many=("m", "n"), right="r", z="z", b="b", inner=SimpleNamespace(leaf="x", id=7)
    )
    assert faults == []
    assert xml == (
        '<a b="b" z="z"><text></text><many>m</many><many>n</many><first>1</first><second>2</second>'
        '<one></one><right>r</right><inner id="7"><leaf>x</leaf></inner></a>'
    )


def test_a_repeated_sequence_is_a_list_under_the_name_of_its_first_tag() -> None:
    pairs = [SimpleNamespace(name="n1", place="p1"), SimpleNamespace(name="n2", place="p2")]
    assert _written(name=pairs)[0].endswith("<name>n1</name><place>p1</place><name>n2</name><place>p2</place></a>")
    (fault,) = _written(name=[*pairs, SimpleNamespace(name="n3")])[1]
    assert (fault.rule, fault.where) == (MISSING, "a[name 3]/place")


@pytest.mark.parametrize(
    ("values", "rule", "where"),
    [
        ({"text": None}, MISSING, "a/text"),
        ({"b": None}, MISSING, "a/@b"),
        ({"first": "1"}, MISSING, "a/second"),
        ({"many": ("1", "2", "3", "4")}, TOO_MANY, "a/many"),
        ({"one": None}, EXCLUSIVE, "a"),
        ({"two": "2"}, EXCLUSIVE, "a"),
        ({"one": None, "three": "3"}, MISSING, "a/two"),
        ({"left": "l", "right": "r"}, EXCLUSIVE, "a"),
        ({"inner": SimpleNamespace(leaf="x")}, MISSING, "a/inner/@id"),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(values: dict[str, object], rule: str, where: str) -> None:
    (fault,) = _written(**values)[1]
    assert (fault.rule, fault.where, fault.cstat) == (rule, where, SCHEMA_CSTAT)


@pytest.mark.parametrize(("count", "rules"), [(0, [TOO_MANY]), (1, []), (2, []), (3, [TOO_MANY])])
def test_occurrence_is_bounded_at_both_ends(count: int, rules: list[str]) -> None:
    root = parse("root a urn:test\n  t  1..2  any\n").root
    assert [fault.rule for fault in write(root, SimpleNamespace(t=("x",) * count))[1]] == rules


def test_a_repeated_tag_is_named_by_its_place_from_one() -> None:
    root = parse("root a urn:test\n  t  1..9  enum x\n").root
    assert [fault.where for fault in write(root, SimpleNamespace(t=("z", "x", "z")))[1]] == ["a/t[1]", "a/t[3]"]


def test_every_fault_is_told_at_once() -> None:
    faults = _written(text=None, one=None, inner=SimpleNamespace(id="x", leaf="z"))[1]
    assert [fault.where for fault in faults] == ["a/text", "a", "a/inner/@id", "a/inner/leaf"]


@unhurried
@given(st.lists(XML_TEXT, max_size=3))
def test_the_memory_of_short_texts_changes_nothing(texts: list[str]) -> None:
    fresh = parse("root a urn:test\n  many  0..3  any\n").root
    first = write(fresh, SimpleNamespace(many=tuple(texts)))
    assert write(fresh, SimpleNamespace(many=tuple(texts))) == first


def test_the_memory_of_texts_is_bounded() -> None:
    root = parse("root a urn:test\n  one  1  any\n").root
    (one,) = root.steps
    for text in ("x" * REMEMBERED_CHARS, "y" * (REMEMBERED_CHARS + 1)):
        write(root, SimpleNamespace(one=text))
    assert set(one.written) == {"x" * REMEMBERED_CHARS}
    for number in range(2 * REMEMBERED_TEXTS):
        write(root, SimpleNamespace(one=str(number)))
    assert len(one.written) == REMEMBERED_TEXTS
