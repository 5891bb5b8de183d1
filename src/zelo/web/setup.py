"""What a company still has to do before its first note: an empty page says which step comes next."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from zelo.access.shell import companies
from zelo.web.submission import series_of


@dataclass(frozen=True, slots=True)
class Step:
    """One step, where it is taken, and whether it has been."""

    label: str
    about: str
    path: str
    done: bool


_ESTABLISHMENT: Final = ("Cadastrar o estabelecimento", "CNPJ, inscrição estadual e endereço de quem emite.")
_CERTIFICATE: Final = ("Instalar o certificado A1", "O arquivo .pfx da empresa, com a senha.")
_CHOICE: Final = ("Escolher o certificado do estabelecimento", "Qual certificado assina e transmite.")
_SERIE: Final = ("Cadastrar a série", "Onde a numeração continua, com a última nota do sistema anterior.")


def steps(connection: Connection, company_id: str) -> list[Step]:
    """The steps in their order."""
    emitters = [row for row in companies.establishments(connection, company_id) if row.disabled_at is None]
    installed = companies.certificates(connection, company_id)
    home = f"/e/{company_id}"
    own = f"{home}/estabelecimentos/{emitters[0].id}" if emitters else f"{home}/estabelecimentos"
    return [
        Step(*_ESTABLISHMENT, f"{home}/estabelecimentos/novo", bool(emitters)),
        Step(*_CERTIFICATE, f"{home}/certificados", bool(installed)),
        Step(*_CHOICE, own, any(row.certificate_id for row in emitters)),
        Step(*_SERIE, own, any(series_of(connection, row.id) for row in emitters)),
    ]
