"""`zelo doctor`: one look at everything that must be right, with the remedy of what is not."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Final

from rich.table import Table
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from zelo.access.shell.companies import certificates
from zelo.access.vault import VaultError
from zelo.cli.screen import out, plain, refusal
from zelo.engine import trouble
from zelo.engine.migrate import UnknownShapeError
from zelo.engine.schema.access import certificate, company
from zelo.engine.schema.flow import worker
from zelo.facts import place
from zelo.facts.limit import limit
from zelo.facts.table import UnknownFactError
from zelo.fiscal.instant import local_date
from zelo.fiscal.uf import Uf
from zelo.flow import postman
from zelo.flow.house import WrongAmbienteError, open_house, read_settings
from zelo.flow.tools import Tools
from zelo.guard import shell as guard
from zelo.isp.order import why_stopped
from zelo.isp.shell import stopped_files
from zelo.models.canonical.package import in_force
from zelo.models.nfcom.document import MODELO
from zelo.monitor import shell as monitor
from zelo.notify.delivery import Outcome
from zelo.notify.shell import smtp
from zelo.settings.load import SettingError

LEAST_FREE_BYTES: Final = 1_000_000_000
CERTIFICATE_WARNING: Final = timedelta(days=30)
WORKER_SILENT: Final = timedelta(seconds=30)


class Mark(Enum):
    """How a check came out."""

    GOOD = "[green]certo[/]"
    WARN = "[yellow]atenção[/]"
    BAD = "[red]errado[/]"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report."""

    subject: str
    mark: Mark
    text: str


def run(environ: Mapping[str, str]) -> int:
    """Print the report; 1 when something is wrong."""
    checks = list(examine(environ))
    table = Table("Item", "", "Detalhe")
    for check in checks:
        table.add_row(plain(check.subject), check.mark.value, plain(check.text))
    out.print(table)
    return int(any(check.mark is Mark.BAD for check in checks))


def examine(environ: Mapping[str, str]) -> Iterator[Check]:
    """Every check; those that need an open house come only when it opens."""
    try:
        tools = open_house(read_settings(environ))
    except VaultError as error:
        yield Check("Chave-mestra", Mark.BAD, str(error))
        return
    except OSError as error:
        yield Check("Pasta de dados", Mark.BAD, refusal(error))
        return
    except (SettingError, UnknownShapeError, WrongAmbienteError, ValueError) as error:
        yield Check("Configuração e banco", Mark.BAD, str(error))
        return
    except trouble.TROUBLES as error:
        yield Check("Banco de dados", Mark.BAD, trouble.sentence(error))
        return
    except DatabaseError as error:
        yield Check("Banco de dados", Mark.BAD, trouble.damage(error))
        return
    yield Check("Banco de dados", Mark.GOOD, f"{tools.engine.kind}, {tools.ambiente.rotulo}")
    yield _disk(tools)
    yield from _certificates(tools)
    yield _schema(tools)
    yield from _authorizers(tools)
    yield _workers(tools)
    yield from _files(tools)
    yield _mail(tools)


def _disk(tools: Tools) -> Check:
    free = shutil.disk_usage(Path(tools.settings.data_dir)).free
    text = f"{free / 1e9:.1f} GB livres na pasta de dados"
    if free >= LEAST_FREE_BYTES:
        return Check("Disco", Mark.GOOD, text)
    return Check("Disco", Mark.BAD, f"{text}: libere espaço antes que falte.")


def _certificates(tools: Tools) -> Iterator[Check]:
    now = tools.clock()
    with tools.engine.read() as connection:
        sealed = connection.execute(select(certificate.c.sealed_password).limit(1)).scalar()
        ids = connection.execute(select(company.c.id)).scalars().all()
        rows = [row for company_id in ids for row in certificates(connection, company_id)]
    try:
        if sealed is not None:
            tools.vault.open(sealed)
    except VaultError as error:
        yield Check("Chave-mestra", Mark.BAD, str(error))
    else:
        yield Check("Chave-mestra", Mark.GOOD, "abre os certificados" if sealed else "nada cifrado com ela ainda")
    if not rows:
        yield Check("Certificados", Mark.WARN, "Nenhum instalado: instale o A1 na página Certificados.")
    for row in rows:
        left = row.valid_until - now
        mark = Mark.BAD if left < timedelta(0) else Mark.WARN if left < CERTIFICATE_WARNING else Mark.GOOD
        text = f"{row.subject}: vale até {row.valid_until:%d/%m/%Y} ({left.days} dias)"
        remedy = "" if mark is Mark.GOOD else ". Instale o novo A1 na página Certificados."
        yield Check("Certificado", mark, text + remedy)


def _schema(tools: Tools) -> Check:
    today = local_date(tools.clock(), place.zone(Uf.DF))
    try:
        package = in_force(tools.packages, MODELO, tools.ambiente, today)
    except UnknownFactError:
        return Check("Schema da NFCom", Mark.BAD, "Nenhum pacote vale hoje: instale o oficial (zelo schema install).")
    return Check("Schema da NFCom", Mark.GOOD, f"{package.name}, publicado em {package.published:%d/%m/%Y}")


def _authorizers(tools: Tools) -> Iterator[Check]:
    now = tools.clock()
    with tools.engine.read() as connection:
        healths, halts = monitor.healths(connection), guard.halts(connection, now)
    if not healths:
        yield Check("SEFAZ", Mark.WARN, "Nenhuma resposta ainda.")
    for row in healths:
        try:
            tolerance = limit(
                "tolerancia_relogio", autorizador=row.autorizador, modelo=MODELO, ambiente=tools.ambiente, on=now.date()
            )
        except UnknownFactError:
            text = f"aqui são {now:%d/%m/%Y}, antes da primeira NFCom: acerte o relógio desta máquina (NTP)."
            yield Check("Relógio", Mark.BAD, text)
            return
        drift = row.drift_millis or 0
        mark = Mark.BAD if abs(drift) > tolerance.valor * 60_000 else Mark.GOOD
        remedy = "" if mark is Mark.GOOD else ": acerte o relógio desta máquina (NTP)."
        yield Check(f"Relógio ({row.autorizador})", mark, f"diferença de {drift / 1000:.1f} s para a SEFAZ{remedy}")
        if row.silent_at is not None and (row.answered_at is None or row.silent_at > row.answered_at):
            text = f"não responde: {row.motivo}. Confira a rede; as notas seguem sozinhas quando ela voltar."
            yield Check(f"SEFAZ {row.autorizador}", Mark.WARN, text)
        else:
            yield Check(f"SEFAZ {row.autorizador}", Mark.GOOD, f"última resposta: {row.cstat} {row.motivo}")
    for row in halts:
        yield Check("Parada", Mark.WARN, f"{row.scope} ({row.reason}): {row.cstat} {row.detail}")


def _workers(tools: Tools) -> Check:
    since = tools.clock() - WORKER_SILENT
    with tools.engine.read() as connection:
        alive = connection.execute(select(worker.c.host, worker.c.pid).where(worker.c.seen_at > since)).all()
    if not alive:
        return Check("Trabalho", Mark.WARN, "Nenhum processo de trabalho vivo: inicie zelo serve ou zelo work.")
    return Check("Trabalho", Mark.GOOD, f"{len(alive)} vivo(s): " + ", ".join(f"{row.host}/{row.pid}" for row in alive))


def _files(tools: Tools) -> Iterator[Check]:
    with tools.engine.read() as connection:
        stopped = stopped_files(connection)
    for name, trouble_name in stopped:
        why = why_stopped(trouble_name)
        yield Check("Faturamento", Mark.WARN, f"{name}: {why.sentence} {why.remedy}")


def _mail(tools: Tools) -> Check:
    server = postman.server_of(tools.settings)
    if server is None:
        return Check("E-mail", Mark.WARN, "Não configurado (smtp_host): os avisos ficam só na página Avisos.")
    answer = smtp.check(server)
    return Check("E-mail", Mark.GOOD if answer.outcome is Outcome.DELIVERED else Mark.BAD, answer.said)
