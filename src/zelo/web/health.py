"""For whoever watches the installation from outside: is the process alive, is it ready, what are its numbers."""

import shutil
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse, Response

from zelo.engine import migrate, trouble
from zelo.engine.migrate import Shape
from zelo.flow.tools import Tools
from zelo.web.metrics import CONTENT_TYPE, Meter

router = APIRouter(include_in_schema=False)

LEAST_FREE_BYTES: Final = 200_000_000
_WRONG_SHAPE: Final = "O banco de dados não tem a forma que esta versão espera: reinicie o zelo para atualizá-lo."
_LITTLE_SPACE: Final = "Resta pouco espaço na pasta de dados: libere espaço."


@router.api_route("/healthz", methods=["GET", "HEAD"])
def alive() -> Response:
    """The process lives, whatever its database does."""
    return JSONResponse({"ok": True})


@router.api_route("/readyz", methods=["GET", "HEAD"])
def ready(request: Request) -> Response:
    """Whether requests can be served; 503 with the reason when not."""
    reason = _not_ready(request.app.state.tools)
    return JSONResponse({"ok": not reason, "reason": reason}, 503 if reason else 200)


def _not_ready(tools: Tools) -> str:
    try:
        shape = migrate.shape(tools.engine)
    except SQLAlchemyError as error:
        return trouble.sentence(error)
    if shape is not Shape.CURRENT:
        return _WRONG_SHAPE
    folder = Path(tools.settings.data_dir)
    if folder.is_dir() and shutil.disk_usage(folder).free < LEAST_FREE_BYTES:
        return _LITTLE_SPACE
    return ""


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """For a Prometheus. Keep it from the outside with the proxy, as /readyz."""
    meter: Meter = request.app.state.meter
    return Response(meter.text(), media_type=CONTENT_TYPE)
