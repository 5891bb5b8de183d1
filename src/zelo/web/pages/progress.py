"""How far an order about a billing file is, as its page tells: steps, share, what is left, why it stands still."""

from collections.abc import Sequence
from datetime import timedelta
from math import ceil
from typing import Any, Final

from sqlalchemy import Connection, Row

from zelo.isp.billing.stage import Progress, Stage
from zelo.isp.order import MOST_TRIES, why_stopped
from zelo.web.gate import Visit
from zelo.web.pages.situation import silent_workers

STEPS: Final = {
    Stage.READING: ("Ler as linhas", "linha lida", "linhas lidas"),
    Stage.JUDGING: ("Conferir as faturas", "fatura conferida", "faturas conferidas"),
    Stage.STORING: ("Guardar as notas", "nota guardada", "notas guardadas"),
}
TOLD_SECONDS: Final = 5
"""What is left is told in steps of so many seconds: nobody knows it better."""


def told(connection: Connection, visit: Visit, order: Row[Any], stages: Sequence[Stage], resumed: int = 0) -> Any:
    """What order_live.html shows; `resumed` as in Progress."""
    progress = Progress(Stage(order.stage), order.done, order.whole, resumed, stages)
    left = progress.left(visit.now - order.began_at) if order.began_at else None
    waits = order.due_at is not None and order.due_at <= visit.now
    return {
        "order": order,
        "steps": [STEPS[stage] for stage in stages],
        "here": stages.index(progress.stage),
        "permille": progress.permille,
        "left": timedelta(seconds=TOLD_SECONDS * ceil(left.total_seconds() / TOLD_SECONDS)) if left else None,
        "silent": waits and silent_workers(connection, visit.now),
        "stopped": why_stopped(order.trouble) if order.stopped_at else None,
        "most_tries": MOST_TRIES,
        "zone": visit.zone(connection),
    }
