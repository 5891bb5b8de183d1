"""The way to the centre as the page shows it: the queue, everyone's account, what the centre refuses."""

from zelo.fiscal.chave import in_blocks
from zelo.pos.edge.page.house import House
from zelo.pos.edge.page.markup import Child, Markup, el
from zelo.pos.edge.page.part import bar, form
from zelo.pos.edge.page.words import RANKS, age, plural, size


def queue(house: House) -> Markup:
    """How full the queue is, how the sending stands, and everyone's account."""
    fill, centre = house.fill, house.centre
    told = centre.said or "Ainda não houve envio desde que o gateway foi ligado."
    waiting = "Sem central configurada"
    if centre.url:
        waiting = f"{plural(fill.unsent, 'item espera', 'itens esperam')} envio"
        waiting += f", o mais antigo {age(fill.oldest_at, house.now)}" if fill.oldest_at else ""
    used, whose = fill.file_bytes - fill.free_bytes, "a central já tem" if centre.url else "já está em arquivo"
    words = f"{size(used)} de {size(fill.file_bytes)} em uso; {size(fill.copies_bytes)} são cópias do que {whose}"
    rows = [_account(house, emitter) for emitter in sorted({account.emitter for account in house.accounts})]
    head = [
        el("th", "De", scope="col"),
        *(
            el("th", name, scope="col", class_="num")
            for name in ("Emitidos", "= entregues", "+ pendentes", "+ recusados", "+ perdidos")
        ),
    ]
    return el(
        "section",
        el("p", el("strong", waiting), ". ", told, class_=None if centre.well else "bad"),
        bar(used / fill.file_bytes, "done" if centre.well else "waiting", words),
        el("p", words, class_="soft"),
        el("table", el("thead", el("tr", head)), el("tbody", rows), class_="list sums") if rows else None,
        class_="card",
    )


def refused(house: House, csrf: str) -> Child:
    """What the centre refuses for ever, in its words, and the button that sends it once more."""
    if not house.aside:
        return None
    rows = [
        el(
            "li",
            el("p", el("span", in_blocks(each.key), class_="mono")),
            el("p", f"{each.said[:1].upper()}{each.said[1:]}. Recusado {age(each.at, house.now)}.", class_="soft"),
        )
        for each in house.aside
    ]
    count = plural(house.fill.aside, "documento recusado", "documentos recusados")
    shown = f" Os {len(rows)} mais antigos:" if house.fill.aside > len(rows) else ""
    told = (
        "Valem, estão guardados aqui e não seguram o resto da fila. Passe o motivo a quem cuida da central; cada um é "
        f"tentado de novo uma vez por dia.{shown}"
    )
    again = form("/recusados/tentar", csrf, "Tentar de novo agora")
    return el("h2", f"{count} pela central"), el(
        "section", el("p", told), el("ul", rows, class_="told"), again, class_="card"
    )


def _account(house: House, emitter: str) -> Markup:
    """What an emitter emitted, and where it is."""
    own = [account for account in house.accounts if account.emitter == emitter]
    name = next((seen.name for seen in house.devices if seen.nserie == emitter), "")
    counts = {
        "Emitidos": sum(each.emitted for each in own),
        "Entregues": sum(each.received for each in own),
        "Pendentes": sum(each.pending for each in own),
        "Recusados": sum(each.aside for each in own),
        "Perdidos": sum(each.lost for each in own),
    }
    kinds = ", ".join(plural(each.emitted, *RANKS[each.rank]) for each in own)
    who = el("td", f"{name} {emitter}".strip(), " ", el("span", kinds, class_="soft"), data_label="De")
    return el("tr", who, [el("td", str(count), class_="num", data_label=label) for label, count in counts.items()])
