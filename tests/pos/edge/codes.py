"""Activation codes put into a gateway's folder before it starts, as `zelo-edge code` would."""

from collections.abc import Iterable
from pathlib import Path

from tests.sim.sat import sales
from zelo.pos.edge.journal.shell.store import Store
from zelo.pos.edge.shell.vault import Vault


def give_codes(folder: Path, budget_mb: int, devices: Iterable[str], code: str = sales.CODE) -> None:
    """The same code for each of these."""
    store = Store(folder, budget_mb)
    try:
        vault = Vault(folder, store)
        for device in devices:
            vault.keep(device, code)
    finally:
        store.close()
