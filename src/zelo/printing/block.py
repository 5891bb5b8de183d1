"""What sheets are made of: blocks that stay together, how they go on over sheets, and the small shapes inside them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from zelo.printing import paper
from zelo.printing.paper import BOTTOM_MM, LEFT_MM, RIGHT_MM, SOFT, TOP_MM, Paper

GAP_MM: Final = 2.2
CELL_MM: Final = 8.2
LABEL: Final = 5.6
VALUE: Final = 8.2
"""Points of what names a field and of what stands in it."""
_STRONG: Final = 10.0

Draw = Callable[[Paper, float], None]


@dataclass(frozen=True, slots=True)
class Block:
    """Something that stays together on a sheet: how high it is, and how it is drawn from a place downwards.

    `heading` goes before it wherever it is the first of its kind on a sheet; `last` belongs to the foot of a sheet,
    under others.
    """

    height: float
    draw: Draw
    heading: "Block | None" = None
    last: bool = False


Sheet = list[tuple[float, Block]]


def lay(first: Block, again: Block, body: Iterable[Block]) -> list[Sheet]:
    """Where everything stands, sheet by sheet, in millimetres from the top: `first` heads the first, `again` others."""
    laid: list[Sheet] = [[(TOP_MM, first)]]
    y, under = TOP_MM + first.height + GAP_MM, None
    for block in body:
        heading = block.heading if block.heading is not under else None
        if y + block.height + (heading.height if heading else 0) > BOTTOM_MM:
            laid.append([(TOP_MM, again)])
            y, heading = TOP_MM + again.height + GAP_MM, block.heading
        if heading:
            laid[-1].append((y, heading))
            y += heading.height
        foot = block.last and len(laid[-1]) > 1
        laid[-1].append((BOTTOM_MM - block.height if foot else y, block))
        y, under = y + block.height, block.heading
    return laid


def stack(blocks: Sequence[Block]) -> Block:
    """Blocks one under the other as one."""

    def drawn(on: Paper, y: float) -> None:
        for block in blocks:
            block.draw(on, y)
            y += block.height + GAP_MM

    return Block(sum(block.height + GAP_MM for block in blocks) - GAP_MM, drawn)


def title(on: Paper, y: float, text: str, *, x: float = LEFT_MM, to: float = RIGHT_MM) -> None:
    """A heading over a line."""
    on.text(x, y + 2.2, text, 6.4, bold=True)
    on.rule(y + 3.2, x=x, to=to, thick=0.25)


def facts(on: Paper, x: float, y: float, wide: float, facts: Sequence[tuple[str, str]]) -> None:
    """Labels with their values under them, in columns of one width."""
    each = wide / len(facts)
    for number, (label, value) in enumerate(facts):
        on.text(x + number * each, y + 2.4, label, LABEL, grey=SOFT, within=each - 2)
        on.text(x + number * each, y + 6.2, value, VALUE, within=each - 2)


def tile(on: Paper, x: float, y: float, wide: float, label: str, value: str, *, fill: int | None = None) -> None:
    """A large box for what is looked for first."""
    on.box(x, y, wide, 13, fill=fill, thick=0.4)
    on.text(x + 2, y + 3.6, label, 6.2, grey=SOFT)
    on.text(x + 2, y + 10.3, value, 14, bold=True, within=wide - 4, align="right")


def cell(on: Paper, x: float, y: float, wide: float, label: str, value: str, *, strong: bool = False) -> None:
    """A box with its label above and its value at the right."""
    on.box(x, y, wide, CELL_MM, thick=0.12, fill=paper.FAINT if strong else None)
    on.text(x + 1.2, y + 2.8, label, LABEL, grey=SOFT, within=wide - 2.4)
    size = _STRONG if strong else VALUE
    on.text(x + 1.2, y + 6.9, value or "-", size, bold=strong, within=wide - 2.4, align="right")
