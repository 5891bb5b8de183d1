"""What people were told by e-mail: each notice, to whom, and whether it arrived; and who receives the next one."""

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from starlette.responses import RedirectResponse, Response

from zelo.access.may import Action
from zelo.fiscal.fault import Fault
from zelo.flow import postman
from zelo.isp.billing.cell import Value
from zelo.notify import core, letter
from zelo.notify.core import good_address
from zelo.notify.shell import outbox
from zelo.web.forms import Field, Filled, blank, fill
from zelo.web.gate import Visit, guarded, guarded_form, well_formed
from zelo.web.render import noticed, page

router = APIRouter(include_in_schema=False)
Viewer = Annotated[Visit, guarded(Action.VIEW)]
ManagerForm = Annotated[Visit, guarded_form(Action.MANAGE_PEOPLE)]

MOST_ROWS: Final = 50
WANTED: Final = "quero"
CAME_FROM: Final = "de"
BEFORE: Final = "antes"
"""The notice to go on from."""


def email(text: str) -> Value | Fault:
    """An address that a mail server would take."""
    return good_address(text) or Fault("AVISO-EMAIL", "Não é um e-mail.", "Escreva como nome@provedor.com.br.")


FIELDS: Final = (
    Field(name="email", label="E-mail", read=email, kind="email", chars=254, width=3),
    Field(name="nome", label="De quem é", chars=60, width=3, hint="Por exemplo: contador, suporte."),
)
KNOWN: Final = Fault("AVISO-REPETIDO", "Esse endereço já está na lista.", "")
FULL: Final = Fault("AVISO-MUITOS", f"A lista tem {outbox.MOST_ADDRESSES} endereços, o máximo.", "Retire um antes.")


@router.get("/e/{company_id}/avisos")
def notices(visit: Viewer) -> Response:
    """The newest notices, and who receives them."""
    return _page(visit, blank(FIELDS))


@router.post("/e/{company_id}/avisos/meus")
def choose(visit: Annotated[Visit, guarded_form(Action.VIEW)]) -> Response:
    """One's own switch, from this page or from one's account."""
    wanted = visit.fields.get(WANTED) == "sim"
    with visit.tools.engine.begin() as connection:
        outbox.choose(connection, account_id=visit.person.id, company_id=visit.company_id, wanted=wanted)
        visit.record(
            connection, "ligou os próprios avisos" if wanted else "desligou os próprios avisos", visit.person.id
        )
    back = "/conta" if visit.fields.get(CAME_FROM) == "conta" else _home(visit)
    return RedirectResponse(noticed(back, "avisos-sim" if wanted else "avisos-nao"), 303)


@router.post("/e/{company_id}/avisos/enderecos")
def add(visit: ManagerForm) -> Response:
    """One more address of the company: its accountant, its support."""
    form = fill(FIELDS, visit.fields)
    if form.good():
        with visit.tools.engine.begin() as connection:
            if len(outbox.addresses(connection, visit.company_id)) >= outbox.MOST_ADDRESSES:
                form.general.append(FULL)
            elif not outbox.add_address(
                connection, address_id=visit.tools.new_id(visit.now), company_id=visit.company_id,
                address=form.text("email"), name=form.text("nome"), now=visit.now,
            ):  # fmt: skip
                form.refuse("email", KNOWN)
            else:
                visit.record(connection, "acrescentou um endereço de avisos", form.text("email"))
    if not form.good():
        return _page(visit, form, status=422)
    return RedirectResponse(noticed(_home(visit), "endereco"), 303)


@router.post("/e/{company_id}/avisos/enderecos/{address_id}/retirar")
def drop(visit: ManagerForm, address_id: str) -> Response:
    """Whoever reads that address is told no more."""
    with visit.tools.engine.begin() as connection:
        if not well_formed(address_id) or not outbox.drop_address(connection, visit.company_id, address_id):
            raise HTTPException(404)
        visit.record(connection, "retirou um endereço de avisos", address_id)
    return RedirectResponse(noticed(_home(visit), "endereco-retirado"), 303)


def _home(visit: Visit) -> str:
    return f"/e/{visit.company_id}/avisos"


def _page(visit: Visit, form: Filled, status: int = 200) -> Response:
    asked = visit.request.query_params.get(BEFORE, "")
    before = asked if well_formed(asked) else ""
    with visit.tools.engine.read() as connection:
        rows = outbox.notices(connection, visit.company_id, MOST_ROWS + 1, before)
        rows, older = rows[:MOST_ROWS], len(rows) > MOST_ROWS
        mails = outbox.mails(connection, [row.id for row in rows])
        members = outbox.members(connection, visit.company_id)
        others = outbox.addresses(connection, visit.company_id)
        mine = outbox.wishes(connection, visit.person.id, visit.company_id)
        zone = visit.zone(connection)
    context: dict[str, Any] = {
        "rows": [(row, letter.read(row.content), mails[row.id]) for row in rows],
        "older": f"{_home(visit)}?{BEFORE}={rows[-1].id}" if older else "",
        "newest": "" if not before else _home(visit),
        "receiving": [one for one in members if core.wants(one.role, one.wanted)],
        "others": others,
        "mine": mine,
        "configured": postman.server_of(visit.tools.settings) is not None,
        "shown": _shown(visit),
        "fields": FIELDS,
        "form": form,
        "zone": zone,
    }
    return page(visit, "notices.html", status=status, **context)


def _shown(visit: Visit) -> Callable[[str], str]:
    """How addresses are shown: whole to who manages people, else only as far as their owners know them again."""
    return (lambda address: address) if visit.can(Action.MANAGE_PEOPLE) else _hidden


def _hidden(address: str) -> str:
    """m***@provedor.com.br."""
    name, at, domain = address.partition("@")
    return f"{name[:1]}***{at}{domain}"
