"""Coming in and going out: log-in, log-out, an invite, one's own password."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException, Request
from sqlalchemy import Connection, Row, select
from starlette.responses import RedirectResponse, Response

from zelo.access.may import BY_WORD, Action
from zelo.access.shell import audit, companies, people, sessions
from zelo.access.shell.sessions import Paused
from zelo.access.token import PASSWORD_LEAST_CHARS, PASSWORD_MOST_CHARS
from zelo.engine.schema.access import account
from zelo.facts import place
from zelo.fiscal.fault import Fault
from zelo.fiscal.uf import Uf
from zelo.flow.tools import Tools
from zelo.notify.shell import outbox
from zelo.web import present
from zelo.web.forms import Field, Filled, blank, fill, password
from zelo.web.gate import COOKIE, OpenForm, Visit, give_cookie, guarded, guarded_form, take_cookie, texts
from zelo.web.refusal import ENTRY, NEXT, local_path
from zelo.web.render import noticed, open_page, page

router = APIRouter(include_in_schema=False)
Known = Annotated[Visit, guarded(Action.ENTER)]
KnownForm = Annotated[Visit, guarded_form(Action.ENTER)]

EMAIL_CHARS: Final = 254
NAME_CHARS: Final = 80
_THROTTLED: Final = 429
_REFUSED: Final = 422

EMAIL: Final = Field(name="email", label="E-mail", kind="email", chars=EMAIL_CHARS, width=6, autocomplete="username")
PASSWORD: Final = Field(
    name="senha", label="Senha", kind="password", chars=PASSWORD_MOST_CHARS, width=6, autocomplete="current-password"
)
NEW_PASSWORD: Final = Field(
    name="nova", label="Nova senha", read=password(PASSWORD_LEAST_CHARS), kind="password", chars=PASSWORD_MOST_CHARS,
    hint=f"Pelo menos {PASSWORD_LEAST_CHARS} caracteres; uma frase é mais fácil de lembrar.", width=6,
    autocomplete="new-password",
)  # fmt: skip
AGAIN: Final = Field(
    name="repetida", label="A mesma senha, outra vez", kind="password", chars=PASSWORD_MOST_CHARS, width=6,
    autocomplete="new-password",
)  # fmt: skip
NAME: Final = Field(name="nome", label="Seu nome", chars=NAME_CHARS, width=6, autocomplete="name")

WRONG: Final = Fault("ACESSO", "E-mail ou senha não conferem.", "Digite de novo; maiúsculas contam.")
DIFFERENT: Final = Fault("SENHA-DIFERENTE", "As duas senhas são diferentes.", "Digite a mesma senha duas vezes.")


@router.get(ENTRY)
def entry(request: Request) -> Response:
    """The log-in page."""
    with request.app.state.tools.engine.read() as connection:
        first = not people.any_account(connection)
    form = blank((EMAIL, PASSWORD))
    wanted = local_path(request.query_params.get(NEXT, "/"))
    return open_page(request, "entry.html", fields=(EMAIL, PASSWORD), form=form, wanted=wanted, first=first)


@router.post(ENTRY)
def enter(request: Request, posted: OpenForm) -> Response:
    """Log in."""
    tools: Tools = request.app.state.tools
    sent = texts(posted)
    form = fill((EMAIL, PASSWORD), sent)
    wanted = local_path(sent.get(NEXT, "/"))
    token = _log_in(tools, form) if form.good() else None
    if token is not None:
        answer = RedirectResponse(wanted, 303)
        give_cookie(answer, tools, token)
        return answer
    status = _THROTTLED if any(fault.rule == _PAUSED for fault in form.general) else _REFUSED
    form.typed[PASSWORD.name] = ""
    context: dict[str, Any] = {"fields": (EMAIL, PASSWORD), "form": form, "wanted": wanted, "first": False}
    return open_page(request, "entry.html", status=status, **context)


def _log_in(tools: Tools, form: Filled) -> str | None:
    """The token of a new session, or None with what is wrong told in the form."""
    with tools.engine.begin() as connection:
        account_id = _checked(connection, tools, form.text("email"), form)
        if account_id is None:
            return None
        audit.record(
            connection, now=tools.clock(), chance=tools.chance, actor=account_id, company_id=None, action="entrou",
            subject=account_id,
        )  # fmt: skip
        return _start(connection, tools, account_id)


_PAUSED: Final = "ACESSO-PAUSA"


def _checked(connection: Connection, tools: Tools, address: str, form: Filled) -> str | None:
    """The account whose password was typed, or None with what is wrong told in the form."""
    settings, now = tools.settings, tools.clock()
    found = sessions.check_password(
        connection, now=now, chance=tools.chance, email=address, password=form.text("senha"),
        failures=settings.login_failures, pause=timedelta(minutes=settings.login_pause_minutes),
    )  # fmt: skip
    if isinstance(found, Paused):
        hour = present.clock(found.until + timedelta(minutes=1), place.zone(Uf.DF))
        form.general.append(
            Fault(_PAUSED, f"Houve erros de senha demais. Tente de novo às {hour}.", "O horário é o de Brasília.")
        )
        return None
    if found is None:
        form.general.append(WRONG)
    return found


def _start(connection: Connection, tools: Tools, account_id: str) -> str:
    now = tools.clock()
    return sessions.start(
        connection, now=now, chance=tools.chance, account_id=account_id, hours=tools.settings.session_hours
    )


@router.post("/sair")
def leave(visit: KnownForm) -> Response:
    """Log out."""
    with visit.tools.engine.begin() as connection:
        sessions.end(connection, visit.request.cookies.get(COOKIE, ""))
        visit.record(connection, "saiu", visit.person.id)
    answer = RedirectResponse(noticed(ENTRY, "saiu"), 303)
    take_cookie(answer, visit.tools)
    return answer


@router.get("/conta")
def own_account(visit: Known) -> Response:
    """One's own name, companies and password."""
    return _account_page(visit, blank(_CHANGE))


_CHANGE: Final = (replace(PASSWORD, label="Senha de agora"), NEW_PASSWORD, AGAIN)


@router.post("/conta")
def change_password(visit: KnownForm) -> Response:
    """A new password for oneself: the present one is asked for, and every other session ends."""
    tools, form = visit.tools, fill(_CHANGE, visit.fields)
    if form.good() and form.text("nova") != form.text("repetida"):
        form.refuse("repetida", DIFFERENT)
    token = None
    if form.good():
        with tools.engine.begin() as connection:
            address = connection.execute(select(account.c.email).where(account.c.id == visit.person.id)).scalar_one()
            if _checked(connection, tools, address, form) is not None:
                people.set_password(connection, visit.person.id, form.text("nova"))
                sessions.end_all(connection, visit.person.id)
                token = _start(connection, tools, visit.person.id)
                visit.record(connection, "trocou a própria senha", visit.person.id)
    if token is None:
        return _account_page(visit, blank(_CHANGE), form, status=_REFUSED)
    answer = RedirectResponse(noticed("/conta", "senha"), 303)
    give_cookie(answer, tools, token)
    return answer


def _account_page(visit: Visit, form: Filled, refused: Filled | None = None, status: int = 200) -> Response:
    """Passwords are never sent back to the browser; faults are."""
    if refused is not None:
        form.faults, form.general = refused.faults, refused.general
    with visit.tools.engine.read() as connection:
        mine = companies.companies(connection, list(visit.person.roles))
        told = {row.id for row in mine if outbox.wishes(connection, visit.person.id, row.id)}
    return page(visit, "account.html", status=status, fields=_CHANGE, form=form, companies=mine, told=told)


@dataclass(frozen=True, slots=True)
class _Invited:
    """An open invite, its company, and the account that the address already has."""

    row: Row[Any]
    company: Row[Any]
    account: Row[Any] | None

    @property
    def fields(self) -> tuple[Field, ...]:
        """Somebody known proves it; somebody new chooses."""
        return (PASSWORD,) if self.account is not None else (NAME, NEW_PASSWORD, AGAIN)


@router.get("/convite/{token}")
def invite(request: Request, token: str) -> Response:
    """What the invite is for, and what is asked of whoever accepts."""
    with request.app.state.tools.engine.read() as connection:
        invited = _find(connection, request.app.state.tools, token)
    return _invite_page(request, invited, blank(invited.fields))


@router.post("/convite/{token}")
def accept(request: Request, token: str, posted: OpenForm) -> Response:
    """Become a member: with the password of the account, or with a new account."""
    tools: Tools = request.app.state.tools
    session = None
    with tools.engine.begin() as connection:
        invited = _find(connection, tools, token)
        form = fill(invited.fields, texts(posted))
        if invited.account is None and form.text("nova") != form.text("repetida"):
            form.refuse("repetida", DIFFERENT)
        account_id = _account_of(connection, tools, invited, form) if form.good() else None
        if account_id is not None:
            _join(connection, tools, invited, account_id)
            session = _start(connection, tools, account_id)
    if session is None:
        shown = blank(invited.fields, {"nome": form.typed.get("nome")})
        shown.faults, shown.general = form.faults, form.general
        return _invite_page(request, invited, shown, status=_REFUSED)
    answer = RedirectResponse(noticed(f"/e/{invited.row.company_id}/mes", "bem-vindo"), 303)
    give_cookie(answer, tools, session)
    return answer


def _find(connection: Connection, tools: Tools, token: str) -> _Invited:
    """The invite behind a link. Raises HTTPException when it was used, has expired, or never was."""
    row = people.open_invite(connection, token, tools.clock())
    company = companies.find_company(connection, row.company_id) if row else None
    if row is None or company is None or company.disabled_at is not None:
        raise HTTPException(404)
    return _Invited(row, company, people.find_account(connection, row.email))


def _account_of(connection: Connection, tools: Tools, invited: _Invited, form: Filled) -> str | None:
    if invited.account is not None:
        return _checked(connection, tools, invited.row.email, form)
    return people.create_account(
        connection, now=tools.clock(), chance=tools.chance, email=invited.row.email, name=form.text("nome"),
        password=form.text("nova"),
    )  # fmt: skip


def _join(connection: Connection, tools: Tools, invited: _Invited, account_id: str) -> None:
    """Spend the invite. It never lowers the role of somebody who is a member already."""
    row, now = invited.row, tools.clock()
    if not people.use_invite(connection, row.id, now):
        raise HTTPException(404)
    known = people.person(connection, account_id)
    present_role = known.roles.get(row.company_id) if known else None
    offered = BY_WORD[row.role]
    if present_role is None or present_role < offered:
        people.grant(connection, now=now, account_id=account_id, company_id=row.company_id, role=offered)
    name = known.name if known else account_id
    audit.record(
        connection, now=now, chance=tools.chance, actor=f"{name} ({account_id})", company_id=row.company_id,
        action="aceitou o convite", subject=account_id, detail={"papel": offered.word},
    )  # fmt: skip


def _invite_page(request: Request, invited: _Invited, form: Filled, status: int = 200) -> Response:
    role = BY_WORD[invited.row.role]
    return open_page(
        request, "invite.html", status=status, invited=invited, role=role, fields=invited.fields, form=form
    )
