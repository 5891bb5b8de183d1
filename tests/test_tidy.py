"""The house is tidy: rules that no linter holds, over every file of the tree; and each rule notices what breaks it."""

from pathlib import Path
from typing import Final

import pytest

from tests.tidy import MOST_BYTES, MOST_FILE_LINES, MOST_FUNCTION_LINES, RULES, Rule, Tree

ROOT: Final = Path(__file__).parents[1]
HOUSE: Final = Tree(ROOT)
TIDY: Final = {
    "pyproject.toml": (
        '[project]\nscripts = { zelo = "zelo.cli.main:main" }\n[tool.ruff.lint]\nselect = ["D1"]\n'
        '[tool.mypy]\nstrict = true\nfiles = ["src", "tests"]\n'
    ),
    "requirements/run.txt": f"lxml==6.1.3 \\\n    --hash=sha256:{'0' * 64}\n",
    "docs/map.md": (
        "# The map\n## The floors\n```text\ncli        words\nfiscal │ settings   more words\n```\n"
        "| `tests/<room>` | x |\n| `tests/docs` | y |\n[here](#the-floors) [there](../README.md) [far](https://x/y)\n"
    ),
    "README.md": "# x\n![picture](docs/map.md)\n```\n[no](link)\n```\n",
    "src/zelo/__init__.py": '"""The whole."""\n',
    "src/zelo/cli/__init__.py": '"""Commands."""\n',
    "src/zelo/cli/main.py": '"""Begins."""\nfrom zelo.fiscal import money\nimport zelo.settings.table\n',
    "src/zelo/fiscal/__init__.py": '"""Words."""\n',
    "src/zelo/fiscal/money.py": '"""Amounts."""\nCENTS = 2\n',
    "src/zelo/fiscal/rows.csv": "a,fonte,desde,ate\n",
    "src/zelo/settings/__init__.py": '"""Settings."""\n',
    "src/zelo/settings/table.py": '"""Rows."""\nclass S:\n    wait_seconds: int = _setting(3, "segundos", "x")\n',
    "tests/docs/test_x.py": '"""Proves."""\n',
    "tests/fiscal/test_money.py": '"""Proves."""\n',
}
"""A small tree in which every rule is kept."""

_MARK: Final = "TO" + "DO"
_HOME: Final = "/" + "home/maria/zelo"
_IGNORE: Final = "# type: " + "ignore"
_NOQA: Final = "# no" + "qa"
_BODY: Final = '"""x."""\n'
PLANTED: Final = [
    ("long_files", "tests/docs/long.py", _BODY + "\n" * MOST_FILE_LINES),
    ("long_functions", "bench/f.py", f"{_BODY}def f():\n" + "    x = 1\n" * MOST_FUNCTION_LINES),
    ("long_functions", "bench/f.py", f"{_BODY}class C:\n  async def f():\n" + "    x = 1\n" * MOST_FUNCTION_LINES),
    ("busy_packages", "src/zelo/fiscal/__init__.py", _BODY + "import os\n"),
    ("busy_packages", "src/zelo/fiscal/__init__.py", ""),
    ("silent_modules", "bench/_private.py", "x = 1\n"),
    ("silent_modules", "tests/docs/__init__.py", ""),
    ("unfinished", "docs/a.md", f"{_MARK}: later\n"),
    ("machines", "README.md", f"Lies in {_HOME}.\n"),
    ("machines", "src/zelo/fiscal/a.txt", f'"{_HOME}"\n'),
    ("blanket_exceptions", "bench/a.py", f"{_BODY}x = 1  {_NOQA}\n"),
    ("blanket_exceptions", "bench/a.py", f"{_BODY}x = 1  {_IGNORE}\n"),
    ("swallowed", "bench/a.py", f"{_BODY}try:\n    x = 1\nexcept Exception:\n    pass\n"),
    ("swallowed", "bench/a.py", f"{_BODY}for x in y:\n    try:\n        z()\n    except:\n        continue\n"),
    ("swallowed", "bench/a.py", f"{_BODY}with contextlib.suppress(Exception):\n    x = 1\n"),
    ("loose_requirements", "requirements/dev.txt", "lxml==6.1.3\n"),
    ("loose_requirements", "requirements/dev.txt", f"lxml>=6 \\\n    --hash=sha256:{'0' * 64}\n"),
    ("loose_requirements", "requirements/dev.txt", f"lxml==6 \\\n    --hash=sha256:{'0' * 64}\n--index-url x\n"),
    ("loose_requirements", "requirements/dev.in", "lxml @ https://host/lxml.whl\n"),
    ("large_files", "docs/a.bin", "\0" * (MOST_BYTES + 1)),
    ("floats", "src/zelo/fiscal/money.py", f"{_BODY}def f(x): return float(x)\n"),
    ("floats", "src/zelo/fiscal/money.py", f"{_BODY}RATE = 0.65\n"),
    ("floats", "src/zelo/fiscal/money.py", f"{_BODY}x: float | None = None\n"),
    (
        "nameless_units",
        "src/zelo/settings/table.py",
        f'{_BODY}class S:\n    wait: int = _setting(3, "segundos", "x")\n',
    ),
    ("rooms_off_the_map", "src/zelo/attic/__init__.py", _BODY),
    ("rooms_off_the_map", "docs/map.md", "## The floors\n```text\ncli\nfiscal │ settings │ gone\n```\n"),
    ("tests_off_the_map", "tests/attic/test_x.py", _BODY),
    ("tests_off_the_map", "docs/map.md", "| `tests/docs` | x |\n| `tests/gone` | x |\n"),
    ("dead_links", "docs/a.md", "[x](gone.md)\n"),
    ("dead_links", "docs/a.md", "[x](map.md#the-cellar)\n"),
    ("dead_links", "README.md", "![x](docs/images/gone.png)\n"),
    ("dead_modules", "src/zelo/fiscal/unused.py", _BODY),
    ("dead_modules", "src/zelo/cli/main.py", f"{_BODY}import zelo.fiscal.money\n"),
    ("undated_facts", "src/zelo/fiscal/rows.csv", "a,fonte\n1,x\n"),
    ("undated_facts", "src/zelo/fiscal/rows.csv", "# fonte: alguém\na\n1\n"),
    ("lax_linters", "pyproject.toml", TIDY["pyproject.toml"].replace("D1", "E")),
    ("lax_linters", "pyproject.toml", TIDY["pyproject.toml"].replace("true", "false")),
    (
        "lax_linters",
        "pyproject.toml",
        TIDY["pyproject.toml"] + '[[tool.mypy.overrides]]\nmodule = "zelo.web"\nignore_errors = true\n',
    ),
]
"""Rule, file, content: what each rule must notice."""
BY_NAME: Final = {rule.__name__: rule for rule in RULES}


def planted(folder: Path, files: dict[str, str]) -> Tree:
    """A tree of these files, without git."""
    for name, text in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
    return Tree(folder)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_is_tidy(rule: Rule) -> None:
    assert list(rule(HOUSE)) == [], rule.__doc__


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_tidy_tree_passes(tmp_path: Path, rule: Rule) -> None:
    assert list(rule(planted(tmp_path, TIDY))) == []


@pytest.mark.parametrize(("name", "file", "text"), PLANTED, ids=[f"{n}-{name}" for n, (name, *_) in enumerate(PLANTED)])
def test_what_breaks_a_rule_would_be_noticed(tmp_path: Path, name: str, file: str, text: str) -> None:
    assert list(BY_NAME[name](planted(tmp_path, {**TIDY, file: text})))


def test_every_rule_is_seen_to_notice_something() -> None:
    assert {name for name, *_ in PLANTED} == set(BY_NAME)


def test_what_git_would_not_take_is_not_judged(tmp_path: Path) -> None:
    files = {".gitignore": ".venv/\n*.pyc\n", ".venv/a.py": "x", "b.pyc": "x", ".git": "", "c.py": _BODY}
    tree = planted(tmp_path, files)
    (tmp_path / ".git").unlink()
    assert [str(name) for name in tree.files] == [".gitignore", "c.py"]


def test_the_files_of_the_house_are_found() -> None:
    assert {Path("README.md"), Path("src/zelo/flow/lifecycle.py"), Path(".gitignore")} <= set(HOUSE.files)
    assert not [name for name in HOUSE.files if name.parts[0] in (".venv", ".git", "demo-data")]
