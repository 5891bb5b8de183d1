"""What comes back from an authorizer, or the ways in which nothing comes back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Protocolo:
    """What the authorizer recorded of one document; `xml` is the protocol element in canonical bytes.

    `digest` is the base64 digest of the signed element as the authorizer has it, `recebido` when it came in.
    """

    chave: str
    cstat: str
    motivo: str
    nprot: str
    digest: str
    recebido: datetime | None
    xml: bytes


@dataclass(frozen=True, slots=True)
class Evento:
    """What the authorizer recorded of one event; `xml` is retEvento, `proc` the whole procEvento where that came.

    `digest` is the base64 digest of the signed event, known only where the event itself came along.
    """

    chave: str
    tipo: str
    seq: int
    cstat: str
    nprot: str
    registrado: datetime | None
    digest: str
    xml: bytes
    proc: bytes = b""


@dataclass(frozen=True, slots=True)
class Retorno:
    """An answer that was understood: its own code and text, and the protocol and events inside it if any came.

    On a consulta the two may differ: 101 (cancelled) around the protocol of the authorisation (100).
    """

    cstat: str
    motivo: str
    protocolo: Protocolo | None = None
    recebido: datetime | None = None
    eventos: tuple[Evento, ...] = ()


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
