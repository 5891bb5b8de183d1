"""A reply of the interface told in JSON: what came of it, the coupon taken apart, and the reply as it came."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from zelo.facts.place import zone
from zelo.facts.sat import texto
from zelo.fiscal.uf import from_codigo
from zelo.models.cfe.chave import Chave
from zelo.models.cfe.reply import NO_CCCC, Reply, UnreadableReplyError, read_reply

OK: Final = 200
ACCEPTED: Final = 202
_DONE: Final = "000"
_UNKNOWN: Final = "099"
_ISSUES: Final = frozenset({"06", "07"})
_STAMP: Final = "%Y%m%d%H%M%S"
_COUPON_FIELDS: Final = 6
_UNREADABLE: Final = "O equipamento respondeu o que não é da interface; o que foi da venda não se sabe."
_UNDER_WAY: Final = "O gateway ainda trabalha neste pedido; consulte-o pela chave e não venda de novo."


class Outcome(StrEnum):
    """What came of an asking, as a till shall act on it."""

    ISSUED = "emitida"
    CANCELLED = "cancelada"
    ANSWERED = "respondida"
    REFUSED = "recusada"
    IN_DOUBT = "em_duvida"
    UNDER_WAY = "em_andamento"


MEANINGS: Final[Mapping[Outcome, str]] = {
    Outcome.ISSUED: "o cupom existe; imprima",
    Outcome.CANCELLED: "o cupom de cancelamento existe; imprima",
    Outcome.ANSWERED: "a consulta foi respondida",
    Outcome.REFUSED: "nada foi emitido; a frase diz por quê",
    Outcome.IN_DOUBT: "não se sabe; não repita com outra chave, consulte",
    Outcome.UNDER_WAY: "ainda sem resposta; consulte com a mesma chave",
}
_OPEN_ENDS: Final = frozenset({Outcome.IN_DOUBT, Outcome.UNDER_WAY})


@dataclass(frozen=True, slots=True)
class Found:
    """What the gateway holds under an id; `retorno` None while it works at it.

    `in_doubt`: a device may have executed it and could not be asked. The same xx099 stands for what a device refused
    for a reason of its own, so the reply alone does not say.
    """

    retorno: str | None
    in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Device:
    """A device as the API lists it. `usable`: sales go to it; `sentence` says in pt-BR how it is; `waiting` calls."""

    nserie: str
    name: str
    usable: bool
    waiting: int
    sentence: str


def tell_device(device: Device) -> dict[str, Any]:
    """A device in JSON."""
    return {
        "nserie": device.nserie,
        "nome": device.name,
        "em_uso": device.usable,
        "fila": device.waiting,
        "frase": device.sentence,
    }


def unsure(retorno: str) -> bool:
    """Whether a reply alone leaves open if something was issued."""
    try:
        reply = read_reply(retorno)
    except UnreadableReplyError:
        return True
    return reply.suffix == _UNKNOWN and reply.eeeee[:2] in _ISSUES


def tell(found: Found) -> tuple[int, dict[str, Any]]:
    """Status of HTTP and JSON."""
    retorno = found.retorno
    if retorno is None:
        return ACCEPTED, _told(Outcome.UNDER_WAY, _UNDER_WAY)
    try:
        reply = read_reply(retorno)
    except UnreadableReplyError:
        return ACCEPTED, _told(Outcome.IN_DOUBT, _UNREADABLE) | {"retorno": retorno}
    outcome = _outcome(reply, in_doubt=found.in_doubt)
    told = _told(outcome, _sentence(reply)) | {
        "eeeee": reply.eeeee,
        "cccc": reply.cccc or None,
        "aviso": {"codigo": reply.cod, "texto": reply.notice} if reply.cod or reply.notice else None,
        "campos": list(reply.rest),
        "retorno": retorno,
    }
    if outcome in (Outcome.ISSUED, Outcome.CANCELLED):
        told |= _coupon(reply)
    return (ACCEPTED if outcome in _OPEN_ENDS else OK), told


def _told(outcome: Outcome, sentence: str) -> dict[str, Any]:
    empty = dict.fromkeys(("eeeee", "cccc", "chave", "total", "instante", "xml", "qr", "aviso"))
    return {"estado": outcome.value, "frase": sentence} | empty | {"campos": [], "retorno": None}


def _outcome(reply: Reply, *, in_doubt: bool) -> Outcome:
    """By the EEEEE alone, whoever asked: an old answer that is asked for again tells what it told."""
    issues = reply.eeeee[:2] in _ISSUES
    if reply.suffix == _DONE and issues:
        return Outcome.ISSUED if reply.eeeee.startswith("06") else Outcome.CANCELLED
    if reply.suffix == _DONE:
        return Outcome.ANSWERED
    return Outcome.IN_DOUBT if reply.suffix == _UNKNOWN and issues and in_doubt else Outcome.REFUSED


def _sentence(reply: Reply) -> str:
    """The device's text, else the official one; makers leave it empty. The meaning of CCCC goes with it."""
    sentence = reply.text.strip() or texto("EEEEE", reply.eeeee) or f"Código {reply.eeeee}."
    meaning = texto("CCCC", reply.cccc) if reply.cccc != NO_CCCC else ""
    return f"{sentence} ({reply.cccc}: {meaning})" if meaning and meaning not in sentence else sentence


def _coupon(reply: Reply) -> dict[str, str | None]:
    """XML in base64, instant, chave, total, text of the QR code; None where a maker sends too few fields."""
    if len(reply.rest) < _COUPON_FIELDS:
        return {}
    xml, stamp, named, total, dest, signature = reply.rest[:_COUPON_FIELDS]
    try:
        chave = Chave.parse(named)
    except ValueError:
        return {"xml": xml, "total": total}
    return {
        "xml": xml,
        "chave": str(chave),
        "total": total,
        "instante": _instant(chave, stamp),
        "qr": "|".join((str(chave), stamp, total, dest, signature)),
    }


def _instant(chave: Chave, stamp: str) -> str | None:
    """The device's clock stands in the zone of its UF."""
    uf = from_codigo(chave.cuf)
    try:
        return datetime.strptime(stamp, _STAMP).replace(tzinfo=zone(uf)).isoformat() if uf else None
    except ValueError:
        return None
