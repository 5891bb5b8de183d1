"""What one file proves: documents that were sent, and answers that came back, whatever program wrote them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from zelo.fiscal.chave import MODELS_WITH_SITE, SHAPE

NFCOM: Final = "62"
NFE: Final = "55"
"""Stands for 55 and 65 where no chave tells them apart: their authorizers share rules and layouts."""
NFCE: Final = "65"
BLOCKS: Final = {NFE: "656", NFCE: "656", NFCOM: "678"}
"""The cStat of consumo indevido by model. 678 means something else in an NF-e (MOC 7.0 Anexo I)."""
FIRST_REJECTION: Final = 201
"""Rejections are numbered from here on (MOC 7.0 Anexo I, table of results)."""
DENIED: Final = frozenset({"205", "301", "302", "303"})
"""Denegada: an end, not something that is sent again and again."""
_SEQ_DIGITS: Final = {True: 3, False: 2}
"""Of nSeqEvento in an Id, with and without a site digit in the chave (MOC NFCom 1.00a, MOC 7.0)."""


class Service(StrEnum):
    """The services that authorizers count apart."""

    AUTORIZACAO = "autorizacao"
    EVENTO = "evento"
    INUTILIZACAO = "inutilizacao"
    CONSULTA = "consulta"
    RECIBO = "recibo"
    STATUS = "status"
    DISTRIBUICAO = "distribuicao"


class Trouble(StrEnum):
    """Why a file was not read."""

    TOO_LARGE = "too large"
    UNREADABLE = "unreadable"
    NESTED = "nested"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A signing certificate: common name with any CPF starred, CNPJ ("" if it names none), serial in hexadecimal."""

    subject: str
    cnpj: str
    serial: str


@dataclass(frozen=True, slots=True)
class Key:
    """What an authorizer may count by. `ident` names an event, an inutilização, a receipt or a consulted chave.

    For notes it is the number, whatever chave it has: a new chave of the same number is the same note; only for 65
    each tpEmis (`ident`) has numbers of its own (MOC 7.0). `emitter` is a CNPJ, or a CPF behind three zeros; `number` 0
    where there is none.
    """

    service: Service
    modelo: str
    ambiente: str = ""
    emitter: str = ""
    serie: int = 0
    number: int = 0
    ident: str = ""

    @property
    def known(self) -> bool:
        """Whether it names one thing at all."""
        return bool(self.number or self.ident)


@dataclass(frozen=True, slots=True)
class Sent:
    """One document that was sent: `at` is the instant that it gives itself, `ip` the transmitter's where it is told."""

    key: Key
    chave: str
    program: str = ""
    certificate: Certificate | None = None
    ip: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One result: `at` as the authorizer wrote it, with its offset."""

    key: Key
    chave: str
    cstat: str
    motivo: str
    at: datetime | None = None

    @property
    def is_block(self) -> bool:
        """Consumo indevido."""
        return BLOCKS.get(self.key.modelo) == self.cstat or (
            self.key.service is Service.DISTRIBUICAO and self.cstat == BLOCKS[NFE]
        )

    @property
    def is_rejection(self) -> bool:
        """A refusal that can be repeated; a block is none."""
        return not self.is_block and int(self.cstat) >= FIRST_REJECTION and self.cstat not in DENIED


@dataclass(frozen=True, slots=True)
class Finding:
    """One file that is XML; without `sent` and `answers` it is about something else."""

    name: str
    sent: tuple[Sent, ...] = ()
    answers: tuple[Answer, ...] = ()


def shaped(text: str) -> str:
    """A chave, or "" for what does not look like one."""
    return text if SHAPE.fullmatch(text) else ""


def number_of(chave: str, ambiente: str) -> Key:
    """The number of a chave, or of nothing where the chave is empty."""
    if not chave:
        return Key(Service.AUTORIZACAO, NFE, ambiente)
    modelo, tpemis = chave[20:22], chave[34]
    ident = tpemis if modelo == NFCE else ""
    return Key(Service.AUTORIZACAO, modelo, ambiente, chave[6:20], int(chave[22:25]), int(chave[25:34]), ident)


def consulted(chave: str, modelo: str, ambiente: str) -> Key:
    """A chave that was asked for."""
    return Key(Service.CONSULTA, chave[20:22] or modelo, ambiente, chave[6:20], ident=chave)


def event_of(chave: str, kind: str, sequence: str, ambiente: str, modelo: str) -> Key:
    """An event by its official Id: ID, type, chave, sequence."""
    modelo = chave[20:22] or modelo
    digits = _SEQ_DIGITS[modelo in MODELS_WITH_SITE]
    ident = f"ID{kind}{chave}{sequence.zfill(digits)[-digits:]}" if chave and kind else ""
    return Key(Service.EVENTO, modelo, ambiente, chave[6:20], ident=ident)
