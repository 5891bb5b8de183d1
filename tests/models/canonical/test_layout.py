"""The table of a layout: how its text is read, and that the shipped one lists the tags that nfelib lists."""

from collections.abc import Iterator
from typing import Final

import pytest

from tests.models.canonical.official import Tag, tags
from tests.models.nfcom.golden import layout
from zelo.models.canonical.layout import UNBOUNDED, Step, parse

TEXT: Final = """
# a comment
type TCode    len 2..4 re [A-Z]+
type TShort   TCode len ..3
group TPair
  x           1      TShort
  y           0..1   any
root note urn:test
  @two        1      any
  @one        0..1   re a|b
  code        1      TCode
  pair        0..*   TPair
  seq         0..1
    kind      1      enum 1 2
    why       1      len 15..
"""


def test_reads_tags_groups_particles_and_occurrence() -> None:
    note = parse(TEXT)
    assert note.namespace == "urn:test"
    assert [attribute.name for attribute in note.root.attributes] == ["one", "two"]
    pair, seq = note.root.steps[1:]
    assert (pair.least, pair.most) == (0, UNBOUNDED)
    assert [step.name for step in pair.steps] == ["x", "y"]
    assert (seq.kind, seq.least, seq.most, seq.names) == ("seq", 0, 1, ("kind", "why"))
    kind = note.find("kind").type
    assert kind is not None
    assert kind.allowed == {"1", "2"}


@pytest.mark.parametrize(("text", "good"), [("ABC", True), ("AB", True), ("A", False), ("ABCD", False), ("abc", False)])
def test_a_type_keeps_what_it_restricts(text: str, *, good: bool) -> None:
    kind = parse(TEXT).find("pair/x").type
    assert kind is not None
    assert bool(kind.accepts(text)) is good


@pytest.mark.parametrize("path", ["nothing", "code/x", "pair/z"])
def test_a_path_that_leads_nowhere_is_an_error(path: str) -> None:
    with pytest.raises(KeyError):
        parse(TEXT).find(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("root note urn:test\n  code  1  TUnknown\n", "layout line 2"),
        ("root note urn:test\n  code\n", "layout line 2"),
        ("root note urn:test\n  code  one  any\n", "layout line 2"),
        ("root note\n", "layout line 1"),
        ("  code  1  any\n", "layout line 1"),
        ("type TCode any\n", "layout without root"),
    ],
)
def test_nonsense_is_told_with_its_line(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse(text)


def _tags(step: Step, path: str, *, free: bool) -> Iterator[Tag]:
    """Tags of our table. `free`: inside an optional particle or a choice, where none is required by itself."""
    for child in [*step.attributes, *step.steps]:
        if child.kind == "tag":
            inner = f"{path}/{'@' if child in step.attributes else ''}{child.name}".lstrip("/")
            yield Tag(inner, child.least > 0 and not free, None if child.most == UNBOUNDED else child.most)
            yield from _tags(child, inner, free=False)
        else:
            inside = free or child.least == 0 or child.kind == "choice"
            for tag in _tags(child, path, free=inside):
                yield tag if child.most == 1 else Tag(tag.path, tag.required, None)


def test_the_shipped_layout_lists_the_tags_of_nfelib() -> None:
    theirs = {tag.path: tag for tag in tags()}
    ours = {tag.path: tag for tag in _tags(layout().root, "", free=False) if "/" in tag.path}
    assert ours == theirs
