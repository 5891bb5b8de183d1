"""The unit for systemd that is shipped starts a command that there is, as nobody in particular, and lets it write."""

import shlex
from configparser import ConfigParser
from importlib.resources import files

from zelo.pos.edge.command.main import parser


def unit() -> ConfigParser:
    """The shipped file; systemd lets a key come several times, of which the last is enough here."""
    read = ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(files("zelo.pos.edge.command").joinpath("zelo-edge.service").read_text("utf-8"))
    return read


def test_what_it_starts_is_a_command() -> None:
    program, *words = shlex.split(unit()["Service"]["ExecStart"])
    assert program.endswith("/zelo-edge")
    assert parser().parse_args(words).command == "run"


def test_it_may_write_its_folder_and_little_else() -> None:
    service = unit()["Service"]
    assert service["User"] != "root"
    assert (service["ProtectSystem"], service["StateDirectory"]) == ("strict", "zelo-edge")
    assert service["WorkingDirectory"] == f"/var/lib/{service['StateDirectory']}"
    assert (service["NoNewPrivileges"], service["CapabilityBoundingSet"]) == ("yes", "")
    assert service["Restart"] == "always"
