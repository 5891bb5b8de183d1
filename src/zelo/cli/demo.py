"""`zelo demo`: simulator, database, worker and pages on this machine, with the example provider's fifty faturas.

Everything lies in one folder, made anew each time; the marker in it says that it may be thrown away.
"""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Final

import httpx2
from sqlalchemy import Connection

from zelo.access.may import Role
from zelo.access.shell import companies, people
from zelo.assemble import shell as numbers
from zelo.cli import admin, emit, example, logs, running, worker
from zelo.cli.screen import say
from zelo.fiscal.fault import Fault
from zelo.flow.house import open_house
from zelo.flow.lifecycle import State
from zelo.flow.tools import Tools
from zelo.isp.shell import Imported, import_billing
from zelo.models.nfcom.document import MODELO
from zelo.settings.table import Settings
from zelo.sign.certificate import load_pkcs12
from zelo.sim.pki import PASSWORD
from zelo.sim.shell.folder import a1_in
from zelo.sim.shell.server import Handle, Setup, start

FOLDER: Final = Path("demo-data")
MARKER: Final = ".zelo-demo"
LATENCY_MS: Final = (80, 400)
TROUBLES: Final = {"lost_after": 2, "truncated": 1, "http_503": 1}
"""Answers that the simulator spoils among the first ones: those notes go "Sem resposta" and are then asked after."""
SETTINGS: Final = Settings(
    http_timeout_seconds=5,
    http_connect_seconds=2,
    unknown_horizon_seconds=8,
    lease_seconds=20,
    breaker_failures=20,
    worker_senders=4,
)
REFUSED: Final = 2
"""Faturas of the example that the rules refuse."""


class DemoError(RuntimeError):
    """The demo cannot run here; the message says why in pt-BR."""


def run(*, once: bool) -> int:
    """Run the demo until interrupted, or with `once` until every note has come to rest: then 0 if as expected."""
    folder = _fresh_folder()
    logs.to_file(SETTINGS.log_level, folder)
    with start(folder / "sefaz", Setup(seed=example.SEED, latency_ms=LATENCY_MS)) as simulator:
        tools = open_house(_settings(folder, simulator, once=once))
        password = admin.first_start(tools)
        company_id = set_up(tools, folder / "sefaz")
        _spoil(simulator)
        with running.interruptible() as stop, running.serving(tools) as address, worker.working(tools):
            say(f"Páginas em [bold]{address}[/]: entre com {admin.FIRST_EMAIL} e a senha acima.")
            with emit.progress_bar() as bar:
                imported = _take_in(tools, company_id)
                emit.follow(tools, imported.batch_id, bar, stop.wait)
            emit.show(tools, imported)
            if not once:
                say(f"As páginas seguem em [bold]{address}[/], senha [bold]{password}[/]. Ctrl+C encerra.")
                stop.wait()
        moved = emit.counts(tools, imported.batch_id)
        tools.engine.close()
    expected = {State.AUTHORISED.value: imported.notes - REFUSED, State.INVALID.value: REFUSED}
    return 0 if not once or moved == expected else 1


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


def _take_in(tools: Tools, company_id: str) -> Imported:
    return import_billing(
        tools,
        company_id=company_id,
        name="faturamento-2026-11.csv",
        billing=example.billing_csv().encode(),
        composicoes=example.composicoes_csv().encode(),
        actor="demonstração",
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


def _spoil(simulator: Handle) -> None:
    """Order the troubles that befall the first notes."""
    for trouble, times in TROUBLES.items():
        httpx2.post(simulator.management_url("/faults"), json={"trouble": trouble, "times": times}).raise_for_status()
