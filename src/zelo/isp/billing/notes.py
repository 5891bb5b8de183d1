"""From lines to drafts: the lines of one fatura become one note. A fatura with any fault gives no note at all.

The file is judged as a whole before anything comes of it; drafts are made one at a time, when somebody takes them, so
that a month of them never stands in memory.
"""

from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, overload

from zelo.fiscal.fault import Fault
from zelo.isp.billing import drafting, fatura
from zelo.isp.billing.columns import BILLING, COMPOSICAO
from zelo.isp.billing.composicao import by_plan
from zelo.isp.billing.fatura import EXEMPT, NO_IE, Found, Ground, Issuer
from zelo.isp.billing.remark import Remark, Remarks
from zelo.isp.billing.sheet import TOLD_LINES, KeyNames, Line, LineFault, Lines, Sheet, read_sheet
from zelo.isp.billing.stage import Stage, Tell, told_to_nobody
from zelo.models.nfcom.draft import NfcomDraft

Key = tuple[str, ...]
KEY: Final[KeyNames] = (("cnpj_emitente",), ("ref", "fatura"))
PLAN_KEY: Final[KeyNames] = (("plano",),)
DISCOUNT_SPREAD: Final = "Linha negativa: abatida dos itens do mesmo plano ou, sem eles, de todos, em proporção."
EXEMPT_DROPPED: Final = "ISENTO com indicador 9: a nota vai sem inscrição estadual."
NOT_DEDUCTED: Final = "Desconto de pontualidade: não abate o valor da nota, é dito ao assinante."


@dataclass(frozen=True, slots=True)
class BilledNote:
    """A draft with its identity, the série asked for (None = the only one), its first line in the file, and what the
    ERP says that the note comes to (`total_fatura`), where it says so.
    """

    cnpj: str
    reference: str
    serie: int | None
    line: int
    draft: NfcomDraft
    erp_total: Decimal | None = None


class Notes(Sequence[BilledNote]):
    """The notes of a file, each made when it is looked at."""

    def __init__(self, lines: Lines, groups: Sequence[tuple[Key, Sequence[int]]], ground: Ground) -> None:
        self._lines, self._groups, self._ground = lines, groups, ground

    def __len__(self) -> int:
        return len(self._groups)

    @overload
    def __getitem__(self, place: int) -> BilledNote: ...
    @overload
    def __getitem__(self, place: slice) -> list[BilledNote]: ...
    def __getitem__(self, place: int | slice) -> BilledNote | list[BilledNote]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        key, places = self._groups[place]
        understood = fatura.again([self._lines[one] for one in places], self._ground)
        first = understood.first
        serie = int(first.text("serie")) if first.text("serie") else None
        said = fatura.number(first, "total_fatura") if "total_fatura" in first.values else None
        return BilledNote(key[0], key[1], serie, first.number, drafting.draft(understood, self._ground), said)


@dataclass(frozen=True, slots=True)
class Billing:
    """What a file amounts to: how many lines it has, its notes, its faults, what was mended or left out, and both
    sheets as they were understood.
    """

    lines: int
    notes: Notes
    faults: Sequence[LineFault]
    remarks: Sequence[Remark]
    sheet: Sheet
    plans: Sheet


def read_billing(
    billing: bytes,
    composicoes: bytes,
    issuers: Mapping[str, Issuer],
    *,
    mapping: Mapping[str, str] | None = None,
    codes: Mapping[str, str] | None = None,
    tell: Tell = told_to_nobody,
) -> Billing:
    """Understand both files. `issuers` holds each known emitter by CNPJ; `mapping` says which of our columns a squeezed
    title of the billing file is; `codes` the digits of a form of charge; `tell` is told how far it has come.
    """
    plans_sheet = read_sheet(composicoes, COMPOSICAO, PLAN_KEY, {})
    plans, wrong = by_plan(plans_sheet)
    faults = [_of_composicoes(found) for found in [*plans_sheet.faults, *wrong]]
    sheet = read_sheet(
        billing,
        BILLING,
        KEY,
        mapping or {},
        lambda lines, about, wrong: tell(Stage.READING, lines, about, len(faults) + wrong),
    )
    faults += sheet.faults
    ground = Ground(plans=plans, issuers=issuers, codes=codes or {})
    groups = _groups(sheet.lines)
    held = _held(sheet, groups)
    good: list[tuple[Key, Sequence[int]]] = []
    remarks = Remarks()
    for turn, (key, places) in enumerate(groups.items()):
        if turn % TOLD_LINES == 0:
            tell(Stage.JUDGING, turn, len(groups), len(faults))
        if key in sheet.broken:
            continue
        lines = [sheet.lines[place] for place in places]
        found = _judge(key, lines, held, ground)
        if found:
            faults += [LineFault(number, fault, key[1]) for number, fault in found]
        else:
            good.append((key, places))
            _remark(lines, remarks)
    told = [*sheet.remarks, *remarks.all()]
    return Billing(
        sheet.count,
        Notes(sheet.lines, good, ground),
        sorted(faults, key=lambda one: one.line),
        told,
        sheet,
        plans_sheet,
    )


def _groups(lines: Lines) -> dict[Key, list[int]]:
    """Places of the lines of each note, in the order of the file."""
    groups: dict[Key, list[int]] = {}
    for place, key in enumerate(lines.keys):
        groups.setdefault(key, []).append(place)
    return groups


def _judge(key: Key, lines: Sequence[Line], held: Mapping[Key, int], ground: Ground) -> list[Found]:
    if key in held:
        return [(lines[0].number, _incomplete(held[key], key[1]))]
    if key[0] not in ground.issuers:
        remedy = "Cadastre o estabelecimento."
        return [
            (lines[0].number, Fault("EMITENTE", "O emitente não está cadastrado.", remedy, "cnpj_emitente", key[0]))
        ]
    understood = fatura.understand(lines, ground)
    return understood if isinstance(understood, list) else []


def _remark(lines: Sequence[Line], remarks: Remarks) -> None:
    """What is done with a note that the person who exported it may not expect."""
    for line in lines:
        if fatura.is_conditional(line) and ("desconto" in line.values or fatura.is_discount(line)):
            remarks.add(NOT_DEDUCTED, line.number, "tipo_desconto")
        elif fatura.is_discount(line):
            remarks.add(DISCOUNT_SPREAD, line.number, "valor_unitario")
    first = lines[0]
    if first.text("ie").upper() == EXEMPT and (first.text("indicador_ie") or NO_IE) == NO_IE:
        remarks.add(EXEMPT_DROPPED, first.number, "ie")


def _held(sheet: Sheet, groups: Mapping[Key, Sequence[int]]) -> dict[Key, int]:
    """Notes that an orphan line may belong to, with the number of that line: those that it names anywhere, or the ones
    before and after it where its own cell is empty.
    """
    if not sheet.orphans:
        return {}
    by_reference: dict[str, list[Key]] = {}
    by_place: dict[int, Key] = {}
    for key, places in groups.items():
        by_reference.setdefault(key[1], []).append(key)
        by_place |= dict.fromkeys(places, key)
    held: dict[Key, int] = {}
    for number, cells in sheet.orphans.items():
        keys = [key for cell in cells for key in by_reference.get(cell, ())]
        if not keys and "" in cells:
            keys = list(_beside(sheet.lines.numbers, number, by_place))
        held |= dict.fromkeys(keys, number)
    return held


def _beside(numbers: Sequence[int], number: int, by_place: Mapping[int, Key]) -> Iterator[Key]:
    place = bisect(numbers, number)
    for near in (place - 1, place):
        if near in by_place:
            yield by_place[near]


def _incomplete(number: int, reference: str) -> Fault:
    sentence = f"A linha {number} pode ser desta fatura e não pôde ser lida."
    return Fault("FATURA-INCERTA", sentence, "Corrija aquela linha e envie o arquivo outra vez.", "fatura", reference)


def _of_composicoes(found: LineFault) -> LineFault:
    return LineFault(found.line, found.fault.at("composicoes: "), found.reference)
