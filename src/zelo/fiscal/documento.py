"""A document as the rooms hand it on: who, which, and its bytes."""

from dataclasses import dataclass

from zelo.fiscal.ambiente import Ambiente


@dataclass(frozen=True, slots=True)
class Documento:
    """A signed document: its chave, natural key parts and frozen bytes (UTF-8 XML), with their digest in base64."""

    modelo: str
    ambiente: Ambiente
    cnpj: str
    serie: int
    nnf: int
    chave: str
    digest: str
    xml: bytes
