"""What every page has around it: head, name, way out; and the way back to the first one."""

from typing import Final

from zelo.pos.edge.page.house import House
from zelo.pos.edge.page.markup import Child, Markup, el

REFRESH_SECONDS: Final = 5
_REFRESH_PLAIN_SECONDS: Final = "15"


def document(title: str, *main: Child, house: House | None = None, live: bool = False, csrf: str = "") -> str:
    """A whole page. `live`: it renews itself; by a script, or every few seconds without."""
    name = f"gateway {house.name}" if house is not None else ""
    again = el("noscript", el("meta", http_equiv="refresh", content=_REFRESH_PLAIN_SECONDS)) if live else None
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("title", f"{title} · zelo"),
        el("link", rel="stylesheet", href="/pagina/zelo.css"),
        again,
        el("script", src="/pagina/zelo.js", defer=True) if live else None,
    )
    leave = el("form", _hidden(csrf), el("button", "Sair", class_="link"), method="post", action="/sair")
    top = el(
        "header",
        el("a", "zelo", href="/", class_="brand"),
        el("span", name, class_="soft"),
        leave if csrf else None,
    )
    skip = el("a", "Ir para o conteúdo", href="#conteudo", class_="skip")
    whole = el("main", *main, id="conteudo", tabindex="-1", data_live=str(REFRESH_SECONDS) if live else None)
    return "<!doctype html>" + el("html", head, el("body", skip, top, whole), lang="pt-BR")


def back() -> Markup:
    """The way to the first page."""
    return el("p", el("a", "‹ Início", href="/"), class_="crumb")


def _hidden(csrf: str) -> Markup:
    return el("input", type="hidden", name="csrf", value=csrf)
