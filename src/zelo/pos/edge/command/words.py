"""What the commands print: the gateway's JSON as lines for people."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from zelo.fiscal.chave import in_blocks
from zelo.pos.edge.gather.rules import Level
from zelo.pos.edge.page.words import age, instant, plural, reais, size

_MARKS: Final = {Level.URGENT.value: "!!", Level.WARNING.value: "! ", Level.NOTICE.value: "  "}
_PRESSING: Final = frozenset({Level.URGENT.value, Level.WARNING.value})

Told = Mapping[str, Any]


def is_well(told: Told) -> bool:
    """Whether nothing presses and somebody can sell."""
    return is_ready(told) and not any(found["nivel"] in _PRESSING for found in told["achados"])


def is_ready(told: Told) -> bool:
    """Whether any device may sell."""
    return any(device["em_uso"] for device in told["equipamentos"])


def status_lines(told: Told) -> list[str]:
    """How everything stands."""
    now = datetime.fromisoformat(told["em"])
    sales, queue, centre = told["vendas_hoje"], told["fila"], told["central"]
    used = queue["arquivo_bytes"] - queue["livre_bytes"]
    count = plural(sales["quantidade"], "venda", "vendas")
    doubts = len(told["duvidas"]) + len(told["sem_resposta"])
    waiting = f"{plural(queue['nao_enviados'], 'item', 'itens')} por enviar; " if centre["url"] else ""
    return [
        f"Gateway {told['gateway']}, zelo {told['versao']}, ligado {age(_at(told['desde']), now)}",
        "",
        *table(("equipamento", "série", "pronto", "cupons", "certificado", "SEFAZ", "memória", "como está"), [
            _device(device, now) for device in told["equipamentos"]
        ]),
        "",
        f"Hoje: {count}, {reais(sales['total_centavos'])}. Em dúvida: {doubts}.",
        f"Fila: {waiting}{size(used)} de {size(queue['arquivo_bytes'])} em uso.",
        *([f"Recusados pela central: {queue['recusados']}. Veja: zelo-edge refused."] if queue["recusados"] else []),
        *([f"O outro gateway: {told['par']['frase']}"] if told["par"] else []),
        f"Central: {centre['url'] or 'nenhuma configurada'}. {centre['frase']}".rstrip(),
        *_findings(told["achados"], ready=is_ready(told)),
    ]  # fmt: skip


def doubt_lines(told: Told, now: datetime) -> list[str]:
    """The sales in doubt, and the calls without an answer, each with what to do."""
    told_each = [
        *(_coupon_lines(each, _when(each, now)) for each in told["duvidas"]),
        *(_question_lines(each, _when(each, now)) for each in told["sem_resposta"]),
    ]
    return "\n\n".join(map("\n".join, told_each)).splitlines() or ["Nenhuma venda em dúvida."]


def _coupon_lines(doubt: Told, when: str) -> list[str]:
    return [
        f"{reais(doubt['total_centavos'])}  caixa {doubt['caixa']}  {doubt['equipamento']}",
        f"  emitida  {when}",
        f"  chave    {in_blocks(doubt['chave'])}",
        f"  situação {doubt['situacao']}. {doubt['nota']}".rstrip(),
        f"  o que fazer: {doubt['o_que_fazer']}",
        f'  zelo-edge doubts accept {doubt["chave"]} --motivo "..."',
        *([f"  zelo-edge doubts cancel {doubt['chave']}"] if doubt["pode_cancelar"] else []),
    ]


def _question_lines(asked: Told, when: str) -> list[str]:
    return [
        f"{asked['pedido']} sem resposta  caixa {asked['caixa']}  {asked['equipamento']}",
        f"  pedida   {when}, sessão {asked['sessao']:06d}",
        f"  situação {asked['situacao']}.",
        f"  o que fazer: {asked['o_que_fazer']}",
        *([f'  zelo-edge doubts check {asked["numero"]} --motivo "..."'] if asked["pode_anotar"] else []),
    ]


def _when(told: Told, now: datetime) -> str:
    at = _at(told["em"])
    return f"{instant(at)} ({age(at, now)})"


def refused_lines(told: Told, now: datetime) -> list[str]:
    """What the centre refuses, in its words."""
    if not told["quantidade"]:
        return ["A central não recusa nada."]
    lines = [f"A central recusa {plural(told['quantidade'], 'documento', 'documentos')}. Valem e estão guardados aqui."]
    for each in told["recusados"]:
        lines += ["", in_blocks(each["chave"]), f"  {each['motivo']} ({age(_at(each['em']), now)})"]
    return [*lines, "", "Depois de corrigir na central: zelo-edge refused retry"]


def test_lines(tests: Sequence[Told]) -> list[str]:
    """What the devices answered."""
    rows = [
        (each["equipamento"], each["funcao"], "certo" if each["bem"] else "ERRADO", each["frase"]) for each in tests
    ]
    return table(("equipamento", "função", "", "resposta"), rows)


def sale_lines(told: Told) -> list[str]:
    """What came of a sale."""
    if told["estado"] != "emitida":
        return [f"{told['estado']}: {told['frase']}"]
    total, chave = told["total"], told["chave"]
    return [
        ("Vendido" if total is None else f"Vendido: R$ {total.replace('.', ',')}")
        + (f" em {instant(_at(told['instante']))}" if told["instante"] else ""),
        f"Chave:   {'o equipamento respondeu uma que não se lê; veja o XML' if chave is None else in_blocks(chave)}",
    ]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns as wide as what stands in them; the last as long as it is."""
    widths = [max(len(row[place]) for row in [head, *rows]) for place in range(len(head) - 1)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]).rstrip()
        for row in [head, *rows]
    ]


def _device(device: Told, now: datetime) -> tuple[str, ...]:
    status = device["estado"] or {}
    contact, percent, days = (status.get(name) for name in ("contact_at", "memory_percent", "dias_de_certificado"))
    return (
        device["nome"],
        device["nserie"] or "?",
        "sim" if device["em_uso"] else "NÃO",
        _or_unknown(status.get("pending")),
        "?" if days is None else f"{days} dias",
        "?" if contact is None else age(_at(contact), now),
        "?" if percent is None else f"{percent} %",
        device["frase"],
    )


def _findings(found: Sequence[Told], *, ready: bool) -> list[str]:
    if not found:
        return ["", "Nada a resolver." if ready else "Nenhum equipamento pode vender; acima, como está cada um."]
    lines = [""]
    for each in found:
        where = each["equipamento"] or "gateway"
        lines += [f"{_MARKS[each['nivel']]} {where}: {each['frase']}", f"   {each['remedio']}"]
    return lines


def _or_unknown(value: object) -> str:
    return "?" if value is None else str(value)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
