"""The companies that somebody works for, and a new one by whoever runs the installation."""

from typing import Annotated, Final

from fastapi import APIRouter
from sqlalchemy.exc import IntegrityError
from starlette.responses import RedirectResponse, Response

from zelo.access.may import Action, Role, may
from zelo.access.shell import companies, people
from zelo.fiscal.cnpj import base
from zelo.fiscal.fault import Fault
from zelo.isp.billing import cell
from zelo.web.forms import Field, Filled, blank, fill
from zelo.web.gate import Visit, guarded, guarded_form
from zelo.web.render import noticed, page

router = APIRouter(include_in_schema=False)

FIELDS: Final = (
    Field(name="nome", label="Nome da empresa", chars=60, width=6, hint="Como as pessoas a chamam."),
    Field(
        name="cnpj", label="CNPJ de um estabelecimento", read=cell.company, chars=20, width=6,
        hint="A empresa é a raiz do CNPJ: os oito primeiros caracteres.",
    ),
)  # fmt: skip
KNOWN: Final = Fault("EMPRESA-REPETIDA", "Já há uma empresa com essa raiz de CNPJ.", "Peça acesso a quem a administra.")


@router.get("/")
def start(visit: Annotated[Visit, guarded(Action.ENTER)]) -> Response:
    """To the month of the one company, or to the choice."""
    mine = list(visit.person.roles)
    return RedirectResponse(f"/e/{mine[0]}/mes" if len(mine) == 1 else "/empresas", 303)


@router.get("/empresas")
def list_companies(visit: Annotated[Visit, guarded(Action.ENTER)]) -> Response:
    """Where one may work."""
    return _companies_page(visit, blank(FIELDS))


@router.post("/empresas")
def create(visit: Annotated[Visit, guarded_form(Action.CREATE_COMPANY)]) -> Response:
    """A new company; who creates it becomes its administrator."""
    form = fill(FIELDS, visit.fields)
    if form.good():
        try:
            company_id = _create(visit, form)
        except IntegrityError:
            form.refuse("cnpj", KNOWN)
        else:
            return RedirectResponse(noticed(f"/e/{company_id}/estabelecimentos/novo", "empresa"), 303)
    return _companies_page(visit, form, status=422)


def _create(visit: Visit, form: Filled) -> str:
    tools, now = visit.tools, visit.now
    with tools.engine.begin() as connection:
        cnpj_base = base(form.text("cnpj"))
        company_id = companies.create_company(
            connection, now=now, chance=tools.chance, name=form.text("nome"), cnpj_base=cnpj_base
        )
        people.grant(connection, now=now, account_id=visit.person.id, company_id=company_id, role=Role.ADMINISTRATOR)
        visit.record(connection, "cadastrou a empresa", company_id, cnpj_base=cnpj_base)
    return company_id


def _companies_page(visit: Visit, form: Filled, status: int = 200) -> Response:
    with visit.tools.engine.read() as connection:
        mine = companies.companies(connection, list(visit.person.roles))
    creates = may(visit.person, Action.CREATE_COMPANY, None)
    return page(visit, "companies.html", status=status, companies=mine, fields=FIELDS, form=form, creates=creates)
