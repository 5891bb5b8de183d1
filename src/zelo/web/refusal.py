"""How a request is refused: a page for people, a list of faults for programs, and never a stack trace."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from zelo.fiscal.fault import Fault
from zelo.web.render import open_page

API: Final = "/api/"
ENTRY: Final = "/entrar"
NEXT: Final = "ir"
MOST_FAULTS: Final = 50
RETRY_SECONDS: Final = "5"
_UNAUTHORISED: Final = 401
_UNAVAILABLE: Final = 503

SENTENCES: Final = {
    400: ("Pedido ilegível", "O pedido não pôde ser lido.", "Volte, recarregue a página e tente de novo."),
    401: ("Quem é você?", "É preciso entrar, ou enviar uma chave de API que valha.", "Entre e tente de novo."),
    403: ("Sem permissão", "Você não pode fazer isso.", "Peça a um administrador da empresa."),
    404: ("Não encontrado", "O endereço não existe, ou não é seu.", "Confira o endereço."),
    405: ("Não é assim", "O endereço existe, mas não aceita esse tipo de pedido.", "Volte e tente de novo."),
    409: ("Não é possível agora", "O estado mudou e não permite isso.", "Recarregue a página e confira."),
    413: ("Grande demais", "O que foi enviado passa do tamanho aceito.", "Divida o arquivo em partes."),
    415: ("Formato não aceito", "O corpo do pedido não está no formato esperado.", "Confira o Content-Type."),
    422: ("Dados com erros", "Há dados que não servem.", "Corrija o que está apontado."),
    500: (
        "Erro nosso",
        "O zelo falhou ao atender. Nada do que você digitou foi gravado pela metade.",
        "Tente de novo.",
    ),
    503: ("Indisponível por instantes", "O serviço não pode atender agora.", "Tente de novo em alguns segundos."),
}
"""Title, sentence and remedy of each status."""


def refuse(request: Request, status: int, said: str = "", headers: Mapping[str, str] | None = None) -> Response:
    """The answer with that status; `said` replaces the usual sentence."""
    title, sentence, remedy = SENTENCES.get(status, SENTENCES[400])
    request_id = request.scope.get("request_id", "")
    if request.url.path.startswith(API):
        answer: Response = faulty(status, [Fault(f"HTTP-{status}", said or sentence, remedy, value=request_id)])
    else:
        again = local_path(str(request.url.path)) if status == _UNAVAILABLE and request.method == "GET" else ""
        answer = open_page(
            request, "error.html", status=status, title=title, sentence=said or sentence, remedy=remedy,
            request_id=request_id, again=again,
        )  # fmt: skip
        if again:
            answer.headers["Refresh"] = RETRY_SECONDS
    answer.headers.update(headers or {})
    return answer


def faulty(status: int, faults: list[Fault]) -> JSONResponse:
    """Faults as programs get them."""
    rows = [
        {
            "rule": fault.rule,
            "sentence": fault.sentence,
            "remedy": fault.remedy,
            "where": fault.where,
            "value": fault.value,
            "cstat": fault.cstat,
        }
        for fault in faults[:MOST_FAULTS]
    ]
    return JSONResponse({"faults": rows}, status)


def on_http(request: Request, error: Exception) -> Response:
    """What a route refused. Somebody unknown who wants to see a page is shown the way in."""
    assert isinstance(error, HTTPException)
    wants_page = request.method == "GET" and not request.url.path.startswith(API)
    if error.status_code == _UNAUTHORISED and wants_page:
        return RedirectResponse(_way_in(request), 303)
    standard = HTTPException(error.status_code).detail
    said = error.detail if error.detail != standard and error.status_code in _SPEAKS else ""
    return refuse(request, error.status_code, said, error.headers)


_SPEAKS: Final = frozenset({403, 409, 413, 422, 503})
"""Statuses whose sentence is ours when a route gives one; the others come from the framework, in English."""


def _way_in(request: Request) -> str:
    path = request.url.path
    if path == "/":
        return ENTRY
    wanted = f"{path}?{request.url.query}" if request.url.query else path
    return f"{ENTRY}?{NEXT}={quote(wanted)}"


def on_invalid(request: Request, error: Exception) -> Response:
    """Parameters or a body that do not fit the documented shape."""
    assert isinstance(error, RequestValidationError)
    if not request.url.path.startswith(API):
        return refuse(request, 400)
    faults = [
        Fault(
            "API-CAMPO",
            _SHAPES.get(item["type"], "O valor não serve para o campo."),
            "Confira o contrato em /api/docs.",
            "/".join(str(part) for part in item["loc"][1:]),
        )
        for item in error.errors()
    ]
    return faulty(422, faults)


_SHAPES: Final = {
    "missing": "Falta o campo.",
    "json_invalid": "O corpo não é JSON.",
    "extra_forbidden": "O campo não existe.",
    "string_too_long": "O texto é longo demais.",
    "model_attributes_type": "O corpo precisa ser um objeto JSON.",
}


def local_path(text: str) -> str:
    """Where to go after logging in: a path of ours, else the start. Never another site."""
    good = text.startswith("/") and not text.startswith("//") and "\\" not in text and text.isprintable()
    return text if good else "/"
