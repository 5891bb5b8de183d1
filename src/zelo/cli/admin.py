"""Accounts from the command line: the first administrator, a forgotten password, a new master key."""

from zelo.access.shell import audit, people, sessions
from zelo.access.shell.companies import reseal as reseal_rows
from zelo.access.token import new_password
from zelo.access.vault import Vault
from zelo.cli.screen import plain, say
from zelo.flow.tools import Tools

FIRST_EMAIL = "admin@localhost"


class AdminError(RuntimeError):
    """What was asked cannot be done; the message says why in pt-BR."""


def first_start(tools: Tools) -> str | None:
    """Create the one administrator of a new installation; its password, or None when somebody is there already."""
    password = new_password(tools.chance)
    with tools.engine.begin() as connection:
        if people.any_account(connection):
            return None
        people.create_account(
            connection,
            now=tools.clock(),
            chance=tools.chance,
            email=FIRST_EMAIL,
            name="Administrador",
            password=password,
            installation_admin=True,
        )
    say(f"Primeiro acesso: [bold]{FIRST_EMAIL}[/], senha [bold]{password}[/] (mostrada só agora).")
    return password


def new_password_for(tools: Tools, email: str) -> None:
    """Give an account a new password and end its sessions. Raises AdminError."""
    password = new_password(tools.chance)
    with tools.engine.begin() as connection:
        account = people.find_account(connection, email)
        if account is None:
            raise AdminError(f"Não há conta com o e-mail {email}.")
        people.set_password(connection, account.id, password)
        sessions.end_all(connection, account.id)
        audit.record(
            connection,
            now=tools.clock(),
            chance=tools.chance,
            actor="linha de comando",
            company_id=None,
            action="senha nova",
            subject=account.id,
        )
    say(f"Senha nova de {plain(email)}: [bold]{password}[/] (mostrada só agora).")


def reseal(tools: Tools, vault: Vault) -> int:
    """Bring every secret under the newest key; how many certificates."""
    with tools.engine.begin() as connection:
        return reseal_rows(connection, vault)
