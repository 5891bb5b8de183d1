"""How codes of answers are read: the shipped table, what a reviewer reads otherwise, and why."""

from typing import Annotated, Any, Final

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from zelo.access.may import Action, may
from zelo.facts import cstat
from zelo.facts.cstat import Classe
from zelo.facts.place import today
from zelo.fiscal.fault import Fault
from zelo.guard import review
from zelo.guard import shell as guard
from zelo.guard.foreign import SERVICES
from zelo.guard.review import Override
from zelo.isp.billing import cell
from zelo.web.forms import Field, Filled, blank, fill
from zelo.web.gate import SURE_FIELD, Visit, guarded, guarded_form
from zelo.web.present import without_cpf
from zelo.web.render import noticed, page

router = APIRouter(include_in_schema=False)

PATH: Final = "/codigos"
AS_TABLE: Final = "tabela"
MOST_ROWS: Final = 200
"""Of the history, newest first."""
_WHY_CHARS: Final = 300
MODELS: Final = tuple((modelo, modelo) for modelo in SERVICES)
FIELDS: Final = (
    Field(name="modelo", label="Modelo", options=MODELS, width=2),
    Field(name="cstat", label="Código (cStat)", chars=4, width=2, inputmode="numeric"),
    Field(name="desde", label="Vale desde", read=cell.day, kind="date", chars=10, width=2),
    Field(
        name="classe", label="Ler como", width=6,
        options=(*((one.value, told) for one, told in review.CHOICES.items()), (AS_TABLE, "Como na tabela: desfaz")),
    ),
    Field(
        name="motivo", label="Por quê", kind="area", chars=_WHY_CHARS, width=6,
        hint="Fica guardado para sempre, com o seu nome. Diga o texto oficial ou o caso que mostrou o engano.",
    ),
)  # fmt: skip
PAST: Final = Fault("CLASSE", "O dia já passou.", "Uma leitura vale de hoje em diante: o que passou não se relê.")
NO_CODE: Final = Fault("CLASSE", "Não é um código de resposta.", "São 3 ou 4 dígitos, como 539.")
NOTHING: Final = Fault("CLASSE", "Esse código já é lido assim.", "Nada a mudar.")
LOOSER: Final = Fault(
    "CLASSE", "Essa leitura segura menos do que a da tabela.",
    "Confirme no fim do formulário que é isso mesmo. A recusa continua contada: o limite da SEFAZ não muda.",
)  # fmt: skip


@router.get(PATH)
def show(visit: Annotated[Visit, guarded(Action.ENTER)]) -> Response:
    """What is in force, the history, and one code that is looked up."""
    asked = {name: visit.request.query_params.get(name, "")[:4] for name in ("modelo", "cstat")}
    return _page(visit, blank(FIELDS, {"desde": today(visit.now).isoformat(), "modelo": "62"} | asked))


@router.post(PATH)
def change(visit: Annotated[Visit, guarded_form(Action.REVIEW_CODES)]) -> Response:
    """Read a code otherwise from a day on. What makes the guard looser wants a word more."""
    form = fill(FIELDS, visit.fields)
    with visit.tools.engine.read() as connection:
        known = guard.overrides(connection)
    row = _row(visit, form, known)
    if row is None:
        return _page(visit, form, status=422)
    if row.classe and review.is_looser(row.modelo, row.cstat, row.classe) and not visit.sure:
        form.general.append(LOOSER)
        return _page(visit, form, status=422, sure=True)
    with visit.tools.engine.begin() as connection:
        guard.keep_override(connection, row)
        visit.record(
            connection, "mudou a leitura de um código", f"{row.modelo} {row.cstat}", desde=row.desde.isoformat(),
            classe=row.classe.value if row.classe else AS_TABLE, motivo=row.why,
        )  # fmt: skip
    return RedirectResponse(noticed(PATH, "codigo"), 303)


def _row(visit: Visit, form: Filled, known: list[Override]) -> Override | None:
    """What was asked for, None with the faults in the form."""
    modelo, code, desde = form.text("modelo"), form.text("cstat"), form.day("desde")
    if code and not (code.isascii() and code.isdecimal() and len(code) in (3, 4)):
        form.refuse("cstat", NO_CODE)
    if desde is not None and desde < today(visit.now):
        form.refuse("desde", PAST)
    if not form.good() or desde is None:
        return None
    word = form.text("classe")
    classe = None if word == AS_TABLE else Classe(word)
    read_now = review.in_force(known, desde).get((modelo, code))
    fault = review.judge(modelo, code, classe)
    if fault is None and (read_now.classe if read_now else None) is classe:
        fault = NOTHING
    if fault is not None:
        form.refuse(fault.where or "classe", fault)
        return None
    why = without_cpf(form.text("motivo"))
    row_id = visit.tools.new_id(visit.now)
    return Override(row_id, modelo, code, classe, desde, visit.now, visit.person.actor, why)


def _page(visit: Visit, form: Filled, *, status: int = 200, sure: bool = False) -> Response:
    with visit.tools.engine.read() as connection:
        rows = guard.overrides(connection)
    on = today(visit.now)
    modelo, code = form.typed.get("modelo", ""), form.typed.get("cstat", "")
    official = cstat.classe(modelo, code)
    context: dict[str, Any] = {
        "fields": FIELDS,
        "form": form,
        "readings": [_told(row) for row in review.in_force(rows, on).values()],
        "history": [_told(row) for row in reversed(rows)][:MOST_ROWS],
        "on": on,
        "looked": {
            "modelo": modelo, "cstat": code, "texto": cstat.texto(modelo, code), "classe": class_told(official),
        } if code else None,
        "sure_field": SURE_FIELD,
        "sure": sure,
        "reviews": may(visit.person, Action.REVIEW_CODES, None),
    }  # fmt: skip
    return page(visit, "codes.html", status=status, **context)


def _told(row: Override) -> dict[str, Any]:
    return {
        "row": row,
        "texto": cstat.texto(row.modelo, row.cstat),
        "official": class_told(cstat.classe(row.modelo, row.cstat)),
        "read": class_told(row.classe) if row.classe else "como na tabela",
    }


def class_told(classe: Classe | None) -> str:
    """A class in words."""
    if classe is None:
        return "desconhecido: para o número até uma pessoa olhar"
    return review.CHOICES.get(classe, classe.value)
