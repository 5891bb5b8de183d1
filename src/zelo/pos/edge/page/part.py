"""Pieces that several pages show: a device's card and facts, a bar, a form, a row of a sale."""

from datetime import datetime
from urllib.parse import quote

from zelo.models.cfe.status import OPERATIONS
from zelo.pos.edge.gather.seen import DeviceSeen
from zelo.pos.edge.journal.entry import CouponStanding, Sold
from zelo.pos.edge.page.house import House
from zelo.pos.edge.page.markup import Child, Markup, el
from zelo.pos.edge.page.words import STANDINGS, age, instant, midnight, reais, size

_PERCENT = 100
_HIGH_PERCENT, _FULL_PERCENT = 80, 95
_UNKNOWN = "não informado"
_TONES = {
    CouponStanding.SOLD: "done",
    CouponStanding.ACCEPTED: "done",
    CouponStanding.CANCELLED: "ended",
    CouponStanding.SURPLUS: "action",
    CouponStanding.UNDELIVERED: "action",
    CouponStanding.LISTED: "action",
}


def device_path(name: str) -> str:
    """Where a device's page is."""
    return f"/equipamentos/{quote(name, safe='')}"


def badge(seen: DeviceSeen) -> Markup:
    """How a device is, in one word."""
    if seen.health.silent:
        tone, word = "action", "mudo"
    elif not seen.sells:
        tone, word = "action", "parado"
    elif seen.at_work:
        tone, word = "moving", "trabalhando"
    else:
        tone, word = "done", "pronto"
    return el("span", word, class_=f"badge {tone}")


def bar(share: float, tone: str, label: str) -> Markup:
    """A share from 0 to 1 as a bar."""
    width = f"{max(0.0, min(1.0, share)) * _PERCENT:.1f}"
    fill = el("rect", width=width, height="6", class_=tone)
    return el("svg", fill, viewBox="0 0 100 6", preserveAspectRatio="none", role="img", aria_label=label, class_="bar")


def form(action: str, csrf: str, button: str, *fields: Child, other: Child = None) -> Markup:
    """A form that changes something. `other`: a second button, which says itself where it goes."""
    hidden = el("input", type="hidden", name="csrf", value=csrf)
    acts = el("p", el("button", button), " ", other, class_="acts")
    return el("form", hidden, *fields, acts, method="post", action=action)


def device_card(house: House, seen: DeviceSeen) -> Markup:
    """A device at a glance."""
    status = seen.status
    told: list[tuple[str, Child]] = []
    if status is not None:
        pending, days, contact = status.pending, status.certificate_days(house.now), status.contact_at
        told = [
            ("Cupons por transmitir", _UNKNOWN if pending is None else str(pending)),
            ("Falou com a SEFAZ", _UNKNOWN if contact is None else age(contact, house.now)),
            ("Certificado", _UNKNOWN if days is None else _days(days)),
            ("Memória", _memory(seen)),
        ]
    spoke = "ainda não respondeu" if seen.spoke_at is None else f"respondeu {age(seen.spoke_at, house.now)}"
    return el(
        "li",
        el("h3", el("a", seen.name, href=device_path(seen.name), class_="stretched"), " ", badge(seen)),
        el("p", seen.sentence, class_="soft" if seen.sells else "bad"),
        el("dl", [el("div", el("dt", name), el("dd", value)) for name, value in told], class_="facts tight"),
        el("p", f"Série {seen.nserie or 'desconhecida'} · {spoke}", class_="age"),
        class_="card",
    )


def _days(days: int) -> str:
    if days < 0:
        return f"venceu há {-days} dias"
    return f"{days} dias"


def _memory(seen: DeviceSeen) -> Child:
    percent = seen.status.memory_percent if seen.status else None
    if percent is None:
        return _UNKNOWN
    tone = "action" if percent >= _FULL_PERCENT else "waiting" if percent >= _HIGH_PERCENT else "done"
    return f"{percent} %", bar(percent / _PERCENT, tone, f"memória {percent} % ocupada")


def device_facts(house: House, seen: DeviceSeen) -> Child:
    """All that a device says of itself."""
    status = seen.status
    if status is None or seen.status_at is None:
        return el("p", "Ainda não disse como está. Grave o código de ativação e teste.", class_="empty")
    drift, until = status.drift_seconds(seen.status_at), status.certificate_until
    told: list[tuple[str, Child]] = [
        ("Número de série", status.nserie),
        ("Estado de operação", OPERATIONS[status.operation] if status.operation else None),
        ("Cupons por transmitir", None if status.pending is None else str(status.pending)),
        ("Último cupom", None if status.last is None else str(status.last)),
        ("Última transmissão", _at(status.sent_at)),
        ("Falou com a SEFAZ", _at(status.contact_at)),
        ("Certificado até", None if until is None else f"{until:%d/%m/%Y}"),
        ("Memória", _memory(seen)),
        ("Tamanho da memória", None if status.memory_total_bytes is None else size(status.memory_total_bytes)),
        ("Bateria", None if status.battery is None else status.battery.value.lower()),
        ("Relógio", None if drift is None else f"{_at(status.clock)} (diferença de {drift:.0f} s)"),
        ("Software", status.software),
        ("Leiaute", status.layout),
        ("Rede", None if status.connected is None else ("conectada" if status.connected else "desconectada")),
        ("Endereço", " · ".join(part for part in (status.lan, status.ip, status.mac) if part) or None),
        (
            "Máscara, roteador, DNS",
            " · ".join(part for part in (status.mask, status.gateway, status.dns_1, status.dns_2) if part) or None,
        ),
    ]
    rows = [el("div", el("dt", name), el("dd", value or _UNKNOWN)) for name, value in told]
    return el("dl", rows, class_="facts"), el("p", f"Dito {age(seen.status_at, house.now)}.", class_="age")


def _at(at: datetime | None) -> str | None:
    return None if at is None else instant(at)


def sale_row(house: House, sold: Sold) -> Markup:
    """A sale in a table."""
    what = "cancelamento" if sold.cancels else STANDINGS[sold.standing]
    tone = "ended" if sold.cancels else _TONES[sold.standing]
    return el(
        "tr",
        el("td", _when(house, sold), data_label="Quando", class_="when"),
        el("td", sold.till, data_label="Caixa", class_="till"),
        el("td", sold.device, data_label="Equipamento", class_="where"),
        el("td", reais(sold.total_cents), class_="num total", data_label="Total"),
        el("td", el("span", what, class_=f"badge {tone}"), data_label="Situação", class_="what"),
    )


def _when(house: House, sold: Sold) -> Child:
    today = sold.at >= midnight(house.now)
    return age(sold.at, house.now), " ", el("span", instant(sold.at)[-8:] if today else instant(sold.at), class_="soft")
