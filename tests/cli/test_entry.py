"""The base install is the till's gateway alone: `zelo` says so in a sentence."""

import subprocess
import sys

ALONE = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "typer":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
from zelo.cli.entry import main
main()
"""


def test_without_the_servers_packages_it_names_what_to_install() -> None:
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "zelo[server]" in done.stderr
    assert "falta typer" in done.stderr
    assert "Traceback" not in done.stderr


def test_with_them_it_is_the_command_line() -> None:
    begun = "import sys; sys.argv = ['zelo', '--help']; from zelo.cli.entry import main; main()"
    done = subprocess.run([sys.executable, "-c", begun], capture_output=True, text=True, check=False)
    assert (done.returncode, "demo" in done.stdout) == (0, True)
