"""The 27 federative units: sigla and IBGE code. Source: MOC NFCom Anexo I, domain D1 (IBGE codes)."""

from enum import StrEnum
from typing import Final

CODIGO_IBGE: Final = {
    "RO": "11", "AC": "12", "AM": "13", "RR": "14", "PA": "15", "AP": "16", "TO": "17",
    "MA": "21", "PI": "22", "CE": "23", "RN": "24", "PB": "25", "PE": "26", "AL": "27", "SE": "28", "BA": "29",
    "MG": "31", "ES": "32", "RJ": "33", "SP": "35",
    "PR": "41", "SC": "42", "RS": "43",
    "MS": "50", "MT": "51", "GO": "52", "DF": "53",
}  # fmt: skip


class Uf(StrEnum):
    """Sigla of a federative unit; `codigo` is its two-digit IBGE code (tag `cUF`)."""

    RO = "RO"
    AC = "AC"
    AM = "AM"
    RR = "RR"
    PA = "PA"
    AP = "AP"
    TO = "TO"
    MA = "MA"
    PI = "PI"
    CE = "CE"
    RN = "RN"
    PB = "PB"
    PE = "PE"
    AL = "AL"
    SE = "SE"
    BA = "BA"
    MG = "MG"
    ES = "ES"
    RJ = "RJ"
    SP = "SP"
    PR = "PR"
    SC = "SC"
    RS = "RS"
    MS = "MS"
    MT = "MT"
    GO = "GO"
    DF = "DF"

    @property
    def codigo(self) -> str:
        """IBGE code, two digits."""
        return CODIGO_IBGE[self.value]


_BY_CODIGO: Final = {codigo: Uf(sigla) for sigla, codigo in CODIGO_IBGE.items()}


def from_codigo(codigo: str) -> Uf | None:
    """The UF of a two-digit IBGE code, or None."""
    return _BY_CODIGO.get(codigo)
