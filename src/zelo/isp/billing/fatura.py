"""What the lines of one note amount to together, and what they cannot be together. Amounts only; drafts come after.

A negative line takes from the lines of its own plan, or from all of them where it has none; a conditional discount
(punctuality) takes nothing and is told to the subscriber; a line that names an item of an earlier note deducts it, by
its cClass; a line that another document bears is there for information.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from zelo.facts import rounding
from zelo.facts.item import subtracts
from zelo.fiscal.fault import Fault
from zelo.fiscal.money import ZERO, Rounding, round_to, show
from zelo.isp.billing import charging
from zelo.isp.billing.cell import municipio
from zelo.isp.billing.columns import CONDITIONAL_DISCOUNT, YES
from zelo.isp.billing.composicao import Part, split
from zelo.isp.billing.sheet import Line
from zelo.models.nfcom.total import fits

INSTALMENT_CCLASS: Final = "1000201"
"""Cobrança de parcelamento (cClass table): what is owed already, not a new service."""
RURAL_PRODUCER: Final = "4"
NO_IE: Final = "9"
EXEMPT: Final = "ISENTO"
_UNTAXED: Final = "SEM"

_PER_NOTE: Final = (
    "fatura", "competencia", "vencimento", "cliente", "nome", "cpf_cnpj", "logradouro", "numero", "bairro", "cep",
    "municipio", "uf", "contrato", "contrato_inicio", "linha_digitavel", "serie", "total_fatura", "codigo_ibge",
    "complemento", "ie", "indicador_ie", "tipo_assinante", "tipo_servico", "telefone", "email", "contrato_fim",
    "uso_inicio", "uso_fim", "instalacao_ibge", "forma_cobranca", "pix", "debito_auto", "banco", "agencia",
    "observacao",
)  # fmt: skip
_TOGETHER: Final = (("uso_inicio", "uso_fim"), ("banco", "agencia"), ("chave_anterior", "item_anterior"))

Found = tuple[int, Fault]
"""The line, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Item:
    """A line with its amounts in reais: gross value, what is taken from it, what comes on top."""

    line: Line
    parts: Sequence[Part]
    gross: Decimal
    cut: Decimal
    extra: Decimal

    @property
    def value(self) -> Decimal:
        """What the line is worth."""
        return self.gross - self.cut + self.extra


@dataclass(frozen=True, slots=True)
class Fatura:
    """The items of one note, what punctuality would take off, where the subscriber lives and what codBarras holds."""

    items: Sequence[Item]
    conditional: Decimal
    place: str
    bar_code: str

    @property
    def first(self) -> Line:
        """The line that speaks for the note."""
        return self.items[0].line


@dataclass(frozen=True, slots=True)
class Issuer:
    """An emitter: its municipality (cMunFG) and the day at its place, which decides dated rules. At midnight of 31
    December two emitters of one file live in different years.
    """

    municipio: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What notes are judged by besides the file: plans, each emitter by CNPJ, and the digits that the company has said
    for each form without boleto.
    """

    plans: Mapping[str, Sequence[Part]]
    issuers: Mapping[str, Issuer]
    codes: Mapping[str, str]

    def issuer(self, line: Line) -> Issuer:
        """The emitter of a line."""
        return self.issuers[line.text("cnpj_emitente")]


def number(line: Line, name: str) -> Decimal:
    """A numeric column, zero where it is empty."""
    value = line.values.get(name, ZERO)
    assert isinstance(value, Decimal)
    return value


def understand(lines: Sequence[Line], ground: Ground) -> Fatura | list[Found]:
    """The note that these lines are, or everything that is wrong with them."""
    first = lines[0]
    faults = [*_different(lines), *(found for line in lines for found in _line_faults(line, ground))]
    place, bar_code = _place(first), _bar_code(first, ground)
    if isinstance(place, Fault):
        faults.append((first.number, place.at("municipio")))
    if isinstance(bar_code, Fault):
        faults.append((first.number, bar_code))
    if (
        first.text("ie").upper() == EXEMPT
        and _indicador(first) == NO_IE
        and first.text("tipo_assinante") == RURAL_PRODUCER
    ):
        sentence = (
            "Produtor rural com ISENTO e indicador 9: pode haver inscrição ativa, e a SEFAZ recusaria a nota (430)."
        )
        faults.append((first.number, Fault("IE-ISENTO", sentence, "Consulte o cadastro e informe a inscrição.", "ie")))
    if faults or isinstance(place, Fault) or isinstance(bar_code, Fault):
        return faults
    amounts = _amounts(lines, ground)
    if isinstance(amounts, list):
        return amounts
    fatura = Fatura(*amounts, place, bar_code)
    wrong = _total(fatura, rounding.of_value(ground.issuer(first).on))
    return [(first.number, wrong)] if wrong else fatura


def again(lines: Sequence[Line], ground: Ground) -> Fatura:
    """The note that these lines were understood as: what is wrong is not looked for a second time."""
    first = lines[0]
    place, bar_code, amounts = _place(first), _bar_code(first, ground), _amounts(lines, ground)
    assert not isinstance(place, Fault)
    assert not isinstance(bar_code, Fault)
    assert not isinstance(amounts, list)
    return Fatura(*amounts, place, bar_code)


def _place(first: Line) -> str | Fault:
    return first.text("codigo_ibge") or municipio(first.text("municipio"), first.text("uf"))


def _bar_code(first: Line, ground: Ground) -> str | Fault:
    form = first.text("forma_cobranca") or charging.BOLETO
    return charging.bar_code(form, first.text("linha_digitavel"), ground.codes)


def _indicador(line: Line) -> str:
    return line.text("indicador_ie") or NO_IE


def _different(lines: Sequence[Line]) -> Iterator[Found]:
    first = lines[0]
    for line in lines[1:]:
        for name in _PER_NOTE:
            if line.values.get(name) != first.values.get(name):
                yield (
                    line.number,
                    Fault("FATURA-DIFERENTE", "Difere da primeira linha da fatura.", "Iguale as linhas.", name),
                )


def _line_faults(line: Line, ground: Ground) -> Iterator[Found]:
    for one, other in _TOGETHER:
        if (one in line.values) != (other in line.values):
            where, missing = (one, other) if one in line.values else (other, one)
            sentence = f"{where} e {missing} só valem juntos."
            yield line.number, Fault("COLUNA-PAR", sentence, f"Preencha {missing}, ou esvazie {where}.", missing)
    parts = ground.plans.get(line.text("plano"))
    if parts is None:
        if not is_discount(line):
            plan = line.text("plano")
            remedy = "Acrescente-o a composicoes.csv."
            yield line.number, Fault("PLANO", "O plano não tem composição.", remedy, "plano", plan)
        return
    for name in ("cclass", "cfop", "chave_anterior"):
        if name in line.values and len(parts) > 1:
            sentence = f"O plano tem {len(parts)} partes: {name} da linha não diz de qual é."
            yield line.number, Fault("PLANO-PARTES", sentence, "Diga-o em composicoes.csv.", name)
    if line.text("negociacao") == YES and not all(_is_instalment(line, part) for part in parts):
        yield (
            line.number,
            Fault(
                "NEGOCIACAO",
                "Parcela de renegociação não é serviço novo, e o plano da linha é de serviço.",
                f"Dê-lhe um plano de cClass {INSTALMENT_CCLASS} com icms_cst SEM, ou tire a linha do arquivo.",
                "negociacao",
                line.text("plano"),
            ),
        )


def cclass(line: Line, part: Part) -> str:
    """The classification of an item: the line's own, else its part's."""
    return line.text("cclass") or part.line.text("cclass")


def _is_instalment(line: Line, part: Part) -> bool:
    return cclass(line, part) == INSTALMENT_CCLASS and part.line.text("icms_cst") == _UNTAXED


def is_discount(line: Line) -> bool:
    """A line that takes from others: negative, and not the deduction of an item of an earlier note."""
    return number(line, "valor_unitario") < 0 and "chave_anterior" not in line.values


def is_conditional(line: Line) -> bool:
    """Whether its discount depends on when the subscriber pays."""
    return line.text("tipo_desconto") == CONDITIONAL_DISCOUNT


def _amounts(lines: Sequence[Line], ground: Ground) -> tuple[list[Item], Decimal] | list[Found]:
    rule = rounding.of_value(ground.issuer(lines[0]).on)
    items: list[Item] = []
    discounts: list[tuple[Line, Decimal]] = []
    conditional, faults = ZERO, list[Found]()
    for line in lines:
        amount = round_to(number(line, "quantidade") * abs(number(line, "valor_unitario")), rule)
        cut = number(line, "desconto")
        if not fits(amount):
            sentence = "Quantidade vezes valor unitário não cabe numa nota."
            faults.append((line.number, Fault("ITEM-GRANDE", sentence, "Confira a linha no ERP.", "valor_unitario")))
        elif is_discount(line):
            if is_conditional(line):
                conditional += amount
            else:
                discounts.append((line, amount))
        elif cut > amount:
            sentence = "O desconto passa do valor do item."
            faults.append((line.number, Fault("DESCONTO", sentence, "Confira a linha no ERP.", "desconto")))
        else:
            if is_conditional(line):
                conditional, cut = conditional + cut, ZERO
            parts = ground.plans[line.text("plano")]
            items.append(Item(line, parts, amount, cut, number(line, "acrescimo")))
    if not items and not faults:
        sentence = "A fatura só tem descontos."
        faults.append((lines[0].number, Fault("FATURA-VAZIA", sentence, "Confira a fatura no ERP.", "valor_unitario")))
    if faults:
        return faults
    for line, amount in discounts:
        spread = _spread(items, line, amount, rule)
        if isinstance(spread, Fault):
            return [(line.number, spread)]
        items = spread
    return items, conditional


def _spread(items: Sequence[Item], line: Line, amount: Decimal, rule: Rounding) -> list[Item] | Fault:
    """Take the amount of a discount line from the items of its plan, or from all, each by what it is still worth."""
    open_to = [item for item in items if not item.line.text("doc_externo") and "chave_anterior" not in item.line.values]
    own = [item for item in open_to if item.line.text("plano") == line.text("plano")]
    bearing = own or open_to
    worth = [item.gross - item.cut for item in bearing]
    if sum(worth, ZERO) < amount:
        sentence = f"O desconto de {show(amount)} passa do que os itens valem."
        return Fault("DESCONTO", sentence, "Confira a linha no ERP.", "valor_unitario")
    cuts = dict(zip((id(item) for item in bearing), split(amount, worth, rule), strict=True))
    return [replace(item, cut=item.cut + cuts.get(id(item), ZERO)) for item in items]


def shares(item: Item, amount: Decimal, rule: Rounding) -> list[Decimal]:
    """An amount of a line, shared out among the parts of its plan."""
    return split(amount, [part.share for part in item.parts], rule)


def _total(fatura: Fatura, rule: Rounding) -> Fault | None:
    """vProd, which retentions do not change (MOC NFCom Anexo I, rule 460), against what the ERP says."""
    expected = fatura.first.values.get("total_fatura")
    total = sum((_signed(item, rule) for item in fatura.items), ZERO)
    if total < 0:
        sentence = f"As deduções passam dos itens: a nota daria {show(total)}."
        return Fault("FATURA-NEGATIVA", sentence, "Deixe parte da dedução para a próxima fatura.", "valor_unitario")
    if expected is None or expected == total:
        return None
    assert isinstance(expected, Decimal)
    sentence = f"Os itens somam {show(total)} e a fatura diz {show(expected)}."
    remedy = "Confira os itens no ERP."
    if fatura.conditional and expected == total - fatura.conditional:
        remedy = "A diferença é o desconto de pontualidade, que não abate a nota: exporte o total sem ele."
    return Fault("FATURA-TOTAL", sentence, remedy, "total_fatura")


def _signed(item: Item, rule: Rounding) -> Decimal:
    signs = {subtracts(cclass(item.line, part)) for part in item.parts}
    if len(signs) == 1:
        return -item.value if signs == {True} else item.value
    amounts = shares(item, item.gross, rule)
    cuts = split(item.cut, amounts, rule)
    extras = shares(item, item.extra, rule)
    return sum(
        (
            (amount - cut + extra) * (-1 if subtracts(cclass(item.line, part)) else 1)
            for part, amount, cut, extra in zip(item.parts, amounts, cuts, extras, strict=True)
        ),
        ZERO,
    )
