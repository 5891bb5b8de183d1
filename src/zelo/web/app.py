"""Puts the surface together: routes, the shield around them, what refuses, and what they share."""

import threading
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from zelo.flow.tools import Tools
from zelo.web import health, live
from zelo.web.api import companies as api_companies
from zelo.web.api import docs
from zelo.web.api import documents as api_documents
from zelo.web.api import guard as api_guard
from zelo.web.api.shapes import Faults
from zelo.web.metrics import Meter
from zelo.web.pages import (
    audit,
    batch,
    billing,
    cancellation,
    cancellations,
    certificate_use,
    certificates,
    codes,
    companies,
    contingency,
    diagnosis,
    entry,
    establishments,
    fixes,
    guard,
    guard_others,
    importing,
    keys,
    month,
    note,
    note_form,
    notes,
    notices,
    numbers,
    pack,
    paper,
    parameters,
    people,
    sent,
    situation,
)
from zelo.web.refusal import SENTENCES, on_http, on_invalid
from zelo.web.render import STATIC_FOLDER, STATIC_PATH
from zelo.web.shield import Shield

PAGES: Final = (
    entry.router,
    companies.router,
    codes.router,
    live.router,
    month.router,
    pack.router,
    fixes.router,
    numbers.router,
    notes.router,
    note_form.router,
    note.router,
    paper.router,
    cancellation.router,
    cancellations.router,
    billing.router,
    sent.router,
    batch.router,
    importing.router,
    establishments.router,
    certificates.router,
    people.router,
    keys.router,
    audit.router,
    situation.router,
    contingency.router,
    guard.router,
    guard_others.router,
    certificate_use.router,
    diagnosis.router,
    parameters.router,
    notices.router,
    health.router,
    docs.router,
)
"""note_form comes before note: its fixed paths would else be taken for ids."""
API: Final = (api_companies.router, api_documents.router, api_guard.router)
_REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Faults, "description": SENTENCES[status][0]}
    for status in (400, 401, 403, 404, 405, 413, 422, 500, 503)
}


def create_app(tools: Tools) -> FastAPI:
    """The whole surface on one installation's tools.

    Who stops the server sets `app.state.closing` first, so that pages open live do not keep it waiting.
    """
    app = FastAPI(title="zelo", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.tools = tools
    app.state.meter = Meter(tools)
    app.state.streams = set()
    app.state.closing = threading.Event()
    for router in PAGES:
        app.include_router(router)
    for router in API:
        app.include_router(router, responses=_REFUSALS)
    app.mount(STATIC_PATH, StaticFiles(directory=STATIC_FOLDER), name="static")
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_middleware(Shield, tools=tools, meter=app.state.meter)
    return app
