"""The A1 certificates of a company: installed, judged, kept sealed, watched until they expire, taken out of use."""

from typing import Annotated, Final

from fastapi import APIRouter, HTTPException
from starlette.responses import RedirectResponse, Response

from zelo.access.may import Action
from zelo.access.shell import companies
from zelo.fiscal.fault import Fault
from zelo.sign.certificate import UNREADABLE, WRONG_PASSWORD, Certificate, judge, load_pkcs12
from zelo.web.forms import Field, Filled, blank, fill
from zelo.web.gate import Visit, guarded, guarded_form
from zelo.web.pages.note import NOT_SURE
from zelo.web.render import noticed, page

router = APIRouter(include_in_schema=False)
ManagerForm = Annotated[Visit, guarded_form(Action.MANAGE_CERTIFICATES)]

FILE: Final = "arquivo"
FILE_BYTES: Final = 200_000
"""An A1 with its chain has some ten thousand."""
PASSWORD: Final = Field(
    name="senha", label="Senha do arquivo", kind="password", chars=200, width=3,
    hint="A senha com que o certificado foi exportado.",
)  # fmt: skip
NO_FILE: Final = Fault(UNREADABLE, "Falta o arquivo.", "Escolha o arquivo .pfx ou .p12.")
TOO_LARGE: Final = Fault(UNREADABLE, "O arquivo é grande demais para um certificado.", "Escolha o .pfx ou .p12.")
INSTALLED: Final = Fault("CERT-REPETIDO", "Este certificado já está instalado.", "Escolha-o no estabelecimento.")


@router.get("/e/{company_id}/certificados")
def certificates(visit: Annotated[Visit, guarded(Action.VIEW)]) -> Response:
    """Those in use, the one that lasts longest first."""
    return _list(visit, blank((PASSWORD,)))


@router.post("/e/{company_id}/certificados")
def install(visit: ManagerForm) -> Response:
    """Install a certificate file."""
    form = fill((PASSWORD,), visit.fields)
    _, content = visit.file(FILE)
    if form.good():
        install_certificate(visit, content, form)
    if not form.good():
        form.typed[PASSWORD.name] = ""
        return _list(visit, form, status=422)
    return RedirectResponse(noticed(f"/e/{visit.company_id}/certificados", "certificado"), 303)


def install_certificate(visit: Visit, content: bytes, form: Filled) -> str | None:
    """Its id, or None with what is wrong told in the form."""
    password = form.text(PASSWORD.name)
    loaded = _load(content, password)
    if isinstance(loaded, Fault):
        form.refuse(PASSWORD.name if loaded.rule == WRONG_PASSWORD else FILE, loaded)
        return None
    for fault in judge(loaded, visit.company.cnpj_base if visit.company else "", visit.now):
        form.refuse(FILE, fault)
    if not form.good():
        return None
    with visit.tools.engine.begin() as connection:
        known = companies.certificates(connection, visit.company_id)
        if any(row.fingerprint == loaded.fingerprint for row in known):
            form.refuse(FILE, INSTALLED)
            return None
        installed = companies.keep_certificate(
            connection, now=visit.now, chance=visit.tools.chance, vault=visit.tools.vault,
            company_id=visit.company_id, file=content, password=password, shown=loaded.shown(),
        )  # fmt: skip
        visit.record(connection, "instalou o certificado", installed, impressao=loaded.fingerprint)
    return installed


def _load(content: bytes, password: str) -> Certificate | Fault:
    if not content:
        return NO_FILE
    if len(content) > FILE_BYTES:
        return TOO_LARGE
    return load_pkcs12(content, password)


@router.post("/e/{company_id}/certificados/{certificate_id}/retirar")
def remove(visit: ManagerForm, certificate_id: str) -> Response:
    """Take a certificate out of use; establishments that used it have none afterwards."""
    if not visit.sure:
        raise HTTPException(422, NOT_SURE)
    with visit.tools.engine.begin() as connection:
        known = {row.id for row in companies.certificates(connection, visit.company_id)}
        if certificate_id not in known:
            raise HTTPException(404)
        companies.remove_certificate(connection, certificate_id, visit.now)
        visit.record(connection, "retirou o certificado", certificate_id)
    return RedirectResponse(noticed(f"/e/{visit.company_id}/certificados", "certificado-retirado"), 303)


def _list(visit: Visit, form: Filled, status: int = 200) -> Response:
    with visit.tools.engine.read() as connection:
        rows = companies.certificates(connection, visit.company_id)
        emitters = companies.establishments(connection, visit.company_id)
        zone = visit.zone(connection)
    used = {row.id: [e for e in emitters if row.id in (e.certificate_id, e.transmitter_id)] for row in rows}
    return page(
        visit, "certificates.html", status=status, rows=rows, used=used, form=form, password=PASSWORD, file=FILE,
        zone=zone,
    )  # fmt: skip
