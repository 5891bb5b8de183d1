"""The pages: how everything stands, a device, the entrance. Text in, HTML out."""

from collections.abc import Sequence
from typing import Final

from zelo.pos.edge.gather.rules import Finding, Level
from zelo.pos.edge.page import doubt, sending
from zelo.pos.edge.page.frame import back, document
from zelo.pos.edge.page.house import CHECK, MOST_CODE_CHARACTERS, House, Tested
from zelo.pos.edge.page.markup import Child, Markup, el
from zelo.pos.edge.page.part import badge, device_card, device_facts, device_path, form, sale_row
from zelo.pos.edge.page.words import NOTED, age, instant, paired, plural, reais

TONES: Final = {Level.URGENT: "action", Level.WARNING: "waiting", Level.NOTICE: "moving"}
MOST_LAST: Final = 10
NOTICES: Final = {
    "codigo": "O código foi gravado. O equipamento está sendo consultado com ele.",
    "aceitar": "A venda passa a valer; a decisão foi anotada.",
    "tentar": "Os documentos recusados voltaram à fila; o que a central recusar de novo volta para esta lista.",
    CHECK: NOTED,
    "cancelar": "O cancelamento foi pedido; ele acontece assim que o equipamento responder.",
}
"""What a page says after something was done, by the word in its address."""


def overview(house: House, csrf: str, notice: str = "") -> str:
    """How everything stands."""
    return document(
        _title(house),
        _said(notice),
        _verdict(house),
        el("ul", [_finding(house, each) for each in house.findings], class_="findings") if house.findings else None,
        doubt.listed(house),
        el("h2", "Equipamentos"),
        el("ul", [device_card(house, seen) for seen in house.devices], class_="cards"),
        *_pair(house),
        el("h2", "Últimas vendas"),
        _last(house),
        el("h2", "Fila para a central" if house.centre.url else "Fila"),
        sending.queue(house),
        sending.refused(house, csrf),
        house=house,
        live=True,
        csrf=csrf,
    )


def device(house: House, name: str, csrf: str, notice: str = "", tested: Sequence[Tested] = ()) -> str | None:
    """A device; None for one that is not here."""
    seen = next((each for each in house.devices if each.name == name), None)
    if seen is None:
        return None
    code_field = (
        el("label", "Código de ativação", for_="codigo"),
        el(
            "input",
            id="codigo",
            name="codigo",
            type="password",
            autocomplete="off",
            required=True,
            maxlength=str(MOST_CODE_CHARACTERS),
        ),
        el("p", "Fica cifrado nesta máquina e nunca é mostrado. ", _code_now(has_code=seen.has_code), class_="hint"),
    )
    base = device_path(name)
    return document(
        name,
        back(),
        _said(notice),
        el("h1", name, " ", badge(seen)),
        el("ul", [_finding(house, each) for each in house.findings if each.device == name], class_="findings"),
        _tested(tested),
        el(
            "div",
            el(
                "section",
                el("h2", "Testar"),
                el("p", "Pergunta se está vivo e como está. Nada é emitido; as vendas vêm primeiro."),
                form(f"{base}/teste", csrf, "Testar agora"),
                class_="card",
            ),
            el(
                "section",
                el("h2", "Código de ativação"),
                form(f"{base}/codigo", csrf, "Gravar", *code_field),
                class_="card",
            ),
            class_="two",
        ),
        el("section", el("h2", "O que o equipamento diz"), device_facts(house, seen), class_="card"),
        house=house,
        csrf=csrf,
    )


def entrance(fault: str = "") -> str:
    """Where the token is typed."""
    return document(
        "Entrar",
        el(
            "section",
            el("h1", "Entrar no gateway"),
            el("p", fault, class_="alert action", role="alert") if fault else None,
            el(
                "form",
                el("input", name="usuario", value="gateway", autocomplete="username", hidden=True),
                el("label", "Token", for_="token"),
                el(
                    "input",
                    id="token",
                    name="token",
                    type="password",
                    autocomplete="current-password",
                    required=True,
                    autofocus=True,
                    maxlength="200",
                ),
                el(
                    "p",
                    "Está no arquivo edge.token da pasta do gateway; zelo-edge token o mostra a quem pode lê-la.",
                    class_="hint",
                ),
                el("button", "Entrar"),
                method="post",
                action="/entrar",
            ),
            class_="card narrow",
        ),
    )


def trouble(sentence: str, remedy: str, csrf: str = "") -> str:
    """What went wrong, and what to do."""
    back = el("p", el("a", "Voltar ao início", href="/"))
    return document("Não deu certo", el("h1", sentence), el("p", remedy, class_="lead"), back, csrf=csrf)


def _title(house: House) -> str:
    return f"({len(house.findings)}) {house.name}" if house.findings else house.name


def _said(notice: str) -> Child:
    return el("p", NOTICES[notice], class_="notice", role="status") if notice in NOTICES else None


def _verdict(house: House) -> Markup:
    """The one sentence that somebody reads from the door."""
    ready, whole = sum(seen.sells for seen in house.devices), len(house.devices)
    urgent = any(each.level is Level.URGENT for each in house.findings)
    if not house.writes:
        tone, sentence = "action", "O disco não deixa gravar: este gateway não vende."
    elif ready == 0:
        tone, sentence = "action", "Nenhum equipamento pode vender."
    elif ready < whole:
        tone, sentence = "waiting", f"As vendas seguem, com {ready} de {whole} equipamentos prontos."
    elif urgent:
        tone, sentence = "waiting", f"Vende, mas há o que resolver: {ready} de {whole} equipamentos prontos."
    else:
        told = f"{plural(ready, 'equipamento pronto', 'equipamentos prontos')} para vender"
        notices = len(house.findings)
        more = f"{told}; veja {plural(notices, 'aviso', 'avisos')} abaixo."
        tone, sentence = "done", more if notices else f"Tudo certo: {told}."
    sales, cents = house.sold
    return el(
        "section",
        el("h1", sentence),
        el("p", f"Hoje: {plural(sales, 'venda', 'vendas')}, {reais(cents)}.", class_="lead"),
        el(
            "p",
            f"Visto às {instant(house.now)[-8:]} · ligado {age(house.started_at, house.now)} · zelo {house.version}",
            class_="age",
            id="idade",
        ),
        class_=f"state {tone}",
    )


def _finding(house: House, found: Finding) -> Markup:
    since = house.since.get(found.fingerprint)
    where: Child = el("a", found.device, href=device_path(found.device)) if found.device else "Gateway"
    return el(
        "li",
        el(
            "p",
            el("strong", where),
            " ",
            found.sentence,
            " ",
            f"({age(since, house.now)})" if since else None,
        ),
        el("p", found.remedy, class_="remedy"),
        class_=f"alert {TONES[found.level]}",
    )


def _last(house: House) -> Child:
    if not house.last:
        return el("p", "Nenhuma venda ainda. A primeira aparece aqui assim que um caixa vender.", class_="empty")
    names = ("Quando", "Caixa", "Equipamento", "Total", "Situação")
    head = el(
        "thead", el("tr", [el("th", name, scope="col", class_="num" if name == "Total" else None) for name in names])
    )
    return el(
        "table", head, el("tbody", [sale_row(house, sold) for sold in house.last[:MOST_LAST]]), class_="list sales"
    )


def _pair(house: House) -> Sequence[Child]:
    """The other gateway, where there is one."""
    if house.pair is None:
        return ()
    tone, word = ("done", "responde") if house.pair.is_well else ("action", "sem reserva")
    told = el("p", el("span", word, class_=f"badge {tone}"), " ", paired(house.pair))
    return el("h2", "O outro gateway"), el("section", told, class_="card")


def _tested(tested: Sequence[Tested]) -> Child:
    if not tested:
        return None
    rows = [
        el(
            "li",
            el("span", "certo" if each.well else "errado", class_="badge done" if each.well else "badge action"),
            " ",
            el("strong", each.function),
            " ",
            each.sentence,
        )
        for each in tested
    ]
    return el("section", el("h2", "Resultado do teste"), el("ul", rows, class_="told"), class_="card", role="status")


def _code_now(*, has_code: bool) -> str:
    return "Há um código gravado; o que for digitado o substitui." if has_code else "Ainda não há código gravado."
