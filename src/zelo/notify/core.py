"""What is told: kinds of notice with their words, how many causes become one notice, and whose mails they are.

A cause is told once by its key, however often and by however many it is reported. Causes of a kind that arrive
together become one notice: `wait` is how long the first of them waits for the others.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Final

from email_validator import EmailNotValidError, validate_email

from zelo.access.may import Role
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.cnpj import hide_inside

MOST_SHOWN: Final = 10
"""Causes that a notice tells one by one; the others are counted, and stand on the page that it leads to."""
MOST_RECIPIENTS: Final = 100
SUBJECT_CHARS: Final = 160
TEXT_CHARS: Final = 500
NAME_CHARS: Final = 80
_READ_CHARS: Final = 5_000
"""Of a text from outside no more is even looked at."""


class Kind(Enum):
    """What a notice is about, as the database spells it."""

    BLOCK = "block"
    NEAR = "near"
    PERMANENT = "permanent"
    HELD = "held"
    CANCEL = "cancel"
    CERTIFICATE = "certificate"


@dataclass(frozen=True, slots=True)
class Wording:
    """How long causes of a kind are gathered, what many of them are called, what to do, and the page where."""

    wait: timedelta
    many: str
    advice: str
    path: str


WORDING: Final = {
    Kind.BLOCK: Wording(
        timedelta(),
        "{count} bloqueios por consumo indevido",
        "As outras notas esperam e saem sozinhas na hora marcada: enviar antes recomeçaria a contagem. Corrija a nota "
        "que causou o bloqueio. Se outro programa usa este certificado, pare-o também.",
        "situacao",
    ),
    Kind.NEAR: Wording(
        timedelta(),
        "{count} certificados perto do bloqueio permanente",
        "Descubra o que causa os bloqueios antes do próximo: em Guarda, Diagnóstico, ou com zelo guard diagnose. Se "
        "outro programa usa este certificado, pare-o.",
        "guarda/diagnostico",
    ),
    Kind.PERMANENT: Wording(
        timedelta(),
        "{count} bloqueios que podem ser permanentes",
        "O zelo não pergunta à SEFAZ se acabou: cada pergunta conta. Peça o desbloqueio à SEFAZ, com a planilha da "
        "Guarda e o histórico das notas; depois, um administrador libera em Situação.",
        "situacao",
    ),
    Kind.HELD: Wording(
        timedelta(minutes=15),
        "{count} notas paradas por segurança",
        "Corrija ou consulte a nota, e então libere em Guarda. No limite de segurança qualquer usuário libera; no "
        "limite máximo, só um administrador; no limite da SEFAZ, ninguém. As outras notas seguem.",
        "guarda",
    ),
    Kind.CANCEL: Wording(
        timedelta(minutes=15),
        "{count} cancelamentos parados",
        "Abra cada nota: a resposta da SEFAZ diz o que falta. Corrija e peça de novo antes do fim do prazo, libere "
        "mais envios, ou retire o pedido; até lá a nota segue valendo.",
        "cancelamentos",
    ),
    Kind.CERTIFICATE: Wording(
        timedelta(),
        "{count} certificados vencidos ou por vencer",
        "Instale o novo A1 em Certificados e escolha-o no estabelecimento. Com o certificado vencido nada é assinado "
        "nem transmitido.",
        "certificados",
    ),
}


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that happened: `key` names it for ever, `path` is its page below that of the company."""

    kind: Kind
    key: str
    headline: str
    text: str
    path: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice in words. `lines` are text and path; `more` causes are not told one by one."""

    subject: str
    company: str
    ambiente: str
    headline: str
    lines: Sequence[tuple[str, str]]
    more: int
    advice: str
    path: str


def line(text: str, chars: int) -> str:
    """A text from anywhere as one line that is safe in a header: bounded, no control codes, every CPF starred."""
    shown = "".join(char if char.isprintable() else " " for char in text[:_READ_CHARS])
    shown = hide_inside(" ".join(shown.split()))
    return shown if len(shown) <= chars else shown[: chars - 1] + "…"


def whole(count: int) -> str:
    """30.000."""
    return f"{count:,}".replace(",", ".")


def compose(causes: Sequence[Cause], count: int, *, company_id: str, company: str, ambiente: Ambiente) -> Letter:
    """The notice of `count` causes of one kind, of which the first `MOST_SHOWN` or fewer are given."""
    shown, wording = causes[:MOST_SHOWN], WORDING[causes[0].kind]
    home = f"/e/{company_id}/"
    headline = shown[0].headline if count == 1 else wording.many.format(count=whole(count))
    name = line(company, NAME_CHARS)
    where = "" if ambiente is Ambiente.PRODUCAO else f" {ambiente.rotulo.lower()}"
    return Letter(
        subject=line(f"[zelo{where}] {name}: {headline}", SUBJECT_CHARS),
        company=name,
        ambiente=ambiente.rotulo,
        headline=line(headline, SUBJECT_CHARS),
        lines=tuple((line(one.text, TEXT_CHARS), home + one.path) for one in shown),
        more=count - len(shown),
        advice=wording.advice,
        path=home + wording.path,
    )


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who is told: "" as `wrong`, or why the address cannot be written to."""

    address: str
    name: str
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the company: `wanted` is what that person chose, None where nothing was."""

    id: str
    address: str
    name: str
    role: Role
    wanted: bool | None


def wants(role: Role, chosen: bool | None) -> bool:  # noqa: FBT001 what a person chose is a value
    """Whether somebody is told: as chosen, else whoever may act upon it."""
    return chosen if chosen is not None else role >= Role.USER


def recipients(members: Iterable[Member], extra: Mapping[str, str]) -> list[Recipient]:
    """Who is told, each address once: the members that wish it, then the company's other addresses by name."""
    found: dict[str, Recipient] = {}
    people = [(one.address, one.name) for one in members if wants(one.role, one.wanted)]
    for address, name in (*people, *extra.items()):
        good = good_address(address)
        one = Recipient(good or line(address, TEXT_CHARS), line(name, NAME_CHARS), "" if good else WRONG_ADDRESS)
        found.setdefault(one.address.lower(), one)
    return list(found.values())[:MOST_RECIPIENTS]


WRONG_ADDRESS: Final = "Não é um endereço de e-mail: corrija-o no cadastro."


def good_address(text: str) -> str | None:
    """The address as servers take it (ASCII), or None where it is none. Nobody is asked whether it exists."""
    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return None
    return found.ascii_email
