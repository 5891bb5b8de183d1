"""Every column of the two files: its meaning, form, unit and default (`docs/reference/billing.md`).

A column is what zelo knows; what ERPs call it is in names.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from zelo.fiscal.uf import CODIGO_IBGE
from zelo.isp.billing import cell, mend
from zelo.isp.billing.charging import FORMS
from zelo.isp.billing.mend import Mend

CFOP_DIGITS: Final = 4
CCLASS_DIGITS: Final = 7
IBGE_DIGITS: Final = 7
MOST_ITEMS: Final = 990
"""Items of a note (det, MOC NFCom Anexo I)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a file. `mend` undoes what a sheet did to a cell before `read` judges it; `thaw` makes the value of
    its text again. `unit` and `default` are for people.
    """

    name: str
    read: cell.Read
    meaning: str
    example: str
    required: bool = True
    mend: Mend | None = None
    thaw: Callable[[str], cell.Value] = str
    unit: str = ""
    default: str = ""


def _column(name: str, read: cell.Read, meaning: str, example: str, **more: Any) -> Column:
    return Column(name=name, read=read, meaning=meaning, example=example, **more)


def _number(name: str, read: cell.Read, meaning: str, example: str, **more: Any) -> Column:
    return Column(name=name, read=read, meaning=meaning, example=example, thaw=Decimal, **more)


def _reais(name: str, read: cell.Read, meaning: str, example: str, **more: Any) -> Column:
    return _number(name, read, meaning, example, unit="R$", **more)


def _day(name: str, meaning: str, example: str, **more: Any) -> Column:
    return Column(
        name=name, read=cell.day, meaning=meaning, example=example, thaw=date.fromisoformat, mend=mend.day,
        unit="dia", **more,
    )  # fmt: skip


TAKEN: Final = "aberta"
CANCELLED: Final = "cancelada"
PAID: Final = "paga"
_SITUATIONS: Final = {
    "aberta": TAKEN, "em aberto": TAKEN, "aberto": TAKEN, "a vencer": TAKEN, "a receber": TAKEN, "vencida": TAKEN,
    "pendente": TAKEN, "ativa": TAKEN, "ativo": TAKEN, "emitida": TAKEN, "gerada": TAKEN, "normal": TAKEN, "A": TAKEN,
    "cancelada": CANCELLED, "cancelado": CANCELLED, "estornada": CANCELLED, "excluída": CANCELLED, "C": CANCELLED,
    "paga": PAID, "pago": PAID, "quitada": PAID, "quitado": PAID, "liquidada": PAID, "liquidado": PAID,
    "recebida": PAID, "recebido": PAID, "baixada": PAID, "R": PAID,
}  # fmt: skip
"""Words of ERPs for where a fatura stands; A, R and C are those of IXC's fn_areceber."""

PLAIN_DISCOUNT: Final = "incondicional"
CONDITIONAL_DISCOUNT: Final = "condicional"
_DISCOUNTS: Final = {
    "incondicional": PLAIN_DISCOUNT, "comercial": PLAIN_DISCOUNT, "promocional": PLAIN_DISCOUNT,
    "condicional": CONDITIONAL_DISCOUNT, "pontualidade": CONDITIONAL_DISCOUNT,
    "pagamento em dia": CONDITIONAL_DISCOUNT, "até o vencimento": CONDITIONAL_DISCOUNT,
}  # fmt: skip
YES: Final = "sim"
NO: Final = "não"
_YES_OR_NO: Final = {"sim": YES, "s": YES, "1": YES, "true": YES, "não": NO, "n": NO, "0": NO, "false": NO}

BILLING: Final = (
    _column(
        "cnpj_emitente", cell.company, "CNPJ do estabelecimento que emite", "06.117.473/0001-50", mend=mend.company
    ),
    _column("fatura", cell.code, "Referência da fatura no ERP; identifica a nota", "F-2026-11-0001"),
    _column("competencia", cell.period, "Mês faturado", "11/2026", mend=mend.period, unit="mês"),
    _day("vencimento", "Vencimento da fatura", "10/12/2026"),
    _column("cliente", cell.code, "Código do assinante", "1001"),
    _column("nome", cell.text, "Nome ou razão social do assinante", "Maria da Silva"),
    _column("cpf_cnpj", cell.person, "CPF ou CNPJ do assinante", "529.982.247-25", mend=mend.person),
    _column("logradouro", cell.text, "Endereço do assinante", "Rua das Flores"),
    _column("numero", cell.text, "Número; SN quando não há", "100"),
    _column("bairro", cell.text, "Bairro", "Centro"),
    _column("cep", cell.digits(8, "O CEP"), "CEP", "90010-000", mend=mend.cep),
    _column("municipio", cell.text, "Município", "Porto Alegre"),
    _column("uf", cell.one_of(*sorted(CODIGO_IBGE)), "UF do assinante", "RS"),
    _column("contrato", cell.code, "Número do contrato", "C-1001"),
    _day("contrato_inicio", "Início do contrato", "01/03/2024"),
    _column("plano", cell.text, "Plano; diz a composição fiscal", "FIBRA500"),
    _column("descricao", cell.text, "Descrição do item na nota", "Internet fibra 500 Mbps"),
    _number("quantidade", cell.positive, "Quantidade faturada", "1", unit="unidades"),
    _reais("valor_unitario", cell.amount, "Valor unitário; negativo numa linha de desconto", "99,90"),
    _column(
        "linha_digitavel", cell.linha_digitavel,
        "Linha digitável do boleto (47 ou 48 dígitos) ou o código de barras (44); obrigatória no boleto",
        "23797.78059 92315.879095 64557.044969 4 16463943290999", mend=mend.linha, required=False,
    ),
    _column(
        "ref", cell.code, "Referência da nota, quando uma fatura tem várias; identifica a nota", "F-2026-11-0001/2",
        required=False, default="a fatura",
    ),
    _column(
        "serie", cell.serie, "Série, quando o estabelecimento tem mais de uma", "1", required=False, default="a única"
    ),
    _reais("desconto", cell.money, "Desconto do item", "10,00", required=False, default="0"),
    _column(
        "tipo_desconto", cell.meanings(_DISCOUNTS),
        "incondicional abate o valor do item; condicional (pontualidade) não abate, só é dito ao assinante",
        "condicional", required=False, default="incondicional",
    ),
    _reais("acrescimo", cell.money, "Outras despesas do item (vOutro)", "2,50", required=False, default="0"),
    _reais(
        "total_fatura", cell.money, "Total da nota no ERP, antes de retenções; conferido com a soma dos itens", "89,90",
        required=False, default="não confere",
    ),
    _column(
        "codigo_ibge", cell.digits(IBGE_DIGITS, "O código IBGE"), "Código IBGE do município do assinante", "4314902",
        required=False, default="pelo nome e UF",
    ),
    _column("complemento", cell.text, "Complemento do endereço", "Ap. 12", required=False),
    _column("ie", cell.text, "Inscrição estadual do assinante", "0963233556", required=False),
    _column(
        "indicador_ie", cell.one_of("1", "2", "9"), "1 contribuinte, 2 isento, 9 não contribuinte", "9", required=False,
        default="9",
    ),
    _column(
        "tipo_assinante", cell.one_of("1", "2", "3", "4", "5", "6", "7", "8", "99"), "Tipo de assinante da NFCom", "3",
        required=False, default="3 para CPF, 1 para CNPJ",
    ),
    _column(
        "tipo_servico", cell.one_of("1", "2", "3", "4", "5", "6", "7"), "Tipo de serviço utilizado", "4",
        required=False, default="o da composição",
    ),
    _column("telefone", cell.phone, "Telefone com DDD", "(51) 99999-0000", required=False),
    _column(
        "email", cell.email, "E-mail; de vários, o primeiro", "maria@exemplo.com.br", required=False, mend=mend.email
    ),
    _day("contrato_fim", "Fim do contrato", "01/03/2027", required=False),
    _day("uso_inicio", "Primeiro dia do uso faturado", "01/11/2026", required=False),
    _day("uso_fim", "Último dia do uso faturado", "30/11/2026", required=False),
    _column(
        "instalacao_ibge", cell.digits(IBGE_DIGITS, "O código IBGE"),
        "Código IBGE de onde o serviço é prestado (cMunFG)", "4314902", required=False, default="o do emitente",
    ),
    _column(
        "terminal", cell.phone, "Número do terminal; o primeiro da nota é o principal", "(51) 3333-4444", required=False
    ),
    _column(
        "uf_terminal", cell.one_of(*sorted(CODIGO_IBGE)), "UF de habilitação do terminal", "RS", required=False,
        default="a do assinante",
    ),
    _column(
        "forma_cobranca", cell.meanings(FORMS),
        "boleto, pix, cartao ou debito; sem boleto vale a política da empresa", "boleto", required=False,
        default="boleto",
    ),
    _column(
        "nosso_numero", cell.code, "Nosso número do banco; lido e não enviado, a NFCom não tem lugar para ele",
        "00012345678", required=False,
    ),
    _column("pix", cell.text, "Pix copia e cola, ou endereço do QR Code", "00020126...", required=False),
    _column(
        "debito_auto", cell.number(20, "O código do débito automático"), "Código de autorização do débito automático",
        "123456", required=False,
    ),
    _column(
        "banco", cell.number(5, "O banco"), "Banco do débito, de 3 a 5 dígitos; com agência", "041", required=False
    ),
    _column("agencia", cell.text, "Agência do débito; com banco", "0100", required=False),
    _column(
        "cclass", cell.digits(CCLASS_DIGITS, "O cClass"), "Classificação do item, em plano de uma parte só", "0100401",
        required=False, default="o da composição",
    ),
    _column(
        "cfop", cell.digits(CFOP_DIGITS, "O CFOP"), "CFOP do item, em plano de uma parte só", "5307", required=False,
        default="o da composição",
    ),
    _column("observacao", cell.text, "Texto para o assinante", "Obrigado!", required=False),
    _column(
        "retencoes", cell.retencoes, "O que o cliente retém da linha, por tributo, em R$",
        "PIS=0,65 COFINS=3,00 CSLL=1,00", required=False,
    ),
    _column(
        "situacao", cell.meanings(_SITUATIONS), "Situação da fatura; linhas canceladas e pagas são puladas e contadas",
        "aberta", required=False, default="aberta",
    ),
    _column(
        "negociacao", cell.meanings(_YES_OR_NO),
        "sim numa parcela de renegociação, que não é serviço novo: o plano dela precisa ser de cClass 1000201, sem CST",
        "não", required=False, default="não",
    ),
    _column(
        "doc_externo", cell.text, "Documento em que o item já está (NFS-e, por exemplo): vai só como informação",
        "NFS-e 123", required=False,
    ),
    _column(
        "chave_anterior", cell.chave, "Chave da NFCom em que está o item que este deduz",
        "35260645624871000114620010000002591035076056", required=False,
    ),
    _column("item_anterior", cell.whole(MOST_ITEMS), "Número daquele item", "1", required=False),
)  # fmt: skip

_CST_ICMS: Final = cell.one_of("00", "20", "40", "41", "51", "90", "SN", "SEM")
_CST_FEDERAL: Final = cell.one_of("01", "02", "06", "07", "08", "09", "49")

COMPOSICAO: Final = (
    _column("plano", cell.text, "Plano da fatura a que a parte pertence", "FIBRA500"),
    _column("item", cell.text, "Código do produto ou serviço", "SCM500"),
    _column(
        "descricao", cell.text, "Descrição da parte", "Comunicação multimídia", required=False, default="a da fatura"
    ),
    _number("percentual", cell.positive, "Parte do valor da linha; as de um plano somam 100", "70", unit="%"),
    _column("cclass", cell.digits(CCLASS_DIGITS, "O cClass"), "Classificação do item da NFCom", "0100401"),
    _column("cfop", cell.digits(CFOP_DIGITS, "O CFOP"), "CFOP; vazio só com CST de ICMS SEM", "5307", required=False),
    _column("tipo_servico", cell.one_of("1", "2", "3", "4", "5", "6", "7"), "Tipo de serviço utilizado", "4"),
    _column("icms_cst", _CST_ICMS, "CST do ICMS; SN para o Simples; SEM para item sem ICMS", "00"),
    _number("icms_aliquota", cell.percent, "Alíquota do ICMS", "17", required=False, unit="%", default="0"),
    _number("icms_reducao", cell.percent, "Redução da base (CST 20)", "50", required=False, unit="%", default="0"),
    _column("pis_cst", _CST_FEDERAL, "CST do PIS", "01", required=False),
    _number("pis_aliquota", cell.percent, "Alíquota do PIS", "0,65", required=False, unit="%", default="0"),
    _column("cofins_cst", _CST_FEDERAL, "CST da COFINS", "01", required=False),
    _number("cofins_aliquota", cell.percent, "Alíquota da COFINS", "3", required=False, unit="%", default="0"),
    _number("fust_aliquota", cell.percent, "Alíquota do FUST", "1", required=False, unit="%", default="0"),
    _number("funttel_aliquota", cell.percent, "Alíquota do FUNTTEL", "0,5", required=False, unit="%", default="0"),
    _column("ibscbs_cst", cell.digits(3, "O CST"), "CST do IBS e da CBS", "000", required=False),
    _column(
        "ibscbs_cclasstrib", cell.digits(6, "O cClassTrib"), "cClassTrib do IBS e da CBS", "000001", required=False
    ),
)
