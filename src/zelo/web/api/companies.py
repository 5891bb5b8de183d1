"""Companies, establishments and certificates through the API."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, File, Form, UploadFile
from sqlalchemy import Connection, Row
from starlette.responses import JSONResponse

from zelo.access.may import Action
from zelo.access.shell import companies
from zelo.assemble import shell as numbers
from zelo.web import register
from zelo.web.api.shapes import (
    CertificateOut,
    Certificates,
    Companies,
    CompanyOut,
    EstablishmentIn,
    EstablishmentOut,
    Establishments,
    SerieOut,
)
from zelo.web.forms import Filled, fill
from zelo.web.gate import Visit, keyed
from zelo.web.pages.certificates import FILE_BYTES, PASSWORD, install_certificate
from zelo.web.pages.establishments import change_establishment, create_establishment, find_establishment
from zelo.web.refusal import faulty
from zelo.web.register import REGISTER

router = APIRouter(prefix="/api/v1/companies", tags=["Empresa"])
Reader = Annotated[Visit, keyed(Action.VIEW)]
Manager = Annotated[Visit, keyed(Action.MANAGE_ESTABLISHMENTS)]

_REFUSED: Final = 422
_SAME: Final = frozenset(EstablishmentOut.model_fields) - {"disabled", "series"}


@router.get("")
def list_companies(visit: Annotated[Visit, keyed(Action.ENTER)]) -> Companies:
    """Lista as empresas que a chave vê."""
    with visit.tools.engine.read() as connection:
        rows = companies.companies(connection, list(visit.person.roles))
    return Companies(
        companies=[
            CompanyOut(id=row.id, name=row.name, cnpj_base=row.cnpj_base, role=visit.person.roles[row.id].word)
            for row in rows
        ]
    )


@router.get("/{company_id}/establishments")
def list_establishments(visit: Reader) -> Establishments:
    """Lista os estabelecimentos, com as séries."""
    with visit.tools.engine.read() as connection:
        rows = companies.establishments(connection, visit.company_id)
        return Establishments(establishments=[_establishment(connection, row) for row in rows])


@router.post("/{company_id}/establishments", status_code=201, response_model=EstablishmentOut)
def create(visit: Manager, given: EstablishmentIn) -> EstablishmentOut | JSONResponse:
    """Cadastra um estabelecimento."""
    form = fill(REGISTER, _typed(given))
    created = create_establishment(visit, form)
    if created is None:
        return faulty(_REFUSED, list(form.faults.values()))
    return _shown(visit, created)


@router.patch("/{company_id}/establishments/{establishment_id}", response_model=EstablishmentOut)
def change(visit: Manager, establishment_id: str, given: EstablishmentIn) -> EstablishmentOut | JSONResponse:
    """Muda o cadastro de um estabelecimento; só o que vem no pedido."""
    with visit.tools.engine.read() as connection:
        row = find_establishment(connection, visit, establishment_id)
    before = {name: "" if value is None else str(value) for name, value in register.shown(row).items()}
    form = fill(REGISTER, before | _typed(given))
    if not change_establishment(visit, establishment_id, form):
        return faulty(_REFUSED, list(form.faults.values()))
    return _shown(visit, establishment_id)


def _typed(given: EstablishmentIn) -> dict[str, str]:
    """As a form would send it; null empties a field."""
    return {name: value or "" for name, value in given.model_dump(exclude_unset=True).items()}


def _shown(visit: Visit, establishment_id: str) -> EstablishmentOut:
    with visit.tools.engine.read() as connection:
        return _establishment(connection, find_establishment(connection, visit, establishment_id))


def _establishment(connection: Connection, row: Row[Any]) -> EstablishmentOut:
    series = [
        SerieOut(modelo=serie.modelo, serie=serie.serie, next_nnf=serie.next_nnf)
        for serie in numbers.series(connection, row.id)
    ]
    same = {name: getattr(row, name) for name in _SAME}
    return EstablishmentOut(**same, disabled=row.disabled_at is not None, series=series)


@router.get("/{company_id}/certificates")
def list_certificates(visit: Reader) -> Certificates:
    """Lista os certificados em uso."""
    with visit.tools.engine.read() as connection:
        rows = companies.certificates(connection, visit.company_id)
    return Certificates(certificates=[_certificate(row) for row in rows])


@router.post("/{company_id}/certificates", status_code=201, response_model=CertificateOut)
def install(
    visit: Annotated[Visit, keyed(Action.MANAGE_CERTIFICATES)],
    file: Annotated[UploadFile, File(description="O arquivo .pfx ou .p12.")],
    password: Annotated[str, Form(max_length=200, description="A senha do arquivo.")] = "",
) -> CertificateOut | JSONResponse:
    """Instala um certificado A1. O arquivo e a senha ficam selados e nunca mais saem."""
    form = fill((PASSWORD,), {PASSWORD.name: password})
    installed = install_certificate(visit, file.file.read(FILE_BYTES + 1), form) if form.good() else None
    if installed is None:
        return faulty(_REFUSED, _faults(form))
    with visit.tools.engine.read() as connection:
        rows = companies.certificates(connection, visit.company_id)
    return next(_certificate(row) for row in rows if row.id == installed)


def _faults(form: Filled) -> list[Any]:
    return list(form.faults.values())


def _certificate(row: Row[Any]) -> CertificateOut:
    return CertificateOut(**{name: getattr(row, name) for name in CertificateOut.model_fields})
