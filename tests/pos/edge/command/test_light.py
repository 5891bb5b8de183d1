"""The base install is enough for the gateway: every module of it, without one package of the server extra."""

import subprocess
import sys
import tomllib

from tests.docs.words import ROOT

PROBE = """
import importlib, pkgutil, sys
blocked = set(sys.argv[1].split(","))
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ModuleNotFoundError(f"the base install has no {name}")
sys.meta_path.insert(0, Blocker())
import zelo.pos.edge
for module in pkgutil.walk_packages(zelo.pos.edge.__path__, "zelo.pos.edge."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print(len([name for name in sys.modules if name.startswith("zelo.pos.edge")]))
"""
MODULES = {"argon2-cffi": "argon2", "email-validator": "email_validator", "pillow": "PIL", "psycopg": "psycopg",
           "prometheus-client": "prometheus_client", "python-calamine": "python_calamine",
           "python-multipart": "multipart", "validador-ie": "validador_ie", "validate-docbr": "validate_docbr",
           "zxing-cpp": "zxingcpp"}  # fmt: skip


def server_only() -> set[str]:
    """The top modules of what only the server extra brings."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = {each.split()[0].partition("[")[0] for each in project["optional-dependencies"]["server"]}
    return {MODULES.get(name, name) for name in names}


def probe(blocked: set[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", PROBE, ",".join(blocked)], capture_output=True, text=True, timeout=60, check=False
    )


def test_the_gateway_needs_nothing_of_the_server() -> None:
    done = probe(server_only() | {"python_multipart"})
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 60


def test_a_missing_package_would_be_noticed() -> None:
    assert "the base install has no starlette" in probe({"starlette"}).stderr
