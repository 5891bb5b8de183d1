"""What goes wrong between a caller and the device, on purpose: one table, drawn by seed or ordered one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from zelo.facts.sat import texto
from zelo.sim.faults import PER_MILLE, chance
from zelo.sim.sat.functions import FUNCTIONS, Function


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A row: whether the call is executed and remembered, whether its reply arrives, and what becomes of the device.

    `stays_busy`: from then on it answers busy until it is restarted. `crashes`: the process ends. `busy`: it says that
    it is at work. `slow`: the reply comes late. `own_error`: it answers an error of its own, 099 if nothing else is
    ordered.
    """

    name: str
    meaning: str
    sentence: str
    executed: bool
    replied: bool = False
    stays_busy: bool = False
    crashes: bool = False
    busy: bool = False
    slow: bool = False
    own_error: bool = False


TROUBLES: Final[Mapping[str, Trouble]] = {
    row.name: row
    for row in (
        Trouble(
            name="lost_before",
            executed=False,
            meaning="The connection drops before the device takes the call.",
            sentence="A ligação cai antes de o equipamento receber a chamada.",
        ),
        Trouble(
            name="lost_after",
            executed=True,
            meaning="The call is executed and committed, and its reply never arrives.",
            sentence="A chamada é executada e gravada, e a resposta se perde.",
        ),
        Trouble(
            name="hang_before",
            executed=False,
            stays_busy=True,
            meaning="The device hangs before it executes the call, and is busy until it is restarted.",
            sentence="O equipamento trava antes de executar, e só volta reiniciado.",
        ),
        Trouble(
            name="hang_after",
            executed=True,
            stays_busy=True,
            meaning="The device hangs after it committed the call, and is busy until it is restarted.",
            sentence="O equipamento grava, trava antes de responder, e só volta reiniciado.",
        ),
        Trouble(
            name="busy",
            executed=False,
            replied=True,
            busy=True,
            meaning="The device says that it is at work (xx098).",
            sentence="O equipamento diz que está em processamento (xx098).",
        ),
        Trouble(
            name="crash_before",
            executed=False,
            crashes=True,
            meaning="The process of the device ends before the call is executed.",
            sentence="O processo do equipamento cai antes de executar.",
        ),
        Trouble(
            name="crash_after",
            executed=True,
            crashes=True,
            meaning="The process of the device ends after the call is committed.",
            sentence="O processo do equipamento cai depois de gravar.",
        ),
        Trouble(
            name="slow",
            executed=True,
            replied=True,
            slow=True,
            meaning="The reply is whole and late.",
            sentence="A resposta chega inteira, mas demora.",
        ),
        Trouble(
            name="own_error",
            executed=True,
            replied=True,
            own_error=True,
            meaning="An error of the device's own (xx099, or the ordered suffix); nothing is issued.",
            sentence="Erro interno do equipamento (xx099 ou o final encomendado); nada é emitido.",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Order:
    """A trouble ordered for the next `times` calls of a function, of any when "". `suffix`: of an own error."""

    trouble: str
    function: str = ""
    times: int = 1
    suffix: str = "099"

    def __post_init__(self) -> None:
        """Raises ValueError, in pt-BR, for what does not exist."""
        check_rates({self.trouble: 0})
        if self.function not in {"", *FUNCTIONS}:
            raise ValueError(f"Função desconhecida: {self.function}.")
        if self.times < 1:
            raise ValueError("Uma falha encomendada acontece ao menos uma vez.")
        prefixes = {row.prefix for row in FUNCTIONS.values() if self.function in {"", row.name}}
        if not any(texto("EEEEE", prefix + self.suffix) for prefix in prefixes):
            raise ValueError(f"Não há código com o final {self.suffix}.")


def check_rates(rates: Mapping[str, int]) -> None:
    """Raises ValueError, in pt-BR, for an unknown trouble, a negative rate or more than 1000 per mille in all."""
    unknown = sorted(set(rates) - set(TROUBLES))
    if unknown:
        raise ValueError(f"Falha desconhecida: {', '.join(unknown)}. Existem: {', '.join(TROUBLES)}.")
    if any(rate < 0 for rate in rates.values()) or sum(rates.values()) > PER_MILLE:
        raise ValueError("As taxas são por mil, não negativas, e somam no máximo 1000.")


def draw(rates: Mapping[str, int], seed: int, *what: object) -> Trouble | None:
    """The trouble that befalls, each with its rate in per mille, or None."""
    left = chance(seed, "trouble", *what, among=PER_MILLE)
    for name, trouble in TROUBLES.items():
        left -= rates.get(name, 0)
        if left < 0:
            return trouble
    return None


def next_order(orders: Sequence[Order], function: Function) -> tuple[Order | None, tuple[Order, ...]]:
    """The first order that is meant for this function, and those that remain after it."""
    for place, order in enumerate(orders):
        if order.function in {"", function.name}:
            rest = (replace(order, times=order.times - 1),) if order.times > 1 else ()
            return order, (*orders[:place], *rest, *orders[place + 1 :])
    return None, tuple(orders)
