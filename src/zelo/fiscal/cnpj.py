"""CNPJ (with letters since July 2026) and CPF: clean, check, show, hide.

Both are strings, always. Source of the letters: NT conjunta 2025.001 (value of a character = ASCII - 48).
"""

import re
from typing import Final

from validate_docbr import CNPJ, CPF

_CNPJ_SHAPE: Final = re.compile(r"[A-Z0-9]{12}[0-9]{2}")
_CPF_SHAPE: Final = re.compile(r"[0-9]{11}")
_CPF_INSIDE: Final = re.compile(r"(?<![0-9A-Za-z])[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}-?[0-9]{2}(?![0-9A-Za-z])")
_MASK: Final = str.maketrans("", "", "./- ")
_cnpj = CNPJ()
_cpf = CPF()


def clean(text: str) -> str:
    """The bare identifier: no mask, no blanks, upper case."""
    return text.translate(_MASK).upper()


def is_cnpj(text: str) -> bool:
    """Whether `text` is a bare CNPJ (14 characters) whose check digits agree."""
    return _CNPJ_SHAPE.fullmatch(text) is not None and bool(_cnpj.validate(text))


def is_cpf(text: str) -> bool:
    """Whether `text` is a bare CPF (11 digits) whose check digits agree; one digit repeated is refused."""
    return _CPF_SHAPE.fullmatch(text) is not None and bool(_cpf.validate(text))


def base(cnpj: str) -> str:
    """The first eight characters: the company, whatever the establishment."""
    return cnpj[:8]


def show(text: str) -> str:
    """CNPJ or CPF with its mask; anything else comes back as it is."""
    if _CNPJ_SHAPE.fullmatch(text):
        return f"{text[:2]}.{text[2:5]}.{text[5:8]}/{text[8:12]}-{text[12:]}"
    if _CPF_SHAPE.fullmatch(text):
        return f"{text[:3]}.{text[3:6]}.{text[6:9]}-{text[9:]}"
    return text


def hide(text: str) -> str:
    """For logs: a CPF, bare or masked, with its first three and last two digits starred; a CNPJ is public and stays."""
    bare = clean(text)
    return f"***.{bare[3:6]}.{bare[6:9]}-**" if _CPF_SHAPE.fullmatch(bare) else text


def hide_inside(text: str) -> str:
    """A sentence or value in which every CPF is starred."""
    return _CPF_INSIDE.sub(lambda found: hide(found[0]), text)
