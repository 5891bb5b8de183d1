"""The one place that says who may do what. A person acts on a company through the role held there, nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Final


class Role(IntEnum):
    """What somebody is in a company; each may do what the lesser ones may."""

    READER = 1
    USER = 2
    ADMINISTRATOR = 3

    @property
    def rotulo(self) -> str:
        """As the pages call it."""
        return _ROTULOS[self]

    @property
    def word(self) -> str:
        """As the database and the API spell it."""
        return self.name.lower()


_ROTULOS: Final = {Role.READER: "Leitura", Role.USER: "Usuário", Role.ADMINISTRATOR: "Administrador"}
BY_WORD: Final = {role.word: role for role in Role}


class Action(Enum):
    """Everything that a route or command may do, with the least role for it in the company it touches.

    None: it touches no company, and any person who is known may; `INSTALLATION`: only who runs the installation.
    """

    ENTER = (None, "ver a própria conta")
    CREATE_COMPANY = ("INSTALLATION", "cadastrar empresas")
    REVIEW_CODES = ("INSTALLATION", "mudar a leitura de um código da SEFAZ")
    VIEW = (Role.READER, "ver notas, empresas e estabelecimentos")
    EMIT = (Role.USER, "criar, corrigir e transmitir notas")
    CANCEL = (Role.USER, "cancelar uma nota")
    CANCEL_MANY = (Role.ADMINISTRATOR, "cancelar muitas notas de uma vez e definir o prazo próprio")
    CONTINGENCY = (Role.ADMINISTRATOR, "entrar em contingência e sair dela")
    QUERY = (Role.USER, "consultar uma nota na SEFAZ")
    RELEASE = (Role.USER, "liberar notas paradas no limite de segurança")
    RELEASE_MAXIMUM = (Role.ADMINISTRATOR, "liberar notas paradas no limite máximo")
    SET_LIMITS = (Role.ADMINISTRATOR, "mudar os parâmetros do consumo indevido")
    SET_BILLING = (Role.ADMINISTRATOR, "mudar como o faturamento é conferido e enviado")
    RESOLVE = (Role.ADMINISTRATOR, "resolver conflitos de numeração e liberar paradas")
    MANAGE_ESTABLISHMENTS = (Role.ADMINISTRATOR, "cadastrar estabelecimentos e séries")
    MANAGE_CERTIFICATES = (Role.ADMINISTRATOR, "instalar e retirar certificados")
    MANAGE_PEOPLE = (Role.ADMINISTRATOR, "convidar, mudar e desativar pessoas e chaves de API")
    VIEW_AUDIT = (Role.ADMINISTRATOR, "ver a auditoria")

    @property
    def least(self) -> Role | str | None:
        """The least role, "INSTALLATION" or None."""
        least: Role | str | None = self.value[0]
        return least

    @property
    def meaning(self) -> str:
        """For the manual."""
        return str(self.value[1])


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who was recognised: an account with its roles, or an API key with its one role."""

    id: str
    name: str
    roles: Mapping[str, Role] = field(default_factory=dict)
    installation_admin: bool = False

    @property
    def actor(self) -> str:
        """How the audit and the history name who acted."""
        return f"{self.name} ({self.id})"


def may(person: Person | None, action: Action, company_id: str | None) -> bool:
    """Whether `person` may do `action` to that company (None where the action touches none)."""
    if person is None:
        return False
    if action.least is None:
        return True
    if action.least == "INSTALLATION":
        return person.installation_admin
    if company_id is None:
        return False
    role = person.roles.get(company_id)
    return role is not None and isinstance(action.least, Role) and role >= action.least
