"""The stylesheet and the script: readable in light and in dark, ours alone, and small."""

import re
from typing import Final

import pytest

from zelo.web.render import STATIC_FOLDER

CSS: Final = (STATIC_FOLDER / "zelo.css").read_text("utf-8")
JS: Final = (STATIC_FOLDER / "zelo.js").read_text("utf-8")
AA: Final = 4.5
AA_EDGE: Final = 3.0
TEXT_PAIRS: Final = (
    ("ink", "bg"), ("ink", "card"), ("ink", "field"), ("soft", "bg"), ("soft", "card"), ("brand", "bg"),
    ("brand", "card"), ("on-brand", "brand"), ("on-brand", "brand-strong"), ("danger", "card"),
    ("done", "done-bg"), ("moving", "moving-bg"), ("waiting", "waiting-bg"), ("action", "action-bg"),
    ("done", "card"), ("moving", "card"), ("waiting", "card"), ("action", "card"), ("action", "bg"),
    ("ink", "done-bg"), ("ink", "moving-bg"), ("ink", "waiting-bg"), ("ink", "action-bg"),
    ("soft", "action-bg"), ("brand", "action-bg"), ("brand", "waiting-bg"),
)  # fmt: skip
EDGE_PAIRS: Final = (("edge", "bg"), ("edge", "card"), ("focus", "bg"), ("focus", "card"))


def tokens(dark: bool) -> dict[str, str]:  # noqa: FBT001 a test's own parameter
    """The colours of a scheme by name."""
    blocks = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    light = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", blocks[0]))
    return light | dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", blocks[1])) if dark else light


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    digits = colour[1:] if len(colour) == 7 else "".join(letter * 2 for letter in colour[1:])
    parts = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio (WCAG 2.2)."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_and_edges_have_the_contrast_of_aa(dark: bool) -> None:  # noqa: FBT001 pytest gives it
    colours = tokens(dark)
    low = {pair: round(contrast(*(colours[name] for name in pair)), 2) for pair in TEXT_PAIRS}
    assert {pair: ratio for pair, ratio in low.items() if ratio < AA} == {}
    edges = {pair: round(contrast(*(colours[name] for name in pair)), 2) for pair in EDGE_PAIRS}
    assert {pair: ratio for pair, ratio in edges.items() if ratio < AA_EDGE} == {}


def test_the_oracle_knows_the_extremes() -> None:
    assert contrast("#000", "#ffffff") == 21
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)


def test_nothing_is_loaded_from_elsewhere() -> None:
    for text in (CSS, JS):
        assert "://" not in text
        assert "@import" not in text
        assert "import(" not in text


def test_every_variable_that_is_used_is_defined() -> None:
    defined = set(re.findall(r"--([a-z-]+):", CSS))
    assert set(re.findall(r"var\(--([a-z-]+)\)", CSS)) <= defined


def test_the_script_is_small_and_puts_no_text_into_the_page_as_markup() -> None:
    assert len(JS.splitlines()) < 150
    assert "innerHTML" not in JS
    assert "eval" not in JS
