"""What comes back from an authorizer, or the ways in which nothing comes back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Retorno:
    """An answer that was understood. `protocolo` is the protocol element in canonical bytes, if one came.

    `chave`, `digest` (base64 of the document's digest), `nprot` and `recebido` come from the protocol where there is
    one; `cstat` and `motivo` from the protocol too (it judges the document), else from the envelope of the answer.
    """

    cstat: str
    motivo: str
    chave: str = ""
    nprot: str = ""
    digest: str = ""
    recebido: datetime | None = None
    protocolo: bytes = b""


class Silence(StrEnum):
    """Why there is no answer. Only NOT_SENT proves that no byte of the request left."""

    NOT_SENT = "not sent"
    TIMEOUT = "timeout"
    CONNECTION_LOST = "connection lost"
    HTTP_ERROR = "http error"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The outcome is unknown, unless `why` is NOT_SENT. `detail` is for people."""

    why: Silence
    detail: str
