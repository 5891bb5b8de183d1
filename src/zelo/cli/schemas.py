"""Schema packages from the command line."""

from pathlib import Path

from rich.table import Table

from zelo.cli.screen import out, say
from zelo.fiscal.ambiente import Ambiente
from zelo.flow.house import SCHEMAS_FOLDER
from zelo.flow.tools import Tools
from zelo.models.canonical import shell
from zelo.settings.table import Settings


def show(tools: Tools) -> None:
    """Every package with its dates."""
    table = Table("Modelo", "Pacote", "Publicado", "Homologação desde", "Produção desde")
    for package in sorted(tools.packages, key=lambda p: (p.modelo, p.published)):
        since = [package.since.get(ambiente) for ambiente in (Ambiente.HOMOLOGACAO, Ambiente.PRODUCAO)]
        days = [f"{day:%d/%m/%Y}" if day else "nunca" for day in since]
        table.add_row(package.modelo, package.name, f"{package.published:%d/%m/%Y}", *days)
    out.print(table)


def install(settings: Settings, source: Path, manifest: Path) -> None:
    """Put a package beside the others. Raises BadPackageError."""
    folder = Path(settings.data_dir) / SCHEMAS_FOLDER
    package = shell.install(source, manifest.read_text("utf-8"), folder)
    say(f"Instalado {package.name}. Reinicie os processos do zelo para que o usem.")
