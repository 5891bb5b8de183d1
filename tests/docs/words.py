"""The words of which the names in the code are made, and the English that everybody knows."""

import ast
import re
import sysconfig
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "zelo"
LAYOUTS = tuple(SOURCE.glob("models/*/layout.txt"))
ENGLISH_PROSE = (
    *("_pytest", "alembic", "cryptography", "fastapi", "hypothesis", "jinja2", "mypy", "playwright", "pydantic"),
    *("rich", "schemathesis", "sqlalchemy", "starlette", "structlog", "typer", "uvicorn"),
)
"""Libraries pinned in requirements/: their sources are the English dictionary, the same on every machine."""
OUR_ENGLISH = Path(__file__).with_name("english.txt")

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def split(name: str) -> set[str]:
    """The words of a name, in lower case: `NextNumber` gives next and number, `next_nnf` next and nnf."""
    return {word.lower() for word in _WORD.findall(name)}


def english() -> set[str]:
    """The words that need no explanation."""
    library = Path(sysconfig.get_path("purelib"))
    known = set(OUR_ENGLISH.read_text("utf-8").split())
    for package in ENGLISH_PROSE:
        for file in (library / package).rglob("*.py"):
            known |= split(file.read_text("utf-8", "ignore"))
    return known


def layout_words() -> set[str]:
    """The words of the official tags, which rooms of `models` spell as the manual does."""
    return set().union(*(split(file.read_text("utf-8")) for file in LAYOUTS))


def words_in_use() -> dict[str, Path]:
    """Every word of a name that the code gives, with a file that gives it; official tags inside `models` left out."""
    found: dict[str, Path] = {}
    tags = layout_words()
    for file in SOURCE.rglob("*.py"):
        place = file.relative_to(SOURCE)
        if place.parts[:2] == ("engine", "migrations"):
            continue
        words = set().union(*(split(name) for name in _names(file)))
        for word in words - tags if place.parts[0] == "models" else words:
            found.setdefault(word, place)
    return found


def _names(file: Path) -> Iterator[str]:
    yield file.stem
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
