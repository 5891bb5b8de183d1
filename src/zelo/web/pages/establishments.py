"""The establishments that issue: their register, which certificates sign and transmit, where each série goes on."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from sqlalchemy import Connection, Row
from sqlalchemy.exc import IntegrityError
from starlette.responses import RedirectResponse, Response

from zelo.access.may import Action
from zelo.access.shell import companies
from zelo.assemble import shell as numbers
from zelo.facts import place
from zelo.fiscal.instant import local_date
from zelo.fiscal.uf import Uf
from zelo.models.nfcom.document import MODELO
from zelo.web import register
from zelo.web.forms import Filled, blank, fill
from zelo.web.gate import Visit, guarded, guarded_form, well_formed
from zelo.web.register import CERTIFICATES, REGISTER, SERIE
from zelo.web.render import noticed, page

router = APIRouter(include_in_schema=False)
Viewer = Annotated[Visit, guarded(Action.VIEW)]
Manager = Annotated[Visit, guarded(Action.MANAGE_ESTABLISHMENTS)]
ManagerForm = Annotated[Visit, guarded_form(Action.MANAGE_ESTABLISHMENTS)]

_REFUSED: Final = 422


def find_establishment(connection: Connection, visit: Visit, establishment_id: str) -> Row[Any]:
    """An establishment of the company of the path. Raises HTTPException 404 for any other."""
    row = companies.find_establishment(connection, establishment_id) if well_formed(establishment_id) else None
    if row is None or row.company_id != visit.company_id:
        raise HTTPException(404)
    return row


@router.get("/e/{company_id}/estabelecimentos")
def establishments(visit: Viewer) -> Response:
    """All of them, with their séries and what is still missing."""
    with visit.tools.engine.read() as connection:
        rows = companies.establishments(connection, visit.company_id)
        series = {row.id: numbers.series(connection, row.id) for row in rows}
        certificates = {row.id: row for row in companies.certificates(connection, visit.company_id)}
        zone = visit.zone(connection)
    return page(
        visit, "establishments.html", rows=rows, series=series, certificates=certificates, place_of=place.municipio,
        zone=zone,
    )  # fmt: skip


@router.get("/e/{company_id}/estabelecimentos/novo")
def new_establishment(visit: Manager) -> Response:
    """An empty register."""
    form = blank(REGISTER, {"cnpj": visit.company.cnpj_base if visit.company else ""})
    return page(visit, "establishment_new.html", fields=REGISTER, form=form)


@router.post("/e/{company_id}/estabelecimentos/novo")
def create(visit: ManagerForm) -> Response:
    """A new establishment."""
    form = fill(REGISTER, visit.fields)
    created = create_establishment(visit, form)
    if created is None:
        return page(visit, "establishment_new.html", status=_REFUSED, fields=REGISTER, form=form)
    return _to(visit, created, "estabelecimento")


def create_establishment(visit: Visit, form: Filled) -> str | None:
    """Its id, or None with what is wrong told in the form."""
    values = register.values_of(form, visit.company)
    if values is None:
        return None
    try:
        with visit.tools.engine.begin() as connection:
            created = companies.create_establishment(
                connection, now=visit.now, chance=visit.tools.chance, company_id=visit.company_id,
                values=values | {"ambiente": visit.tools.ambiente.value},
            )  # fmt: skip
            visit.record(connection, "cadastrou o estabelecimento", created, cnpj=values["cnpj"])
    except IntegrityError:
        form.refuse("cnpj", register.KNOWN)
        return None
    return created


@router.get("/e/{company_id}/estabelecimentos/{establishment_id}")
def establishment(visit: Viewer, establishment_id: str) -> Response:
    """One establishment."""
    return _one(visit, establishment_id)


@router.post("/e/{company_id}/estabelecimentos/{establishment_id}")
def change(visit: ManagerForm, establishment_id: str) -> Response:
    """Change its register."""
    form = fill(REGISTER, visit.fields)
    if not change_establishment(visit, establishment_id, form):
        return _one(visit, establishment_id, register_form=form, status=_REFUSED)
    return _to(visit, establishment_id, "estabelecimento")


def change_establishment(visit: Visit, establishment_id: str, form: Filled) -> bool:
    """Whether it was changed; if not, what is wrong is told in the form. Raises HTTPException 404."""
    with visit.tools.engine.begin() as connection:
        row = find_establishment(connection, visit, establishment_id)
        values = register.values_of(form, visit.company, kept_cnpj=row.cnpj)
        if values is None:
            return False
        changed = {name: value for name, value in values.items() if value != getattr(row, name)}
        if changed:
            companies.change_establishment(connection, establishment_id, changed)
            visit.record(connection, "mudou o estabelecimento", establishment_id, campos=sorted(changed))
    return True


@router.post("/e/{company_id}/estabelecimentos/{establishment_id}/certificados")
def choose(visit: ManagerForm, establishment_id: str) -> Response:
    """Which certificate signs and which one opens the connection, and since when the state has accredited."""
    with visit.tools.engine.begin() as connection:
        row = find_establishment(connection, visit, establishment_id)
        form = fill(register.certificate_fields(companies.certificates(connection, visit.company_id)), visit.fields)
        chosen = _chosen(form, row) if form.good() else None
        if chosen is not None:
            companies.change_establishment(connection, establishment_id, chosen)
            visit.record(
                connection, "escolheu os certificados", establishment_id, assina=chosen["certificate_id"],
                transmite=chosen["transmitter_id"],
            )  # fmt: skip
    if chosen is None:
        return _one(visit, establishment_id, choice_form=form, status=_REFUSED)
    return _to(visit, establishment_id, "estabelecimento")


def _chosen(form: Filled, row: Row[Any]) -> dict[str, Any]:
    since = form.day("credenciado")
    return {
        "certificate_id": form.text("assina") or None,
        "transmitter_id": form.text("transmite") or None,
        "accredited_at": _start_of(since, row.uf) if since else None,
    }


def _start_of(day: date, uf: str) -> datetime:
    return datetime.combine(day, time(), place.zone(Uf(uf)))


@router.post("/e/{company_id}/estabelecimentos/{establishment_id}/series")
def set_up_serie(visit: ManagerForm, establishment_id: str) -> Response:
    """Say where a série goes on, with the evidence; one that is in use goes on by itself."""
    form = fill(SERIE, visit.fields)
    with visit.tools.engine.begin() as connection:
        row = find_establishment(connection, visit, establishment_id)
        start = register.serie_start(form, row) if form.good() else None
        if start is not None and _in_use(connection, establishment_id, start.serie):
            form.refuse("serie", register.IN_USE)
        if start is not None and form.good():
            numbers.set_up(
                connection, establishment_id=establishment_id, modelo=MODELO, serie=start.serie,
                next_nnf=start.next_nnf, evidence=start.evidence, evidence_chave=start.chave,
            )  # fmt: skip
            visit.record(
                connection, "cadastrou a série", establishment_id, serie=start.serie, proximo=start.next_nnf,
                prova=start.chave or start.evidence,
            )  # fmt: skip
    if not form.good():
        return _one(visit, establishment_id, serie_form=form, status=_REFUSED)
    return _to(visit, establishment_id, "serie")


def _in_use(connection: Connection, establishment_id: str, serie: int) -> bool:
    """Whether a number of the série was taken since it was set up. Its row stands still until the transaction ends."""
    row = register.locked_serie(connection, establishment_id, serie)
    return row is not None and row.next_nnf != register.first_number(row.evidence_chave)


def _one(
    visit: Visit,
    establishment_id: str,
    *,
    register_form: Filled | None = None,
    choice_form: Filled | None = None,
    serie_form: Filled | None = None,
    status: int = 200,
) -> Response:
    with visit.tools.engine.read() as connection:
        row = find_establishment(connection, visit, establishment_id)
        certificates = companies.certificates(connection, visit.company_id)
        series = numbers.series(connection, establishment_id)
    zone = place.zone(Uf(row.uf))
    given: Mapping[str, object] = {
        "assina": row.certificate_id,
        "transmite": row.transmitter_id,
        "credenciado": local_date(row.accredited_at, zone) if row.accredited_at else None,
    }
    choices = register.certificate_fields(certificates)
    return page(
        visit,
        "establishment.html",
        status=status,
        row=row,
        series=series,
        certificates=certificates,
        place_of=place.municipio,
        fields=REGISTER,
        form=register_form or blank(REGISTER, register.shown(row)),
        choices=choices,
        choice_form=choice_form or blank(CERTIFICATES, given),
        serie_fields=SERIE,
        serie_form=serie_form or blank(SERIE, {"prova": register.FORMER}),
        zone=zone,
    )


def _to(visit: Visit, establishment_id: str, notice: str) -> Response:
    return RedirectResponse(noticed(f"/e/{visit.company_id}/estabelecimentos/{establishment_id}", notice), 303)
