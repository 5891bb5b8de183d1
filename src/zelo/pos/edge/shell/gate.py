"""What no device is asked, whatever stands in the journal: with a code that none has, or larger than any takes in.

A device blocks itself after a few wrong codes; here they are counted, so that somebody hears of them.
"""

from collections import deque
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Final

from zelo.models.cfe.functions import SALE
from zelo.models.cfe.reply import refusal
from zelo.pos.edge.decide import ERROR
from zelo.pos.edge.health import NO_CODE, Return
from zelo.pos.edge.request import Request
from zelo.pos.edge.shell.unit import CHANGE, OWN_CODE, Unit

MOST_TAKEN_BYTES: Final = 2_000_000
"""Above the 1.500 KB of the ER, so that a device refuses by itself what is only a little too large (06005)."""
MOST_HELD: Final = 1_000
"""Wrong codes that are remembered."""
_BYTES_OF_CHARACTER: Final = 4
"""At most, in UTF-8."""
_OPTION: Final = "opcao"
_BY_CODE: Final = 1
"""Changed by whom has the code, and not the one for emergencies (ER SAT)."""
_TOO_LARGE: Final = f"O pedido passa de {MOST_TAKEN_BYTES // 1_000_000} MB; nenhum equipamento foi chamado."
_DIFFERS: Final = "O código difere do que está guardado no zelo; nenhum equipamento foi chamado."


class Gate:
    """Stands before the desk."""

    def __init__(self, units: Collection[Unit], now: Callable[[], datetime]) -> None:
        """Nobody has come."""
        self._units, self._now = units, now
        self._wrong: deque[tuple[datetime, str]] = deque(maxlen=MOST_HELD)

    def unfit(self, request: Request) -> str | None:
        """The answer to what no device is asked; None where there is none."""
        return self._wrong_code(request) or _too_large(request)

    def wrong_codes(self, since: datetime) -> Sequence[str]:
        """The tills that gave a wrong code since then, each as often as it did."""
        return [till for at, till in tuple(self._wrong) if at >= since]

    def _wrong_code(self, request: Request) -> str | None:
        """A code that no device has never reaches one: a few of them in a row would block it (06009)."""
        if request.code and any(unit.code() == request.code for unit in self._units):
            return None
        codes = {unit.code() for unit in self._units} - {""}
        if not _must_have(request, sure=bool(codes) and not any(map(_is_miscoded, self._units))):
            return None
        if not codes:
            return _refused(request, "001", NO_CODE)
        self._wrong.append((self._now(), request.till))
        return _refused(request, "001", _DIFFERS)


def _must_have(request: Request, *, sure: bool) -> bool:
    """Whether it must bring the code that is kept. `sure`: that one is kept, and no device called it wrong."""
    if request.function.name in OWN_CODE:
        return sure and request.function.name == CHANGE and request.argument(_OPTION) == _BY_CODE
    return request.function.takes_code


def _is_miscoded(unit: Unit) -> bool:
    return unit.health.returns is Return.CODE


def _too_large(request: Request) -> str | None:
    """What no device could take in reaches none: it would look as if the device were mute.

    Nor would there be room for its coupon.
    """
    texts = [each for each in request.arguments if isinstance(each, str)]
    if sum(map(len, texts)) * _BYTES_OF_CHARACTER <= MOST_TAKEN_BYTES:
        return None
    if sum(len(each.encode("utf-8", "replace")) for each in texts) <= MOST_TAKEN_BYTES:
        return None
    return _refused(request, "005", "") if request.function is SALE else _refused(request, ERROR, _TOO_LARGE)


def _refused(request: Request, suffix: str, sentence: str) -> str:
    return refusal(request.function, suffix, sentence).worded(request.session)
