"""An event of NFCom as it is written: today the cancellation (110111) alone. Source: MOC NFCom 1.00a, events, and XSD.

Attributes bear the names of the tags and `event.txt` is the layout, as for notes.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from zelo.models.canonical import layout
from zelo.models.canonical.layout import Layout
from zelo.models.nfcom.document import NAMESPACE, VERSAO

ROOT: Final = "eventoNFCom"
SIGNED: Final = "infEvento"
PROC: Final = "procEventoNFCom"
CANCELAMENTO: Final = "110111"
ONLY_SEQ: Final = 1
"""A note is cancelled once: a higher nSeqEvento is refused (L06, cStat 636)."""
SEQ_DIGITS: Final = 3
LEAST_REASON_CHARS: Final = 15
MOST_REASON_CHARS: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class EvCancNFCom:
    """What a cancellation says: the protocol of the authorisation, and why."""

    nProt: str
    xJust: str
    descEvento: str = "Cancelamento"


@dataclass(frozen=True, slots=True, kw_only=True)
class DetEvento:
    """The part that differs per kind of event."""

    evCancNFCom: EvCancNFCom
    versaoEvento: str = VERSAO


@dataclass(frozen=True, slots=True, kw_only=True)
class InfEvento:
    """The signed part. `dhEvento` is written with the emitter's offset."""

    Id: str
    cOrgao: str
    tpAmb: int
    CNPJ: str
    chNFCom: str
    dhEvento: str
    tpEvento: str
    nSeqEvento: int
    detEvento: DetEvento


@cache
def event_layout() -> Layout:
    """The layout of eventoNFCom."""
    return layout.parse((files("zelo.models.nfcom") / "event.txt").read_text("utf-8"))


def event_id(tp_evento: str, chave: str, seq: int) -> str:
    """Id of an event: ID, tpEvento, chave, nSeqEvento in three digits; 55 characters."""
    return f"ID{tp_evento}{chave}{seq:0{SEQ_DIGITS}d}"


def proc_evento(evento: bytes, retorno: bytes) -> bytes:
    """procEventoNFCom around the very bytes of both: the file that is kept and handed to others."""
    head = f'<?xml version="1.0" encoding="UTF-8"?><{PROC} xmlns="{NAMESPACE}" versao="{VERSAO}">'.encode()
    return head + evento + retorno + f"</{PROC}>".encode()
