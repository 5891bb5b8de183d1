"""A term of model 59 on a day, in the unit of its fact: facts come from `facts`, this room only asks for them.

A machine whose clock fell back to before there were coupons has the terms of today.
"""

from datetime import date
from functools import partial
from typing import Final

from zelo.facts.limit import limit
from zelo.facts.table import UnknownFactError
from zelo.fiscal.ambiente import Ambiente
from zelo.models.cfe.chave import MODELO

_ANYBODY: Final = "*"


def term(name: str, on: date) -> int:
    """How many minutes or days, as the fact of that name has it."""
    of = partial(limit, name, autorizador=_ANYBODY, modelo=MODELO, ambiente=Ambiente.PRODUCAO)
    try:
        return of(on=on).valor
    except UnknownFactError:
        return of(on=date.max).valor
