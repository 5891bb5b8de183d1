"""What spreadsheets and ERPs did to a cell and can be undone without a guess. Each mend gives the text as it was meant
and the remark that people read; None where there is nothing to undo. Where digits are lost nothing is mended.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from zelo.fiscal import boleto, cnpj
from zelo.isp.billing.cell import CPF_DIGITS, LINHA_DIGITS

Mended = tuple[str, str]
"""The text as it was meant, and what was done, in pt-BR."""
Mend = Callable[[str], Mended | None]

CNPJ_DIGITS: Final = 14
LEAST_DIGITS: Final = 8
"""Fewer are more likely a slip of the pen than a CPF that begins with zeros."""
CEP_DIGITS: Final = 8
DAY_CHARS: Final = 10
ZEROS_OF_PERSON: Final = "Zeros à esquerda do CPF ou CNPJ repostos; os dígitos verificadores conferem."
ZERO_OF_CEP: Final = "Zero à esquerda do CEP reposto."
MONTH_FROM_DAY: Final = "A planilha transformou a competência em data; lida como o mês dela."
MONTH_FROM_NAME: Final = "Competência escrita com o nome do mês."
FIRST_EMAIL: Final = "Vários e-mails na célula: a nota leva o primeiro."
FROM_BARRAS: Final = "Código de barras convertido em linha digitável; os dígitos verificadores conferem."
MIDNIGHT: Final = "Data com hora; lida sem a hora."

_DIGITS: Final = re.compile(r"[0-9]+")
_FIRST_OF_MONTH: Final = re.compile(
    r"(?:0?1/(?P<m>[0-9]{1,2})/(?P<y>20[0-9]{2})|(?P<y2>20[0-9]{2})-(?P<m2>[0-9]{2})-01)"
)
_NAMED: Final = re.compile(r"(?P<name>[a-zç]{3,9})\.?\s*(?:/|-|de| )\s*(?P<y>20[0-9]{2}|[0-9]{2})", re.IGNORECASE)
_HOUR: Final = re.compile(r"(?P<day>\S{8,10})[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?")
_MANY: Final = re.compile(r"[;,\s/|]+")
_MONTHS: Final[Mapping[str, int]] = {
    name: number
    for number, names in enumerate(
        ("janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro",
         "novembro", "dezembro"), start=1,
    )
    for name in (names, names[:3], names.replace("ç", "c"))
}  # fmt: skip


def person(cell: str) -> Mended | None:
    """CPF or CNPJ whose leading zeros a sheet ate: put back where that makes exactly one of the two right."""
    if not _DIGITS.fullmatch(cell) or not LEAST_DIGITS <= len(cell) < CNPJ_DIGITS or len(cell) == CPF_DIGITS:
        return None
    found = [
        full
        for full, good in ((cell.zfill(CPF_DIGITS), cnpj.is_cpf), (cell.zfill(CNPJ_DIGITS), cnpj.is_cnpj))
        if good(full)
    ]
    return (found[0], ZEROS_OF_PERSON) if len(found) == 1 else None


def company(cell: str) -> Mended | None:
    """CNPJ whose leading zeros a sheet ate."""
    if _DIGITS.fullmatch(cell) and LEAST_DIGITS <= len(cell) < CNPJ_DIGITS and cnpj.is_cnpj(cell.zfill(CNPJ_DIGITS)):
        return cell.zfill(CNPJ_DIGITS), ZEROS_OF_PERSON
    return None


def cep(cell: str) -> Mended | None:
    """CEP of seven digits: those of São Paulo begin with a zero."""
    bare = re.sub(r"[.\- ]", "", cell)
    return (f"0{bare}", ZERO_OF_CEP) if _DIGITS.fullmatch(bare) and len(bare) == CEP_DIGITS - 1 else None


def period(cell: str) -> Mended | None:
    """A month that a sheet took for its first day, or shows as nov/26."""
    text, said = cell.removesuffix(" 00:00:00"), MONTH_FROM_DAY
    if found := _FIRST_OF_MONTH.fullmatch(text):
        month, year = int(found["m"] or found["m2"]), found["y"] or found["y2"]
    elif (found := _NAMED.fullmatch(text)) and found["name"].lower() in _MONTHS:
        month, year, said = _MONTHS[found["name"].lower()], found["y"], MONTH_FROM_NAME
    else:
        return None
    return f"{month:02d}/{year if len(year) > 2 else '20' + year}", said


def email(cell: str) -> Mended | None:
    """The first of several addresses."""
    parts = [part for part in _MANY.split(cell) if part]
    return (parts[0], FIRST_EMAIL) if len(parts) > 1 else None


def linha(cell: str) -> Mended | None:
    """The linha digitável of a bar code."""
    bare = re.sub(r"[.\- ]", "", cell)
    if len(bare) != LINHA_DIGITS[0]:
        return None
    try:
        return boleto.linha_digitavel(bare), FROM_BARRAS
    except ValueError:  # its reader says so
        return None


def day(cell: str) -> Mended | None:
    """A date with its hour."""
    found = _HOUR.fullmatch(cell) if len(cell) > DAY_CHARS else None
    return (found["day"], MIDNIGHT) if found else None
