"""Every simple type of the shipped layout, against libxml2's verdict on the same value."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.models.canonical.official import Verdict, declaration
from tests.models.nfcom.golden import layout
from zelo.models.canonical.facet import BAD_SHAPE, NOT_IN_LIST, SCHEMA_CSTAT, TOO_LONG, SimpleType
from zelo.models.canonical.layout import Step

Leaf = tuple[tuple[str, ...], SimpleType]
IDENTIFIER: Final = "infNFCom/Id"
BASE64: Final = ("infNFCom/gSub/gNF/hash115", "infNFCom/gRespTec/hashCSRT")
MANY_TYPES: Final = 80
HOSTILE: Final = "\n\r\t \x00\x1f\x85\xa0 aZ09.-+,éÿĀ€٣²&<>\"'@\ud800\ufffe𝔘"


def _leaves(step: Step, path: tuple[str, ...]) -> Iterator[Leaf]:
    for child in [*step.attributes, *step.steps]:
        inner = (*path, child.name) if child.kind == "tag" else path
        if child.type is not None:
            yield inner, child.type
        yield from _leaves(child, inner)


@cache
def distinct() -> dict[str, Leaf]:
    """One place for each type that the layout makes a difference between."""
    found: dict[str, Leaf] = {}
    for path, kind in _leaves(layout().root, ()):
        facets = "; ".join(f"{t.patterns} {t.enum} {t.min_chars} {t.max_chars}" for t in kind.chain())
        found.setdefault(facets, (path, kind))
    return {"/".join(path): (path, kind) for path, kind in found.values()}


@cache
def verdict() -> Verdict:
    return Verdict([declaration(path) for path, _ in distinct().values()])


def _index(name: str) -> int:
    return list(distinct()).index(name)


def _near(kind: SimpleType) -> st.SearchStrategy[str]:
    """Values of the type, or nearly so: its list, its patterns, texts of about its length."""
    patterns = [pattern for t in kind.chain() for pattern in t.patterns]
    longest = (kind.most or 20) + 1
    plain = st.text("Az09 .é&", min_size=max(kind.least - 1, 0), max_size=min(longest, 80))
    shaped = [st.from_regex(rf"(?:{pattern})\Z", fullmatch=True) for pattern in patterns]
    return st.one_of(*shaped, *([st.sampled_from(sorted(kind.allowed))] if kind.allowed else []), plain)


@st.composite
def _values(draw: st.DrawFn, kind: SimpleType) -> str:
    """A near value, or one with a character too many, too few or other."""
    text: str = draw(_near(kind))
    if draw(st.booleans()):
        return text
    place = draw(st.integers(0, len(text)))
    put: str = draw(st.sampled_from(["", *HOSTILE]))
    return text[:place] + put + text[place + draw(st.integers(0, 1)) :]


@pytest.mark.parametrize("name", distinct())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_accepts_what_the_official_schema_accepts(name: str, data: st.DataObject) -> None:
    kind = distinct()[name][1]
    text = data.draw(_values(kind))
    expected = verdict().accepts(_index(name), text) and not _stricter(name, kind, text)
    assert bool(kind.accepts(text)) == expected, repr(text)


def _stricter(name: str, kind: SimpleType, text: str) -> bool:
    r"""Where we refuse on purpose what libxml2 takes.

    Digits of other scripts where the schema says \d; blanks around an Id; inside base64 blanks and strangers.
    """
    says_d = any(r"\d" in pattern for t in kind.chain() for pattern in t.patterns)
    foreign = any(char.isdecimal() and not char.isascii() for char in text)
    blank_id = name == IDENTIFIER and text != text.strip()
    stranger = name in BASE64 and re.search(r"[^A-Za-z0-9+/=]", text) is not None
    return (says_d and foreign) or blank_id or stranger


def test_there_are_as_many_types_as_the_layout_tells_apart() -> None:
    assert len(distinct()) > MANY_TYPES


def _kind(path: str) -> SimpleType:
    kind = layout().find(path).type
    assert kind is not None
    return kind


@pytest.mark.parametrize(
    ("path", "value", "written"),
    [
        ("infNFCom/total/vNF", Decimal("5"), "5"),
        ("infNFCom/total/vNF", Decimal("5.1"), "5.10"),
        ("infNFCom/total/vNF", Decimal("0"), "0"),
        ("infNFCom/total/vNF", Decimal("1E+2"), "100"),
        ("infNFCom/det/prod/qFaturada", Decimal("1.5"), "1.50"),
        ("infNFCom/det/prod/vItem", Decimal("0.12345678"), "0.12345678"),
        ("infNFCom/det/imposto/PIS/pPIS", Decimal("0.6"), "0.60"),
        ("infNFCom/det/imposto/PIS/pPIS", Decimal("0.6543"), "0.6543"),
        ("infNFCom/gFat/dVencFat", date(2026, 12, 10), "2026-12-10"),
    ],
)
def test_a_value_is_written_with_the_places_of_its_type(path: str, value: object, written: str) -> None:
    kind = _kind(path)
    assert kind.text_of(value) == written
    assert kind.accepts(written)


@pytest.mark.parametrize(
    "text", ["1E+999999999", "1E-999999999", "NaN", "sNaN", "-Infinity", "-1.00", "1.005", "1E+13"]
)
def test_a_number_that_no_tag_holds_is_refused_and_not_spelled_out(text: str) -> None:
    kind = _kind("infNFCom/total/vNF")
    written = kind.text_of(Decimal(text))
    assert not kind.accepts(written)
    assert len(written) <= len(text) + 20


@pytest.mark.parametrize(
    ("path", "text", "rule", "words"),
    [
        ("infNFCom/ide/tpAmb", "3", NOT_IN_LIST, "Use um de: 1, 2."),
        ("infNFCom/emit/xNome", "x" * 61, TOO_LONG, "61 caracteres; o leiaute aceita de 2 a 60"),
        ("infNFCom/emit/xNome", "x", TOO_LONG, "1 caracteres; o leiaute aceita de 2 a 60"),
        ("infNFCom/emit/xNome", " " + "x" * 59, BAD_SHAPE, "Há espaço no começo ou no fim do texto. Retire o espaço."),
        ("infNFCom/emit/xNome", "x ", BAD_SHAPE, "Há espaço no começo ou no fim do texto. Retire o espaço."),
        ("infNFCom/emit/xNome", "Provedor – Filial", BAD_SHAPE, "'–'"),
        ("infNFCom/emit/xNome", "Provedor – Filial", BAD_SHAPE, "Troque travessão por hífen"),
        ("infNFCom/emit/CNPJ", "12abc34501de35", BAD_SHAPE, "(TCnpj). Forma aceita: [A-Z0-9]{12}[0-9]{2}."),
    ],
)
def test_a_refusal_says_why_and_foretells_the_schema_rejection(path: str, text: str, rule: str, words: str) -> None:
    fault = _kind(path).fault(text, path)
    assert (fault.rule, fault.where, fault.value, fault.cstat) == (rule, path, text, SCHEMA_CSTAT)
    assert words in f"{fault.sentence} {fault.remedy}"
