"""A layout as a table: one line a tag, in the order of the schema.

The text form is what people read and what the writer is driven by:

    type TCnpj                re [A-Z0-9]{12}[0-9]{2}
    group TEndeEmi
      xLgr             1      TString len 2..60
    root NFCom http://www.portalfiscal.inf.br/nfcom
      infNFCom         1
        @Id            1      re NFCom[0-9]{6}…
        ide            1
          cUF          1      TCodUfIBGE
          seq          0..1
            dhCont     1      TDateTimeUTC

Indentation nests; `@` marks an attribute; `seq` and `choice` group tags that stand or fall together or exclude each
other; occurrence is `n`, `a..b` or `a..*`. A line may end in a type name, facets (`len`, `enum`, `re`) or both.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from zelo.models.canonical.facet import SimpleType

UNBOUNDED: Final = 1_000_000
_INDENT: Final = 2


@dataclass(slots=True)
class Step:
    """One tag, or a `seq`/`choice` of tags. A leaf has a `type`; a group has `steps` (attributes apart, sorted)."""

    kind: str
    name: str
    least: int
    most: int
    type: SimpleType | None = None
    steps: list["Step"] = field(default_factory=list)
    attributes: list["Step"] = field(default_factory=list)
    names: tuple[str, ...] = ()
    """What must be looked at to know whether it is there: its own name, or those of the tags inside a particle."""
    written: dict[str, str] = field(default_factory=dict, repr=False)
    """Texts of this leaf that were accepted, as they were written: the writer's memory, bounded by it."""
    marks: tuple[str, str] = ("", "")
    """Its opening tag without attributes, and its closing tag."""
    plan: tuple["Row", ...] = ()
    """The steps inside as the writer walks them, on every document."""


Row = tuple[str, dict[str, str] | None, bool, Step]
"""Name to look up; the memory of a single leaf (None: a group, a particle, a repeated tag); whether absence matters."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole layout: the root step and the namespace of its tags."""

    namespace: str
    root: Step

    def find(self, path: str) -> Step:
        """The step of a path such as "infNFCom/ide/cUF" under the root. Raises KeyError."""
        step = self.root
        for name in path.split("/"):
            step = _child(step, name)
        return step


def _child(step: Step, name: str) -> Step:
    for candidate in [*step.attributes, *step.steps]:
        if candidate.kind == "tag" and candidate.name == name:
            return candidate
        if candidate.kind != "tag":
            try:
                return _child(candidate, name)
            except KeyError:
                continue
    raise KeyError(name)


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    depth: int
    words: list[str]
    pattern: str


def _lines(text: str) -> Iterator[_Line]:
    for number, raw in enumerate(text.splitlines(), start=1):
        if not raw.strip() or raw.startswith("#"):
            continue
        spaces = len(raw) - len(raw.lstrip(" "))
        head, _, pattern = raw.strip().partition(" re ")
        yield _Line(number, spaces // _INDENT, head.split(), pattern)


def parse(text: str) -> Layout:
    """Read the text form. Raises ValueError with the line number when it makes no sense."""
    types: dict[str, SimpleType] = {"any": SimpleType("any")}
    groups: dict[str, Step] = {}
    stack: list[Step] = []
    root: Step | None = None
    namespace = ""
    for line in _lines(text):
        try:
            word = line.words[0]
            if line.depth == 0 and word == "type":
                types[line.words[1]] = _simple(line.words[1], line.words[2:], line.pattern, types)
            elif line.depth == 0 and word in ("group", "root"):
                holder = Step("tag", line.words[1], 1, 1)
                groups[holder.name] = holder
                stack = [holder]
                if word == "root":
                    root, namespace = holder, line.words[2]
            else:
                del stack[line.depth :]
                stack.append(_place(line, stack[-1], types, groups))
        except (IndexError, KeyError, ValueError) as error:
            raise ValueError(f"layout line {line.number}: {error!r} in {' '.join(line.words)!r}") from error
    if root is None:
        raise ValueError("layout without root")
    _name(root)
    return Layout(namespace, root)


def _name(step: Step) -> tuple[str, ...]:
    inside = tuple(name for child in step.steps for name in _name(child))
    step.names = (step.name,) if step.kind == "tag" else inside
    step.marks = (f"<{step.name}>", f"</{step.name}>")
    step.plan = tuple(map(_row, step.steps))
    return step.names


def _row(step: Step) -> Row:
    tag = step.kind == "tag"
    memory = step.written if tag and step.type is not None and step.most == 1 else None
    return step.name, memory, not tag or step.least > 0, step


def _place(line: _Line, parent: Step, types: dict[str, SimpleType], groups: dict[str, Step]) -> Step:
    name, occurs, *rest = line.words
    least, most = _occurs(occurs)
    if name in ("seq", "choice"):
        step = Step(name, name, least, most)
    else:
        step = Step("tag", name.removeprefix("@"), least, most)
        if rest and rest[0] in groups:
            step.steps, step.attributes = groups[rest[0]].steps, groups[rest[0]].attributes
        elif rest or line.pattern:
            step.type = _simple(step.name, rest, line.pattern, types)
    if name.startswith("@"):
        parent.attributes.append(step)
        parent.attributes.sort(key=lambda attribute: attribute.name)
    else:
        parent.steps.append(step)
    return step


def _occurs(text: str) -> tuple[int, int]:
    first, dots, last = text.partition("..")
    return int(first), (UNBOUNDED if last == "*" else int(last)) if dots else int(first)


def _simple(name: str, words: list[str], pattern: str, types: dict[str, SimpleType]) -> SimpleType:
    if len(words) == 1 and not pattern:
        return types[words[0]]
    base = types[words[0]] if words and words[0] not in ("len", "enum") else None
    least = most = None
    enum: tuple[str, ...] = ()
    if "len" in words:
        span = words[words.index("len") + 1]
        first, _, last = span.partition("..")
        least, most = int(first or 0), int(last) if last else None
    if "enum" in words:
        enum = tuple(words[words.index("enum") + 1 :])
    return SimpleType(name, base, (pattern,) if pattern else (), enum, least, most)
