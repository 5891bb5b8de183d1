"""The reference pages and the examples say what the code does today."""

from pathlib import Path

import pytest

from tests.docs.reference import files
from tests.docs.words import ROOT

FILES = files()


@pytest.mark.parametrize("place", FILES, ids=lambda place: place.name)
def test_a_written_file_is_up_to_date(place: Path) -> None:
    assert place.read_text("utf-8") == FILES[place], "run `make docs`"


def test_no_reference_page_is_left_over() -> None:
    folder = ROOT / "docs" / "reference"
    assert set(folder.iterdir()) == {place for place in FILES if place.parent == folder}
