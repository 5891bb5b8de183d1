"""`zelo demo`: a month of the example provider on this machine: simulator, database, worker and pages.

A thousand subscribers in six UFs, with troubles of every kind in the file, at the rules, at the authority and on the
wire. What a person does on the pages is done here: look, send five, look, send the rest. Everything lies in one folder,
made anew each time; the marker in it says that it may be thrown away.
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from rich.progress import Progress
from sqlalchemy import ColumnElement, Connection

from zelo.access.may import Role
from zelo.access.shell import companies, people
from zelo.assemble import shell as numbers
from zelo.cli import admin, emit, example, logs, month, running, worker
from zelo.cli.screen import say
from zelo.engine.schema.flow import document
from zelo.fiscal.fault import Fault
from zelo.flow import go
from zelo.flow.house import open_house
from zelo.flow.intake import Go
from zelo.flow.lifecycle import State
from zelo.flow.tools import Tools
from zelo.isp.importing import Imported, import_billing
from zelo.isp.month.scope import Scope
from zelo.isp.month.shell import preview
from zelo.models.nfcom.document import MODELO
from zelo.settings.table import Settings
from zelo.sign.certificate import load_pkcs12
from zelo.sim.pki import PASSWORD
from zelo.sim.shell.folder import a1_in
from zelo.sim.shell.server import Handle, Setup, start

FOLDER: Final = Path("demo-data")
MARKER: Final = ".zelo-demo"
ACTOR: Final = "demonstração"
NOTES: Final = 1_000
MONTH: Final = "2026-11"
SAMPLE: Final = 5
LATENCY_MS: Final = (40, 250)
RATES: Final = {"lost_after": 8, "lost_before": 6, "truncated": 4, "http_503": 8}
"""Of a thousand answers: those notes go "Sem resposta" and are then asked after."""
SETTINGS: Final = Settings(
    http_timeout_seconds=5,
    http_connect_seconds=2,
    unknown_horizon_seconds=6,
    consulta_wait_seconds=3,
    lease_seconds=15,
    breaker_failures=20,
)


class DemoError(RuntimeError):
    """The demo cannot run here; the message says why in pt-BR."""


def run(*, once: bool) -> int:
    """Run the demo until interrupted, or with `once` until every note has come to rest: then 0 if as expected."""
    folder = _fresh_folder()
    logs.to_file(SETTINGS.log_level, folder)
    setup = Setup(seed=example.SEED, latency_ms=LATENCY_MS, rates=RATES, contributors=example.contributors(NOTES))
    with start(folder / "sefaz", setup) as simulator:
        tools = open_house(_settings(folder, simulator, once=once))
        password = admin.first_start(tools)
        company_id = set_up(tools, folder / "sefaz")
        with running.interruptible() as stop, running.serving(tools) as address, worker.working(tools):
            say(f"Páginas em [bold]{address}[/]: entre com {admin.FIRST_EMAIL} e a senha acima.")
            with emit.progress_bar() as bar:
                imported = _month(tools, company_id, bar, stop.wait)
            emit.show(tools, imported)
            month.show_month(month.read(tools, MONTH, ""))
            if not once:
                say(f"O mês está em [bold]{address}/e/{company_id}/mes/{MONTH}[/], senha [bold]{password}[/].")
                say("Ctrl+C encerra.")
                stop.wait()
        moved = emit.counts(tools, imported.batch_id)
        tools.engine.close()
    return 0 if not once or moved == _expected(imported) else 1


def _expected(imported: Imported) -> dict[str, int]:
    refused, rejected = example.refused_by_rules(NOTES), len(example.contributors(NOTES))
    return {
        State.AUTHORISED.value: imported.notes - refused - rejected,
        State.INVALID.value: refused,
        State.REJECTED.value: rejected,
    }


def _month(tools: Tools, company_id: str, bar: Progress, pause: Callable[[float], object]) -> Imported:
    """Take the file in, have it checked, send five, and once they have come to rest send the others."""
    imported = _take_in(tools, company_id, bar)
    emit.follow(tools, imported.batch_id, bar, pause, "Conferindo pelas regras")
    among = Scope(company_id=company_id, batch_id=imported.batch_id)
    with tools.engine.read() as connection:
        sample = [row.id for row in preview.sample(connection, among, SAMPLE)]
    _send(tools, [*among.conditions, document.c.id.in_(sample)])
    emit.follow(tools, imported.batch_id, bar, pause, f"Enviando {SAMPLE} para olhar")
    _send(tools, among.conditions)
    emit.follow(tools, imported.batch_id, bar, pause, "Transmitindo o resto")
    return imported


def _send(tools: Tools, among: Sequence[ColumnElement[bool]]) -> None:
    """Let every checked note of these go, a chunk at a time."""
    seen = tools.clock()
    while go.let_go(tools, among, seen=seen, actor=ACTOR, detail=ACTOR):
        pass


def _fresh_folder() -> Path:
    """An empty folder; what an earlier demo left is thrown away, anything else is not touched. Raises DemoError."""
    if FOLDER.exists():
        if not (FOLDER / MARKER).exists():
            raise DemoError(f"A pasta {FOLDER} já existe e não é de uma demonstração: mude-a de nome.")
        shutil.rmtree(FOLDER)
    FOLDER.mkdir()
    (FOLDER / MARKER).touch()
    return FOLDER


def _settings(folder: Path, simulator: Handle, *, once: bool) -> Settings:
    return replace(
        SETTINGS,
        data_dir=str(folder / "dados"),
        simulator_url=f"https://127.0.0.1:{simulator.ports.services}",
        sefaz_ca_file=str(simulator.ca_file),
        listen_port=0 if once else SETTINGS.listen_port,
    )


def _take_in(tools: Tools, company_id: str, bar: Progress) -> Imported:
    return import_billing(
        tools,
        company_id=company_id,
        name=f"faturamento-{MONTH}.csv",
        billing=example.billing_csv(NOTES).encode(),
        composicoes=example.composicoes_csv().encode(),
        actor=ACTOR,
        go=Go.AWAITED,
        tell=emit.tell_on(bar),
    )


def set_up(tools: Tools, pki_folder: Path) -> str:
    """The example company with its establishments, one certificate for all, série 1 never used before; its id."""
    now = tools.clock()
    pfx = a1_in(pki_folder, example.ESTABLISHMENTS[0].cnpj, example.COMPANY.upper(), now).read_bytes()
    with tools.engine.begin() as connection:
        company_id = companies.create_company(
            connection, now=now, chance=tools.chance, name=example.COMPANY, cnpj_base=example.CNPJ_BASE
        )
        account = people.find_account(connection, admin.FIRST_EMAIL)
        if account is not None:
            role = Role.ADMINISTRATOR
            people.grant(connection, now=now, account_id=account.id, company_id=company_id, role=role)
        certificate_id = _certificate(connection, tools, company_id, pfx)
        for place in example.ESTABLISHMENTS:
            _establish(connection, tools, company_id, certificate_id, place)
    return company_id


def _certificate(connection: Connection, tools: Tools, company_id: str, pfx: bytes) -> str:
    loaded = load_pkcs12(pfx, PASSWORD)
    if isinstance(loaded, Fault):
        raise DemoError(loaded.sentence)
    return companies.keep_certificate(
        connection,
        now=tools.clock(),
        chance=tools.chance,
        vault=tools.vault,
        company_id=company_id,
        file=pfx,
        password=PASSWORD,
        shown=loaded.shown(),
    )


def _establish(
    connection: Connection, tools: Tools, company_id: str, certificate_id: str, place: example.Establishment
) -> None:
    establishment_id = companies.create_establishment(
        connection,
        now=tools.clock(),
        chance=tools.chance,
        company_id=company_id,
        values={
            "ambiente": tools.ambiente.value,
            "cnpj": place.cnpj,
            "ie": place.ie,
            "crt": "3",
            "nome": f"{example.COMPANY} {place.uf}",
            "uf": place.uf,
            "municipio": place.ibge,
            "logradouro": "Avenida Central",
            "numero": "100",
            "bairro": "Centro",
            "cep": place.cep,
            "certificate_id": certificate_id,
            "accredited_at": tools.clock(),
        },
    )
    numbers.set_up(
        connection,
        establishment_id=establishment_id,
        modelo=MODELO,
        serie=1,
        next_nnf=1,
        evidence="nunca emitiu nesta série (demonstração)",
        evidence_chave=None,
    )
