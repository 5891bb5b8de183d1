"""What may be told, in words: a block, a note that is held, a certificate that ends. Values in, one Cause out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from zelo.fiscal.cnpj import show
from zelo.fiscal.instant import local_date
from zelo.notify.core import Cause, Kind

WARNED_DAYS: Final = (1, 3, 7, 15, 30)
"""How many days before its end a certificate is told of, the last warning first."""
EXPIRED: Final = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The authority blocks a certificate until an instant, or (None) perhaps for good; its `blocks`th of `most`. Both
    are 0 where another program was blocked, for nobody counts those.
    """

    autorizador: str
    cnpj: str
    cstat: str
    motivo: str
    until: datetime | None
    blocks: int = 0
    most: int = 0
    warned: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A note of the company that is told: how people call it, and its page below that of the company."""

    words: str
    path: str


def of_block(block: Block, note: Note | None, key: str, zone: ZoneInfo) -> Cause:
    """`note` because of which it began, where it is one of the company that is told."""
    counted = (
        f"É o {block.blocks}º bloqueio deste certificado; a partir do {block.most}º a UF pode bloquear para sempre."
    )
    because = f" por causa da {note.words}" if note else ""
    said = f"A SEFAZ {block.autorizador} respondeu {block.cstat}{because}: {block.motivo[:300].rstrip('. ')}."
    path = note.path if note else "situacao"
    who = f"Certificado do CNPJ {show(block.cnpj)}."
    if block.until is None:
        headline = f"Bloqueio na SEFAZ {block.autorizador} que pode ser permanente"
        text = f"{counted} Nada mais sai até um administrador liberar. {said} {who}"
        return Cause(Kind.PERMANENT, key, headline, text, path)
    until = block.until.astimezone(zone)
    stands = f"Nada mais sai até {until:%d/%m/%Y às %H:%M}."
    if block.warned:
        headline = (
            f"{block.blocks}º bloqueio na SEFAZ {block.autorizador}: a partir do {block.most}º pode ser permanente"
        )
        return Cause(Kind.NEAR, key, headline, f"{counted} {stands} {said} {who}", path)
    headline = f"Bloqueio por consumo indevido na SEFAZ {block.autorizador} até {until:%H:%M}"
    return Cause(Kind.BLOCK, key, headline, f"{stands} {said} {who} {counted}", path)


def _counted(block: Block) -> str:
    if not block.blocks:
        return "Quem enviava era outro programa."
    return f"É o {block.blocks}º bloqueio deste certificado; a partir do {block.most}º a UF pode bloquear para sempre."


def of_held(note: Note, why: str, last: str, key: str) -> Cause:
    """A note that goes no further before a person has decided: `why`, and what was `last` answered to it, or ""."""
    answered = f" Última resposta: {last[:300].rstrip('. ')}." if last else ""
    name = f"{note.words[:1].upper()}{note.words[1:]}"
    return Cause(Kind.HELD, key, f"{name}: {why}", f"{name}: {why}.{answered}", note.path)


def of_cancel(note: Note, why: str, last: str, key: str) -> Cause:
    """A cancellation that goes no further before a person acts."""
    answered = f" Última resposta: {last[:300].rstrip('. ')}." if last else ""
    headline = f"Cancelamento da {note.words}: parado"
    return Cause(Kind.CANCEL, key, headline, f"{headline}. {why}{'.' if why else ''}{answered}".strip(), note.path)


def warning(until: datetime, now: datetime, zone: ZoneInfo) -> int | None:
    """The tightest of `WARNED_DAYS` that the end of a certificate has come within, `EXPIRED`, or None."""
    if until <= now:
        return EXPIRED
    left = (local_date(until, zone) - local_date(now, zone)).days
    return next((days for days in WARNED_DAYS if left <= days), None)


def of_certificate(
    certificate_id: str, subject: str, until: datetime, now: datetime, zone: ZoneInfo, used_by: int
) -> Cause | None:
    """A certificate that has ended or ends soon; None while it is not worth a word."""
    reached = warning(until, now, zone)
    if reached is None:
        return None
    left = (local_date(until, zone) - local_date(now, zone)).days
    when = "venceu" if reached == EXPIRED else _IN.get(left, f"vence em {left} dias")
    name, day = subject.partition(":")[0][:100], f"{until.astimezone(zone):%d/%m/%Y}"
    houses = "1 estabelecimento" if used_by == 1 else f"{used_by} estabelecimentos"
    text = f"{name}: {when} ({day}). Usado em {houses}."
    key = f"certificado:{certificate_id}:{reached}"
    return Cause(Kind.CERTIFICATE, key, f"Certificado {when} ({day})", text, "certificados")


_IN: Final = {0: "vence hoje", 1: "vence amanhã"}
