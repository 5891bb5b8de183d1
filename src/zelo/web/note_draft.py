"""The form of one note as a table of fields, and how it becomes a draft. Amounts of taxes are made by the same rules
as those of the billing file, from the rates that are typed.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Final

from sqlalchemy import Row

from zelo.facts import rounding
from zelo.facts.item import CClass
from zelo.facts.place import municipio as municipio_of
from zelo.facts.table import in_force, load
from zelo.fiscal.cnpj import is_cpf
from zelo.fiscal.fault import Fault
from zelo.fiscal.money import round_to
from zelo.fiscal.uf import Uf
from zelo.isp.billing import cell
from zelo.isp.billing.composicao import WHOLE, Part, taxes
from zelo.isp.billing.sheet import Line
from zelo.models.nfcom.draft import Assinante, Dest, Det, EnderecoDest, GFat, InfAdic, NfcomDraft, Prod
from zelo.web import words
from zelo.web.forms import Field, Filled, Option, month

MOST_ITEMS: Final = 10
UNIT: Final = "4"
"""uMed: unit (MOC NFCom Anexo I)."""
NEGATIVE: Final = Fault(
    "ITEM-DESCONTO", "O desconto passa do valor do item.", "Confira quantidade, valor unitário e desconto."
)

_UFS: Final = tuple((uf.value, uf.value) for uf in sorted(Uf))
_NUMBER_CHARS: Final = 24

SUBSCRIBER: Final = (
    Field(name="nome", label="Nome ou razão social", chars=60),
    Field(name="cpf_cnpj", label="CPF ou CNPJ", read=cell.person, chars=20),
    Field(name="indicador_ie", label="Contribuinte do ICMS", options=words.INDICADOR_IE, width=3),
    Field(
        name="ie", label="Inscrição estadual", required=False, chars=14, width=3,
        hint="Só para contribuintes; ISENTO para os isentos.",
    ),
    Field(name="cep", label="CEP", read=cell.digits(8, "O CEP"), chars=10, width=2, inputmode="numeric"),
    Field(name="logradouro", label="Logradouro", chars=60, width=4),
    Field(name="numero", label="Número", chars=60, width=2, hint="SN quando não há."),
    Field(name="complemento", label="Complemento", required=False, chars=60, width=2),
    Field(name="bairro", label="Bairro", chars=60, width=2),
    Field(name="municipio", label="Município", chars=60, width=4),
    Field(name="uf", label="UF", options=_UFS, width=2),
    Field(
        name="telefone", label="Telefone com DDD", read=cell.phone, kind="tel", required=False, chars=20, width=3
    ),
    Field(name="email", label="E-mail", kind="email", required=False, chars=60, width=3),
)  # fmt: skip
CONTRACT: Final = (
    Field(name="cliente", label="Código do assinante", chars=30, width=2),
    Field(name="contrato", label="Número do contrato", chars=20, width=2),
    Field(name="contrato_inicio", label="Início do contrato", read=cell.day, kind="date", width=2),
    Field(name="tipo_assinante", label="Tipo de assinante", options=words.TIPO_ASSINANTE, width=3),
    Field(name="tipo_servico", label="Tipo de serviço", options=words.TIPO_SERVICO, width=3),
)
INVOICE: Final = (
    Field(name="competencia", label="Competência", read=month, kind="month", width=3),
    Field(name="vencimento", label="Vencimento", read=cell.day, kind="date", width=3),
    Field(
        name="linha_digitavel", label="Linha digitável do boleto", read=cell.linha_digitavel, chars=70, width=6,
        inputmode="numeric",
    ),
    Field(name="uso_inicio", label="Uso: de", read=cell.day, kind="date", required=False, width=3),
    Field(name="uso_fim", label="Uso: até", read=cell.day, kind="date", required=False, width=3),
    Field(name="observacao", label="Texto para o assinante", required=False, kind="area", chars=2000, width=6),
)  # fmt: skip


def _cclass(text: str) -> cell.Value | Fault:
    return cell.digits(7, "O cClass")(text)


def _number(name: str, label: str, read: cell.Read, *, required: bool = True) -> Field:
    return Field(
        name=name, label=label, read=read, required=required, inputmode="decimal", chars=_NUMBER_CHARS, width=2
    )


def _rate(name: str, label: str) -> Field:
    return _number(name, label, cell.not_negative, required=False)


@cache
def items_fields(on: date) -> tuple[Field, ...]:
    """The fields of an item; the classification codes are those of the day."""
    codes: tuple[Option, ...] = tuple(
        (row.cclass, f"{row.cclass} · {row.descricao}") for row in in_force(load("cclass", CClass), on)
    )
    return (
        Field(name="item", label="Código", chars=60, width=2),
        Field(name="descricao", label="Descrição", chars=120, width=4),
        Field(name="cclass", label="Classificação (cClass)", read=_cclass, options=codes, width=4),
        Field(
            name="cfop", label="CFOP", read=cell.digits(4, "O CFOP"), required=False, chars=4, width=2,
            inputmode="numeric", hint="5307 no mesmo estado, para quem não é contribuinte.",
        ),
        _number("quantidade", "Quantidade", cell.positive),
        _number("valor_unitario", "Valor unitário (R$)", cell.not_negative),
        _rate("desconto", "Desconto (R$)"),
        Field(name="icms_cst", label="ICMS", options=words.CST_ICMS, width=2),
        _rate("icms_aliquota", "Alíquota do ICMS (%)"),
        _rate("icms_reducao", "Redução da base (%)"),
        Field(name="pis_cst", label="PIS", options=words.CST_FEDERAL, required=False, width=2),
        _rate("pis_aliquota", "Alíquota do PIS (%)"),
        _rate("fust_aliquota", "FUST (%)"),
        Field(name="cofins_cst", label="COFINS", options=words.CST_FEDERAL, required=False, width=2),
        _rate("cofins_aliquota", "Alíquota da COFINS (%)"),
        _rate("funttel_aliquota", "FUNTTEL (%)"),
        Field(
            name="ibscbs_cst", label="CST do IBS e da CBS", read=cell.digits(3, "O CST"), required=False, chars=3,
            width=2, inputmode="numeric",
        ),
        Field(
            name="ibscbs_cclasstrib", label="cClassTrib", read=cell.digits(6, "O cClassTrib"), required=False, chars=6,
            width=2, inputmode="numeric",
        ),
    )  # fmt: skip


TAXES_FROM: Final = "icms_cst"
"""From this field on an item is about its taxes."""


def item_prefix(number: int) -> str:
    """What the fields of an item carry in the form; items are counted from 1."""
    return f"i{number}-"


def draft_of(form: Filled, items: Sequence[Filled], establishment: Row[Any], on: date) -> NfcomDraft | None:
    """The draft, or None with what is wrong told in the form (its fields must all be good)."""
    place = cell.municipio(form.text("municipio"), form.text("uf"))
    if isinstance(place, Fault):
        form.refuse("municipio", place)
    det = [_det(number, item, on) for number, item in enumerate(items, start=1)]
    if isinstance(place, Fault) or any(not item.good() for item in items):
        return None
    note = form.text("observacao")
    return NfcomDraft(
        cMunFG=establishment.municipio,
        dest=_dest(form, place),
        assinante=Assinante(
            iCodAssinante=form.text("cliente"),
            tpAssinante=form.text("tipo_assinante"),
            tpServUtil=form.text("tipo_servico"),
            nContrato=form.text("contrato"),
            dContratoIni=form.day("contrato_inicio"),
        ),
        det=tuple(det),
        gFat=GFat(
            CompetFat=form.text("competencia"),
            dVencFat=form.day("vencimento") or on,
            codBarras=form.text("linha_digitavel"),
            dPerUsoIni=form.day("uso_inicio"),
            dPerUsoFim=form.day("uso_fim"),
        ),
        infAdic=InfAdic(infCpl=(" ".join(note.split()),)) if note else None,
    )


def _dest(form: Filled, place: str) -> Dest:
    document = form.text("cpf_cnpj")
    known = municipio_of(place)
    return Dest(
        xNome=form.text("nome"),
        CPF=document if is_cpf(document) else None,
        CNPJ=None if is_cpf(document) else document,
        indIEDest=form.text("indicador_ie"),
        IE=form.text("ie").upper() or None,
        enderDest=EnderecoDest(
            xLgr=form.text("logradouro"),
            nro=form.text("numero"),
            xCpl=form.text("complemento") or None,
            xBairro=form.text("bairro"),
            cMun=place,
            xMun=known.nome if known else form.text("municipio"),
            CEP=form.text("cep"),
            UF=form.text("uf"),
            fone=form.text("telefone") or None,
            email=form.text("email") or None,
        ),
    )


def _det(number: int, item: Filled, on: date) -> Det:
    quantity, unit, discount = (item.number(name) for name in ("quantidade", "valor_unitario", "desconto"))
    amount = round_to(quantity * unit, rounding.of_value(on)) - discount
    if amount < 0:
        item.refuse(f"{item_prefix(number)}desconto", NEGATIVE)
    part = Part(WHOLE, Line(number, item.values))
    prod = Prod(
        cProd=item.text("item"),
        xProd=item.text("descricao"),
        cClass=item.text("cclass"),
        CFOP=item.text("cfop") or None,
        uMed=UNIT,
        qFaturada=_plain(quantity),
        vItem=_plain(unit),
        vDesc=_plain(discount) if discount else None,
        vProd=amount,
    )
    return Det(nItem=number, prod=prod, imposto=taxes(part, amount, on))


def _plain(value: Decimal) -> Decimal:
    """Two places where they are enough, else as typed."""
    short = value.quantize(Decimal("0.01"))
    return short if short == value else value


_OF_TAG: Final[Mapping[str, str]] = {
    "dest/xNome": "nome",
    "dest/CPF": "cpf_cnpj",
    "dest/CNPJ": "cpf_cnpj",
    "dest/idOutros": "cpf_cnpj",
    "dest/IE": "ie",
    "dest/indIEDest": "indicador_ie",
    "dest/enderDest/xLgr": "logradouro",
    "dest/enderDest/nro": "numero",
    "dest/enderDest/xCpl": "complemento",
    "dest/enderDest/xBairro": "bairro",
    "dest/enderDest/cMun": "municipio",
    "dest/enderDest/xMun": "municipio",
    "dest/enderDest/CEP": "cep",
    "dest/enderDest/UF": "uf",
    "dest/enderDest/fone": "telefone",
    "dest/enderDest/email": "email",
    "assinante/iCodAssinante": "cliente",
    "assinante/tpAssinante": "tipo_assinante",
    "assinante/tpServUtil": "tipo_servico",
    "assinante/nContrato": "contrato",
    "assinante/dContratoIni": "contrato_inicio",
    "gFat": "linha_digitavel",
    "gFat/CompetFat": "competencia",
    "gFat/dVencFat": "vencimento",
    "gFat/codBarras": "linha_digitavel",
    "gFat/dPerUsoIni": "uso_inicio",
    "gFat/dPerUsoFim": "uso_fim",
    "infAdic/infCpl[1]": "observacao",
}
_OF_ITEM_TAG: Final = (
    ("prod/cProd", "item"),
    ("prod/xProd", "descricao"),
    ("prod/cClass", "cclass"),
    ("prod/CFOP", "cfop"),
    ("prod/qFaturada", "quantidade"),
    ("prod/vDesc", "desconto"),
    ("prod", "valor_unitario"),
    ("imposto/indSemCST", "icms_cst"),
    ("imposto/ICMS", "icms_aliquota"),
    ("imposto/PIS", "pis_aliquota"),
    ("imposto/COFINS", "cofins_aliquota"),
    ("imposto/FUST", "fust_aliquota"),
    ("imposto/FUNTTEL", "funttel_aliquota"),
    ("imposto/IBSCBS", "ibscbs_cclasstrib"),
    ("", "descricao"),
)
"""The first beginning that fits tells the field."""
_ITEM: Final = re.compile(r"det\[([0-9]{1,3})\]/?(.*)")
_SIGNED: Final = "infNFCom/"


def field_of(where: str) -> str | None:
    """The field of the form that a fault's place is about, or None."""
    tag = where.removeprefix(_SIGNED)
    found = _ITEM.fullmatch(tag)
    if found is None:
        return _OF_TAG.get(tag)
    name = next(name for start, name in _OF_ITEM_TAG if found[2].startswith(start))
    return f"{item_prefix(int(found[1]))}{name}"


@cache
def _labels() -> dict[str, str]:
    fields = (*SUBSCRIBER, *CONTRACT, *INVOICE, *items_fields(date(2026, 1, 1)))
    return {one.name: one.label for one in fields}


def label_of(where: str) -> str:
    """What people call a fault's place: "Item 2: CFOP", "CEP"; "" where it has no field."""
    name = field_of(where)
    if name is None:
        return ""
    found = re.fullmatch(r"i([0-9]+)-(.+)", name)
    if found is None:
        return _labels().get(name, "")
    return f"Item {found[1]}: {_labels().get(found[2], '')}"
