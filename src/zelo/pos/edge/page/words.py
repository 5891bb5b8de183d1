"""How page and command word instants, sizes, amounts and standings, in pt-BR."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from zelo.facts.place import zone
from zelo.fiscal import money
from zelo.fiscal.instant import show
from zelo.fiscal.uf import Uf
from zelo.models.cfe.functions import FUNCTIONS, Kind
from zelo.pos.edge.decide import End, Outcome
from zelo.pos.edge.journal.entry import OTHER, CouponStanding, Question, Sold
from zelo.pos.edge.outbox.core import Rank
from zelo.pos.edge.peer.pair import PairSeen

_ZONE: Final = Uf.SP
"""SAT and MFE exist in SP and CE only, whose clocks agree."""
_AGES: Final = ((86_400, "dia", "dias"), (3_600, "h", "h"), (60, "min", "min"), (1, "s", "s"))
_SIZES: Final = ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB"))
_SOON_SECONDS: Final = 2

STANDINGS: Final[Mapping[CouponStanding, str]] = {
    CouponStanding.SOLD: "vendida",
    CouponStanding.CANCELLED: "cancelada",
    CouponStanding.SURPLUS: "sobrando, a cancelar",
    CouponStanding.UNDELIVERED: "não se sabe se o caixa leu",
    CouponStanding.LISTED: "não pôde ser cancelada",
    CouponStanding.ACCEPTED: "aceita por uma pessoa",
}
ADVICE: Final[Mapping[CouponStanding, str]] = {
    CouponStanding.SURPLUS: (
        "É o segundo cupom de uma venda que foi feita em outro equipamento, ou que uma pessoa mandou cancelar. O zelo "
        "a cancela sozinho assim que o equipamento responder, dentro do prazo. Deixe valer só se a mercadoria saiu "
        "duas vezes."
    ),
    CouponStanding.UNDELIVERED: (
        "O cupom foi emitido, mas não se sabe se o caixa recebeu a resposta. Se o cliente levou a mercadoria, deixe "
        "valer; se a venda foi refeita ou desistida, cancele. Passado o prazo de cancelar, deixe valer e avise o "
        "contador."
    ),
    CouponStanding.LISTED: (
        "Deveria ter sido cancelada e o equipamento não cancela mais. Deixe valer, e avise o contador: se a venda não "
        "existiu, o imposto se corrige na escrita."
    ),
}
_SETTLED: Final[Mapping[CouponStanding, str]] = {
    CouponStanding.SOLD: "O caixa leu a resposta: a venda vale.",
    CouponStanding.CANCELLED: "A venda foi cancelada.",
    CouponStanding.ACCEPTED: "Alguém já a deixou valer.",
}
CHECKED: Final = "O equipamento já contou o que fez, ou alguém já anotou."
"""Why a call is in doubt no more."""
NOTED: Final = (
    "Anotado. Se nada saiu, faça a venda de novo, como venda nova: quem repete este pedido ouve que está em dúvida."
)
TOLD: Final[Mapping[End | None, str]] = {
    End.DONE: "que foi feito, em outro equipamento: se este também fez, sobra um cupom",
    End.REFUSED: "que não foi feito",
    End.DOUBT: "que não se sabe",
    None: "nada; o zelo parou antes",
}
"""What a till was told of an asking, by its end."""
_FUNCTIONS: Final = {Kind.SALE: "Venda", Kind.CANCEL: "Cancelamento"}
_LOOK: Final = (
    "Veja, no extrato ou no portal da SEFAZ, se saiu um cupom deste equipamento perto deste horário que a lista de "
    "vendas não tem. Se saiu e a mercadoria não foi, cancele-o no prazo ou avise o contador. Depois anote aqui o que "
    "encontrou."
)
_LOOK_THERE: Final = (
    "O outro gateway pode ter feito este pedido, e não respondeu. Veja na página dele, no extrato ou no portal da "
    "SEFAZ se saiu um cupom perto deste horário. Se saiu e a mercadoria não foi, cancele-o no prazo ou avise o "
    "contador. Depois anote aqui o que encontrou."
)
_GONE: Final = "O zelo não tem a quem perguntar; se o equipamento voltar, com qualquer nome, ele pergunta sozinho. "
_WAITS: Final = (
    "Quando o equipamento responder, o zelo pergunta a ele o que foi feito e mostra aqui: nada a fazer antes, além de "
    "religá-lo. Se ele não volta mais, ponha outro no lugar dele, ou tire-o de edge.toml e reinicie; então esta página "
    "deixa anotar o que foi visto."
)
RANKS: Final[Mapping[Rank, tuple[str, str]]] = {
    Rank.FISCAL: ("cupom", "cupons"),
    Rank.CONTROL: ("alarme ou decisão", "alarmes e decisões"),
    Rank.STATUS: ("estado", "estados"),
    Rank.LOG: ("registro", "registros"),
}
"""One, and more."""


class Asked(NamedTuple):
    """A call of which it is not known what became, in words: what it was, how it stands, what to do."""

    what: str
    standing: str
    advice: str


def asked(question: Question, devices: Mapping[str, str]) -> Asked:
    """`devices`: those that are there to be asked, each with its number."""
    function = FUNCTIONS[question.function]
    what = _FUNCTIONS.get(function.kind, function.name)
    if question.device == OTHER:
        told = "o outro gateway não respondeu", _LOOK_THERE
    elif not question.is_of_any(devices):
        gone = f"outro equipamento está no lugar do {question.nserie}"
        told = gone if question.device in devices else "o equipamento não está mais na configuração", _GONE + _LOOK
    elif question.outcome is Outcome.FORGOTTEN:
        told = "o equipamento não se lembra mais", f"O equipamento já não sabe dizer se executou este pedido. {_LOOK}"
    else:
        told = "o equipamento recebeu o pedido e não respondeu", _WAITS
    return Asked(what, *told)


def settled(sold: Sold) -> str:
    """What became of a coupon, for whoever takes it to be in doubt."""
    return _SETTLED.get(sold.standing, "Ela mudou neste instante: olhe de novo.")


def age(since: datetime, now: datetime) -> str:
    """How long ago: "agora", "há 5 min"."""
    return _lasting((now - since).total_seconds())


def _lasting(elapsed_seconds: float) -> str:
    seconds = int(elapsed_seconds)
    if seconds < _SOON_SECONDS:
        return "agora"
    unit, one, more = next(row for row in _AGES if seconds >= row[0])
    count = seconds // unit
    return f"há {count} {one if count == 1 else more}"


def paired(pair: PairSeen) -> str:
    """How the other gateway is, in a sentence."""
    if pair.trouble:
        return f"{pair.trouble[:1].upper()}{pair.trouble[1:]} {_lasting(pair.silent_seconds)}. A loja está sem reserva."
    if pair.same_side:
        return "Diz ser o mesmo lado que este: corrija [par] em edge.toml."
    return "Responde. Se este parar, os caixas que conhecem os dois vendem por ele."


def size(count_bytes: int) -> str:
    """1,5 MB."""
    for unit, name in _SIZES:
        if count_bytes >= unit:
            return f"{count_bytes / unit:.1f} {name}".replace(".", ",")
    return f"{count_bytes} bytes"


def reais(cents: int) -> str:
    """R$ 1.234,56."""
    return f"R$ {money.show(money.from_cents(cents))}"


def instant(at: datetime) -> str:
    """21/11/2026 14:32:05, on the clock of the shop."""
    return show(at, zone(_ZONE))


def midnight(now: datetime) -> datetime:
    """When the shop's day began."""
    return now.astimezone(zone(_ZONE)).replace(hour=0, minute=0, second=0, microsecond=0)


def plural(count: int, one: str, more: str) -> str:
    """1 equipamento, 2 equipamentos."""
    return f"{count} {one if count == 1 else more}"
