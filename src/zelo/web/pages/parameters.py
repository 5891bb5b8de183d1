"""The guard's parameters of a company, as the strings that people know and as a table, with what they would do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from zelo.access.may import Action
from zelo.facts import authorizer
from zelo.facts.limit import limit
from zelo.fiscal.fault import Fault
from zelo.fiscal.uf import Uf
from zelo.guard import policy
from zelo.guard import shell as guard
from zelo.guard.policy import Band, Limits
from zelo.models.nfcom.document import MODELO
from zelo.models.nfcom.services import RECEPCAO
from zelo.web.forms import Field, Filled, blank, fill
from zelo.web.gate import Visit, guarded, guarded_form
from zelo.web.render import noticed, page

router = APIRouter(include_in_schema=False)

FIELDS: Final = (
    Field(
        name="controle", label="Controle de envios repetidos", width=6,
        options=(("sim", "Ligado"), ("nao", "Desligado")),
        hint="Desligado, só o limite da própria SEFAZ, com a folga, ainda segura uma nota.",
    ),
    Field(
        name="intervalos", label="Intervalos por faixa e por UF, em segundos", kind="area", required=False, width=6,
        chars=policy.MOST_CHARS,
        hint="PR|5-10-120;11-15-300;16-20-600;21-*-900/ — ponto e vírgula entre faixas, barra entre UFs.",
    ),
    Field(
        name="limites", label="Limites de segurança e máximo por UF", kind="area", required=False, width=6,
        chars=policy.MOST_CHARS, hint="PR|10-20/SP|10-20/ — as outras UFs usam o padrão da instalação.",
    ),
)  # fmt: skip
_SHOWN_MINUTES: Final = 60


@dataclass(frozen=True, slots=True)
class Shown:
    """What is set for a UF, and the minutes at which a note rejected over and over would be sent."""

    uf: Uf
    limits: Limits
    bands: tuple[Band, ...]
    own: bool
    minutes: tuple[float, ...]


@router.get("/e/{company_id}/guarda/parametros")
def show(visit: Annotated[Visit, guarded(Action.SET_LIMITS)]) -> Response:
    """What is in force."""
    with visit.tools.engine.read() as connection:
        kept = guard.policy_of(connection, visit.company_id)
    settings = visit.tools.settings
    typed = {
        "controle": "sim" if kept is None or kept.enabled else "nao",
        "intervalos": kept.intervals if kept else settings.guard_intervals,
        "limites": kept.limits if kept else settings.guard_limits,
    }
    return _page(visit, blank(FIELDS, typed))


@router.post("/e/{company_id}/guarda/parametros")
def change(visit: Annotated[Visit, guarded_form(Action.SET_LIMITS)]) -> Response:
    """Keep them, or say at which position something is wrong. With `conferir` nothing is kept."""
    form = fill(FIELDS, visit.fields)
    for name, faults in _refusals(form, visit).items():
        form.general += [fault.at(f"{form.labels[name]}, ") for fault in faults]
    if not form.good() or visit.fields.get("acao") == "conferir":
        return _page(visit, form, status=200 if form.good() else 422)
    enabled = form.text("controle") == "sim"
    with visit.tools.engine.begin() as connection:
        guard.set_policy(
            connection, company_id=visit.company_id, enabled=enabled, intervals=form.text("intervalos"),
            limits=form.text("limites"), now=visit.now, actor=visit.person.actor,
        )  # fmt: skip
        visit.record(
            connection, "mudou os parâmetros do consumo indevido", visit.company_id, controle=form.text("controle"),
            intervalos=form.text("intervalos"), limites=form.text("limites"),
        )  # fmt: skip
    return RedirectResponse(noticed(f"/e/{visit.company_id}/guarda/parametros", "parametros"), 303)


def _refusals(form: Filled, visit: Visit) -> dict[str, Sequence[Fault]]:
    limits = policy.read_limits(form.text("limites"))
    judged = policy.judge_limits(limits.values, lambda uf: _official(uf, visit))
    return {
        "intervalos": policy.read_intervals(form.text("intervalos")).refusals,
        "limites": (*limits.refusals, *judged),
    }


def _official(uf: Uf, visit: Visit) -> int:
    on = visit.now.date()
    name = authorizer.autorizador(MODELO, uf, on)
    where: dict[str, Any] = {"autorizador": name, "modelo": MODELO, "ambiente": visit.tools.ambiente}
    return limit("rejeicoes_iguais", servico=RECEPCAO.name, **where, on=on).valor


def _page(visit: Visit, form: Filled, status: int = 200) -> Response:
    intervals = policy.read_intervals(form.typed.get("intervalos", ""))
    limits = policy.read_limits(form.typed.get("limites", ""))
    settings = visit.tools.settings
    common = Limits(settings.guard_safety, settings.guard_maximum)
    ufs = sorted({*intervals.values, *limits.values})
    shown = [_shown(uf, limits.values.get(uf), common, intervals.values.get(uf, ())) for uf in ufs]
    context: dict[str, Any] = {
        "fields": FIELDS,
        "form": form,
        "warnings": (*intervals.warnings, *limits.warnings),
        "shown": shown,
        "common": common,
        "longest": max((one.minutes[-1] for one in shown), default=0) or 1,
    }
    return page(visit, "parameters.html", status=status, **context)


def _shown(uf: Uf, own: Limits | None, common: Limits, bands: tuple[Band, ...]) -> Shown:
    limits = own or common
    seconds = policy.preview(bands, limits.maximum)
    return Shown(uf, limits, bands, own is not None, tuple(second / _SHOWN_MINUTES for second in seconds))
