"""The entry point `zelo`. Where only the till's gateway is installed it says so instead of showing a stack."""

import sys
from typing import Final

MISSING: Final = "Esta instalação é só do gateway do caixa (zelo-edge). Para o zelo inteiro: pip install 'zelo[server]'"


def main() -> None:
    """Run the command line."""
    try:
        from zelo.cli.main import main as whole  # noqa: PLC0415 the packages of the server may not be here
    except ModuleNotFoundError as error:
        if (error.name or "zelo").startswith("zelo"):
            raise
        sys.exit(f"{MISSING} (falta {error.name}).")
    whole()
