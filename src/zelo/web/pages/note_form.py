"""A note typed by hand, a draft pasted as JSON, the correction of a draft. What was typed stays until it is right."""

import json
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from sqlalchemy import Connection, Row
from starlette.responses import RedirectResponse, Response

from zelo.access.may import Action
from zelo.access.shell import companies
from zelo.assemble import shell as numbers
from zelo.facts import place
from zelo.fiscal.cnpj import show
from zelo.fiscal.fault import Fault
from zelo.fiscal.instant import local_date
from zelo.fiscal.uf import Uf
from zelo.flow.intake import REFERENCE_CHARS, Receipt, Taken, read_draft
from zelo.flow.lifecycle import Event, State, accepts
from zelo.models.nfcom import codec
from zelo.models.nfcom.document import MODELO
from zelo.models.nfcom.draft import NfcomDraft
from zelo.web import note_draft, setup, submission
from zelo.web.forms import Field, Filled, Option, blank, fill
from zelo.web.gate import Visit, guarded, guarded_form
from zelo.web.note_draft import CONTRACT, INVOICE, MOST_ITEMS, SUBSCRIBER, item_prefix, items_fields
from zelo.web.pages.note import find_note
from zelo.web.render import noticed, page

router = APIRouter(include_in_schema=False)
Writer = Annotated[Visit, guarded(Action.EMIT)]
WriterForm = Annotated[Visit, guarded_form(Action.EMIT)]

ACT: Final = "acao"
MORE: Final = "mais"
LESS: Final = "menos"
PASTED: Final = "colar"
ITEMS: Final = "itens"
_REFUSED: Final = 422
_NOTICE: Final = {Taken.NEW: "recebida", Taken.SAME: "igual", Taken.REVISED: "corrigida"}

JSON: Final = Field(
    name="json", label="Nota em JSON", kind="area", chars=codec.MOST_BYTES, width=6,
    hint="O mesmo conteúdo que a API recebe no campo draft.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Emitter:
    """An establishment and a série that a note may be issued in."""

    row: Row[Any]
    serie: int
    next_nnf: int

    @property
    def value(self) -> str:
        """As the form sends it."""
        return f"{self.row.id}:{self.serie}"

    @property
    def option(self) -> Option:
        """As the form offers it."""
        shown = f"{show(self.row.cnpj)} · {self.row.uf} · série {self.serie} (próximo número {self.next_nnf})"
        return self.value, shown


def emitters(connection: Connection, company_id: str) -> list[Emitter]:
    """Everything that the company may issue notes in."""
    return [
        Emitter(row, serie.serie, serie.next_nnf)
        for row in companies.establishments(connection, company_id)
        if row.disabled_at is None
        for serie in numbers.series(connection, row.id)
        if serie.modelo == MODELO
    ]


def _identity(known: list[Emitter]) -> tuple[Field, ...]:
    options = tuple(one.option for one in known)
    return (
        Field(name="emissor", label="Estabelecimento e série", options=options),
        Field(
            name="referencia", label="Referência", chars=REFERENCE_CHARS,
            hint="A fatura no seu sistema; identifica a nota.",
        ),
    )  # fmt: skip


@dataclass(slots=True)
class Sheet:
    """The whole form: who issues, the fields of the note, its items."""

    known: list[Emitter]
    on: date
    form: Filled
    items: list[Filled]

    def good(self) -> bool:
        """Whether nothing is wrong anywhere."""
        return self.form.good() and all(item.good() for item in self.items)

    @property
    def emitter(self) -> Emitter | None:
        """The one that was chosen."""
        return next((one for one in self.known if one.value == self.form.text("emissor")), None)

    def refuse(self, faults: list[Fault]) -> None:
        """Put each fault at the field that it is about, else above the form."""
        for fault in faults:
            name = note_draft.field_of(fault.where)
            holder = next((one for one in (self.form, *self.items) if name in one.typed), None)
            if name is None or holder is None:
                self.form.general.append(fault)
            else:
                holder.refuse(name, fault)


def _known(visit: Visit) -> tuple[list[Emitter], date]:
    with visit.tools.engine.read() as connection:
        known = emitters(connection, visit.company_id)
    uf = Uf(known[0].row.uf) if known else Uf.DF
    return known, local_date(visit.now, place.zone(uf))


@router.get("/e/{company_id}/notas/nova")
def new_note(visit: Writer) -> Response:
    """An empty form with one item, or what has to be done before there can be a note."""
    known, on = _known(visit)
    if not known:
        with visit.tools.engine.read() as connection:
            steps = setup.steps(connection, visit.company_id)
        return page(visit, "note_before.html", setup=steps)
    first = {"emissor": known[0].value, "competencia": f"{on:%Y-%m}"} if len(known) == 1 else {}
    form = blank((*_identity(known), *SUBSCRIBER, *CONTRACT, *INVOICE, JSON), first)
    items = [blank(items_fields(on), {"quantidade": "1"}, item_prefix(1))]
    return _form_page(visit, Sheet(known, on, form, items))


@router.post("/e/{company_id}/notas/nova")
def take_note(visit: WriterForm) -> Response:
    """One more item, one less, or the note itself."""
    known, on = _known(visit)
    act = visit.fields.get(ACT, "")
    if act == PASTED:
        return _take_pasted(visit, known, on)
    sheet = _read(visit, known, on)
    if act in (MORE, LESS):
        return _form_page(visit, _resized(sheet, 1 if act == MORE else -1))
    receipt = _submit(visit, sheet) if sheet.good() else None
    if receipt is None:
        return _form_page(visit, sheet, status=_REFUSED)
    return _done(visit, receipt)


def _read(visit: Visit, known: list[Emitter], on: date) -> Sheet:
    fields = (*_identity(known), *SUBSCRIBER, *CONTRACT, *INVOICE)
    count = visit.fields.get(ITEMS, "1")
    items = range(1, min(max(int(count), 1), MOST_ITEMS) + 1) if count.isdecimal() and len(count) < 3 else range(1, 2)
    form = fill(fields, visit.fields)
    form.typed[JSON.name] = visit.fields.get(JSON.name, "")
    return Sheet(known, on, form, [fill(items_fields(on), visit.fields, item_prefix(number)) for number in items])


def _resized(sheet: Sheet, by: int) -> Sheet:
    """One item more, taxed like the last one, or one less; nothing is judged yet."""
    fields, items = items_fields(sheet.on), [replace(item, faults={}, general=[]) for item in sheet.items]
    if by < 0:
        items = items[: max(1, len(items) - 1)]
    elif len(items) < MOST_ITEMS:
        last, number = items[-1], len(items) + 1
        names = [one.name for one in fields]
        copied = names[names.index(note_draft.TAXES_FROM) :]
        begin = {name: last.typed[f"{item_prefix(number - 1)}{name}"] for name in copied}
        items.append(blank(fields, {"quantidade": "1", **begin}, item_prefix(number)))
    return Sheet(sheet.known, sheet.on, replace(sheet.form, faults={}, general=[]), items)


def _submit(visit: Visit, sheet: Sheet) -> Receipt | None:
    """The receipt, or None with what is wrong told in the sheet."""
    emitter = sheet.emitter
    assert emitter is not None, "a good form names one of the emitters it was offered"
    draft = note_draft.draft_of(sheet.form, sheet.items, emitter.row, sheet.on)
    if draft is None:
        return None
    faults = submission.preview(visit, emitter.row, emitter.serie, draft)
    sheet.refuse(faults)
    if faults:
        return None
    receipt = _take(visit, emitter, sheet.form.text("referencia"), draft)
    if receipt.fault is not None:
        sheet.form.refuse("referencia", receipt.fault)
        return None
    return receipt


def _take_pasted(visit: Visit, known: list[Emitter], on: date) -> Response:
    """A whole draft in JSON; the other fields of the form play no part but emitter and reference."""
    form = fill((*_identity(known), JSON), visit.fields)
    empty = blank((*SUBSCRIBER, *CONTRACT, *INVOICE))
    form.typed |= empty.typed
    sheet = Sheet(known, on, form, [blank(items_fields(on), {"quantidade": "1"}, item_prefix(1))])
    if form.good() and sheet.emitter is not None:
        draft = submission.read_draft(form.text(JSON.name).encode())
        faults = (
            draft
            if isinstance(draft, list)
            else submission.preview(visit, sheet.emitter.row, sheet.emitter.serie, draft)
        )
        form.general += faults
        if not isinstance(draft, list) and not faults:
            receipt = _take(visit, sheet.emitter, form.text("referencia"), draft)
            if receipt.fault is None:
                return _done(visit, receipt)
            form.refuse("referencia", receipt.fault)
    return _form_page(visit, sheet, status=_REFUSED, pasting=True)


def _take(visit: Visit, emitter: Emitter, reference: str, draft: NfcomDraft) -> Receipt:
    with visit.tools.engine.begin() as connection:
        return submission.take(connection, visit, emitter.row, reference=reference, serie=emitter.serie, draft=draft)


def _done(visit: Visit, receipt: Receipt) -> Response:
    path = f"/e/{visit.company_id}/notas/{receipt.document_id}"
    return RedirectResponse(noticed(path, _NOTICE[receipt.taken]), 303)


def _form_page(visit: Visit, sheet: Sheet, status: int = 200, *, pasting: bool = False) -> Response:
    return page(
        visit,
        "note_new.html",
        status=status,
        sheet=sheet,
        form=sheet.form,
        identity=_identity(sheet.known),
        subscriber=SUBSCRIBER,
        contract=CONTRACT,
        invoice=INVOICE,
        json_field=replace(JSON, required=False),
        pasting=pasting,
        items=[(item_prefix(n), items_fields(sheet.on), item) for n, item in enumerate(sheet.items, start=1)],
        most_items=MOST_ITEMS,
    )


@router.get("/e/{company_id}/notas/{note_id}/corrigir")
def correct(visit: Writer, note_id: str) -> Response:
    """The draft as JSON beside what is wrong with it."""
    with visit.tools.engine.read() as connection:
        row = _correctable(connection, visit, note_id)
        draft = read_draft(connection, note_id, row.revision)
    return _correction_page(visit, row, blank((JSON,), {JSON.name: _pretty(draft)}))


@router.post("/e/{company_id}/notas/{note_id}/corrigir")
def take_correction(visit: WriterForm, note_id: str) -> Response:
    """A revision under the same number."""
    form = fill((JSON,), visit.fields)
    with visit.tools.engine.read() as connection:
        row = _correctable(connection, visit, note_id)
        emitter = companies.find_establishment(connection, row.establishment_id)
    draft = submission.read_draft(form.text(JSON.name).encode()) if form.good() else []
    if isinstance(draft, list) or emitter is None:
        form.general += draft if isinstance(draft, list) else []
        return _correction_page(visit, row, form, status=_REFUSED)
    form.general += submission.preview(visit, emitter, row.serie, draft)
    if form.good():
        with visit.tools.engine.begin() as connection:
            receipt = submission.take(connection, visit, emitter, reference=row.reference, serie=row.serie, draft=draft)
        if receipt.fault is None:
            return _done(visit, receipt)
        form.general.append(receipt.fault)
    return _correction_page(visit, row, form, status=_REFUSED)


def _correctable(connection: Connection, visit: Visit, note_id: str) -> Row[Any]:
    """A note that may still be revised. Raises HTTPException 404, and 409 with the reason."""
    row = find_note(connection, visit, note_id)
    if not accepts(State(row.state), Event.REVISED):
        raise HTTPException(
            409, "Esta nota não se corrige agora: espere a resposta da SEFAZ, ou ela já foi autorizada."
        )
    return row


def _pretty(draft: NfcomDraft) -> str:
    return json.dumps(json.loads(codec.dump(draft)), ensure_ascii=False, indent=2)


def _correction_page(visit: Visit, row: Row[Any], form: Filled, status: int = 200) -> Response:
    return page(
        visit, "note_correct.html", status=status, row=row, form=form, json_field=JSON, label_of=note_draft.label_of
    )
