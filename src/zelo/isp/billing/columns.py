"""Every column of the two files: its meaning, its form, whether it must be there (`docs/reference/billing.md`)."""

from dataclasses import dataclass
from typing import Final

from zelo.fiscal.uf import CODIGO_IBGE
from zelo.isp.billing import cell


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file."""

    name: str
    read: cell.Read
    meaning: str
    example: str
    required: bool = True


BILLING: Final = (
    Column("cnpj_emitente", cell.company, "CNPJ do estabelecimento que emite", "06.117.473/0001-50"),
    Column("fatura", cell.text, "Referência da fatura no ERP; identifica a nota", "F-2026-11-0001"),
    Column("competencia", cell.period, "Mês faturado", "11/2026"),
    Column("vencimento", cell.day, "Vencimento da fatura", "10/12/2026"),
    Column("cliente", cell.text, "Código do assinante", "1001"),
    Column("nome", cell.text, "Nome ou razão social do assinante", "Maria da Silva"),
    Column("cpf_cnpj", cell.person, "CPF ou CNPJ do assinante", "529.982.247-25"),
    Column("logradouro", cell.text, "Endereço do assinante", "Rua das Flores"),
    Column("numero", cell.text, "Número; SN quando não há", "100"),
    Column("bairro", cell.text, "Bairro", "Centro"),
    Column("cep", cell.digits(8, "O CEP"), "CEP", "90010-000"),
    Column("municipio", cell.text, "Município", "Porto Alegre"),
    Column("uf", cell.one_of(*sorted(CODIGO_IBGE)), "UF do assinante", "RS"),
    Column("contrato", cell.text, "Número do contrato", "C-1001"),
    Column("contrato_inicio", cell.day, "Início do contrato", "01/03/2024"),
    Column("plano", cell.text, "Plano; diz a composição fiscal", "FIBRA500"),
    Column("descricao", cell.text, "Descrição do item na nota", "Internet fibra 500 Mbps"),
    Column("quantidade", cell.positive, "Quantidade faturada", "1"),
    Column("valor_unitario", cell.not_negative, "Valor unitário, em reais", "99,90"),
    Column("linha_digitavel", cell.linha_digitavel, "Linha digitável do boleto", "23793.38128 60000.000003 ..."),
    Column("codigo_ibge", cell.digits(7, "O código IBGE"), "Código IBGE do município", "4314902", required=False),
    Column("complemento", cell.text, "Complemento do endereço", "Ap. 12", required=False),
    Column("ie", cell.text, "Inscrição estadual do assinante", "0963233556", required=False),
    Column(
        "indicador_ie", cell.one_of("1", "2", "9"), "1 contribuinte, 2 isento, 9 não contribuinte", "9", required=False
    ),
    Column(
        "tipo_assinante",
        cell.one_of("1", "2", "3", "4", "5", "6", "7", "8", "99"),
        "Tipo de assinante da NFCom; sem ele, 3 para CPF e 1 para CNPJ",
        "3",
        required=False,
    ),
    Column("telefone", cell.phone, "Telefone com DDD", "(51) 99999-0000", required=False),
    Column("email", cell.text, "E-mail", "maria@exemplo.com.br", required=False),
    Column("desconto", cell.money, "Desconto do item, em reais", "10,00", required=False),
    Column("total_fatura", cell.money, "Total da fatura no ERP, para conferência", "99,90", required=False),
    Column("serie", cell.serie, "Série, quando o estabelecimento tem mais de uma", "1", required=False),
    Column("observacao", cell.text, "Texto para o assinante", "Obrigado!", required=False),
)

_CST_ICMS: Final = cell.one_of("00", "20", "40", "41", "51", "90", "SN", "SEM")
_CST_FEDERAL: Final = cell.one_of("01", "02", "06", "07", "08", "09", "49")

COMPOSICAO: Final = (
    Column("plano", cell.text, "Plano da fatura a que a parte pertence", "FIBRA500"),
    Column("item", cell.text, "Código do produto ou serviço", "SCM500"),
    Column(
        "descricao", cell.text, "Descrição da parte; vazia usa a da fatura", "Comunicação multimídia", required=False
    ),
    Column("percentual", cell.positive, "Parte do valor da linha, em %; as de um plano somam 100", "70"),
    Column("cclass", cell.digits(7, "O cClass"), "Classificação do item da NFCom", "0100401"),
    Column("cfop", cell.digits(4, "O CFOP"), "CFOP; vazio só com CST de ICMS SEM", "5307", required=False),
    Column("tipo_servico", cell.one_of("1", "2", "3", "4", "5", "6", "7"), "Tipo de serviço utilizado", "4"),
    Column("icms_cst", _CST_ICMS, "CST do ICMS; SN para o Simples; SEM para item sem ICMS", "00"),
    Column("icms_aliquota", cell.percent, "Alíquota do ICMS, em %", "17", required=False),
    Column("icms_reducao", cell.percent, "Redução da base (CST 20), em %", "50", required=False),
    Column("pis_cst", _CST_FEDERAL, "CST do PIS", "01", required=False),
    Column("pis_aliquota", cell.percent, "Alíquota do PIS, em %", "0,65", required=False),
    Column("cofins_cst", _CST_FEDERAL, "CST da COFINS", "01", required=False),
    Column("cofins_aliquota", cell.percent, "Alíquota da COFINS, em %", "3", required=False),
    Column("fust_aliquota", cell.percent, "Alíquota do FUST, em %", "1", required=False),
    Column("funttel_aliquota", cell.percent, "Alíquota do FUNTTEL, em %", "0,5", required=False),
    Column("ibscbs_cst", cell.digits(3, "O CST"), "CST do IBS e da CBS", "000", required=False),
    Column("ibscbs_cclasstrib", cell.digits(6, "O cClassTrib"), "cClassTrib do IBS e da CBS", "000001", required=False),
)
