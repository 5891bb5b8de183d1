"""From lines to drafts: the lines of one fatura become one note. A fatura with any fault gives no note at all."""

from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from zelo.facts import rounding
from zelo.fiscal.cnpj import is_cpf
from zelo.fiscal.fault import Fault
from zelo.fiscal.money import ZERO, Rounding, round_to, show
from zelo.isp.billing.cell import municipio
from zelo.isp.billing.columns import BILLING, COMPOSICAO
from zelo.isp.billing.composicao import Part, by_plan, split, taxes
from zelo.isp.billing.sheet import Line, LineFault, Sheet, read_sheet
from zelo.models.nfcom.draft import Assinante, Dest, Det, EnderecoDest, GFat, InfAdic, NfcomDraft, Prod
from zelo.models.nfcom.tax import Imposto
from zelo.models.nfcom.total import fits

Key = tuple[str, str]
KEY: Final = ("cnpj_emitente", "fatura")
UNIT: Final = "4"
"""uMed: unit (MOC NFCom Anexo I)."""
PLACES_OF_UNIT_VALUE: Final = Decimal("0.00000001")

_PER_FATURA: Final = (
    "competencia", "vencimento", "cliente", "nome", "cpf_cnpj", "logradouro", "numero", "bairro", "cep", "municipio",
    "uf", "contrato", "contrato_inicio", "linha_digitavel", "serie", "total_fatura", "codigo_ibge", "complemento",
    "ie", "indicador_ie", "tipo_assinante", "telefone", "email", "observacao",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BilledNote:
    """A draft with its identity, the série asked for (None = the only one), its first line in the file, and the total
    of the fatura as the ERP tells it (`total_fatura`), where it does.
    """

    cnpj: str
    reference: str
    serie: int | None
    line: int
    draft: NfcomDraft
    erp_total: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Billing:
    """What a file amounts to."""

    lines: int
    notes: Sequence[BilledNote]
    faults: Sequence[LineFault]


def read_billing(billing: bytes, composicoes: bytes, issuer_municipios: Mapping[str, str], on: date) -> Billing:
    """Understand both files. `issuer_municipios` maps the CNPJ of each known emitter to its municipality (cMunFG)."""
    plans_sheet = read_sheet(composicoes, COMPOSICAO, ("plano",))
    plans, wrong = by_plan(plans_sheet)
    faults = [_of_composicoes(found) for found in [*plans_sheet.faults, *wrong]]
    sheet = read_sheet(billing, BILLING, KEY)
    faults += sheet.faults
    groups: dict[Key, list[Line]] = {}
    for line in sheet.lines:
        groups.setdefault((line.text(KEY[0]), line.text(KEY[1])), []).append(line)
    notes: list[BilledNote] = []
    held = _held(sheet, groups)
    for key, lines in groups.items():
        if key in sheet.broken:
            continue
        if key in held:
            faults.append(LineFault(lines[0].number, _incomplete(held[key], key[1]), key[1]))
            continue
        if key[0] not in issuer_municipios:
            fault = Fault("EMITENTE", "O emitente não está cadastrado.", "Cadastre o estabelecimento.", KEY[0], key[0])
            faults.append(LineFault(lines[0].number, fault, key[1]))
            continue
        made = _note(key, lines, plans, issuer_municipios[key[0]], on)
        if isinstance(made, BilledNote):
            notes.append(made)
        else:
            faults += [LineFault(number, fault, key[1]) for number, fault in made]
    return Billing(sheet.count, notes, sorted(faults, key=lambda found: found.line))


def _held(sheet: Sheet, groups: Mapping[Key, Sequence[Line]]) -> dict[Key, int]:
    """Faturas that an orphan line may belong to, with the number of that line: those that it names anywhere, or the
    ones before and after it where its own cell is empty.
    """
    by_reference: dict[str, list[Key]] = {}
    for key in groups:
        by_reference.setdefault(key[1], []).append(key)
    numbers = [line.number for line in sheet.lines]
    held: dict[Key, int] = {}
    for number, cells in sheet.orphans.items():
        keys = [key for cell in cells for key in by_reference.get(cell, ())]
        if not keys and "" in cells:
            place = bisect(numbers, number)
            keys = [(line.text(KEY[0]), line.text(KEY[1])) for line in sheet.lines[max(place - 1, 0) : place + 1]]
        held |= dict.fromkeys(keys, number)
    return held


def _incomplete(number: int, reference: str) -> Fault:
    sentence = f"A linha {number} pode ser desta fatura e não pôde ser lida."
    return Fault("FATURA-INCERTA", sentence, "Corrija aquela linha e envie o arquivo outra vez.", KEY[1], reference)


def _of_composicoes(found: LineFault) -> LineFault:
    return LineFault(found.line, found.fault.at("composicoes: "), found.reference)


def _note(
    key: Key, lines: Sequence[Line], plans: Mapping[str, Sequence[Part]], cmunfg: str, on: date
) -> BilledNote | list[tuple[int, Fault]]:
    first = lines[0]
    faults = [
        (line.number, Fault("FATURA-DIFERENTE", "Difere da primeira linha da fatura.", "Iguale as linhas.", name))
        for line in lines[1:]
        for name in _PER_FATURA
        if line.values.get(name) != first.values.get(name)
    ]
    faults += [
        (line.number, Fault("PLANO", "O plano não tem composição.", "Acrescente-o a composicoes.csv.", "plano", plan))
        for line in lines
        if (plan := line.text("plano")) not in plans
    ]
    rule = rounding.of_value(on)
    faults += [(line.number, fault) for line in lines for fault in _amounts(line, rule)]
    place = first.text("codigo_ibge") or municipio(first.text("municipio"), first.text("uf"))
    if isinstance(place, Fault):
        faults.append((first.number, place.at("municipio")))
    if faults or isinstance(place, Fault):
        return faults
    items = [item for line in lines for item in _items(line, plans[line.text("plano")], on)]
    det = tuple(Det(nItem=i, prod=prod, imposto=imposto) for i, (prod, imposto) in enumerate(items, start=1))
    total = sum((d.prod.vProd for d in det), ZERO)
    expected = first.values.get("total_fatura")
    if expected is not None and expected != total:
        sentence = f"Os itens somam {show(total)} e a fatura diz {show(_number(first, 'total_fatura'))}."
        return [(first.number, Fault("FATURA-TOTAL", sentence, "Confira os itens no ERP.", "total_fatura"))]
    parts = plans[first.text("plano")]
    draft = NfcomDraft(
        cMunFG=cmunfg,
        dest=_dest(first, place),
        assinante=_assinante(first, parts[0]),
        det=det,
        gFat=GFat(
            CompetFat=first.text("competencia"),
            dVencFat=_day(first, "vencimento"),
            codBarras=first.text("linha_digitavel"),
        ),
        infAdic=InfAdic(infCpl=(first.text("observacao"),)) if first.text("observacao") else None,
    )
    serie = int(first.text("serie")) if first.text("serie") else None
    said = expected if isinstance(expected, Decimal) else None
    return BilledNote(key[0], key[1], serie, first.number, draft, said)


def _gross(line: Line, rule: Rounding) -> Decimal:
    return round_to(_number(line, "quantidade") * _number(line, "valor_unitario"), rule)


def _amounts(line: Line, rule: Rounding) -> list[Fault]:
    """What quantity, unit value and discount of a line cannot be together."""
    gross = _gross(line, rule)
    if not fits(gross):
        sentence = "Quantidade vezes valor unitário não cabe numa nota."
        return [Fault("ITEM-GRANDE", sentence, "Confira a linha no ERP.", "valor_unitario")]
    if _number(line, "desconto") > gross:
        return [Fault("DESCONTO", "O desconto passa do valor do item.", "Confira a linha no ERP.", "desconto")]
    return []


def _items(line: Line, parts: Sequence[Part], on: date) -> list[tuple[Prod, Imposto]]:
    """The parts of one line, with their taxes."""
    rule = rounding.of_value(on)
    quantity, unit = _number(line, "quantidade"), _number(line, "valor_unitario")
    gross = split(_gross(line, rule), [part.share for part in parts], rule)
    cuts = split(_number(line, "desconto"), gross, rule)
    return [
        (_prod(line, part, quantity, unit if len(parts) == 1 else None, amount, cut), taxes(part, amount - cut, on))
        for part, amount, cut in zip(parts, gross, cuts, strict=True)
    ]


def _prod(line: Line, part: Part, quantity: Decimal, unit: Decimal | None, amount: Decimal, cut: Decimal) -> Prod:
    if unit is None:
        unit = (amount / quantity).quantize(PLACES_OF_UNIT_VALUE)
        unit = unit.quantize(ZERO) if unit == unit.quantize(ZERO) else unit
    return Prod(
        cProd=part.line.text("item"),
        xProd=part.line.text("descricao") or line.text("descricao"),
        cClass=part.line.text("cclass"),
        CFOP=part.line.text("cfop") or None,
        uMed=UNIT,
        qFaturada=quantity,
        vItem=unit,
        vDesc=cut or None,
        vProd=amount - cut,
    )


def _number(line: Line, name: str) -> Decimal:
    value = line.values.get(name, ZERO)
    assert isinstance(value, Decimal)
    return value


def _day(line: Line, name: str) -> date:
    value = line.values[name]
    assert isinstance(value, date)
    return value


def _dest(line: Line, place: str) -> Dest:
    document = line.text("cpf_cnpj")
    return Dest(
        xNome=line.text("nome"),
        CPF=document if is_cpf(document) else None,
        CNPJ=None if is_cpf(document) else document,
        indIEDest=line.text("indicador_ie") or "9",
        IE=line.text("ie") or None,
        enderDest=EnderecoDest(
            xLgr=line.text("logradouro"),
            nro=line.text("numero"),
            xCpl=line.text("complemento") or None,
            xBairro=line.text("bairro"),
            cMun=place,
            xMun=line.text("municipio"),
            CEP=line.text("cep"),
            UF=line.text("uf"),
            fone=line.text("telefone") or None,
            email=line.text("email") or None,
        ),
    )


def _assinante(line: Line, part: Part) -> Assinante:
    kind = "3" if is_cpf(line.text("cpf_cnpj")) else "1"
    return Assinante(
        iCodAssinante=line.text("cliente"),
        tpAssinante=line.text("tipo_assinante") or kind,
        tpServUtil=part.line.text("tipo_servico"),
        nContrato=line.text("contrato"),
        dContratoIni=_day(line, "contrato_inicio"),
    )
