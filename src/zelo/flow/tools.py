"""What the conductor works with, handed in once: database, time, chance, keys, schemas and a way to the authorizers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from zelo.access.token import Chance
from zelo.access.vault import Vault
from zelo.engine.contract import Engine
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.identity import CHANCE_BYTES, new_id
from zelo.models.canonical.package import SchemaPackage
from zelo.settings.table import Settings


@dataclass(frozen=True, slots=True)
class Tools:
    """The world as the conductor sees it; tests hand in a virtual one."""

    engine: Engine
    settings: Settings
    vault: Vault
    packages: Sequence[SchemaPackage]
    clock: Callable[[], datetime]
    chance: Chance
    sleep: Callable[[float], None]

    def new_id(self, now: datetime) -> str:
        """An id for a new row."""
        return new_id(now, self.chance(CHANCE_BYTES))

    @property
    def ambiente(self) -> Ambiente:
        """The one environment of this installation's database."""
        return Ambiente.PRODUCAO if self.settings.ambiente == "producao" else Ambiente.HOMOLOGACAO

    @property
    def pause(self) -> timedelta:
        """How long an authorizer rests after 108/109 or too many silences."""
        return timedelta(seconds=self.settings.pause_seconds)

    @property
    def horizon(self) -> timedelta:
        """How long after a send its outcome may still change at the authorizer."""
        return timedelta(seconds=self.settings.unknown_horizon_seconds)

    @property
    def lease(self) -> timedelta:
        """How long a process has for one step."""
        return timedelta(seconds=self.settings.lease_seconds)
