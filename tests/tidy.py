"""What the house asks of its files and no linter holds: each rule is a function from a tree to what breaks it."""

import ast
import csv
import re
import subprocess
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path
from typing import Final

Rule = Callable[["Tree"], Iterable[str]]

MOST_FILE_LINES: Final = 400
MOST_FUNCTION_LINES: Final = 70
MOST_BYTES: Final = 1_200_000
AMOUNTS: Final = ("fiscal", "models", "assemble", "isp", "prevalidate")
"""Rooms in which a number may be an amount."""
ENTRIES: Final = (
    "zelo.engine.migrations.", "zelo.sim.shell.__main__", "zelo.sim.sat.shell.__main__",
    "zelo.sim.centre.shell.__main__", "zelo.pos.edge.command.__main__", "zelo.pos.edge.driver.shell.child",
    "zelo.pos.edge.libsat",
)  # fmt: skip
"""Modules that are run by name: alembic's, the simulators and the gateway as processes; and a folder that is C."""
DATED: Final = {"fonte", "desde", "ate"}
UNITS: Final = {
    "segundos": "seconds", "milissegundos": "millis", "minutos": "minutes", "horas": "hours", "dias": "days",
    "bytes": "bytes", "porta": "port",
}  # fmt: skip

_UNFINISHED: Final = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
_MACHINE: Final = re.compile(r"(?<![\w./~>-])/(?:work|root|home|Users)/\w")
_HOST: Final = re.compile(r"https?://|--(?:extra-)?index-url|--find-links|--trusted-host|(?<!\w)git\+|(?:^|\s)-[if]\s")
_LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
_FENCE: Final = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_HEADING: Final = re.compile(r"^#+ +(.+)$", re.MULTILINE)
_FLOORS: Final = re.compile(r"## The floors.*?```text\n(.*?)```", re.DOTALL)
_FOLDER_ROW: Final = re.compile(r"`tests/([^`.]+)`")
_BARE: Final = re.compile(r"#\s*(?:noqa(?!: ?[A-Z]+\d)|type: ignore(?!\[))")


@dataclass(frozen=True)
class Tree:
    """A work tree: its files, read once."""

    root: Path

    @cached_property
    def files(self) -> list[Path]:
        """Relative paths: what git knows or would add; without git what no line of .gitignore names."""
        if (self.root / ".git").exists():
            command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
            told = subprocess.run(command, cwd=self.root, capture_output=True, check=True).stdout.decode()
            names = [Path(name) for name in told.split("\0") if name]
        else:
            names = [path.relative_to(self.root) for path in self.root.rglob("*")]
            names = [name for name in names if not self._ignored(name)]
        return sorted(name for name in set(names) if (self.root / name).is_file())

    def _ignored(self, name: Path) -> bool:
        ignore = self.root / ".gitignore"
        patterns = [".git", *(ignore.read_text("utf-8").split() if ignore.exists() else ())]
        return any(fnmatch(part, pattern.rstrip("/")) for part in name.parts for pattern in patterns)

    @cached_property
    def texts(self) -> dict[Path, str]:
        """Files that are text."""
        found = {}
        for name in self.files:
            content = (self.root / name).read_bytes()
            if b"\0" not in content:
                found[name] = content.decode("utf-8", "replace")
        return found

    @cached_property
    def code(self) -> dict[Path, ast.Module]:
        """Every Python file."""
        return {name: ast.parse(text) for name, text in self.texts.items() if name.suffix == ".py"}

    @cached_property
    def source(self) -> dict[Path, ast.Module]:
        """Those of the package, by their path under it."""
        home = Path("src/zelo")
        return {name.relative_to(home): tree for name, tree in self.code.items() if name.is_relative_to(home)}

    def text(self, name: str) -> str:
        """A file, "" where it is not."""
        return self.texts.get(Path(name), "")


def long_files(tree: Tree) -> Iterator[str]:
    """A file of code has at most 400 lines."""
    for name in tree.code:
        lines = len(tree.texts[name].splitlines())
        if lines > MOST_FILE_LINES:
            yield f"{name}: {lines} lines"


def long_functions(tree: Tree) -> Iterator[str]:
    """A function has at most 70 lines."""
    for name, module in tree.code.items():
        for node in ast.walk(module):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > MOST_FUNCTION_LINES:
                    yield f"{name}:{node.lineno}: {node.name} has {lines} lines"


def busy_packages(tree: Tree) -> Iterator[str]:
    """An `__init__.py` of the package holds a docstring only, so that no import drags another in."""
    for name, module in tree.source.items():
        if name.name == "__init__.py" and not (len(module.body) == 1 and ast.get_docstring(module)):
            yield str(name)


def silent_modules(tree: Tree) -> Iterator[str]:
    """Every file of code says what it is for; one with a leading underscore too, which the linter spares."""
    return (str(name) for name, module in tree.code.items() if not ast.get_docstring(module))


def unfinished(tree: Tree) -> Iterator[str]:
    """No mark of unfinished work is left."""
    return _lines(tree, _UNFINISHED)


def machines(tree: Tree) -> Iterator[str]:
    """No path of one machine or one person."""
    return _lines(tree, _MACHINE)


def blanket_exceptions(tree: Tree) -> Iterator[str]:
    """Whoever silences a linter says which of its rules."""
    return _lines(tree, _BARE, ".py")


def _lines(tree: Tree, pattern: re.Pattern[str], suffix: str = "") -> Iterator[str]:
    for name, text in tree.texts.items():
        if name.name.endswith(suffix) and pattern.search(text):
            yield from (f"{name}:{n}" for n, line in enumerate(text.splitlines(), 1) if pattern.search(line))


def swallowed(tree: Tree) -> Iterator[str]:
    """No error of any kind passes in silence."""
    for name, module in tree.code.items():
        for node in ast.walk(module):
            if isinstance(node, ast.ExceptHandler):
                caught, silent = node.type, all(isinstance(each, ast.Pass | ast.Continue) for each in node.body)
            elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
                caught, silent = node.args[0] if node.args else None, True
            else:
                continue
            if silent and (caught is None or ast.unparse(caught) in ("Exception", "BaseException")):
                yield f"{name}:{node.lineno}"


def loose_requirements(tree: Tree) -> Iterator[str]:
    """What is installed is pinned by hash, and no file says from which host."""
    for name, text in tree.texts.items():
        if name.parts[0] != "requirements":
            continue
        if _HOST.search(text):
            yield f"{name}: names a host or an index"
        if name.suffix == ".txt":
            for entry in text.replace("\\\n", " ").splitlines():
                if (
                    entry.strip()
                    and not entry.startswith("#")
                    and not re.search(r"==\S+.* --hash=sha256:\w{64}", entry)
                ):
                    yield f"{name}: {entry.split()[0]} without version or hash"


def large_files(tree: Tree) -> Iterator[str]:
    """Nothing larger than 1.2 MB."""
    for name in tree.files:
        size = (tree.root / name).stat().st_size
        if size > MOST_BYTES:
            yield f"{name}: {size} bytes"


def floats(tree: Tree) -> Iterator[str]:
    """An amount is a Decimal: where amounts are, no float is made or spoken of."""
    for name, module in tree.source.items():
        if name.parts[0] in AMOUNTS:
            for node in ast.walk(module):
                named = isinstance(node, ast.Name) and node.id == "float"
                if named or (isinstance(node, ast.Constant) and isinstance(node.value, float)):
                    yield f"{name}:{getattr(node, 'lineno', 0)}"


def nameless_units(tree: Tree) -> Iterator[str]:
    """A setting whose default is a number of time or size bears the unit in its name."""
    module = tree.source.get(Path("settings/table.py"), ast.Module([], []))
    for node in ast.walk(module):
        if not (isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Call)):
            continue
        default, unit = [*(getattr(arg, "value", None) for arg in node.value.args), None, None][:2]
        name = ast.unparse(node.target)
        if type(default) in (int, float) and UNITS.get(str(unit), "") not in name.split("_") and str(unit) in UNITS:
            yield f"{name}: {unit}"


def rooms_off_the_map(tree: Tree) -> Iterator[str]:
    """The floors of docs/map.md name every room, and no other."""
    drawn = _FLOORS.search(tree.text("docs/map.md"))
    names = {name for line in (drawn[1] if drawn else "").splitlines() for name in _first_column(line)}
    return _differences({name.parts[0] for name in tree.source if len(name.parts) > 1}, names, "docs/map.md")


def _first_column(line: str) -> list[str]:
    return [name.strip() for name in re.split(r" {2,}", line)[0].split("│") if name.strip()]


def tests_off_the_map(tree: Tree) -> Iterator[str]:
    """The table of docs/map.md names every folder of tests that is not that of a room, and no other."""
    rooms = {name.parts[0] for name in tree.source}
    folders = {name.parts[1] for name in tree.code if name.parts[0] == "tests" and len(name.parts) > 2}
    named = set(_FOLDER_ROW.findall(tree.text("docs/map.md")))
    yield from (f"tests/{name}: not in docs/map.md" for name in sorted(folders - rooms - named))
    yield from (f"tests/{name}: only in docs/map.md" for name in sorted(named - folders - {"<room>"}))


def _differences(there: set[str], named: set[str], where: str) -> Iterator[str]:
    yield from (f"{name}: not in {where}" for name in sorted(there - named))
    yield from (f"{name}: only in {where}" for name in sorted(named - there))


def dead_links(tree: Tree) -> Iterator[str]:
    """A link between the pages leads to a file, and its anchor to a heading."""
    pages = {name: _FENCE.sub("", text) for name, text in tree.texts.items() if name.suffix == ".md"}
    for name, text in pages.items():
        for target in _LINK.findall(text):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            place = (tree.root / name.parent / path).resolve() if path else tree.root.resolve() / name
            page = (
                pages.get(place.relative_to(tree.root.resolve())) if place.is_relative_to(tree.root.resolve()) else None
            )
            if not place.exists() or (anchor and page is not None and anchor not in _anchors(page)):
                yield f"{name}: {target}"


def _anchors(page: str) -> set[str]:
    """As GitHub makes them of headings."""
    words = [re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in _HEADING.findall(page)]
    return set(words)


def dead_modules(tree: Tree) -> Iterator[str]:
    """Every module is imported on a way from an entry point."""
    names = {_module(path): path for path in tree.source}
    scripts = tomllib.loads(tree.text("pyproject.toml") or "[project]")["project"].get("scripts", {})
    ahead = [script.partition(":")[0] for script in scripts.values()]
    ahead += [name for name in names if name.startswith(ENTRIES)]
    alive: set[str] = set()
    while ahead:
        name = ahead.pop()
        if name in names and name not in alive:
            alive.add(name)
            ahead += [name.rpartition(".")[0], *_imports(tree.source[names[name]])]
    return (str(names[name]) for name in sorted(set(names) - alive))


def _module(path: Path) -> str:
    return ".".join(("zelo", *path.with_suffix("").parts)).removesuffix(".__init__")


def _imports(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))


def undated_facts(tree: Tree) -> Iterator[str]:
    """A table of facts has columns of source and dates, or a first line that gives both for the whole."""
    for name, text in tree.texts.items():
        if name.suffix == ".csv" and name.is_relative_to("src"):
            lines = text.splitlines()
            head = next(csv.reader(line for line in lines if not line.startswith("#")), [])
            if not set(head) >= DATED and not re.match(r"# fonte: .*\b20\d\d\b", lines[0] if lines else ""):
                yield str(name)


def lax_linters(tree: Tree) -> Iterator[str]:
    """ruff and mypy are told to hold docstrings and annotations everywhere."""
    tool = tomllib.loads(tree.text("pyproject.toml") or "").get("tool", {})
    ruff, mypy = tool.get("ruff", {}).get("lint", {}), tool.get("mypy", {})
    if "D1" not in ruff.get("select", ()) or {"D", "D1", "D100", "D101", "D102", "D103"} & set(ruff.get("ignore", ())):
        yield "ruff does not ask for docstrings"
    if not mypy.get("strict") or not {"src", "tests"} <= set(mypy.get("files", ())):
        yield "mypy is not strict everywhere"
    kept = {"ignore_missing_imports", "module"}
    yield from (str(each["module"]) for each in mypy.get("overrides", ()) if not set(each) <= kept)


RULES: Final[tuple[Rule, ...]] = (
    long_files, long_functions, busy_packages, silent_modules, unfinished, machines, blanket_exceptions, swallowed,
    loose_requirements, large_files, floats, nameless_units, rooms_off_the_map, tests_off_the_map, dead_links,
    dead_modules, undated_facts, lax_linters,
)  # fmt: skip
