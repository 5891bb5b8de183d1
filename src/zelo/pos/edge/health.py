"""How a device is, by what it says and by its silence: whether it may sell, and what brings it back."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from zelo.models.cfe.functions import ASK_STATUS, SALE, Function
from zelo.models.cfe.reply import Reply
from zelo.models.cfe.status import Operation, operation
from zelo.pos.edge.verdict import WRONG_CODE, Meaning, meaning

NO_CODE: Final = "Falta o código de ativação; grave-o com: zelo-edge code."
WRONG: Final = "O código de ativação guardado está errado; corrija com: zelo-edge code."
MOST_BUSY: Final = 8
"""Busy answers in a row after which a device is taken for hung."""


class Return(StrEnum):
    """What brings a device back into rotation."""

    STATUS = "status"
    """A status by which it is not blocked."""
    CODE = "code"
    """Another activation code."""


@dataclass(frozen=True, slots=True)
class Health:
    """`out`: why it may not sell, in pt-BR, "" when it may. `silent`: it does not answer. `busy`: so often in a row.

    `unloaded`: why it cannot even be asked, in pt-BR, where this machine is the cause.
    """

    out: str = ""
    returns: Return = Return.STATUS
    silent: bool = False
    busy: int = 0
    unloaded: str = ""


def heard(health: Health, function: Function, reply: Reply) -> Health:
    """After an answer."""
    means = meaning(function, reply)
    if means is Meaning.AGAIN:
        busy = health.busy + 1
        hung = f"Responde “em processamento” há {busy} chamadas; reinicie o equipamento."
        out = health.out or (hung if busy >= MOST_BUSY else "")
        return replace(health, silent=False, unloaded="", busy=busy, out=out)
    spoken = replace(health, silent=False, unloaded="", busy=0) if health.silent or health.busy else health
    if means is Meaning.OUT and reply.suffix == WRONG_CODE:
        return miscoded(spoken)
    if means is Meaning.OUT:
        return replace(spoken, out=f"{reply.eeeee} {reply.text}".strip(), returns=Return.STATUS)
    if function is ASK_STATUS and means is Meaning.DONE:
        return _by_status(spoken, reply)
    sells = means is Meaning.DONE and spoken.returns is Return.STATUS
    return replace(spoken, out="") if spoken.out and sells and function is SALE else spoken


def _by_status(health: Health, reply: Reply) -> Health:
    """Only a state that is known blocks: a device that does not say sells, and its own answers tell the rest."""
    state = operation(reply)
    if state not in (None, Operation.OPEN):
        return replace(health, out=f"Bloqueado (estado de operação {state}).", returns=Return.STATUS)
    return replace(health, out="") if state is Operation.OPEN and health.returns is Return.STATUS else health


def unheard(health: Health, unloaded: str = "") -> Health:
    """After no answer. `unloaded`: why this machine could not even ask."""
    return replace(health, silent=True, unloaded=unloaded)


def miscoded(health: Health) -> Health:
    """After it called the code that is kept wrong."""
    return replace(health, out=WRONG, returns=Return.CODE)


def recoded(health: Health) -> Health:
    """After another activation code was kept."""
    return replace(health, out="", returns=Return.STATUS) if health.returns is Return.CODE else health


def describe(out: str, health: Health) -> str:
    """How a device is, in a sentence for people. `out`: why it may not sell, which its health need not say."""
    mute = "Não responde; verifique cabo e energia." if health.silent else ""
    return health.unloaded or out or mute or "Pronto para vender."
