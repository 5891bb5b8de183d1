"""Numbers that a state or the IBGE gave: whether an IE has the right digits, whether a municipality is of a UF."""

from typing import Final

from validador_ie import validar_ie

from zelo.fiscal.cnpj import clean
from zelo.fiscal.uf import CODIGO_IBGE, Uf

UF_EXTERIOR: Final = "EX"
"""What the UF of an address abroad says (NT NFCom 2023.001)."""


def is_ie(text: str, uf: str) -> bool:
    """Whether a state registration, mask and lost zeros forgiven, has the check digits that the UF asks for.

    A rural producer of São Paulo starts with P0 (SINTEGRA), which the library does not hold to.
    """
    bare = clean(text)
    rural = uf == Uf.SP and bare.startswith("P")
    return validar_ie(bare, uf).valida and (not rural or bare.startswith("P0"))


def is_of_uf(cmun: str, uf: str) -> bool:
    """Whether the first two digits of a municipality are the UF's (MOC NFCom 1.00a Anexo I, G20 and G29)."""
    return cmun[:2] == CODIGO_IBGE.get(uf)
