"""What the authorizer would refuse in a cancellation, told before it is sent: all that can be known here.

Not knowable here: whether a note of ajuste (525) or of cofaturamento (526) made elsewhere refers to this one, and what
the authority thinks of the emitter (203, 240): those come as answers. Number and Id (628, 629, 636) are composed so
that they cannot be wrong.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from zelo.fiscal.chave import Chave
from zelo.fiscal.cnpj import is_cnpj
from zelo.fiscal.fault import Fault, Found, Rule
from zelo.fiscal.instant import EPOCH
from zelo.fiscal.situacao import Situacao
from zelo.fiscal.uf import Uf, from_codigo
from zelo.models.nfcom.event import LEAST_REASON_CHARS, MOST_REASON_CHARS
from zelo.models.nfcom.rules.scope import FIN_SUBSTITUICAO

_TSTRING: Final = re.compile(r"[!-ÿ][ -ÿ]*[!-ÿ]|[!-ÿ]")
_NPROT: Final = re.compile(r"[0-9]{16}")
_SOURCE: Final = "MOC NFCom 1.00a Anexo I, regras de eventos (cStat {})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """What is asked for and what is known of the note. `served`: the UFs of its authorizer.

    `until` is the official deadline and `own_until` the provider's stricter one; `drift` how far our clock is ahead of
    the authorizer's, `tolerance` how far it may be.
    """

    reason: str
    chave: str
    cnpj: str
    situacao: str | None
    nprot: str | None
    fin: str
    served: frozenset[Uf]
    authorised_at: datetime | None
    until: datetime | None
    own_until: datetime | None
    now: datetime
    drift: timedelta = timedelta(0)
    tolerance: timedelta = timedelta(minutes=5)


def _shown(instant: datetime) -> str:
    return instant.strftime("%d/%m/%Y %H:%M")


def _not_authorised(case: Cancellation) -> Iterator[Found]:
    if case.situacao is None:
        yield "nota", "sem autorização"


def _in(situacao: Situacao) -> Callable[[Cancellation], Iterator[Found]]:
    def check(case: Cancellation) -> Iterator[Found]:
        if case.situacao == situacao.value:
            yield "nota", situacao.value

    return check


def _reason_length(case: Cancellation) -> Iterator[Found]:
    if not LEAST_REASON_CHARS <= len(case.reason) <= MOST_REASON_CHARS:
        yield "xJust", f"{len(case.reason)} caracteres"


def _reason_characters(case: Cancellation) -> Iterator[Found]:
    if case.reason and _TSTRING.fullmatch(case.reason) is None:
        strange = next((c for c in case.reason if not " " <= c <= "ÿ"), "espaço na ponta")
        yield "xJust", strange


def reason_faults(reason: str) -> list[Fault]:
    """What is wrong with a reason by itself, before it is known for which notes."""
    found = [rule for rule in CANCEL_RULES if rule.check in (_reason_length, _reason_characters)]
    case = Cancellation(
        reason=reason, chave="", cnpj="", situacao=None, nprot=None, fin="", served=frozenset(), authorised_at=None,
        until=None, own_until=None, now=EPOCH,
    )  # fmt: skip
    return [fault for rule in found for fault in rule.faults(case)]


def _author(case: Cancellation) -> Iterator[Found]:
    if not is_cnpj(case.cnpj):
        yield "CNPJ", case.cnpj


def _other_author(case: Cancellation) -> Iterator[Found]:
    if Chave.parse(case.chave).cnpj != case.cnpj:
        yield "CNPJ", case.cnpj


def _other_uf(case: Cancellation) -> Iterator[Found]:
    uf = from_codigo(case.chave[:2])
    if uf not in case.served:
        yield "chNFCom", case.chave[:2]


def _substitution(case: Cancellation) -> Iterator[Found]:
    if case.fin == FIN_SUBSTITUICAO:
        yield "finNFCom", case.fin


def _protocol(case: Cancellation) -> Iterator[Found]:
    if case.situacao is not None and _NPROT.fullmatch(case.nprot or "") is None:
        yield "nProt", case.nprot or ""


def _late(case: Cancellation) -> Iterator[Found]:
    if case.until is not None and case.now > case.until:
        yield "prazo", _shown(case.until)


def _own_late(case: Cancellation) -> Iterator[Found]:
    if case.own_until is not None and case.now > case.own_until:
        yield "prazo", _shown(case.own_until)


def _clock_ahead(case: Cancellation) -> Iterator[Found]:
    if case.drift > case.tolerance:
        yield "dhEvento", f"adiantado {int(case.drift.total_seconds())} s"


def _clock_behind(case: Cancellation) -> Iterator[Found]:
    if case.authorised_at is not None and case.now < case.authorised_at - case.tolerance:
        yield "dhEvento", _shown(case.now)


CANCEL_RULES: Final[tuple[Rule[Cancellation], ...]] = (
    Rule(
        id="CANC-SITUACAO",
        cstat="217",
        sentence="Só se cancela uma nota autorizada.",
        remedy="Se a nota ainda está a caminho, espere a resposta da SEFAZ; uma recusada não precisa de cancelamento.",
        source=_SOURCE.format("217"),
        good="nota autorizada",
        bad="nota recusada",
        check=_not_authorised,
    ),
    Rule(
        id="CANC-218",
        cstat="218",
        sentence="A nota já está cancelada na SEFAZ.",
        remedy="Não há nada a fazer: confira a data e o protocolo do cancelamento na página da nota.",
        source=_SOURCE.format("218"),
        good="nota autorizada",
        bad="nota cancelada",
        check=_in(Situacao.CANCELADA),
    ),
    Rule(
        id="CANC-224",
        cstat="224",
        sentence="A nota já foi substituída por outra na SEFAZ.",
        remedy="Uma nota substituída não se cancela: trate da nota que a substituiu.",
        source=_SOURCE.format("224"),
        good="nota autorizada",
        bad="nota substituída",
        check=_in(Situacao.SUBSTITUIDA),
    ),
    Rule(
        id="CANC-XJUST",
        cstat="630",
        sentence=f"O motivo precisa ter de {LEAST_REASON_CHARS} a {MOST_REASON_CHARS} caracteres.",
        remedy="Diga em uma frase por que a nota é cancelada.",
        source="XSD evCancNFCom, tipo TJust",
        good="Valor da mensalidade cobrado em dobro",
        bad="erro",
        check=_reason_length,
    ),
    Rule(
        id="CANC-XJUST-LETRA",
        cstat="630",
        sentence="O motivo tem um caractere que o leiaute não aceita.",
        remedy="Use letras, números e pontuação comuns, sem emoji, travessão nem aspas curvas.",
        source="XSD da NFCom, tipo TString",
        good="Cobrança em dobro - fatura 123",
        bad="Cobrança em dobro — fatura 123",
        check=_reason_characters,
    ),
    Rule(
        id="CANC-627",
        cstat="627",
        sentence="O CNPJ de quem cancela é inválido.",
        remedy="Corrija o CNPJ do estabelecimento.",
        source=_SOURCE.format("627"),
        good="11222333000181",
        bad="11222333000180",
        check=_author,
    ),
    Rule(
        id="CANC-632",
        cstat="632",
        sentence="Só o emitente da nota pode cancelá-la, e o CNPJ do estabelecimento não é o da chave.",
        remedy="Cancele pelo estabelecimento que emitiu.",
        source=_SOURCE.format("632"),
        good="chave e estabelecimento com o mesmo CNPJ",
        bad="chave de outro CNPJ",
        check=_other_author,
    ),
    Rule(
        id="CANC-249",
        cstat="249",
        sentence="A UF da chave não é atendida pelo autorizador desta nota.",
        remedy="Confira a UF do estabelecimento e a chave.",
        source=_SOURCE.format("249"),
        good="chave do RS na SVRS",
        bad="chave de MG na SVRS",
        check=_other_uf,
    ),
    Rule(
        id="CANC-524",
        cstat="524",
        sentence="Uma NFCom de substituição não pode ser cancelada.",
        remedy="Emita outra substituição ou um ajuste.",
        source="MOC NFCom 1.00a Anexo I, L07",
        good="finNFCom 0",
        bad="finNFCom 3",
        check=_substitution,
    ),
    Rule(
        id="CANC-222",
        cstat="222",
        sentence="Falta o protocolo de autorização da nota, que o cancelamento precisa repetir.",
        remedy="Consulte a nota na SEFAZ e peça o cancelamento de novo.",
        source=_SOURCE.format("222"),
        good="protocolo de 16 dígitos",
        bad="sem protocolo",
        check=_protocol,
    ),
    Rule(
        id="CANC-220",
        cstat="220",
        sentence="O prazo da SEFAZ para cancelar esta nota acabou.",
        remedy="Fora do prazo não se cancela: substitua a nota, ou peça à SEFAZ a liberação do prazo.",
        source="Ajuste SINIEF 07/22, cl. 15; MOC NFCom 1.00a Anexo I, L11",
        good="nota autorizada em novembro, cancelada em 5 de dezembro",
        bad="nota autorizada em novembro, cancelada em 7 de dezembro",
        check=_late,
    ),
    Rule(
        id="CANC-PRAZO",
        cstat="",
        sentence="O prazo que a sua empresa definiu para cancelar acabou.",
        remedy="Um administrador pode mudar o prazo próprio na página Cancelamentos; o da SEFAZ vale sempre.",
        source="parâmetro da empresa",
        good="dois dias depois da emissão, com prazo próprio de três",
        bad="cinco dias depois da emissão, com prazo próprio de três",
        check=_own_late,
    ),
    Rule(
        id="CANC-635",
        cstat="635",
        sentence="O relógio desta máquina está adiantado em relação ao da SEFAZ.",
        remedy="Acerte o relógio (NTP) e peça o cancelamento de novo.",
        source=_SOURCE.format("635"),
        good="relógio certo",
        bad="relógio seis minutos adiantado",
        check=_clock_ahead,
    ),
    Rule(
        id="CANC-637",
        cstat="637",
        sentence="O relógio desta máquina está atrás da hora em que a nota foi autorizada.",
        remedy="Acerte o relógio (NTP) e peça o cancelamento de novo.",
        source=_SOURCE.format("634 e 637"),
        good="relógio certo",
        bad="relógio um dia atrasado",
        check=_clock_behind,
    ),
)
