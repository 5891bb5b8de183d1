"""The device as one pure step: state and call in, state, reply and perhaps a coupon out.

Before any function works its session number must be new among the last hundred, no update be under way and the
activation code right; afterwards the session is remembered with its reply. Nothing here reads a clock or draws.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from zelo.facts.sat import texto
from zelo.sim.sat import keep, sell
from zelo.sim.sat.canned import canned
from zelo.sim.sat.functions import CODE, MOST_SESSION, Call
from zelo.sim.sat.reply import Voice
from zelo.sim.sat.state import Session, State, Step
from zelo.sim.sat.status import status
from zelo.sim.sat.turn import Turn, logged
from zelo.sim.sat.unit import Unit

WORK: Final[Mapping[str, Callable[[Turn], Step]]] = {
    "AtivarSAT": keep.activate,
    "ComunicarCertificadoICPBRASIL": keep.certify,
    "EnviarDadosVenda": sell.sell,
    "CancelarUltimaVenda": sell.cancel,
    "ConsultarSAT": keep.answer,
    "TesteFimAFim": sell.end_to_end,
    "ConsultarStatusOperacional": status,
    "ConsultarNumeroSessao": keep.old_session,
    "ConfigurarInterfaceDeRede": keep.configure,
    "AssociarAssinatura": keep.link,
    "AtualizarSoftwareSAT": keep.update,
    "ExtrairLogs": keep.extract_log,
    "BloquearSAT": keep.block,
    "DesbloquearSAT": keep.unblock,
    "TrocarCodigoDeAtivacao": keep.change_code,
    "ConsultarUltimaSessaoFiscal": keep.last_fiscal_session,
    "DesativarSAT": keep.deactivate,
    "DesligarSAT": keep.switch_off,
}
_OWN_CODE_CHECK: Final = frozenset({"AtivarSAT", "TrocarCodigoDeAtivacao"})
"""Functions that ask for the code in their own way."""
_FISCAL: Final = frozenset({"06", "07", "09"})
_RECALLS: Final = frozenset({"ConsultarNumeroSessao", "ConsultarUltimaSessaoFiscal"})
"""Functions that repeat an old reply: theirs is not one to be repeated."""
_UPDATE: Final = "14"


def step(unit: Unit, state: State, call: Call, now: datetime, cnf: str, *, forced: str = "") -> Step:
    """What a call leads to. `cnf`: six digits drawn. `forced`: an error of the device's own, its last three digits."""
    voice = Voice(unit.profile, call.function, call.session, unit.registry.notice)
    if unit.profile.canned:
        return Step(state, canned(call, voice, now.astimezone(unit.clock)))
    turn = Turn(unit, state, call, voice, now, cnf)
    if call.function.takes_session and _session_is_bad(turn):
        suffix = "097" if texto("EEEEE", f"{call.function.prefix}097") else "099"
        return turn.refuse(suffix, detail="" if suffix == "097" else "(número de sessão inválido)")
    done = turn.refuse(forced) if forced else _updating(turn) or _wrong_code(turn) or WORK[call.function.name](turn)
    told = logged(unit, done.state, now, "AC-SAT", f"Recebida mensagem referente à função {call.function.name}")
    return replace(done, state=_remembered(unit, told, call, done.reply))


def _session_is_bad(turn: Turn) -> bool:
    used = {each.number for each in turn.state.sessions}
    return not 1 <= turn.call.session <= MOST_SESSION or turn.call.session in used


def _updating(turn: Turn) -> Step | None:
    until = turn.state.updating_until
    if until is None or turn.now >= until:
        return None
    if turn.call.function.prefix == _UPDATE:
        return turn.refuse("002")
    return turn.refuse("099", detail="(SAT-CF-e em processo de atualização)")


def _wrong_code(turn: Turn) -> Step | None:
    """The device not activated, or another code than its own; each of these counts towards a block."""
    function, state = turn.call.function, turn.state
    if not function.takes_code or function.name in _OWN_CODE_CHECK:
        return None
    if not state.active and texto("EEEEE", f"{function.prefix}002") == texto("EEEEE", "06002"):
        return turn.refuse("002")
    if turn.text(CODE) == state.code and state.code:
        blocked = state.wrong_codes >= turn.unit.terms.wrong_codes
        return None if blocked or not state.wrong_codes else WORK[function.name](_forgiven(turn))
    return Step(replace(state, wrong_codes=state.wrong_codes + 1), turn.voice.refuse("001"))


def _forgiven(turn: Turn) -> Turn:
    """Wrong codes count only in a row."""
    return replace(turn, state=replace(turn.state, wrong_codes=0))


def _remembered(unit: Unit, state: State, call: Call, reply: str) -> State:
    """The state with this session; only the last numbers and, of them, the last replies are kept."""
    if not call.function.takes_session:
        return state
    prefix = call.function.prefix
    made = Session(call.session, "" if call.function.name in _RECALLS else reply)
    kept = [*state.sessions, made][-unit.terms.sessions :]
    replies = [place for place, each in enumerate(kept) if each.reply]
    for place in replies[: -unit.profile.replies_kept]:
        kept[place] = replace(kept[place], reply="")
    return replace(state, sessions=tuple(kept), last_fiscal=reply if prefix in _FISCAL else state.last_fiscal)
