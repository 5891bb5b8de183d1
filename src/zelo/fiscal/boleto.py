"""The digits of a payment slip: the 44 of its bar code, and the 47 or 48 that people type (the linha digitável).

Two families, told apart by the first digit. A bank's slip: bank 3, currency 1, check digit 1, due factor 4, amount 10,
free 25; typed as three fields with a digit each (modulus 10), the check digit, then factor and amount: 47. A slip of
arrecadação begins with 8: its third digit names the modulus of all its check digits, the fourth is the one of the
whole, and it is typed as four blocks of 11 with a digit each: 48. Sources: BCB Carta-Circular 2.926/2000; FEBRABAN,
"Layout padrão de arrecadação/recebimento com utilização do código de barras", versão 4, items 7 to 10.
"""

from collections.abc import Callable
from operator import mul
from typing import Final

BARRAS_DIGITS: Final = 44
BOLETO_DIGITS: Final = 47
ARRECADACAO_DIGITS: Final = 48

_ARRECADACAO: Final = "8"
_BLOCK_DIGITS: Final = 11
_BLOCKS: Final = range(0, ARRECADACAO_DIGITS, _BLOCK_DIGITS + 1)
_DOUBLED: Final = str.maketrans("0123456789", "0246813579")
"""Each digit twice, and the digits of that added."""
_WEIGHTS: Final = (2, 3, 4, 5, 6, 7, 8, 9) * 6
"""Of modulus 11, for more digits than any slip has."""


def codigo_barras(digits: str) -> str:
    """The 44 digits of the bar code of a slip given in either form. Raises ValueError where a check digit differs."""
    return _both(digits)[0]


def linha_digitavel(digits: str) -> str:
    """The 47 or 48 digits that people type, of a slip given in either form. Raises ValueError as `codigo_barras`."""
    return _both(digits)[1]


def in_fields(linha: str) -> str:
    """The linha digitável as people read it: 00190.50095 40144.816069 06809.350314 3 37370000000100, or four blocks."""
    if len(linha) == ARRECADACAO_DIGITS:
        return " ".join(f"{linha[i : i + _BLOCK_DIGITS]}-{linha[i + _BLOCK_DIGITS]}" for i in _BLOCKS)
    first, second, third = linha[:10], linha[10:21], linha[21:32]
    return f"{first[:5]}.{first[5:]} {second[:5]}.{second[5:]} {third[:5]}.{third[5:]} {linha[32]} {linha[33:]}"


def mod10(digits: str) -> str:
    """FEBRABAN's modulus 10: weights 2 and 1 from the right, the digits of each product added."""
    doubled, plain = digits[::-2], digits[-2::-2]
    return str(-(sum(map(int, doubled.translate(_DOUBLED))) + sum(map(int, plain))) % 10)


def mod11(digits: str, instead: str) -> str:
    """Modulus 11, weights 2 to 9 from the right; `instead` where the digit would have been 0, 10 or 11."""
    rest = sum(map(mul, map(int, reversed(digits)), _WEIGHTS)) % 11
    return instead if rest in (0, 1) else str(11 - rest)


def _both(digits: str) -> tuple[str, str]:
    if not (digits.isascii() and digits.isdecimal()):
        raise ValueError("a slip has digits only")
    barras = _barras(digits)
    linha = _arrecadacao(barras) if barras.startswith(_ARRECADACAO) else _boleto(barras)
    if digits not in (barras, linha):
        raise ValueError("a check digit of a field differs")
    return barras, linha


def _barras(digits: str) -> str:
    """The digits without those that only check a field."""
    starts_with_8 = digits.startswith(_ARRECADACAO)
    if len(digits) == BARRAS_DIGITS:
        return digits
    if len(digits) == BOLETO_DIGITS and not starts_with_8:
        return digits[:4] + digits[32:] + digits[4:9] + digits[10:20] + digits[21:31]
    if len(digits) == ARRECADACAO_DIGITS and starts_with_8:
        return "".join(digits[i : i + _BLOCK_DIGITS] for i in _BLOCKS)
    raise ValueError("a slip has 44 digits, 47 typed ones of a bank, or 48 typed ones beginning with 8")


def _boleto(barras: str) -> str:
    _check_whole(barras, 4, lambda body: mod11(body, "1"))
    free = barras[19:]
    fields = (barras[:4] + free[:5], free[5:15], free[15:])
    return "".join(field + mod10(field) for field in fields) + barras[4:19]


def _arrecadacao(barras: str) -> str:
    digit = _MODULUS.get(barras[2])
    if digit is None:
        raise ValueError("the third digit of a slip of arrecadação is 6, 7, 8 or 9")
    _check_whole(barras, 3, digit)
    blocks = [barras[i : i + _BLOCK_DIGITS] for i in range(0, BARRAS_DIGITS, _BLOCK_DIGITS)]
    return "".join(block + digit(block) for block in blocks)


def _check_whole(barras: str, place: int, digit: Callable[[str], str]) -> None:
    if barras[place] != digit(barras[:place] + barras[place + 1 :]):
        raise ValueError("the check digit of the bar code differs")


def _mod11_of_arrecadacao(digits: str) -> str:
    return mod11(digits, "0")


_MODULUS: Final[dict[str, Callable[[str], str]]] = {
    "6": mod10,
    "7": mod10,
    "8": _mod11_of_arrecadacao,
    "9": _mod11_of_arrecadacao,
}
"""By the third digit: 6 and 8 an amount in reais, 7 and 9 a quantity of reference currency."""
