"""Turns a template and its values into a page. Everything is escaped, an undefined name is an error of ours."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from zelo.access.may import Action
from zelo.facts import place
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.chave import in_blocks
from zelo.fiscal.uf import Uf
from zelo.flow.tools import Tools
from zelo.guard.halt import PROBED
from zelo.monitor.wording import EVENT_WORDING, WORDING
from zelo.web import present, words
from zelo.web.gate import Visit

STATIC_FOLDER: Final = Path(__file__).parent / "static"
STATIC_PATH: Final = "/estatico"
NOTICE: Final = "aviso"
"""The query parameter that names a notice."""
_VERSION_CHARS: Final = 10


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of the menu: shown to whoever may do `action`."""

    label: str
    path: str
    action: Action


FILTERS: Final = (
    "reais", "whole", "share", "period", "moment", "near", "day", "iso", "span", "ago", "when", "seconds", "days_left",
    "document_number", "without_cpf", "plural",
)  # fmt: skip
"""What templates may use of present.py, by name."""

MENU: Final = (
    Link("Mês", "mes", Action.VIEW),
    Link("Notas", "notas", Action.VIEW),
    Link("Faturamento", "faturamento", Action.VIEW),
    Link("Cancelamentos", "cancelamentos", Action.VIEW),
    Link("Estabelecimentos", "estabelecimentos", Action.VIEW),
    Link("Números", "numeros", Action.VIEW),
    Link("Certificados", "certificados", Action.VIEW),
    Link("Guarda", "guarda", Action.VIEW),
    Link("Situação", "situacao", Action.VIEW),
    Link("Avisos", "avisos", Action.VIEW),
    Link("Contingência", "contingencia", Action.VIEW),
    Link("Pessoas", "pessoas", Action.MANAGE_PEOPLE),
    Link("Chaves de API", "chaves", Action.MANAGE_PEOPLE),
    Link("Auditoria", "auditoria", Action.VIEW_AUDIT),
)


@cache
def static_url(name: str) -> str:
    """Address of a file of ours with a part of its digest, so that browsers may keep it for ever."""
    digest = hashlib.sha256((STATIC_FOLDER / name).read_bytes()).hexdigest()
    return f"{STATIC_PATH}/{name}?v={digest[:_VERSION_CHARS]}"


@cache
def environment() -> Environment:
    """The templates with their filters."""
    made = Environment(
        loader=PackageLoader("zelo.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in FILTERS:
        made.filters[name] = getattr(present, name)
    made.filters["in_blocks"] = in_blocks
    made.globals.update(
        static=static_url,
        Action=Action,
        WORDING=WORDING,
        EVENT_WORDING=EVENT_WORDING,
        words=words,
        PROBED=PROBED,
        PRODUCAO=Ambiente.PRODUCAO,
    )
    return made


def page(visit: Visit, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """A page for somebody who is here; `context` adds to what every page knows."""
    menu = [link for link in MENU if visit.company is not None and visit.can(link.action)]
    known = {
        "visit": visit,
        "company": visit.company,
        "person": visit.person,
        "csrf": visit.csrf,
        "menu": menu,
        "zone": place.zone(Uf.DF),
    }
    return _html(visit.request, visit.tools, template, status, known | context)


def open_page(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """A page for anybody."""
    known = {"visit": None, "company": None, "person": None, "csrf": "", "menu": ()}
    return _html(request, request.app.state.tools, template, status, known | context)


def _html(request: Request, tools: Tools, template: str, status: int, context: dict[str, Any]) -> HTMLResponse:
    notice = words.NOTICES.get(request.query_params.get(NOTICE, ""), "")
    common = {"now": tools.clock(), "ambiente": tools.ambiente, "path": request.url.path, "notice": notice}
    return HTMLResponse(environment().get_template(template).render(common | context), status)


def noticed(path: str, notice: str) -> str:
    """An address that shows a notice when it is opened."""
    return f"{path}{'&' if '?' in path else '?'}{NOTICE}={notice}"
