"""The shipped tables as plain text, read apart from the code under test."""

import csv
from importlib.resources import files
from typing import Final

DATA: Final = files("zelo.facts") / "data"


def lines(name: str) -> list[str]:
    """The lines of `data/<name>.csv`."""
    return (DATA / f"{name}.csv").read_text("utf-8").splitlines()


def rows(name: str) -> list[dict[str, str]]:
    """Its rows, every cell as text."""
    return list(csv.DictReader(line for line in lines(name) if not line.startswith("#")))
