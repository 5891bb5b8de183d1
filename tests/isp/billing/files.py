"""Billing files for the tests, written by the csv module from rows of plain text."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from zelo.isp.billing.fatura import Issuer
from zelo.isp.billing.notes import Billing, read_billing

DAY: Final = date(2026, 11, 20)
RS: Final = "11222333000181"
MG: Final = "11222333000262"
ISSUERS: Final = {RS: Issuer("4314902", DAY), MG: Issuer("3106200", DAY)}

NOTE: Final = {
    "cnpj_emitente": "11.222.333/0001-81",
    "fatura": "F1",
    "competencia": "11/2026",
    "vencimento": "10/12/2026",
    "cliente": "1001",
    "nome": "Maria da Silva",
    "cpf_cnpj": "529.982.247-25",
    "logradouro": "Rua das Flores",
    "numero": "100",
    "bairro": "Centro",
    "cep": "90010-000",
    "municipio": "Porto Alegre",
    "uf": "RS",
    "contrato": "C-1001",
    "contrato_inicio": "01/03/2024",
    "plano": "WHOLE",
    "descricao": "Internet fibra",
    "quantidade": "1",
    "valor_unitario": "99,90",
    "linha_digitavel": "23797780599231587909564557044969416463943290999",
}
"""The columns that must be there."""

OPTIONAL: Final = {
    "ref": "F1/1",
    "tipo_desconto": "incondicional",
    "acrescimo": "0",
    "tipo_servico": "4",
    "contrato_fim": "01/03/2027",
    "uso_inicio": "01/11/2026",
    "uso_fim": "30/11/2026",
    "instalacao_ibge": "4314902",
    "terminal": "(51) 3333-4444",
    "uf_terminal": "RS",
    "forma_cobranca": "boleto",
    "nosso_numero": "00012345678",
    "pix": "00020126580014br.gov.bcb.pix",
    "debito_auto": "123456",
    "banco": "041",
    "agencia": "0100",
    "cclass": "0100401",
    "cfop": "5307",
    "retencoes": "PIS=0,65 COFINS=3,00",
    "situacao": "aberta",
    "negociacao": "não",
    "doc_externo": "NFS-e 123",
    "chave_anterior": "35260645624871000114620010000002591035076056",
    "item_anterior": "1",
    "codigo_ibge": "4314902",
    "complemento": "Ap. 12",
    "ie": "0963233556",
    "indicador_ie": "9",
    "tipo_assinante": "3",
    "telefone": "(51) 99999-0000",
    "email": "maria@exemplo.com.br",
    "desconto": "10,00",
    "total_fatura": "89,90",
    "serie": "1",
    "observacao": "Obrigado!",
}

PART: Final = {
    "plano": "WHOLE",
    "item": "SCM",
    "percentual": "100",
    "cclass": "0100401",
    "cfop": "5307",
    "tipo_servico": "4",
    "icms_cst": "00",
    "icms_aliquota": "17",
}
PARTS: Final = (
    PART,
    PART | {"plano": "HALVES", "percentual": "70"},
    PART | {"plano": "HALVES", "percentual": "30", "item": "SVA", "descricao": "Aplicativos", "icms_cst": "SEM"},
)


def written(rows: Iterable[Mapping[str, str]], *, names: Iterable[str] = (), separator: str = ";") -> bytes:
    """A file of these rows; its columns are `names`, or all that any row has."""
    rows = list(rows)
    header = list(names) or list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, header, delimiter=separator, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def read(*rows: Mapping[str, str], parts: Iterable[Mapping[str, str]] = PARTS) -> Billing:
    """What these rows amount to."""
    return read_billing(written(rows), written(parts), ISSUERS)


def told(billing: Billing) -> list[tuple[int, str, str]]:
    """The faults: line, rule, column. Each has a sentence and a remedy."""
    for found in billing.faults:
        assert found.fault.sentence.endswith("."), found
        assert found.fault.remedy.endswith("."), found
    return [(found.line, found.fault.rule, found.fault.where) for found in billing.faults]
