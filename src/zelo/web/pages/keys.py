"""The API keys of a company: each is shown once, has one role, and can be revoked for ever."""

from typing import Annotated, Final

from fastapi import APIRouter, HTTPException
from starlette.responses import RedirectResponse, Response

from zelo.access.may import BY_WORD, Action, Role
from zelo.access.shell import people
from zelo.web.forms import Field, Filled, blank, fill
from zelo.web.gate import Visit, guarded, guarded_form, well_formed
from zelo.web.pages.note import NOT_SURE
from zelo.web.pages.people import ROLES
from zelo.web.render import noticed, page

router = APIRouter(include_in_schema=False)
ManagerForm = Annotated[Visit, guarded_form(Action.MANAGE_PEOPLE)]

FIELDS: Final = (
    Field(name="nome", label="Quem vai usar a chave", chars=60, width=4, hint="Por exemplo: ERP, faturamento."),
    Field(name="papel", label="Papel", options=ROLES, width=2),
)


@router.get("/e/{company_id}/chaves")
def keys(visit: Annotated[Visit, guarded(Action.MANAGE_PEOPLE)]) -> Response:
    """All of them, revoked ones too."""
    return _list(visit, blank(FIELDS, {"papel": Role.USER.word}))


@router.post("/e/{company_id}/chaves")
def create(visit: ManagerForm) -> Response:
    """A new key; it is shown this once and kept nowhere."""
    form = fill(FIELDS, visit.fields)
    if not form.good():
        return _list(visit, form, status=422)
    name, role = form.text("nome"), BY_WORD[form.text("papel")]
    with visit.tools.engine.begin() as connection:
        key = people.create_key(
            connection, now=visit.now, chance=visit.tools.chance, company_id=visit.company_id, name=name, role=role,
            created_by=visit.person.actor,
        )  # fmt: skip
        visit.record(connection, "criou a chave de API", name, papel=role.word)
    return _list(visit, blank(FIELDS, {"papel": Role.USER.word}), key=key)


@router.post("/e/{company_id}/chaves/{key_id}/revogar")
def revoke(visit: ManagerForm, key_id: str) -> Response:
    """Whoever uses the key is refused from now on."""
    if not visit.sure:
        raise HTTPException(422, NOT_SURE)
    with visit.tools.engine.begin() as connection:
        if not well_formed(key_id) or not people.revoke_key(connection, key_id, visit.company_id, visit.now):
            raise HTTPException(404)
        visit.record(connection, "revogou a chave de API", key_id)
    return RedirectResponse(noticed(f"/e/{visit.company_id}/chaves", "chave-revogada"), 303)


def _list(visit: Visit, form: Filled, status: int = 200, *, key: str = "") -> Response:
    with visit.tools.engine.read() as connection:
        rows = people.keys(connection, visit.company_id)
        zone = visit.zone(connection)
    return page(
        visit, "keys.html", status=status, rows=rows, fields=FIELDS, form=form, key=key, by_word=BY_WORD, zone=zone
    )
