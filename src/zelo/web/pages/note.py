"""One note: where it stands and what comes next, what is wrong with it, its past, and what a person may do with it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from sqlalchemy import Connection, Row, select
from starlette.responses import RedirectResponse, Response

from zelo.access.may import Action
from zelo.access.shell import companies
from zelo.archive import shell as archive
from zelo.engine.schema.flow import document
from zelo.facts import cstat, place
from zelo.facts.limit import limit
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.uf import Uf
from zelo.flow import actions, contingency, halts, limits, paper, record, stops
from zelo.flow.actions import NotPossibleError
from zelo.flow.event import actions as event_actions
from zelo.flow.event import clock, request
from zelo.flow.event import record as events
from zelo.flow.event.lifecycle import Happening
from zelo.flow.event.lifecycle import State as EventState
from zelo.flow.event.lifecycle import accepts as event_accepts
from zelo.flow.event.request import Receipt, Taken
from zelo.flow.intake import read_draft
from zelo.flow.lifecycle import Event, State, accepts
from zelo.flow.limits import Standing
from zelo.flow.record import StaleDocumentError
from zelo.flow.tools import Tools
from zelo.guard import shell as guard
from zelo.guard.core import Stop
from zelo.guard.story import HELD, Told, story
from zelo.models.nfcom.draft import NfcomDraft
from zelo.models.nfcom.event import LEAST_REASON_CHARS, MOST_REASON_CHARS
from zelo.models.nfcom.event import PROC as EVENT_PROC
from zelo.models.nfcom.proc import PROC
from zelo.monitor import shell as monitor
from zelo.web import note_draft, words
from zelo.web.forms import Field, Filled, blank, fill
from zelo.web.gate import Visit, guarded, guarded_form, well_formed
from zelo.web.pages.situation import silent_workers
from zelo.web.present import without_cpf
from zelo.web.render import noticed, page

router = APIRouter(include_in_schema=False)
Viewer = Annotated[Visit, guarded(Action.VIEW)]

NOT_SURE: Final = "Falta confirmar. Volte, marque a confirmação e envie de novo."
_CODE_DIGITS: Final = 3
_STILL_TO_SEND: Final = frozenset({State.SIGNED, State.PAUSED, State.BLOCKED, State.REJECTED, State.HELD})


RELEASE: Final = (
    Field(
        name="motivo", label="Por que pode ser enviada de novo", kind="area", chars=actions.WHY_CHARS, width=6,
        hint="Fica guardado para sempre: o que mudou desde a última recusa.",
    ),
    Field(
        name="envios", label="Quantos envios", width=2,
        options=tuple((str(count), str(count)) for count in range(1, actions.MOST_SENDS + 1)),
    ),
)  # fmt: skip


CANCEL: Final = (
    Field(
        name="motivo", label="Motivo do cancelamento", kind="area", chars=MOST_REASON_CHARS, width=6,
        hint=f"Vai para a SEFAZ: de {LEAST_REASON_CHARS} a {MOST_REASON_CHARS} caracteres.",
    ),
)  # fmt: skip


WITHDRAW: Final = (
    Field(
        name="porque", label="Por que o cancelamento é retirado", kind="area", chars=actions.WHY_CHARS, width=6,
        hint="Fica guardado para sempre. A nota segue autorizada.",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the past: what happened, and the code that an authorizer said with its official text."""

    row: Row[Any]
    code: str
    official: str


def find_note(connection: Connection, visit: Visit, note_id: str) -> Row[Any]:
    """A document of the company of the path. Raises HTTPException 404 for any other."""
    row = record.find(connection, note_id) if well_formed(note_id) else None
    if row is None or row.company_id != visit.company_id:
        raise HTTPException(404)
    return row


@router.get("/e/{company_id}/notas/{note_id}")
def note(visit: Viewer, note_id: str) -> Response:
    """The whole page."""
    return page(visit, "note.html", **_context(visit, note_id, _no_release()))


@router.get("/e/{company_id}/notas/{note_id}/fragmento")
def fragment(visit: Viewer, note_id: str) -> Response:
    """The part of it that changes while people look."""
    return page(visit, "note_live.html", **_context(visit, note_id, _no_release()))


def _no_release() -> Filled:
    return blank(RELEASE, {"envios": "1"})


def _context(visit: Visit, note_id: str, form: Filled, cancel_form: Filled | None = None) -> dict[str, Any]:
    with visit.tools.engine.read() as connection:
        row = find_note(connection, visit, note_id)
        emitter = companies.find_establishment(connection, row.establishment_id)
        if emitter is None:
            raise LookupError(row.establishment_id)
        stopped = _stopped_by(connection, row, visit.now)
        told = halts.detail(connection, stopped, visit.company_id) if stopped else ""
        standing = limits.standing(connection, visit.tools, row, emitter, visit.now) if row.nnf else None
        told_lines = _story(connection, standing)
        past = [_line(row.modelo, line) for line in record.past(connection, row.id)]
        calls = monitor.attempts(connection, row.id)
        draft = _draft(connection, row)
        kept = archive.kinds(connection, row.chave) if row.chave else ()
        silent = silent_workers(connection, visit.now)
        cancellations = events.of_document(connection, row.id)
        held = next((one for one in cancellations if one.state == EventState.HELD), None)
        before_guard = event_actions.standing(connection, visit.tools, held, visit.now) if held else None
        successor = record.find(connection, row.successor_id) if row.successor_id else None
        until_cancel = clock.deadline(row, clock.own_days(connection, visit.company_id))
    state = State(row.state)
    open_again = all(event_accepts(EventState(one.state), Happening.REQUESTED_AGAIN) for one in cancellations)
    in_time = until_cancel is not None and visit.now <= until_cancel.until
    return {
        "row": row,
        "state": state,
        "emitter": emitter,
        "stopped": stopped,
        "stopped_detail": told,
        "standing": standing,
        "held": HELD,
        "told_lines": told_lines,
        "releases": state is State.HELD and may_release(visit, standing),
        "fields": RELEASE,
        "form": form,
        "deadline": _deadline(row, state, visit.now),
        "past": past,
        "calls": calls,
        "draft": draft,
        "kept": kept,
        "prints": paper.prints(row),
        "silent": silent,
        "offline_until": contingency.deadline(row),
        "cancellations": cancellations,
        "doubled": state is State.AUTHORISED and successor is not None and successor.state != State.CANCELLED,
        "cancel_standing": before_guard,
        "cancel_releases": held is not None and may_release(visit, before_guard),
        "withdrawable": [one.id for one in cancellations if event_accepts(EventState(one.state), Happening.WITHDRAWN)],
        "withdraw_fields": WITHDRAW,
        "withdraw_form": blank(WITHDRAW),
        "until_cancel": until_cancel,
        "cancels": state is State.AUTHORISED and open_again and in_time and visit.can(Action.CANCEL),
        "cancel_fields": CANCEL,
        "cancel_form": cancel_form or blank(CANCEL),
        "official": cstat.texto(row.modelo, row.cstat) if row.cstat else "",
        "remedy": words.remedy(row.cstat) if row.cstat else "",
        "asks": accepts(state, Event.ASKED_AGAIN),
        "sends": state is State.REJECTED,
        "renumbers": accepts(state, Event.RENUMBERED),
        "corrects": accepts(state, Event.REVISED),
        "zone": place.zone(Uf(emitter.uf)),
        "label_of": note_draft.label_of,
    }


def _stopped_by(connection: Connection, row: Row[Any], now: datetime) -> Row[Any] | None:
    """The first halt because of which the worker would not touch this document now; none where nothing is due."""
    if row.due_at is None and State(row.state) is State.AUTHORISED:
        return None
    houses = [one for one in halts.houses(connection, row.company_id, now) if one.row.id == row.establishment_id]
    for one in halts.standing(connection, houses, now):
        free = select(document.c.id).where(document.c.id == row.id, *stops.conditions(connection, [one]))
        if connection.execute(free).first() is None:
            return one
    return None


def _story(connection: Connection, standing: Standing | None) -> Sequence[Told]:
    number = standing.state.natural_key if standing else ""
    return story(number, guard.entries(connection, number)) if number else ()


def may_release(visit: Visit, standing: Standing | None) -> bool:
    """Whether this person may let a held note be sent again."""
    stop = standing.verdict.stop if standing else Stop.CEILING
    needed = Action.RELEASE_MAXIMUM if stop is Stop.MAXIMUM else Action.RELEASE
    return stop is not Stop.CEILING and visit.can(needed)


def _deadline(row: Row[Any], state: State, now: datetime) -> datetime | None:
    """Until when the note may be sent with its date of emission (cStat 228), where it still has to be sent."""
    if row.emitted_at is None or state not in _STILL_TO_SEND:
        return None
    late = limit(
        "atraso_emissao", autorizador=row.autorizador, modelo=row.modelo, ambiente=Ambiente(row.ambiente), on=now.date()
    )
    until: datetime = row.emitted_at + timedelta(hours=late.valor)
    return until


def _line(modelo: str, row: Row[Any]) -> Line:
    code = row.detail[:_CODE_DIGITS]
    known = code.isdecimal() and row.detail[_CODE_DIGITS : _CODE_DIGITS + 1] in ("", " ")
    return Line(row, code if known else "", cstat.texto(modelo, code) if known else "")


def _draft(connection: Connection, row: Row[Any]) -> NfcomDraft | None:
    """What the note says; None when an older release wrote it in a way that this one cannot read."""
    try:
        return read_draft(connection, row.id, row.revision)
    except ValueError:
        return None


@router.post("/e/{company_id}/notas/{note_id}/consultar")
def ask(visit: Annotated[Visit, guarded_form(Action.QUERY)], note_id: str) -> Response:
    """Ask the authorizer as soon as the budget of the chave allows."""
    act(visit, note_id, "ask")
    return back(visit, note_id, "consulta")


@router.post("/e/{company_id}/notas/{note_id}/reenviar")
def send_again(visit: Annotated[Visit, guarded_form(Action.EMIT)], note_id: str) -> Response:
    """Send a rejected note again as it is."""
    must_be_sure(visit)
    act(visit, note_id, "send")
    return back(visit, note_id, "reenvio")


@router.post("/e/{company_id}/notas/{note_id}/renumerar")
def renumber(visit: Annotated[Visit, guarded_form(Action.RESOLVE)], note_id: str) -> Response:
    """Leave a number that belongs to another document."""
    must_be_sure(visit)
    act(visit, note_id, "renumber")
    return back(visit, note_id, "renumerada")


@router.post("/e/{company_id}/notas/{note_id}/liberar")
def release(visit: Annotated[Visit, guarded_form(Action.RELEASE)], note_id: str) -> Response:
    """Let a held note be sent some times more; the reason is kept for ever."""
    form = fill(RELEASE, visit.fields)
    if not form.good():
        return page(visit, "note.html", status=422, **_context(visit, note_id, form))
    let_go(visit, note_id, sends=int(form.text("envios")), why=form.text("motivo"))
    return back(visit, note_id, "nota-liberada")


def let_go(visit: Visit, note_id: str, *, sends: int, why: str) -> Row[Any]:
    """Release it and tell the audit. Raises HTTPException as `act`."""
    by_administrator = visit.can(Action.RELEASE_MAXIMUM)

    def do(connection: Connection, tools: Tools, document_id: str, actor: str) -> None:
        actions.release(
            connection, tools, document_id, sends=sends, actor=actor, why=without_cpf(why),
            administrator=by_administrator,
        )  # fmt: skip

    return carry_out(visit, note_id, do, "liberou a nota", envios=sends, motivo=without_cpf(why))


_ACTS: Final = {
    "ask": (actions.ask_again, "pediu consulta da nota"),
    "send": (actions.send_again, "reenviou a nota sem mudança"),
    "renumber": (actions.renumber, "deu outro número à nota"),
}


def act(visit: Visit, note_id: str, what: str) -> Row[Any]:
    """Do it and tell the audit; the document afterwards. Raises HTTPException 404, and 409 with the reason."""
    do, told = _ACTS[what]
    return carry_out(visit, note_id, do, told)


def carry_out(
    visit: Visit, note_id: str, do: Callable[[Connection, Tools, str, str], None], told: str, **detail: Any
) -> Row[Any]:
    """Do it to a note of this company and tell the audit. Raises HTTPException 404, 409."""
    try:
        with visit.tools.engine.begin() as connection:
            find_note(connection, visit, note_id)
            do(connection, visit.tools, note_id, visit.person.actor)
            visit.record(connection, told, note_id, **detail)
            return find_note(connection, visit, note_id)
    except NotPossibleError as error:
        raise HTTPException(409, str(error)) from error
    except StaleDocumentError as error:
        raise HTTPException(409, "A nota mudou enquanto isso. Recarregue e confira.") from error


def must_be_sure(visit: Visit) -> None:
    """Raises HTTPException 422 where the confirmation was not ticked."""
    if not visit.sure:
        raise HTTPException(422, NOT_SURE)


def back(visit: Visit, note_id: str, notice: str) -> Response:
    """To the page of the note, with a notice."""
    return RedirectResponse(noticed(f"/e/{visit.company_id}/notas/{note_id}", notice), 303)


@router.post("/e/{company_id}/notas/{note_id}/cancelar")
def cancel(visit: Annotated[Visit, guarded_form(Action.CANCEL)], note_id: str) -> Response:
    """Ask for the cancellation; what would be refused is told before anything leaves."""
    form = fill(CANCEL, visit.fields)
    if form.good():
        must_be_sure(visit)
        receipt = ask_to_cancel(visit, note_id, form.text("motivo"))
        form.general.extend(receipt.faults)
        if receipt.taken is not Taken.REFUSED:
            return back(visit, note_id, "cancelamento")
    return page(visit, "note.html", status=422, **_context(visit, note_id, _no_release(), form))


def ask_to_cancel(visit: Visit, note_id: str, reason: str) -> Receipt:
    """Ask and tell the audit. Raises HTTPException 404."""
    with visit.tools.engine.begin() as connection:
        find_note(connection, visit, note_id)
        one_line = " ".join(reason.split())
        receipt = request.cancel(connection, visit.tools, note_id, reason=one_line, actor=visit.person.actor)
        if receipt.taken is not Taken.REFUSED:
            visit.record(connection, "pediu o cancelamento da nota", note_id, motivo=without_cpf(one_line))
    return receipt


@router.get("/e/{company_id}/notas/{note_id}/cancelamento/xml")
def cancellation_xml(visit: Viewer, note_id: str) -> Response:
    """The file of the cancellation."""
    with visit.tools.engine.read() as connection:
        row = find_note(connection, visit, note_id)
        content = archive.read(connection, row.chave, EVENT_PROC) if row.chave else None
    return _attached(content, f"{row.chave}-procEventoNFCom.xml")


def _attached(content: bytes | None, name: str) -> Response:
    if content is None:
        raise HTTPException(404)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/xml", headers=headers)


@router.get("/e/{company_id}/notas/{note_id}/xml")
def xml(visit: Viewer, note_id: str) -> Response:
    """The file that is handed to others once authorised, the signed note before."""
    return xml_answer(visit, note_id)


def xml_answer(visit: Visit, note_id: str) -> Response:
    """The XML as an attachment. Raises HTTPException 404 where the note has none yet."""
    with visit.tools.engine.read() as connection:
        row = find_note(connection, visit, note_id)
        kind = paper.kind_of(row)
        content = archive.read(connection, row.chave, kind) if row.chave else None
    return _attached(content, f"{row.chave}-{'procNFCom' if kind == PROC else 'nfcom'}.xml")
