"""What helps against a refusal of SEFAZ: what our own rule of that code says, else what the table says."""

from functools import cache
from typing import Any, Final

from zelo.facts import cstat
from zelo.fiscal.fault import Rule
from zelo.models.nfcom.document import MODELO
from zelo.models.nfcom.rules.cancel import CANCEL_RULES
from zelo.models.nfcom.rules.table import RULES

_OWN: Final[tuple[Rule[Any], ...]] = (*RULES, *CANCEL_RULES)


@cache
def remedy(code: str) -> str:
    """What to do about a cStat, in pt-BR, or an empty string."""
    own = next((rule.remedy for rule in _OWN if rule.cstat == code), "")
    return own or cstat.remedio(MODELO, code)
