"""The two environments of a SEFAZ (tag `tpAmb`)."""

from enum import IntEnum


class Ambiente(IntEnum):
    """Environment in which a document has value (1) or not (2). Source: MOC NFCom, domain of tpAmb."""

    PRODUCAO = 1
    HOMOLOGACAO = 2

    @property
    def rotulo(self) -> str:
        """The word that every page shows."""
        return "PRODUÇÃO" if self is Ambiente.PRODUCAO else "HOMOLOGAÇÃO"
