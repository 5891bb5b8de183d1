"""What is looked at: a device and the gateway's machine, as they are at an instant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from zelo.models.cfe.chave import Chave
from zelo.models.cfe.status import Status
from zelo.pos.edge.health import NO_CODE, Health, describe
from zelo.pos.edge.peer.pair import PairSeen


@dataclass(frozen=True, slots=True)
class Stray:
    """A coupon that a device issued for nobody here. `at`: when it was found; `kept`: whether we have its document."""

    chave: Chave
    at: datetime
    kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSeen:
    """`status_at`: when `status` was heard; `spoke_at`: when the device last said anything; `silent_seconds`: for how
    long it has not answered, None where it does.

    `pending_since`: since when its oldest unsent coupon waits, None for nothing pending or nothing known.
    """

    name: str
    now: datetime
    health: Health
    has_code: bool = True
    status: Status | None = None
    status_at: datetime | None = None
    spoke_at: datetime | None = None
    silent_seconds: float | None = None
    pending_since: datetime | None = None
    nserie: str = ""
    sells: bool = False
    at_work: bool = False
    unsettled: bool = False
    stray: Stray | None = None

    @property
    def sentence(self) -> str:
        """How it is, in pt-BR."""
        out = self.health.out or ("" if self.has_code else NO_CODE)
        if self.unsettled and not (out or self.health.silent):
            return "Vendo o que foi de uma venda que ficou sem resposta; volta a vender em seguida."
        return describe(out, self.health)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceSeen:
    """The gateway and its machine. `kept_share`: of the file, what can never give way; from 0 to 1.

    `waiting_since`: since when the oldest item waits for the centre, None for nothing or no centre. `aside`: documents
    that the centre refuses for ever. `uplink_trouble`: why nothing can arrive there before a person mends something.
    `in_place`: the gateway's file lies where it was opened. `folder_trouble`: why the Integrador's cannot be looked at.
    `files_trouble`: why documents do not become files, where there is no centre.
    `disk_trouble`: why the journal cannot be written.
    `pair`: the other gateway, None where there is none. `wrong_codes`: tills that gave a wrong activation code within
    the hour, each as often as it did.
    """

    now: datetime
    kept_share: float = 0.0
    disk_free_bytes: int | None = None
    doubts: int = 0
    waiting_since: datetime | None = None
    aside: int = 0
    uplink_trouble: str = ""
    in_place: bool = True
    disk_trouble: str = ""
    folder_trouble: str = ""
    files_trouble: str = ""
    pair: PairSeen | None = None
    wrong_codes: Sequence[str] = ()
