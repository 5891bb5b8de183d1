"""Sales in doubt: the list, the page of a coupon that somebody must look at, that of a call nobody knows the end of."""

from zelo.fiscal.chave import in_blocks
from zelo.fiscal.fault import Fault
from zelo.pos.edge.journal.entry import Question, Sold
from zelo.pos.edge.page.frame import back, document
from zelo.pos.edge.page.house import CHECK, MOST_WORDS, Decision, House
from zelo.pos.edge.page.markup import Child, Markup, el
from zelo.pos.edge.page.part import form
from zelo.pos.edge.page.words import ADVICE, STANDINGS, TOLD, age, asked, instant, reais


def listed(house: House) -> Child:
    """What somebody must look at, and what a device has yet to tell."""
    if not house.doubts and not house.questions:
        return None
    questions = sorted(house.questions, key=lambda each: not each.is_for_person(house.numbers))
    cards = [*(_coupon_card(house, each) for each in house.doubts), *(_card(house, each) for each in questions)]
    return el("section", el("h2", "Vendas em dúvida"), el("ul", cards, class_="cards"))


def coupon(house: House, chave: str, csrf: str, fault: Fault | None = None) -> str | None:
    """A coupon that somebody must look at; None for one that nobody must, or not any more."""
    sold = next((each for each in house.doubts if each.chave == chave), None)
    if sold is None:
        return None
    left = house.cancel_left(sold)
    base = f"/duvidas/{chave}"
    cancel: Child = None
    term = f"O prazo de cancelamento passou {age(house.now + left, house.now)}."
    if house.may_cancel(sold):
        cancel = el("button", "Cancelar o cupom", class_="danger", formaction=f"{base}/{Decision.CANCEL}")
        term = f"O equipamento ainda cancela por {max(1, int(left.total_seconds() // 60))} min."
    decide = form(f"{base}/{Decision.ACCEPT}", csrf, "Deixar valer", *_who(), other=cancel)
    return document(
        "Venda em dúvida",
        back(),
        el("h1", f"Venda de {reais(sold.total_cents)} em dúvida"),
        _said(fault),
        el("p", ADVICE[sold.standing], class_="lead"),
        el("section", _sold_facts(house, sold), class_="card"),
        el("section", el("h2", "Decidir"), el("p", term, class_="soft"), decide, class_="card"),
        house=house,
        csrf=csrf,
    )


def question(house: House, number: int, csrf: str, fault: Fault | None = None) -> str | None:
    """A call of which it is not known what became; None for one that is known by now."""
    found = next((each for each in house.questions if each.attempt_id == number), None)
    if found is None:
        return None
    words = asked(found, house.numbers)
    act: Child = None
    if found.is_for_person(house.numbers):
        told = form(f"/perguntas/{number}/{CHECK}", csrf, "Anotar o que encontrei", *_who("O que encontrou"))
        act = el("div", el("section", el("h2", "Depois de olhar"), told, class_="card"), class_="two")
    return document(
        "Venda em dúvida",
        back(),
        el("h1", f"{words.what} sem resposta"),
        _said(fault),
        el("p", words.advice, class_="lead"),
        el("section", _question_facts(house, found), class_="card"),
        act,
        house=house,
        csrf=csrf,
    )


def _coupon_card(house: House, sold: Sold) -> Markup:
    return el(
        "li",
        el(
            "p",
            el("strong", reais(sold.total_cents)),
            f" · caixa {sold.till} · {sold.device} · {age(sold.asked_at, house.now)}",
        ),
        el("p", f"{STANDINGS[sold.standing].capitalize()}. {sold.note}", class_="soft"),
        el("a", "Ver e decidir", href=f"/duvidas/{sold.chave}", class_="button small"),
        class_="card",
    )


def _card(house: House, found: Question) -> Markup:
    words = asked(found, house.numbers)
    link = "Ver e anotar" if found.is_for_person(house.numbers) else "Ver"
    where = f" · caixa {found.till} · {found.device} · {age(found.at, house.now)}"
    return el(
        "li",
        el("p", el("strong", f"{words.what} sem resposta"), where),
        el("p", f"{words.standing.capitalize()}.", class_="soft"),
        el("a", link, href=f"/perguntas/{found.attempt_id}", class_="button small"),
        class_="card",
    )


def _said(fault: Fault | None) -> Child:
    return el("p", fault.sentence, " ", fault.remedy, class_="alert action", role="alert") if fault else None


def _who(why: str = "Por quê") -> tuple[Markup, ...]:
    return (
        el("label", "Quem decide", for_="quem"),
        el("input", id="quem", name="quem", required=True, maxlength="80", autocomplete="name"),
        el("label", why, for_="motivo"),
        el("input", id="motivo", name="motivo", required=True, maxlength=str(MOST_WORDS)),
    )


def _sold_facts(house: House, sold: Sold) -> Markup:
    return _facts(
        ("Situação", f"{STANDINGS[sold.standing].capitalize()}. {sold.note}".strip()),
        ("Emitida", f"{instant(sold.at)} ({age(sold.asked_at, house.now)})"),
        ("Caixa", sold.till),
        ("Equipamento", sold.device),
        ("Total", reais(sold.total_cents)),
        ("Chave", el("span", in_blocks(sold.chave), class_="mono")),
    )


def _question_facts(house: House, found: Question) -> Markup:
    return _facts(
        ("Situação", f"{asked(found, house.numbers).standing.capitalize()}."),
        ("Pedida", f"{instant(found.at)} ({age(found.at, house.now)})"),
        ("Caixa", found.till),
        ("Sessão do caixa", f"{found.session:06d}"),
        ("Equipamento", found.device),
        ("Dito ao caixa", TOLD[found.end]),
    )


def _facts(*told: tuple[str, Child]) -> Markup:
    return el("dl", [el("div", el("dt", name), el("dd", value)) for name, value in told], class_="facts")
