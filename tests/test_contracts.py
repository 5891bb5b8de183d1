"""The import contracts hold, and each of them catches the import that it is there to forbid."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

LAYERS = "Rooms follow the path of a document; only flow joins them"
MODELS = "Document models do not know each other"
WORLD = "Only a shell touches the world"
SHELLS = "Shells are opened by flow, the businesses and the surfaces, never by a core"
SIMULATOR = "The simulator shares no logic with what it judges"
LIGHT = "The till's gateway is light"

BREACHES = {
    "a room knows a later one": (LAYERS, "fiscal/money.py", "import zelo.facts.table"),
    "two rooms of one floor meet": (LAYERS, "sign/certificate.py", "import zelo.guard.core"),
    "a room that nobody declared": (LAYERS, "attic/__init__.py", '"""A new room."""'),
    "the common part knows a model": (MODELS, "models/canonical/facet.py", "import zelo.models.nfcom.draft"),
    "a core opens a file": (WORLD, "guard/core.py", "import pathlib"),
    "a core reads the clock": (WORLD, "flow/lifecycle.py", "import time"),
    "a core calls its shell": (SHELLS, "guard/core.py", "import zelo.guard.shell"),
    "the simulator borrows the signer": (SIMULATOR, "sim/sefaz.py", "import zelo.sign.certificate"),
    "the gateway drags the centre in": (LIGHT, "pos/edge/request.py", "import zelo.engine.claim"),
}


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the house in which a breach may be planted."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copytree(ROOT / "src" / "zelo", folder / "zelo", ignore=shutil.ignore_patterns("__pycache__", "*.csv"))
    return folder


def _verdicts(house: Path) -> str:
    """What the linter says of the house in this folder."""
    linter = Path(sys.executable).with_name("lint-imports")
    command = [str(linter), "--config", str(ROOT / "contracts.toml"), "--no-cache"]
    environment = os.environ | {"PYTHONPATH": str(house), "NO_COLOR": "1", "COLUMNS": "200"}
    done = subprocess.run(command, cwd=house, env=environment, capture_output=True, text=True, check=False)
    return done.stdout


def test_the_house_keeps_every_contract(copied: Path) -> None:
    assert "6 kept, 0 broken" in _verdicts(copied)


@pytest.mark.parametrize("breach", BREACHES)
def test_a_breach_is_caught_by_its_own_contract(copied: Path, breach: str) -> None:
    contract, file, line = BREACHES[breach]
    place = copied / "zelo" / file
    before = place.read_bytes() if place.exists() else None
    place.parent.mkdir(exist_ok=True)
    place.write_text(f"{(before or b'').decode()}\n{line}\n", "utf-8")
    try:
        assert f"{contract} BROKEN" in _verdicts(copied)
    finally:
        place.unlink()
        if before is not None:
            place.write_bytes(before)
