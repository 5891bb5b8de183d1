"""Who works for a company: members and their roles, and invites. There is always an administrator."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from sqlalchemy import Connection, Row, select
from starlette.responses import RedirectResponse, Response

from zelo.access.may import BY_WORD, Action, Role
from zelo.access.shell import people
from zelo.engine.schema.access import company, invite
from zelo.fiscal.fault import Fault
from zelo.web.forms import Field, Filled, blank, email, fill
from zelo.web.gate import Visit, guarded, guarded_form, well_formed
from zelo.web.pages.note import NOT_SURE
from zelo.web.render import noticed, page

router = APIRouter(include_in_schema=False)
Manager = Annotated[Visit, guarded(Action.MANAGE_PEOPLE)]
ManagerForm = Annotated[Visit, guarded_form(Action.MANAGE_PEOPLE)]

ROLES: Final = tuple((role.word, role.rotulo) for role in Role)
ROLE: Final = Field(name="papel", label="Papel", options=ROLES, width=2)
EMAIL: Final = Field(name="email", label="E-mail", read=email, kind="email", chars=254, width=4)
MEMBER: Final = Fault("PESSOA-MEMBRO", "Essa pessoa já tem acesso.", "Mude o papel dela na lista.")
LAST_ADMINISTRATOR: Final = "A empresa ficaria sem administrador. Dê esse papel a outra pessoa antes."


@router.get("/e/{company_id}/pessoas")
def members(visit: Manager) -> Response:
    """Members, and invites that were not accepted yet."""
    return _list(visit, blank((EMAIL, ROLE), {"papel": Role.USER.word}))


@router.post("/e/{company_id}/pessoas")
def invite_somebody(visit: ManagerForm) -> Response:
    """Invite somebody; the link is shown this once and kept nowhere."""
    form = fill((EMAIL, ROLE), visit.fields)
    if not form.good():
        return _list(visit, form, status=422)
    tools, address, role = visit.tools, form.text("email"), BY_WORD[form.text("papel")]
    token = ""
    with tools.engine.begin() as connection:
        if any(row.email == address for row in people.members(connection, visit.company_id)):
            form.refuse("email", MEMBER)
        else:
            token = people.create_invite(
                connection, now=visit.now, chance=tools.chance, company_id=visit.company_id, email=address, role=role,
                created_by=visit.person.actor, days=tools.settings.invite_days,
            )  # fmt: skip
            visit.record(connection, "convidou", address, papel=role.word)
    if not form.good():
        return _list(visit, form, status=422)
    link = f"{str(visit.request.base_url).rstrip('/')}/convite/{token}"
    return _list(visit, blank((EMAIL, ROLE), {"papel": Role.USER.word}), link=link, invited=address)


@router.post("/e/{company_id}/pessoas/{account_id}/papel")
def change_role(visit: ManagerForm, account_id: str) -> Response:
    """Another role for a member."""
    form = fill((ROLE,), visit.fields)
    if not form.good():
        raise HTTPException(422)
    role = BY_WORD[form.text("papel")]
    with visit.tools.engine.begin() as connection:
        _member(connection, visit, account_id)
        people.grant(connection, now=visit.now, account_id=account_id, company_id=visit.company_id, role=role)
        _must_have_administrator(connection, visit)
        visit.record(connection, "mudou o papel", account_id, papel=role.word)
    return _back(visit, "papel")


@router.post("/e/{company_id}/pessoas/{account_id}/retirar")
def remove(visit: ManagerForm, account_id: str) -> Response:
    """Take a member's access to this company away."""
    if not visit.sure:
        raise HTTPException(422, NOT_SURE)
    with visit.tools.engine.begin() as connection:
        _member(connection, visit, account_id)
        people.remove_member(connection, account_id, visit.company_id)
        _must_have_administrator(connection, visit)
        visit.record(connection, "retirou a pessoa", account_id)
    return _back(visit, "pessoa-retirada") if account_id != visit.person.id else RedirectResponse("/empresas", 303)


@router.post("/e/{company_id}/convites/{invite_id}/cancelar")
def cancel_invite(visit: ManagerForm, invite_id: str) -> Response:
    """An invite that was sent to the wrong address is spent without anybody joining."""
    with visit.tools.engine.begin() as connection:
        if invite_id not in {row.id for row in _open_invites(connection, visit)}:
            raise HTTPException(404)
        people.use_invite(connection, invite_id, visit.now)
        visit.record(connection, "cancelou o convite", invite_id)
    return _back(visit, "convite-cancelado")


def _member(connection: Connection, visit: Visit, account_id: str) -> None:
    """Let membership of the company stand still, and refuse whoever is no member. Raises HTTPException 404."""
    connection.execute(select(company.c.id).where(company.c.id == visit.company_id).with_for_update())
    known = {row.id for row in people.members(connection, visit.company_id)}
    if not well_formed(account_id) or account_id not in known:
        raise HTTPException(404)


def _must_have_administrator(connection: Connection, visit: Visit) -> None:
    """Raises HTTPException 409, which undoes the transaction."""
    if people.administrators(connection, visit.company_id) == 0:
        raise HTTPException(409, LAST_ADMINISTRATOR)


def _open_invites(connection: Connection, visit: Visit) -> list[Row[Any]]:
    query = select(invite.c.id, invite.c.email, invite.c.role, invite.c.created_by, invite.c.expires_at).where(
        invite.c.company_id == visit.company_id, invite.c.used_at.is_(None), invite.c.expires_at > visit.now
    )
    return list(connection.execute(query.order_by(invite.c.id)))


def _back(visit: Visit, notice: str) -> Response:
    return RedirectResponse(noticed(f"/e/{visit.company_id}/pessoas", notice), 303)


def _list(visit: Visit, form: Filled, status: int = 200, *, link: str = "", invited: str = "") -> Response:
    with visit.tools.engine.read() as connection:
        rows = people.members(connection, visit.company_id)
        invites = _open_invites(connection, visit)
        zone = visit.zone(connection)
    return page(
        visit, "people.html", status=status, rows=rows, invites=invites, fields=(EMAIL, ROLE), form=form, roles=Role,
        by_word=BY_WORD, link=link, invited=invited, zone=zone,
    )  # fmt: skip
