"""An asking that a gateway gives to the other, for a program that knows no other gateway and could not go there itself.

It travels without the activation code: who gives it has looked at that, and who takes it has a code of its own.
"""

from typing import Any, Final

from zelo.models.cfe.functions import CODE, FUNCTIONS, ISSUES
from zelo.pos.edge.peer.word import MOST_NAME_CHARACTERS, BadWordError, lost, members, session, text
from zelo.pos.edge.request import MOST_ID_CHARACTERS, Request

MOST_ARGUMENT_CHARACTERS: Final = 2_000_000
"""As many as a gateway takes in of a sale."""


def entrusted_json(request: Request) -> dict[str, Any]:
    """As it travels."""
    given = zip(request.function.parameters, request.arguments, strict=True)
    return {
        "id": request.id,
        "caixa": request.till,
        "funcao": request.function.name,
        "perdidas": request.lost,
        "argumentos": {name: value for (name, _), value in given if name != CODE},
    }


def read_entrusted(told: object, code: str) -> Request:
    """As it came, under this code; the other has taken it before, so it is asked first. Raises BadWordError."""
    fields = members(told)
    function = FUNCTIONS.get(text(fields, "funcao", MOST_NAME_CHARACTERS))
    if function is None or function.kind not in ISSUES:
        raise BadWordError("A função não é uma que emite.")
    given = members(fields.get("argumentos"))
    arguments = tuple(
        code if name == CODE else session(given, name) if kind is int else text(given, name, MOST_ARGUMENT_CHARACTERS)
        for name, kind in function.parameters
    )
    till = text(fields, "caixa", MOST_NAME_CHARACTERS)
    return Request(text(fields, "id", MOST_ID_CHARACTERS), till, function, arguments, elsewhere=True, lost=lost(fields))
