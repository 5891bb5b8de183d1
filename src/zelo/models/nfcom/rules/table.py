"""Every rule of NFCom. What zelo does not do yet comes first, then the order in which the authorizer asks."""

from typing import Final

from zelo.fiscal.fault import Rule
from zelo.models.nfcom.rules import (
    contract,
    download,
    emitter,
    invoice,
    items,
    reform,
    scope,
    subscriber,
    taxes,
    totals,
)
from zelo.models.nfcom.rules.subject import Note

RULES: Final[tuple[Rule[Note], ...]] = (
    *scope.RULES,
    *emitter.RULES,
    *subscriber.RULES,
    *contract.RULES,
    *invoice.RULES,
    *items.RULES,
    *taxes.RULES,
    *reform.RULES,
    *totals.RULES,
    *download.RULES,
)
