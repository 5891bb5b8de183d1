"""The contract of the API: OpenAPI for programs, and a page of ours for people that loads nothing from elsewhere."""

from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import JSONResponse, Response

from zelo.models.nfcom import codec
from zelo.models.nfcom.draft import NfcomDraft
from zelo.settings.version import VERSION
from zelo.web.api.shapes import NoteIn
from zelo.web.render import open_page

router = APIRouter(include_in_schema=False)

_REF: Final = "#/components/schemas/{model}"
_DRAFT: Final = NfcomDraft.__name__
ABOUT: Final = (
    "Entregue notas, acompanhe-as e baixe os XML. Toda operação pede o cabeçalho Authorization: Bearer zelo_…, com uma "
    "chave que um administrador cria em Chaves de API. Erros vêm como uma lista de faltas, com regra, frase e remédio."
)


def schema(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the draft's schema as models/nfcom/codec has it; made once."""
    if app.openapi_schema is None:
        made = get_openapi(title="zelo", version=VERSION, description=ABOUT, routes=app.routes)
        components = made.setdefault("components", {}).setdefault("schemas", {})
        draft = codec.ADAPTER.json_schema(ref_template=_REF)
        components |= draft.pop("$defs", {})
        components[_DRAFT] = draft
        components[NoteIn.__name__]["properties"]["draft"] = {"$ref": _REF.format(model=_DRAFT)}
        app.openapi_schema = made
    return app.openapi_schema


@router.get("/api/openapi.json")
def openapi(request: Request) -> Response:
    """For programs."""
    return JSONResponse(schema(request.app))


@router.get("/api/docs")
def docs(request: Request) -> Response:
    """For people."""
    made = schema(request.app)
    operations = [
        (method.upper(), path, operation)
        for path, methods in made["paths"].items()
        for method, operation in methods.items()
    ]
    return open_page(request, "docs.html", operations=operations, schemas=made["components"]["schemas"], about=ABOUT)
