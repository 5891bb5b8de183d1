"""Halts: what must not be sent for a while, and to whom a halt applies. Reasons and scopes are one small table."""

from typing import Final

from zelo.fiscal.ambiente import Ambiente

ISSUER: Final = "emitente"
"""Certificate, registration or configuration was refused: every other note of the establishment would be too."""
CONFLICT: Final = "conflito de numeração"
"""A number of the série belongs to another document: more would follow. A person decides."""
AUTHORIZER: Final = "autorizador"
"""108/109, or answers that do not come: the status service is asked before work goes on."""
CONSUMPTION: Final = "consumo indevido"
"""656/678: whoever sends now makes the hour begin again."""
PERMANENT: Final = "bloqueio permanente"
"""So many blocks that the UF may have blocked for good: nobody asks whether it did, for each question is one more."""
QUARANTINE: Final = "quarentena"
"""The database was restored: numbers used and rejections suffered since the backup are not known."""

PROBED: Final = frozenset({AUTHORIZER})
"""For these `until` is not the end but the time of the next question: work goes on when the answer is good."""

ESTABLISHMENT: Final = "estabelecimento"
_SERIE: Final = "serie"
_AUTHORIZER: Final = "autorizador"
TRANSMITTER: Final = "transmissor"
_OTHERS: Final = "outros"
_BLOCKS: Final = "bloqueios"


def of_establishment(establishment_id: str) -> str:
    """Scope: everything of one emitter."""
    return f"{ESTABLISHMENT}:{establishment_id}"


def of_serie(establishment_id: str, serie: int) -> str:
    """Scope: one série of one emitter."""
    return f"{_SERIE}:{establishment_id}:{serie}"


def of_authorizer(autorizador: str, ambiente: Ambiente) -> str:
    """Scope: everything that one authorizer answers."""
    return f"{_AUTHORIZER}:{autorizador}:{ambiente.value}"


def of_transmitter(autorizador: str, ambiente: Ambiente, cnpj: str) -> str:
    """Scope: whatever one certificate sends to one authorizer."""
    return f"{TRANSMITTER}:{autorizador}:{ambiente.value}:{cnpj}"


def of_others(company_id: str) -> str:
    """Scope: whatever other programs of that company ask about; our own worker does not mind it."""
    return f"{_OTHERS}:{company_id}"


def signatures_of(scope: str) -> str:
    """Under what refused signatures in a row are counted."""
    return f"assinaturas:{scope}"


def trial_of(scope: str) -> str:
    """Under what it stands that one note tries before the others."""
    return f"prova:{scope}"


def blocks_of(scope: str) -> str:
    """Under what the blocks of a transmitter are counted, for ever."""
    return f"{_BLOCKS}:{scope}"


def parts(scope: str) -> tuple[str, ...]:
    """A scope taken apart: its kind first."""
    return tuple(scope.split(":"))
