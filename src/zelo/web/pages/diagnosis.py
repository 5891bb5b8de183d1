"""Who caused a block, from a zip of any program's XML: read, told and forgotten. Nothing of the upload is kept."""

import io
import json
from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from zelo.access.may import Action
from zelo.fiscal.fault import Fault
from zelo.guard import shell as guard
from zelo.guard import sighting
from zelo.guard.diagnosis import told, unpack
from zelo.guard.diagnosis.diagnose import diagnose
from zelo.guard.diagnosis.evidence import Trouble
from zelo.guard.diagnosis.reading import read
from zelo.guard.diagnosis.report import FORMAT, Day, Report, as_json
from zelo.guard.diagnosis.unpack import Bounds, TooMuchError
from zelo.web.gate import FIELD_BYTES, Visit, guarded, guarded_form
from zelo.web.render import noticed, page

router = APIRouter(include_in_schema=False)
Sender = Annotated[Visit, guarded_form(Action.EMIT)]

UPLOAD: Final = "arquivo"
REPORT: Final = "diagnostico"
BOUNDS: Final = Bounds(files=100_000, total_bytes=1_000_000_000)
"""Of a page, which people wait for; the command takes more."""
SHOWN: Final = 50
SHOWN_NEAREST: Final = 10
"""Of long lists that only warn; the JSON has them all."""
MOST_BARS: Final = 62
"""Days in the picture, the last ones: two months."""
NO_FILE: Final = Fault("ARQUIVO-FALTA", "Falta o arquivo.", "Escolha um zip com os XML enviados e os retornos.")
NO_REPORT: Final = Fault("ARQUIVO-JSON", "Não é um diagnóstico daqui.", "Envie o zip de novo.")
_BAR_HEIGHT: Final = 100
_NAME: Final = "diagnostico-consumo-indevido.json"


@router.get("/e/{company_id}/guarda/diagnostico")
def ask(visit: Annotated[Visit, guarded(Action.EMIT)]) -> Response:
    """The form."""
    return page(visit, "diagnosis.html", fault=None, most=visit.tools.settings.upload_bytes)


@router.post("/e/{company_id}/guarda/diagnostico")
def answer(visit: Sender) -> Response:
    """The report of what was sent."""
    _, content = visit.file(UPLOAD)
    most = visit.tools.settings.upload_bytes
    if not content:
        return page(visit, "diagnosis.html", status=422, fault=NO_FILE, most=most)
    try:
        report = _report(content)
    except TooMuchError as error:
        sentence, _, remedy = str(error).partition(". ")
        fault = Fault("ARQUIVO-ZIP", f"{sentence}.", remedy)
        return page(visit, "diagnosis.html", status=422, fault=fault, most=most)
    text = json.dumps(as_json(report, told.sentences(report)), ensure_ascii=False)
    fits = len(text.encode()) < FIELD_BYTES
    return page(
        visit,
        "diagnosis_report.html",
        report=report,
        told=told,
        bars=bars(report.days),
        most_shown=SHOWN,
        most_near=SHOWN_NEAREST,
        text=text if fits else "",
    )


@router.post("/e/{company_id}/guarda/diagnostico/arquivo")
def download(visit: Sender) -> Response:
    """The JSON of the report on the page comes back as a file; nothing was kept, so the page itself brings it."""
    known = _known(visit.fields.get(REPORT, ""))
    if known is None:
        return page(visit, "diagnosis.html", status=422, fault=NO_REPORT, most=visit.tools.settings.upload_bytes)
    headers = {"Content-Disposition": f'attachment; filename="{_NAME}"'}
    body = json.dumps(known, ensure_ascii=False, indent=2)
    return Response(body, media_type="application/json; charset=utf-8", headers=headers)


@router.post("/e/{company_id}/guarda/diagnostico/guardar")
def keep(visit: Sender) -> Response:
    """Who sent, and nothing else of the report, is kept for the page of who uses the certificate."""
    known = _known(visit.fields.get(REPORT, ""))
    if known is None or visit.company is None:
        return page(visit, "diagnosis.html", status=422, fault=NO_REPORT, most=visit.tools.settings.upload_bytes)
    seen = sighting.read(known, visit.company.cnpj_base)
    with visit.tools.engine.begin() as connection:
        guard.keep_sightings(connection, seen, visit.company_id, visit.now, visit.person.actor)
        visit.record(connection, "guardou quem enviou, de um diagnóstico", visit.company_id, vistos=len(seen))
    return RedirectResponse(noticed(f"/e/{visit.company_id}/guarda/certificado", "vistos"), 303)


def _known(text: str) -> dict[str, Any] | None:
    """A report in the form in which the page carries it; None for anything else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and found.get("format") == FORMAT else None


def _report(content: bytes) -> Report:
    archive, inside = unpack.opened(io.BytesIO(content), BOUNDS)
    found = unpack.documents(archive, inside, BOUNDS)
    return diagnose(one if isinstance(one, Trouble) else read(name, one) for name, one in found)


def bars(days: tuple[Day, ...]) -> list[tuple[Day, int, int]]:
    """Each calendar day with the heights of its rejections and of what a block refused; days between count as empty."""
    if not days:
        return []
    by_day = {day.day: day for day in days}
    last = days[-1].day
    first = max(days[0].day, last - timedelta(days=MOST_BARS - 1))
    dates = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    shown = [by_day.get(date, Day(date, 0, 0)) for date in dates]
    top = max(day.rejections + day.blocked for day in shown) or 1
    return [(day, _height(day.rejections, top), _height(day.blocked, top)) for day in shown]


def _height(count: int, top: int) -> int:
    """At least one where there is anything at all."""
    return max(1, count * _BAR_HEIGHT // top) if count else 0
