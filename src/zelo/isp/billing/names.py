"""What ERPs call our columns. Compared without accents, case and punctuation; our own name always comes first.

The names of an ERP are here only where it publishes them; anything else is a common word of the trade, or is told by a
saved mapping. Read on 2026-11-22.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from zelo.isp.billing.cell import squeezed


@dataclass(frozen=True, slots=True)
class Names:
    """Names that one ERP uses, by our column, and where it says so."""

    erp: str
    source: str
    columns: Mapping[str, tuple[str, ...]]


COMMON: Final = Names(
    "qualquer",
    "palavras correntes em relatórios de faturamento",
    {
        "cnpj_emitente": ("cnpj do emitente", "cnpj prestador", "cnpj filial", "cnpj empresa", "emitente"),
        "fatura": (
            "nº fatura",
            "número da fatura",
            "id fatura",
            "código da fatura",
            "título",
            "nº título",
            "boleto id",
        ),
        "competencia": ("competência", "mês de referência", "mês referência", "referência"),
        "vencimento": ("data de vencimento", "data vencimento", "dt vencimento", "vencto", "dt venc"),
        "cliente": ("código do cliente", "cód cliente", "id cliente", "código do assinante"),
        "nome": ("nome do cliente", "nome/razão social", "razão social", "nome do assinante", "sacado", "pagador"),
        "cpf_cnpj": ("cpf/cnpj", "cnpj/cpf", "documento", "cpf ou cnpj", "cpf/cnpj do cliente"),
        "logradouro": ("endereço", "rua", "endereço de cobrança"),
        "numero": ("nº", "número do endereço", "nº endereço"),
        "municipio": ("cidade",),
        "uf": ("estado",),
        "contrato": ("nº contrato", "número do contrato", "id contrato", "código do contrato"),
        "contrato_inicio": ("início do contrato", "data do contrato", "data de ativação", "data ativação"),
        "contrato_fim": ("fim do contrato", "término do contrato"),
        "plano": ("nome do plano", "plano de acesso", "código do plano", "pacote"),
        "descricao": ("descrição do item", "descrição do serviço", "serviço", "histórico"),
        "quantidade": ("qtd", "qtde", "quant"),
        "valor_unitario": ("valor", "valor do item", "vl unitário", "preço", "preço unitário"),
        "linha_digitavel": ("linha digitável do boleto", "código de barras", "cód barras"),
        "desconto": ("valor do desconto", "vl desconto"),
        "acrescimo": ("acréscimos", "outras despesas"),
        "total_fatura": ("total da fatura", "valor da fatura", "valor total", "total"),
        "codigo_ibge": ("ibge", "código do município", "cód ibge"),
        "ie": ("inscrição estadual", "rg/ie", "ie/rg"),
        "telefone": ("celular", "fone", "telefone celular"),
        "email": ("e-mail", "e-mails"),
        "forma_cobranca": ("forma de pagamento", "tipo de cobrança", "forma pagamento", "meio de pagamento"),
        "pix": ("pix copia e cola", "qr code pix"),
        "observacao": ("obs", "observações"),
        "situacao": ("status", "situação da fatura"),
        "negociacao": ("renegociação", "parcelamento"),
    },
)
HUBSOFT: Final = Names(
    "HubSoft",
    "documentação da API, clientes/financeiro (github.com/hubsoftbrasil/api)",
    {
        "fatura": ("id_fatura",),
        "cliente": ("codigo_cliente",),
        "vencimento": ("data_vencimento",),
        "forma_cobranca": ("tipo_cobranca",),
        "descricao": ("detalhamento_descricao",),
    },
)
IXC: Final = Names(
    "IXC",
    "campos do webservice v1, cliente e fn_areceber, em clientes publicados no GitHub",
    {
        "nome": ("razao",),
        "cpf_cnpj": ("cnpj_cpf",),
        "logradouro": ("endereco",),
        "municipio": ("cidade",),
        "cliente": ("id_cliente",),
        "contrato": ("id_contrato",),
        "vencimento": ("data_vencimento",),
        "telefone": ("telefone_celular",),
    },
)
ADAPTER: Final = Names(
    "Adapter",
    "wiki.adapter.net.br, Migração Fatura (2021-08-19)",
    {
        "fatura": ("IDFaturaMigracao",),
        "vencimento": ("DataVencimento",),
        "cliente": ("IDClienteMigracao",),
        "contrato": ("IDContratoMigracao",),
        "negociacao": ("IsNegociacao",),
        "forma_cobranca": ("FormaCobranca",),
    },
)
NAMES: Final = (COMMON, HUBSOFT, IXC, ADAPTER)


def _by_name() -> dict[str, str]:
    known: dict[str, str] = {}
    for names in NAMES:
        for column, others in names.columns.items():
            for other in others:
                if known.setdefault(squeezed(other), column) != column:
                    raise ValueError(f"{other} names {known[squeezed(other)]} and {column}")
    return known


BY_NAME: Final[Mapping[str, str]] = _by_name()
"""Our column by a squeezed name of others."""
