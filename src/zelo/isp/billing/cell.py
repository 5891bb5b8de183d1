"""What a cell of the billing file may hold: each kind of column has one reader that gives a value or a fault.

Numbers are Brazilian (1.234,56) or plain (1234.56); dates DD/MM/AAAA or AAAA-MM-DD; a period MM/AAAA or AAAAMM.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Final

from zelo.facts.place import find_municipio
from zelo.fiscal import cnpj
from zelo.fiscal.fault import Fault
from zelo.fiscal.money import ZERO

CELL_CHARS: Final = 2_000
CPF_DIGITS: Final = 11
_BRAZILIAN: Final = re.compile(r"-?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]{1,13}),[0-9]{1,8}")
_PLAIN: Final = re.compile(r"-?[0-9]{1,13}(?:\.[0-9]{1,8})?")
_THOUSANDS_OR_PLACES: Final = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{3}")
_DAY: Final = re.compile(r"(?P<d>[0-9]{1,2})/(?P<m>[0-9]{1,2})/(?P<y>[0-9]{4})")
_ISO_DAY: Final = re.compile(r"(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})")
_PHONE: Final = re.compile(r"[0-9 ().-]+")
_WHOLE: Final = Decimal(100)
_SCIENTIFIC: Final = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+")
_LINHA: Final = re.compile(r"[0-9]{44}|[0-9]{46,48}")
_FIELDS_OF_BOLETO: Final = ((0, 9), (10, 20), (21, 31))
_BOLETO_DIGITS: Final = 47

Value = str | Decimal | date
Read = Callable[[str], Value | Fault]


def text(cell: str) -> Value | Fault:
    """Any text."""
    return cell


def amount(cell: str) -> Value | Fault:
    """A number with up to 13 digits and eight places; 1.234 is refused, for half of the programs mean 1234 by it."""
    if _THOUSANDS_OR_PLACES.fullmatch(cell):
        sentence = "Não se sabe se o ponto separa milhares ou casas decimais."
        return Fault("CELULA-AMBIGUA", sentence, "Escreva 1.234,00 para milhares, 1,234 para casas.", value=cell)
    plain = cell.replace(".", "").replace(",", ".") if _BRAZILIAN.fullmatch(cell) else cell
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
    """The digits under a bar code (47 or 48) or the code itself (44); check digits of a boleto's fields must agree."""
    if _SCIENTIFIC.fullmatch(cell):
        return Fault(
            "CELULA-LINHA-PERDIDA",
            "A planilha transformou a linha digitável em número e perdeu dígitos.",
            "Exporte a coluna como texto: os dígitos perdidos não podem ser adivinhados.",
            value=cell,
        )
    bare = re.sub(r"[.\- ]", "", cell)
    fault = Fault("CELULA-LINHA", "Linha digitável inválida.", "Confira o boleto no banco.", value=cell)
    if not _LINHA.fullmatch(bare):
        return fault
    if len(bare) == _BOLETO_DIGITS and any(_mod10(bare[a:b]) != bare[b] for a, b in _FIELDS_OF_BOLETO):
        return fault
    return bare


def _mod10(field: str) -> str:
    """FEBRABAN's check digit of a field: weights 2 and 1 from the right, digits of products added."""
    products = (int(d) * (2 if i % 2 == 0 else 1) for i, d in enumerate(reversed(field)))
    return str(-sum(p // 10 + p % 10 for p in products) % 10)


def municipio(name: str, uf: str) -> str | Fault:
    """IBGE code of a municipality by its name."""
    found = find_municipio(name, uf)
    if found is not None:
        return found.codigo
    return Fault(
        "CELULA-MUNICIPIO", f"Município não existe em {uf}.", "Confira nome e UF, ou informe codigo_ibge.", value=name
    )
