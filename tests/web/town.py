"""Two companies with everybody who may or may not look at them: the world in which pages and API are tested."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from anyio.from_thread import BlockingPortal
from fastapi import FastAPI
from lxml import html
from sqlalchemy import Connection, select, update
from starlette.testclient import TestClient

from tests.drafts import internet
from tests.house import PLACES, START, House, VirtualClock, new_house
from zelo.access.may import Role
from zelo.access.shell import companies, people, sessions
from zelo.engine.contract import Engine
from zelo.engine.embedded import Embedded
from zelo.engine.migrate import migrate
from zelo.engine.schema.access import account, api_key, company, session
from zelo.fiscal.ambiente import Ambiente
from zelo.flow import record
from zelo.flow.emitter import Keyring
from zelo.flow.intake import Go
from zelo.flow.lifecycle import Event
from zelo.models.nfcom.draft import NfcomDraft
from zelo.settings.table import Settings
from zelo.sim.sefaz import Sefaz
from zelo.web.app import create_app
from zelo.web.gate import COOKIE

PASSWORD: Final = "uma frase que serve"
OTHER_BASE: Final = "99999999"
ACCOUNTS: Final = {
    "reader": ("lia@exemplo.com.br", "Lia Leitura"),
    "user": ("ugo@exemplo.com.br", "Ugo Usuário"),
    "administrator": ("ana@exemplo.com.br", "Ana Administra"),
    "stranger": ("eva@outra.com.br", "Eva de Fora"),
    "root": ("rui@exemplo.com.br", "Rui da Instalação"),
    "disabled": ("dora@exemplo.com.br", "Dora Desativada"),
}
KEYS: Final = ("key reader", "key user", "key administrator", "key revoked", "key stranger")
PERSONAS: Final = ("anonymous", *ACCOUNTS, *KEYS)
BASE_URL: Final = "http://zelo.test"


@dataclass
class Town:
    """The seeded installation. `accounts` are ids by persona, `tokens` session tokens, `keys` API keys."""

    house: House
    other_id: str
    accounts: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    portal: BlockingPortal | None = None
    """One event loop for every request of a test process: starting one each time costs as much as the request."""
    _app: FastAPI | None = None

    @property
    def engine(self) -> Engine:
        """The database."""
        return self.house.tools.engine

    @property
    def clock(self) -> VirtualClock:
        """Stands still until it is moved."""
        return self.house.clock

    @property
    def company_id(self) -> str:
        """The company that most tests look at."""
        return self.house.company_id

    @property
    def home(self) -> str:
        """Where its pages are."""
        return f"/e/{self.company_id}"

    @property
    def api(self) -> str:
        """Where its API is."""
        return f"/api/v1/companies/{self.company_id}"

    @property
    def app(self) -> FastAPI:
        """The surface."""
        if self._app is None:
            self._app = create_app(self.house.tools)
        return self._app

    def on(self, engine: Engine) -> "Town":
        """The same town on a copy of its database, at the same hour."""
        clock = VirtualClock(self.clock.now)

        def sleep(seconds: float) -> None:
            clock.advance(timedelta(seconds=seconds))

        tools = replace(self.house.tools, engine=engine, clock=clock, sleep=sleep)
        sefaz = Sefaz(self.house.sefaz.config)
        house = replace(self.house, tools=tools, clock=clock, sefaz=sefaz, keyring=Keyring(engine, tools.vault))
        return replace(self, house=house, tokens=dict(self.tokens), _app=None)

    def with_settings(self, **changes: Any) -> "Town":
        """The same town with other settings."""
        tools = replace(self.house.tools, settings=replace(self.house.tools.settings, **changes))
        return replace(self, house=replace(self.house, tools=tools), _app=None)

    def client(self, persona: str = "anonymous") -> TestClient:
        """A browser, or a program, of that persona. Redirects are not followed."""
        client = TestClient(self.app, base_url=BASE_URL, follow_redirects=False)
        client.portal = self.portal
        if persona in self.tokens:
            client.cookies.set(COOKIE, self.tokens[persona])
        if persona in self.keys:
            client.headers["Authorization"] = f"Bearer {self.keys[persona]}"
        return client

    def csrf(self, persona: str) -> str:
        """The token that forms of that persona's session must bring back; "" for who has no session."""
        if persona not in self.tokens:
            return ""
        with self.engine.read() as connection:
            query = select(session.c.csrf).where(session.c.account_id == self.accounts[persona])
            return str(connection.execute(query.limit(1)).scalar_one())

    def post(self, persona: str, path: str, data: Mapping[str, str] | None = None, **more: Any) -> Any:
        """Send a form as that persona would."""
        return self.client(persona).post(path, data={"csrf": self.csrf(persona), **(data or {})}, **more)

    def get(self, persona: str, path: str) -> Any:
        """Open a page as that persona would."""
        return self.client(persona).get(path)

    def submit(self, reference: str, draft: NfcomDraft | None = None) -> str:
        """A note that was just taken in; its id."""
        return self.house.submit(reference, draft or internet()).document_id

    def move(self, document_id: str, *events: tuple[Event, dict[str, Any]]) -> None:
        """Let things happen to a note."""
        for event, changes in events:
            with self.engine.begin() as connection:
                record.move(connection, record.locked(connection, document_id), event, now=self.clock(), **changes)

    def sign(self, *document_ids: str) -> None:
        """Let a worker prepare every draft, and send nothing."""
        worker = self.house.worker()
        worker._prepare(self.clock())
        assert all(self.house.row(each).state == "SIGNED" for each in document_ids)


def later(minutes: int) -> dict[str, Any]:
    """Due in so many minutes, as events that wait need it."""
    return {"due_at": START + timedelta(minutes=minutes)}


def build(path: Path) -> Town:
    """Seed a database. Few accounts, for each password costs 35 ms."""
    engine = Embedded(path)
    migrate(engine, lambda: None)
    settings = Settings(simulator_url="https://127.0.0.1", data_dir=str(path.parent))
    house = new_house(engine, settings=settings, places=PLACES[:2])
    tools, now = house.tools, START
    with engine.begin() as connection:
        other_id = companies.create_company(
            connection, now=now, chance=tools.chance, name="Outra Empresa", cnpj_base=OTHER_BASE
        )
        town = Town(house, other_id)
        for persona, (email, name) in ACCOUNTS.items():
            _account(connection, town, persona, email, name)
        for persona, company_id, role in (
            ("reader", house.company_id, Role.READER),
            ("user", house.company_id, Role.USER),
            ("administrator", house.company_id, Role.ADMINISTRATOR),
            ("disabled", house.company_id, Role.ADMINISTRATOR),
            ("stranger", other_id, Role.ADMINISTRATOR),
            ("root", other_id, Role.ADMINISTRATOR),
        ):
            account_id = town.accounts[persona]
            people.grant(connection, now=now, account_id=account_id, company_id=company_id, role=role)
        disabled = account.c.id == town.accounts["disabled"]
        connection.execute(update(account).where(disabled).values(disabled_at=now))
        for persona in KEYS:
            _key(connection, town, persona)
    engine.close()
    return town


def _account(connection: Connection, town: Town, persona: str, email: str, name: str) -> None:
    tools = town.house.tools
    town.accounts[persona] = people.create_account(
        connection, now=START, chance=tools.chance, email=email, name=name, password=PASSWORD,
        installation_admin=persona == "root",
    )  # fmt: skip
    town.tokens[persona] = sessions.start(
        connection, now=START, chance=tools.chance, account_id=town.accounts[persona], hours=12
    )


def _key(connection: Connection, town: Town, persona: str) -> None:
    word = persona.removeprefix("key ")
    role = {"reader": Role.READER, "user": Role.USER}.get(word, Role.ADMINISTRATOR)
    company_id = town.other_id if word == "stranger" else town.company_id
    tools = town.house.tools
    town.keys[persona] = people.create_key(
        connection, now=START, chance=tools.chance, company_id=company_id, name=word, role=role, created_by="teste"
    )
    if word == "revoked":
        revoked = connection.execute(select(api_key.c.id).where(api_key.c.name == word)).scalar_one()
        people.revoke_key(connection, revoked, company_id, START)


def establish_other(town: Town) -> str:
    """An establishment of the other company, that nobody of the first may touch."""
    tools = town.house.tools
    with town.engine.begin() as connection:
        base = connection.execute(select(company.c.cnpj_base).where(company.c.id == town.other_id)).scalar_one()
        values = {
            "ambiente": Ambiente.HOMOLOGACAO.value, "cnpj": f"{base}000191", "ie": "0960000003", "crt": "3",
            "nome": "OUTRA", "uf": "RS", "municipio": "4314902", "logradouro": "Rua", "numero": "1",
            "bairro": "Centro", "cep": "90010000",
        }  # fmt: skip
        return companies.create_establishment(
            connection, now=START, chance=tools.chance, company_id=town.other_id, values=values
        )


ADMITTED: Final = (Event.ADMITTED, later(3))


def notes_in_every_state(town: Town) -> dict[str, str]:
    """One note in each state that needs no authorizer; ids by state."""
    ids = {name: town.submit(f"F-{name}") for name in ("SIGNED", "RESERVED", "UNKNOWN", "PAUSED", "REJECTED", "HELD")}
    ids |= {name: town.submit(f"F-{name}") for name in ("BLOCKED", "CONFLICT")}
    town.sign(*ids.values())
    for name in ("RESERVED", "UNKNOWN", "PAUSED", "REJECTED", "BLOCKED", "CONFLICT"):
        town.move(ids[name], ADMITTED)
    town.move(ids["UNKNOWN"], (Event.UNANSWERED, later(2)))
    town.move(ids["PAUSED"], (Event.SERVICE_PAUSED, later(3)))
    town.move(ids["BLOCKED"], (Event.BLOCKED, {**later(65), "cstat": "678", "motivo": "Uso Indevido"}))
    town.move(ids["REJECTED"], (Event.REJECTED, {"cstat": "435", "motivo": "Rejeição: Valor do item difere"}))
    town.move(ids["CONFLICT"], (Event.FOUND_ANOTHER, {"cstat": "539", "motivo": "Rejeição: Duplicidade"}))
    town.move(ids["HELD"], (Event.HELD_BACK, {"detail": "Parada por segurança: 20 de 20"}))
    draft = internet()
    faulty = replace(draft, dest=replace(draft.dest, CPF="52998224726"))
    ids["INVALID"] = town.submit("F-INVALID", faulty)
    ids["CHECKED"] = town.house.submit("F-CHECKED", internet(), go=Go.AWAITED).document_id
    town.house.worker()._prepare(town.clock())
    ids["DRAFT"] = town.submit("F-DRAFT")
    return ids


def tree(response: Any) -> html.HtmlElement:
    """A page, parsed."""
    return html.fromstring(response.text)


def said(response: Any) -> str:
    """What a page says, blanks evened out."""
    return " ".join(" ".join(tree(response).itertext()).split())
