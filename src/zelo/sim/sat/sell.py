"""The fiscal functions: EnviarDadosVenda, CancelarUltimaVenda, TesteFimAFim."""

import base64
from dataclasses import replace
from datetime import datetime

from zelo.facts.sat import texto
from zelo.sim.sat import coupon as coupons
from zelo.sim.sat.coupon import Coupon
from zelo.sim.sat.profile import CANCEL_SUFFIX
from zelo.sim.sat.sale import Refusal, Sale, parse, read_cancel, read_sale
from zelo.sim.sat.state import Block, Issued, Kind, State, Step
from zelo.sim.sat.turn import Turn
from zelo.sim.sat.unit import Unit

_BLOCKS = {Block.TAXPAYER: "taxpayer", Block.SEFAZ: "sefaz", Block.DEACTIVATION: "sefaz"}
_SALE_SUFFIX = {"taxpayer": "006", "sefaz": "007", "silent": "008", "wrong_code": "009"}
_NUMBER_OF_TEST = 0


def sell(turn: Turn) -> Step:
    """EnviarDadosVenda: 06000 with the signed coupon, or why not; nothing is issued then."""
    stopped = _stopped(turn)
    if stopped:
        return turn.refuse(_SALE_SUFFIX[stopped])
    read = _read_sale(turn)
    if isinstance(read, Step):
        return read
    coupon = coupons.issue_sale(turn.unit, turn.state, read, turn.now, turn.cnf)
    return _issued(turn, coupon)


def _stopped(turn: Turn) -> str:
    """What keeps the device from selling, as the profile's table names it, or ""."""
    state = turn.state
    if state.wrong_codes >= turn.unit.terms.wrong_codes:
        return "wrong_code"
    return _BLOCKS.get(state.block, "silent" if turn.blocks_itself() else "")


def _read_sale(turn: Turn) -> Sale | Step:
    """The sale of the call, or the refusal of the device."""
    unit, state, text = turn.unit, turn.state, turn.text("dados")
    if not state.sign_ac:
        return turn.refuse("003")
    if len(text.encode()) > unit.terms.sale_bytes:
        return turn.refuse("005")
    root = parse(text)
    if root is None:
        return turn.refuse("099", detail="(dados da venda inválidos)")
    signed = root.findtext("infCFe/ide/signAC")
    if signed is not None and signed != state.sign_ac:
        return turn.refuse("004")
    if _clock_is_behind(turn):
        return _content(turn, "010", Refusal("1258"))
    read = read_sale(root, unit)
    return _content(turn, "010", read) if isinstance(read, Refusal) else read


def _clock_is_behind(turn: Turn) -> bool:
    """Nothing is issued before the last coupon, neither a sale nor a cancel."""
    return turn.state.last_issue_at is not None and turn.now < turn.state.last_issue_at


def _content(turn: Turn, suffix: str, refusal: Refusal) -> Step:
    what = texto("CCCC", refusal.cccc)
    return turn.refuse(suffix, refusal.cccc, f"({what}{f', em {refusal.where}' if refusal.where else ''})")


def _issued(turn: Turn, coupon: Coupon) -> Step:
    """The reply of twelve fields, and the memory that holds the coupon."""
    made = coupon.issued
    packed = base64.b64encode(coupon.xml).decode()
    fields = (packed, coupon.stamp, f"CFe{made.chave}", str(made.total), made.dest, coupon.qr_signature)
    reply = turn.voice.say("000", *fields, cccc="0000")
    return Step(remembered(turn.unit, turn.state, made, turn.now), reply, made, coupon.xml)


def remembered(unit: Unit, state: State, made: Issued, now: datetime) -> State:
    """The memory with a coupon more; what can no longer be cancelled is let go."""
    recent = tuple(each for each in state.recent if now - each.at <= unit.terms.cancel)
    return replace(
        state,
        ncfe=state.ncfe + 1,
        last=made,
        last_issue_at=now,
        recent=(*recent, made),
        pending=(*state.pending, made),
    )


def cancel(turn: Turn) -> Step:
    """CancelarUltimaVenda: 07000 with the signed cancel, of any coupon issued within the time (30 minutes)."""
    suffix = CANCEL_SUFFIX[turn.unit.profile.cancel_year]
    stopped = _stopped(turn)
    if stopped:
        return turn.refuse(suffix[stopped])
    content = suffix["content"]
    root = parse(turn.text("dados"))
    if root is None:
        return turn.refuse("002")
    if _clock_is_behind(turn):
        return _content(turn, content, Refusal("1258"))
    read = read_cancel(root, turn.text("chave"))
    if isinstance(read, Refusal):
        return _content(turn, content, read)
    state = turn.state
    if state.sign_ac != read.sign_ac:
        return turn.refuse("099", detail="(vinculação do AC não confere)")
    sale = next((each for each in state.recent if each.chave == read.of and each.kind is Kind.SALE), None)
    if sale is None or turn.now - sale.at > turn.unit.terms.cancel:
        return turn.refuse("099") if turn.unit.profile.forgets_late else _content(turn, content, Refusal("1412"))
    if any(each.of == sale.chave for each in state.recent):
        return _content(turn, content, Refusal("1218"))
    return _issued(turn, coupons.issue_cancel(turn.unit, state, read, sale, turn.now, turn.cnf))


def end_to_end(turn: Turn) -> Step:
    """TesteFimAFim: a coupon with the number 0 goes to SEFAZ and is forgotten there and here."""
    if turn.state.block in (Block.TAXPAYER, Block.SEFAZ):
        return turn.refuse(_SALE_SUFFIX[_BLOCKS[turn.state.block]])
    if not turn.unit.registry.reachable:
        return turn.refuse("099", detail="(sem comunicação com a SEFAZ)")
    read = _read_sale(turn)
    if isinstance(read, Step):
        return turn.refuse("099", detail=f"({read.reply.split('|')[2]})")
    numberless = replace(turn.state, ncfe=_NUMBER_OF_TEST - 1)
    coupon = coupons.issue_sale(turn.unit, numberless, read, turn.now, turn.cnf)
    packed = base64.b64encode(coupon.xml).decode()
    number = f"{_NUMBER_OF_TEST:06d}"
    return turn.done(packed, coupon.stamp, number, f"CFe{coupon.issued.chave}", contact_at=turn.now)
