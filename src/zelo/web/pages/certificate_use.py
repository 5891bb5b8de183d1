"""Who else uses the company's certificate: each piece of evidence with its day and what to do; and the dossier."""

from typing import Annotated, Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from zelo.access.may import Action
from zelo.flow import dossier, evidence
from zelo.guard.dossier import pack
from zelo.web.gate import Visit, guarded
from zelo.web.render import page

router = APIRouter(include_in_schema=False)

SHOWN: Final = 50
"""Of each kind; the dossier has more."""
FILE_NAME: Final = "dossie-desbloqueio.zip"


@router.get("/e/{company_id}/guarda/certificado")
def show(visit: Annotated[Visit, guarded(Action.VIEW)]) -> Response:
    """What is known."""
    with visit.tools.engine.read() as connection:
        found = evidence.of_company(connection, visit.company_id)
        zone = visit.zone(connection)
    kinds: dict[str, Any] = {
        "elsewhere": [one for one in found.blocks if one.caused_elsewhere][:SHOWN],
        "unnamed": [one for one in found.blocks if not one.culprit][:SHOWN],
        "duplicates": found.duplicates[:SHOWN],
        "askers": found.askers[:SHOWN],
        "sightings": found.sightings[:SHOWN],
    }
    known: dict[str, Any] = {"zone": zone, "blocked": bool(found.blocks), "nothing": not any(kinds.values())}
    return page(visit, "certificate_use.html", **kinds, **known)


@router.get("/e/{company_id}/guarda/dossie")
def download(visit: Annotated[Visit, guarded(Action.EMIT)]) -> Response:
    """The dossier for the authority, as one file."""
    with visit.tools.engine.begin() as connection:
        found = dossier.collect(connection, visit.tools, visit.company_id, visit.now)
        visit.record(connection, "baixou o dossiê de desbloqueio", visit.company_id, bloqueios=len(found.facts))
    headers = {"Content-Disposition": f'attachment; filename="{FILE_NAME}"'}
    return Response(pack(found), media_type="application/zip", headers=headers)
