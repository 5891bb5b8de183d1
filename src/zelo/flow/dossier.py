"""Collects a company's dossier for the authority: blocks, the numbers they are about, their journals and attempts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select

from zelo.engine.schema.access import company, establishment
from zelo.engine.schema.flow import attempt, document, history
from zelo.engine.schema.guard import foreign as asked
from zelo.facts import place
from zelo.fiscal.cnpj import hide_inside
from zelo.fiscal.instant import show
from zelo.fiscal.uf import Uf
from zelo.flow import evidence
from zelo.flow.evidence import Block
from zelo.flow.lifecycle import Event
from zelo.flow.tools import Tools
from zelo.guard import shell as guard
from zelo.guard.dossier import MOST_LINES, Dossier, Fact, Sheet
from zelo.guard.foreign import Foreign
from zelo.guard.story import story

_CHANGES: Final = {
    Event.REVISED.value: "nota corrigida",
    Event.RELEASED.value: "nota liberada por uma pessoa",
    Event.AUTHORISED.value: "nota autorizada",
    Event.FOUND.value: "nota encontrada autorizada",
    Event.RENUMBERED.value: "nota passou a outro número",
    Event.BLAMED.value: "nota parada por ter sido apontada",
}
_MOST_CHANGES: Final = 10
"""Told in the letter of one block; the journal has them all."""


def collect(connection: Connection, tools: Tools, company_id: str, now: datetime) -> Dossier:
    """Everything of a company. Raises LookupError where it does not exist."""
    who = connection.execute(select(company).where(company.c.id == company_id)).first()
    if who is None:
        raise LookupError(company_id)
    zone = _zone(connection, company_id)
    blocks = evidence.blocks(connection, company_id)
    sends = evidence.named_by(blocks, tools.ambiente, who.cnpj_base)
    whole = {send.key: guard.is_whole(connection, send.key) for send in sends}
    return Dossier(
        who.name,
        who.cnpj_base,
        tools.ambiente.rotulo,
        now,
        zone,
        [_fact(connection, one, company_id, zone) for one in reversed(blocks)],
        (
            _blocks(blocks, zone),
            _notes(connection, sends, whole),
            _attempts(connection, company_id, sends, zone),
            _journal(connection, sends, whole, zone),
        ),
        all(whole.values()),
    )


def _zone(connection: Connection, company_id: str) -> ZoneInfo:
    query = select(establishment.c.uf).where(establishment.c.company_id == company_id).order_by(establishment.c.id)
    return place.zone(Uf(connection.execute(query.limit(1)).scalar() or Uf.DF))


def cause(block: Block) -> str:
    """What caused a block, as far as it is known; facts only."""
    if not block.culprit:
        return "a SEFAZ não apontou nenhuma nota."
    counted = f" com {block.counted} rejeições contadas pela SEFAZ" if block.counted else ""
    if block.ours is None:
        return f"a SEFAZ apontou {block.culprit}{counted}; nenhum envio dela passou por este programa."
    return f"a SEFAZ apontou {block.culprit}{counted}; este programa registrou {block.ours} até então."


def _fact(connection: Connection, block: Block, company_id: str, zone: ZoneInfo) -> Fact:
    rows = connection.execute(
        select(history.c.at, history.c.event)
        .join(document, document.c.id == history.c.document_id)
        .where(
            document.c.company_id == company_id,
            document.c.chave.in_([block.culprit or block.subject]),
            history.c.at >= block.at,
            history.c.event.in_(_CHANGES),
        )
        .order_by(history.c.at)
        .limit(_MOST_CHANGES)
    )
    changes = [f"{_CHANGES[row.event]} em {show(row.at, zone)}" for row in rows]
    where = f"{block.autorizador}, modelo {block.modelo}, {'zelo' if block.own else 'outro programa'}"
    return Fact(block.at, block.cstat, where, block.certificate, cause(block), changes)


def _blocks(blocks: Sequence[Block], zone: ZoneInfo) -> Sheet:
    heads = (
        "quando", "cstat", "xmotivo", "autorizador", "modelo", "certificado", "enviado", "apontado", "contou_sefaz",
        "contamos", "programa",
    )  # fmt: skip
    rows = [
        (
            show(one.at, zone), one.cstat, one.motivo, one.autorizador, one.modelo, one.certificate, one.subject,
            one.culprit, _text(one.counted), _text(one.ours), "zelo" if one.own else "outro",
        )
        for one in blocks
    ]  # fmt: skip
    return Sheet("bloqueios.csv", "Bloqueios", heads, rows)


def _notes(connection: Connection, sends: Sequence[Foreign], whole: dict[str, bool]) -> Sheet:
    rows = []
    for send in sends:
        state = guard.state_of(connection, send.key)
        counts = ", ".join(f"{code}: {count}" for code, count in sorted(state.counts.items()))
        proof = "inteiro" if whole[send.key] else "NÃO CONFERE"
        rows.append((send.subject, send.modelo, send.cnpj, counts, str(state.unknown), str(state.spent), proof))
    heads = ("chave_ou_id", "modelo", "emitente", "recusas", "sem_resposta", "gastos", "diario")
    return Sheet("notas.csv", "Notas, eventos e inutilizações", heads, rows)


def _attempts(connection: Connection, company_id: str, sends: Sequence[Foreign], zone: ZoneInfo) -> Sheet:
    keys = [send.key for send in sends]
    chaves = sorted({line.chave for key in keys for line in guard.entries(connection, key)})
    own = (
        select(attempt)
        .join(document, document.c.id == attempt.c.document_id)
        .where(document.c.company_id == company_id, attempt.c.chave.in_(chaves))
        .order_by(attempt.c.started_at)
        .limit(MOST_LINES)
    )
    told = (
        select(asked)
        .where(asked.c.company_id == company_id, asked.c.key.in_(keys))
        .order_by(asked.c.asked_at)
        .limit(MOST_LINES)
    )
    rows = [(row.started_at, _own(row, zone)) for row in connection.execute(own)]
    rows += [(row.asked_at, _told(row, zone)) for row in connection.execute(told)]
    heads = ("quando", "servico", "chave_ou_id", "certificado", "cstat", "xmotivo", "programa")
    return Sheet("tentativas.csv", "Tentativas", heads, [row for _, row in sorted(rows, key=lambda one: one[0])])


def _own(row: Row[Any], zone: ZoneInfo) -> tuple[str, ...]:
    said = hide_inside(row.motivo or "")
    return (show(row.started_at, zone), row.service, row.chave, row.certificate, row.cstat or "", said, "zelo")


def _told(row: Row[Any], zone: ZoneInfo) -> tuple[str, ...]:
    said = hide_inside(row.motivo)
    who = row.transmitter or row.cnpj
    return (show(row.asked_at, zone), row.servico, row.subject, who, row.outcome, said, "outro")


def _journal(connection: Connection, sends: Sequence[Foreign], whole: dict[str, bool], zone: ZoneInfo) -> Sheet:
    rows = []
    for send in sends:
        lines = guard.entries(connection, send.key)
        told = story(send.key, lines) if whole[send.key] else ()
        texts = [(hide_inside(one.text), str(one.spent)) for one in told] or [(line.event.value, "") for line in lines]
        rows += [
            (send.key, str(line.seq), show(line.at, zone), line.chave, *text, line.hash)
            for line, text in zip(lines, texts, strict=True)
        ]
    heads = ("numero", "linha", "quando", "chave_ou_id", "o_que_aconteceu", "conta", "hash")
    return Sheet("diario.csv", "Diário encadeado da guarda", heads, rows)


def _text(value: int | None) -> str:
    return "" if value is None else str(value)
