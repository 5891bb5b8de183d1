"""Notes on paper: the DANFE-COM of one, of a whole search in one PDF or a zip, and the logo that stands on them."""

from typing import Annotated, Final

from fastapi import APIRouter, HTTPException
from starlette.responses import RedirectResponse, Response

from zelo.access.may import Action
from zelo.fiscal.fault import Fault
from zelo.flow import paper
from zelo.monitor.shell import Wanted
from zelo.printing import book, logo
from zelo.printing import shell as printing
from zelo.web import download
from zelo.web.forms import Filled, blank
from zelo.web.gate import Visit, guarded, guarded_form
from zelo.web.pages.note import find_note
from zelo.web.pages.notes import search
from zelo.web.render import noticed, page

router = APIRouter(include_in_schema=False)
Viewer = Annotated[Visit, guarded(Action.VIEW)]
ManagerForm = Annotated[Visit, guarded_form(Action.MANAGE_ESTABLISHMENTS)]

PDF: Final = "application/pdf"
FILE: Final = "arquivo"
NO_FILE: Final = Fault(logo.RULE, "Falta o arquivo.", "Escolha uma imagem PNG ou JPEG.")


@router.get("/e/{company_id}/notas/{note_id}/pdf")
def one(visit: Viewer, note_id: str) -> Response:
    """The DANFE-COM of a note."""
    return pdf_answer(visit, note_id)


def pdf_answer(visit: Visit, note_id: str) -> Response:
    """The PDF, shown by the browser. Raises HTTPException 404 where nothing was signed, 409 where it cannot be yet."""
    with visit.tools.engine.read() as connection:
        row = find_note(connection, visit, note_id)
        sheaf = paper.sheaf(connection, row)
    if sheaf is None:
        raise HTTPException(404)
    return _file(_printed(book.danfe(sheaf)), paper.name(row.chave))


@router.get("/e/{company_id}/danfecom")
def many(visit: Viewer) -> Response:
    """The authorised notes of a search in one PDF, as the list of notes is asked for."""
    found = paper.sheaves(visit.tools.engine, visit.company_id, search(visit).wanted)
    return _file(_printed(book.together(sheaf for _, sheaf in found)), "danfecom.pdf")


@router.get("/e/{company_id}/danfecom.zip")
def archive(visit: Viewer) -> Response:
    """The same, a PDF each, sent while they are printed."""
    return zip_answer(visit, search(visit).wanted)


def zip_answer(visit: Visit, wanted: Wanted) -> Response:
    """A zip of the authorised notes asked for."""
    name = f"danfecom-{wanted.period}.zip" if wanted.period else "danfecom.zip"
    sheaves = paper.sheaves(visit.tools.engine, visit.company_id, wanted)
    return download.zip_answer(name, lambda out: book.zipped(sheaves, out))


def _printed(pdf: bytes | Fault) -> bytes:
    if isinstance(pdf, Fault):
        raise HTTPException(409, f"{pdf.sentence} {pdf.remedy}")
    return pdf


def _file(pdf: bytes, name: str) -> Response:
    return Response(pdf, media_type=PDF, headers={"Content-Disposition": f'inline; filename="{name}"'})


@router.get("/e/{company_id}/logotipo")
def logo_page(visit: Viewer) -> Response:
    """The logo in use, and another one."""
    return _page(visit, blank(()))


@router.get("/e/{company_id}/logotipo/imagem")
def logo_picture(visit: Viewer) -> Response:
    """The picture itself."""
    with visit.tools.engine.read() as connection:
        found = printing.logo(connection, visit.company_id)
    if found is None:
        raise HTTPException(404)
    return Response(found.content, media_type="image/jpeg")


@router.post("/e/{company_id}/logotipo")
def keep_logo(visit: ManagerForm) -> Response:
    """Take a logo in."""
    form = blank(())
    _, content = visit.file(FILE)
    made = logo.remake(content) if content else NO_FILE
    if isinstance(made, Fault):
        form.refuse(FILE, made)
        return _page(visit, form, status=422)
    with visit.tools.engine.begin() as connection:
        printing.keep_logo(connection, company_id=visit.company_id, now=visit.now, logo=made)
        visit.record(connection, "trocou o logotipo", visit.company_id, pixels=f"{made.width} x {made.height}")
    return RedirectResponse(noticed(f"/e/{visit.company_id}/logotipo", "logotipo"), 303)


@router.post("/e/{company_id}/logotipo/retirar")
def remove_logo(visit: ManagerForm) -> Response:
    """Print without one."""
    with visit.tools.engine.begin() as connection:
        printing.remove_logo(connection, visit.company_id)
        visit.record(connection, "retirou o logotipo", visit.company_id)
    return RedirectResponse(noticed(f"/e/{visit.company_id}/logotipo", "logotipo-retirado"), 303)


def _page(visit: Visit, form: Filled, status: int = 200) -> Response:
    with visit.tools.engine.read() as connection:
        found = printing.logo(connection, visit.company_id)
    return page(visit, "logo.html", status=status, logo=found, form=form, file=FILE, most=logo.MOST_BYTES // 1000)
