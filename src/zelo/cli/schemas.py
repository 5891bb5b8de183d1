"""Schema packages from the command line."""

from datetime import date
from pathlib import Path

from rich.table import Table

from zelo.cli.screen import out, plain, say
from zelo.facts import place
from zelo.facts.table import UnknownFactError
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.instant import local_date
from zelo.fiscal.uf import Uf
from zelo.flow.house import SCHEMAS_FOLDER
from zelo.flow.tools import Tools
from zelo.models.canonical import shell
from zelo.models.canonical.package import SchemaPackage, in_force
from zelo.settings.table import Settings

_AMBIENTES = {Ambiente.HOMOLOGACAO: "homologação", Ambiente.PRODUCAO: "produção"}


def show(tools: Tools) -> None:
    """Every package with its dates, and where it is the one in force today (in Brasília)."""
    today = local_date(tools.clock(), place.zone(Uf.DF))
    table = Table("Modelo", "Pacote", "Publicado", "Homologação desde", "Produção desde", "Em vigor hoje")
    for package in sorted(tools.packages, key=lambda p: (p.modelo, p.published)):
        days = [f"{day:%d/%m/%Y}" if day else "nunca" for day in map(package.since.get, _AMBIENTES)]
        holds = [word for ambiente, word in _AMBIENTES.items() if _holds(tools, package, ambiente, today)]
        names = (plain(package.modelo), plain(package.name))
        table.add_row(*names, f"{package.published:%d/%m/%Y}", *days, " e ".join(holds) or "não")
    out.print(table)


def _holds(tools: Tools, package: SchemaPackage, ambiente: Ambiente, on: date) -> bool:
    try:
        return in_force(tools.packages, package.modelo, ambiente, on) is package
    except UnknownFactError:
        return False


def install(settings: Settings, source: Path, manifest: Path) -> None:
    """Put a package beside the others. Raises BadPackageError."""
    folder = Path(settings.data_dir) / SCHEMAS_FOLDER
    package = shell.install(source, shell.read_manifest(manifest), folder)
    say(f"Instalado {plain(package.name)}. Reinicie os processos do zelo para que o usem.")
