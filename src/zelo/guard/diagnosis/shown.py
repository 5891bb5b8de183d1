"""How a text of the evidence may be shown: no control codes, and a CPF starred wherever it stands, in a chave too."""

import re
from typing import Final

from zelo.fiscal.cnpj import hide_inside, is_cpf

_PERSON: Final = re.compile(r"(?<=000)[0-9]{11}(?=[0-9]{2}9[2-6][0-9])")
"""A CPF in the place of a CNPJ before model and série: natural persons emit in the series 920 to 969 (NT 2018.001)."""
_ALONE: Final = re.compile(r"000([0-9]{11})")


def shown(text: str) -> str:
    """Without CPF, whether bare, masked, or where a chave has its emitter; and without what cannot be printed."""
    text = text if text.isprintable() else "".join(one if one.isprintable() else " " for one in text)
    alone = _ALONE.fullmatch(text)
    if alone and is_cpf(alone.group(1)):
        return hide_inside(alone.group(1))
    return hide_inside(_PERSON.sub(lambda found: _starred(found.group()), text))


def _starred(cpf: str) -> str:
    return f"***{cpf[3:9]}**" if is_cpf(cpf) else cpf
