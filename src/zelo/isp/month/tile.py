"""The tiles of a month: each note in exactly one, so that their sum is the whole. Pure.

The first ten are the states of the NFCom panel that billing people know. Two of ours stand beside them: what waits for
a person's go (the panel's system sends at once) and what ended without an invoice: cancelled, substituted, or left
behind for another note. That is billed no more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from zelo.facts import cstat as codes
from zelo.fiscal.situacao import Situacao
from zelo.flow.lifecycle import State
from zelo.models.nfcom.document import EMISSAO_CONTINGENCIA, EMISSAO_NORMAL, MODELO
from zelo.monitor.wording import Tone


class Side(StrEnum):
    """The side of the equation that a note's value is on: faturado = autorizado + pendente + recusado."""

    AUTHORISED = "autorizado"
    PENDING = "pendente"
    REFUSED = "recusado"
    OUT = "cancelado"
    """No longer billed: outside the equation."""


class Tile(StrEnum):
    """A tile, by the word that the address carries."""

    AUTORIZADA = "autorizadas"
    PROCESSAMENTO = "processamento"
    SEM_RETORNO = "sem-retorno"
    CONTINGENCIA = "contingencia"
    AGUARDANDO = "aguardando-sefaz"
    DADOS_INVALIDOS = "dados-invalidos"
    ERRO_NOTA = "erro-nota"
    ERRO_ITEM = "erro-item"
    ERRO_CANCELAMENTO = "erro-cancelamento"
    INTERMITENTE = "sefaz-intermitente"
    CONFERIDA = "conferidas"
    CANCELADA = "canceladas"


@dataclass(frozen=True, slots=True)
class About:
    """What a tile says: its name, its meaning, the side it counts on, and its colour."""

    label: str
    sentence: str
    side: Side
    tone: Tone


TILES: Final[Mapping[Tile, About]] = {
    Tile.CONFERIDA: About("Conferidas", "Sem erro; esperam você mandar enviar", Side.PENDING, Tone.ACTION),
    Tile.DADOS_INVALIDOS: About(
        "Dados inválidos", "Não chegaram à SEFAZ: corrija o cadastro", Side.REFUSED, Tone.ACTION
    ),
    Tile.ERRO_NOTA: About("Erro SEFAZ na nota", "Recusadas, paradas ou em conflito", Side.REFUSED, Tone.ACTION),
    Tile.ERRO_ITEM: About("Erro SEFAZ no item", "Recusadas por causa de um item", Side.REFUSED, Tone.ACTION),
    Tile.ERRO_CANCELAMENTO: About(
        "Erro no cancelamento", "Seguem autorizadas: a SEFAZ recusou cancelar", Side.AUTHORISED, Tone.ACTION
    ),
    Tile.PROCESSAMENTO: About("Processando", "Na fila do zelo", Side.PENDING, Tone.MOVING),
    Tile.AGUARDANDO: About("Aguardando SEFAZ", "A resposta está a caminho", Side.PENDING, Tone.MOVING),
    Tile.SEM_RETORNO: About("Sem retorno", "Consultando: não reenvie", Side.PENDING, Tone.WAITING),
    Tile.INTERMITENTE: About("SEFAZ intermitente", "Seguem sozinhas quando ela voltar", Side.PENDING, Tone.WAITING),
    Tile.CONTINGENCIA: About("Em contingência", "Emitidas sem a SEFAZ; falta transmitir", Side.PENDING, Tone.WAITING),
    Tile.AUTORIZADA: About("Autorizadas", "Nada a fazer", Side.AUTHORISED, Tone.DONE),
    Tile.CANCELADA: About("Encerradas", "Canceladas, substituídas ou trocadas: fora do faturado", Side.OUT, Tone.DONE),
}
"""In the order in which people should look."""

_OF_STATE: Final[Mapping[State, Tile]] = {
    State.DRAFT: Tile.PROCESSAMENTO,
    State.INVALID: Tile.DADOS_INVALIDOS,
    State.CHECKED: Tile.CONFERIDA,
    State.SIGNED: Tile.PROCESSAMENTO,
    State.RESERVED: Tile.AGUARDANDO,
    State.UNKNOWN: Tile.SEM_RETORNO,
    State.PAUSED: Tile.INTERMITENTE,
    State.BLOCKED: Tile.INTERMITENTE,
    State.REJECTED: Tile.ERRO_NOTA,
    State.HELD: Tile.ERRO_NOTA,
    State.CONFLICT: Tile.ERRO_NOTA,
    State.AUTHORISED: Tile.AUTORIZADA,
    State.CANCELLED: Tile.CANCELADA,
    State.UNUSED: Tile.CANCELADA,
}
_GONE: Final = frozenset({Situacao.CANCELADA.value, Situacao.SUBSTITUIDA.value})
_LEAVING: Final = frozenset({State.SIGNED, State.RESERVED, State.UNKNOWN, State.PAUSED, State.BLOCKED})
"""What bears its bytes already and is not at its end."""


def tile(
    state: State,
    situacao: str | None,
    *,
    cstat: str = "",
    tpemis: str = EMISSAO_NORMAL,
    cancel_refused: bool = False,
    succeeded: bool = False,
) -> Tile:
    """The one tile of a note: where our job stands, what the authority says of it, its last code, how it was issued.

    `succeeded`: its invoice has another note since, which is the one that bills it unless this one stands authorised.
    """
    if situacao in _GONE or (succeeded and state is not State.AUTHORISED):
        return Tile.CANCELADA
    if state is State.AUTHORISED and cancel_refused:
        return Tile.ERRO_CANCELAMENTO
    if state in _LEAVING and tpemis == EMISSAO_CONTINGENCIA:
        return Tile.CONTINGENCIA
    found = _OF_STATE[state]
    return Tile.ERRO_ITEM if found is Tile.ERRO_NOTA and cstat in codes.of_items(MODELO) else found
