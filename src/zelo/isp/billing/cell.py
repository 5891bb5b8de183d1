"""What a cell of the billing file may hold: each kind of column has one reader that gives a value or a fault.

Numbers are Brazilian (1.234,56) or plain (1234.56), with or without R$; dates DD/MM/AAAA or AAAA-MM-DD; a period
MM/AAAA or AAAAMM. What a spreadsheet did to a cell and can be undone is undone before, in mend.py.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from zelo.facts.place import find_municipio
from zelo.fiscal import boleto, cnpj
from zelo.fiscal.chave import is_chave
from zelo.fiscal.fault import Fault
from zelo.fiscal.money import ZERO

CELL_CHARS: Final = 2_000
CPF_DIGITS: Final = 11
EMAIL_CHARS: Final = 60
_BRAZILIAN: Final = re.compile(r"-?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]{1,13}),[0-9]{1,8}")
_PLAIN: Final = re.compile(r"-?[0-9]{1,13}(?:\.[0-9]{1,8})?")
_THOUSANDS_OR_PLACES: Final = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{3}")
_DAY: Final = re.compile(r"(?P<d>[0-9]{1,2})/(?P<m>[0-9]{1,2})/(?P<y>[0-9]{4})")
_ISO_DAY: Final = re.compile(r"(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})")
_PHONE: Final = re.compile(r"[0-9 ().-]+")
_WHOLE: Final = Decimal(100)
_SCIENTIFIC: Final = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+")
_LOST_CODE: Final = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{2,3}")
"""A long number as a sheet shows it; a code of an ERP has no plus sign."""
_CURRENCY: Final = re.compile(r"(-?)\s*R\$\s*(-?)")
_RETIDO: Final = re.compile(r"(PIS|COFINS|CSLL|IRRF|BASE_IRRF)\s*[=:]\s*([0-9.,]+)", re.IGNORECASE)
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")
_LINHA_MARKS: Final = str.maketrans("", "", ".- ")
LINHA_DIGITS: Final = (boleto.BARRAS_DIGITS, boleto.BOLETO_DIGITS, boleto.ARRECADACAO_DIGITS)

Value = str | Decimal | date
Read = Callable[[str], Value | Fault]


def text(cell: str) -> Value | Fault:
    """Any text."""
    return cell


def amount(cell: str) -> Value | Fault:
    """A number with up to 13 digits and eight places; 1.234 is refused, for half of the programs mean 1234 by it."""
    bare = _CURRENCY.sub(r"\1\2", cell, count=1) if "R$" in cell else cell
    if _THOUSANDS_OR_PLACES.fullmatch(bare):
        sentence = "Não se sabe se o ponto separa milhares ou casas decimais."
        return Fault("CELULA-AMBIGUA", sentence, "Escreva 1.234,00 para milhares, 1,234 para casas.", value=cell)
    if bare.startswith("(") and bare.endswith(")"):  # as accountants write a debit
        bare = f"-{bare[1:-1]}"
    plain = bare.replace(".", "").replace(",", ".") if _BRAZILIAN.fullmatch(bare) else bare
    if _PLAIN.fullmatch(plain):
        return Decimal(plain) + 0  # no negative zero
    return Fault("CELULA-NUMERO", "Não é um número.", "Escreva como 1.234,56 ou 1234.56.", value=cell)


def positive(cell: str) -> Value | Fault:
    """A number above zero."""
    value = amount(cell)
    if isinstance(value, Decimal) and value <= 0:
        return Fault("CELULA-POSITIVO", "O número precisa ser maior que zero.", "Confira a linha no ERP.", value=cell)
    return value


def not_negative(cell: str) -> Value | Fault:
    """A number that is zero or more."""
    value = amount(cell)
    if isinstance(value, Decimal) and value < 0:
        return Fault("CELULA-NEGATIVO", "O número não pode ser negativo.", "Confira a linha no ERP.", value=cell)
    return value


def money(cell: str) -> Value | Fault:
    """Reais and whole cents, zero or more."""
    value = not_negative(cell)
    if isinstance(value, Decimal) and value != value.quantize(ZERO):
        return Fault("CELULA-CENTAVOS", "O valor tem fração de centavo.", "Arredonde no ERP.", value=cell)
    return value


def percent(cell: str) -> Value | Fault:
    """A rate from 0 to 100."""
    value = not_negative(cell)
    if isinstance(value, Decimal) and value > _WHOLE:
        return Fault("CELULA-PERCENTUAL", "A alíquota passa de 100 %.", "Confira a alíquota.", value=cell)
    return value


@lru_cache(maxsize=1_000)
def day(cell: str) -> Value | Fault:
    """A calendar day; the year has four digits."""
    found = _DAY.fullmatch(cell) or _ISO_DAY.fullmatch(cell)
    if found:
        with suppress(ValueError):  # no such day in the calendar: told like any other text
            return date(int(found["y"]), int(found["m"]), int(found["d"]))
    return Fault("CELULA-DATA", "Não é uma data.", "Escreva como 31/12/2026.", value=cell)


def period(cell: str) -> Value | Fault:
    """A month, given as AAAAMM."""
    digits = f"{cell[3:]}{cell[:2]}" if re.fullmatch(r"[0-9]{2}/[0-9]{4}", cell) else cell
    if re.fullmatch(r"20[0-9]{2}(0[1-9]|1[0-2])", digits):
        return digits
    return Fault("CELULA-COMPETENCIA", "Não é um mês.", "Escreva como 11/2026.", value=cell)


def person(cell: str) -> Value | Fault:
    """CPF or CNPJ, bare; check digits must agree."""
    bare = cnpj.clean(cell)
    if cnpj.is_cpf(bare) or cnpj.is_cnpj(bare):
        return bare
    shown = cnpj.hide(bare.zfill(CPF_DIGITS) if bare.isdecimal() else bare)
    return Fault("CELULA-CPF-CNPJ", "CPF ou CNPJ inválido.", "Confira o cadastro do cliente.", value=shown)


@lru_cache(maxsize=1_000)
def company(cell: str) -> Value | Fault:
    """CNPJ, bare."""
    bare = cnpj.clean(cell)
    return bare if cnpj.is_cnpj(bare) else Fault("CELULA-CNPJ", "CNPJ inválido.", "Confira o CNPJ.", value=bare)


def digits(count: int, name: str) -> Read:
    """A code of so many digits; punctuation is dropped."""

    def read(cell: str) -> Value | Fault:
        bare = re.sub(r"[.\-/() ]", "", cell)
        if bare.isascii() and bare.isdecimal() and len(bare) == count:
            return bare
        return Fault("CELULA-DIGITOS", f"{name} precisa de {count} dígitos.", "Confira o cadastro.", value=cell)

    return read


def serie(cell: str) -> Value | Fault:
    """A série: 0 to 999 (tag `serie`)."""
    if re.fullmatch(r"[0-9]{1,3}", cell):
        return str(int(cell))
    return Fault("CELULA-SERIE", "A série vai de 0 a 999.", "Confira a série.", value=cell)


def phone(cell: str) -> Value | Fault:
    """A telephone number: 7 to 12 digits without +55 (tag `fone`)."""
    local = cell.removeprefix("+55")
    bare = re.sub(r"[^0-9]", "", local)
    if _PHONE.fullmatch(local) and 7 <= len(bare) <= 12:
        return bare
    return Fault("CELULA-TELEFONE", "O telefone precisa de 7 a 12 dígitos.", "Escreva DDD e número.", value=cell)


def one_of(*options: str) -> Read:
    """One of a few words, compared without case."""
    known = {option.lower(): option for option in options}

    def read(cell: str) -> Value | Fault:
        found = known.get(cell.lower())
        if found is not None:
            return found
        return Fault("CELULA-OPCAO", "Opção desconhecida.", f"Use um de: {', '.join(options)}.", value=cell)

    return read


def linha_digitavel(cell: str) -> Value | Fault:
    """The 47 or 48 digits under a bar code, or the 44 of the code itself, which give the former; all check digits must
    agree.
    """
    if _SCIENTIFIC.fullmatch(cell):
        return Fault(
            "CELULA-LINHA-PERDIDA",
            "A planilha transformou a linha digitável em número e perdeu dígitos.",
            "Exporte a coluna como texto: os dígitos perdidos não podem ser adivinhados.",
            value=cell,
        )
    bare = cell.translate(_LINHA_MARKS)
    if len(bare) in LINHA_DIGITS:
        with suppress(ValueError):  # told below, whichever digit it was
            return boleto.linha_digitavel(bare)
    return Fault("CELULA-LINHA", "Linha digitável inválida.", "Confira o boleto no banco.", value=cell)


def code(cell: str) -> Value | Fault:
    """A code of the ERP, as it stands; one that a sheet took for a number and shortened is refused."""
    if _LOST_CODE.fullmatch(cell):
        sentence = "A planilha transformou o código em número e perdeu dígitos."
        return Fault("CELULA-CODIGO-PERDIDO", sentence, "Exporte a coluna como texto.", value=cell)
    return cell


def email(cell: str) -> Value | Fault:
    """One address of at most 60 letters (tag `email`)."""
    if _EMAIL.fullmatch(cell) and len(cell) <= EMAIL_CHARS:
        return cell
    return Fault("CELULA-EMAIL", "Não é um endereço de e-mail.", "Corrija ou esvazie o e-mail.", value=cell)


def chave(cell: str) -> Value | Fault:
    """The chave of an NFCom, bare; its check digit must agree."""
    bare = re.sub(r"[.\- ]", "", cell).upper()
    if is_chave(bare):
        return bare
    return Fault("CELULA-CHAVE", "Não é a chave de uma nota.", "Copie os 44 caracteres da chave.", value=cell)


def number(most: int, name: str) -> Read:
    """A code of at most so many digits."""

    def read(cell: str) -> Value | Fault:
        bare = re.sub(r"[.\- ]", "", cell)
        if bare.isascii() and bare.isdecimal() and len(bare) <= most:
            return bare
        return Fault("CELULA-DIGITOS", f"{name} tem só dígitos, até {most}.", "Confira o cadastro.", value=cell)

    return read


def whole(most: int) -> Read:
    """A whole number from 1."""

    def read(cell: str) -> Value | Fault:
        if re.fullmatch(r"[0-9]{1,6}", cell) and 1 <= int(cell) <= most:
            return str(int(cell))
        return Fault("CELULA-INTEIRO", f"Não é um número de 1 a {most}.", "Confira a célula.", value=cell)

    return read


def retencoes(cell: str) -> Value | Fault:
    """What the customer withholds of the line: PIS=0,65 COFINS=3,00 CSLL=1,00 IRRF=1,50 BASE_IRRF=100,00."""
    found = {name.upper(): amount(number) for name, number in _RETIDO.findall(cell)}
    rest = re.sub(r"[\s;,/|]", "", _RETIDO.sub("", cell))
    numbers = {name: value for name, value in found.items() if isinstance(value, Decimal)}
    if rest or not found or len(numbers) < len(found) or ("IRRF" in found) != ("BASE_IRRF" in found):
        return Fault(
            "CELULA-RETENCOES",
            "Não se sabe quanto foi retido de cada tributo.",
            "Escreva como PIS=0,65 COFINS=3,00 CSLL=1,00 IRRF=1,50 BASE_IRRF=100,00; IRRF e BASE_IRRF juntos.",
            value=cell,
        )
    return " ".join(f"{name}={value}" for name, value in sorted(numbers.items()))


def meanings(words: Mapping[str, str]) -> Read:
    """One of many words for a few things; accents, case and punctuation do not matter."""
    known = {squeezed(word): meaning for word, meaning in words.items()}
    told = ", ".join(dict.fromkeys(words.values()))

    def read(cell: str) -> Value | Fault:
        found = known.get(squeezed(cell))
        if found is not None:
            return found
        return Fault("CELULA-OPCAO", "Opção desconhecida.", f"Use um de: {told}.", value=cell)

    return read


def squeezed(text: str) -> str:
    """A word without accents, case and punctuation: `Nº do Contrato` is `nodocontrato`."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "".join(letter for letter in letters if letter.isalnum())


@lru_cache(maxsize=6_000)
def municipio(name: str, uf: str) -> str | Fault:
    """IBGE code of a municipality by its name."""
    found = find_municipio(name, uf)
    if found is not None:
        return found.codigo
    return Fault(
        "CELULA-MUNICIPIO", f"Município não existe em {uf}.", "Confira nome e UF, ou informe codigo_ibge.", value=name
    )
