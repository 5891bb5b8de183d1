"""Every state of a document in the words and colours that people see (users §4): one table."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Tone(StrEnum):
    """What a colour says."""

    DONE = "done"
    MOVING = "moving"
    WAITING = "waiting"
    ACTION = "action"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Wording:
    """Short name, what it means with what to do, and whether somebody must act."""

    label: str
    sentence: str
    tone: Tone


EVENT_WORDING: Final = {
    "REQUESTED": Wording("Pedido", "Vai ser conferido, assinado e transmitido.", Tone.MOVING),
    "INVALID": Wording("Com erro", "Não foi enviado à SEFAZ: veja o motivo e peça de novo.", Tone.ACTION),
    "SIGNED": Wording("Assinado", "Pronto para transmitir.", Tone.MOVING),
    "RESERVED": Wording("Transmitindo", "A caminho da SEFAZ.", Tone.MOVING),
    "UNKNOWN": Wording("Sem resposta", "Sem resposta: consultando a nota, não reenvie.", Tone.WAITING),
    "PAUSED": Wording("Em espera", "O serviço ou o emitente está parado: segue sozinho quando voltar.", Tone.WAITING),
    "BLOCKED": Wording("Bloqueio na SEFAZ", "Aguardando o fim do bloqueio por consumo indevido.", Tone.WAITING),
    "REJECTED": Wording("Recusado", "A SEFAZ recusou o cancelamento: corrija e peça de novo.", Tone.ACTION),
    "HELD": Wording("Parado por segurança", "Parado antes que a SEFAZ bloqueie: uma pessoa decide.", Tone.ACTION),
    "REGISTERED": Wording("Cancelamento registrado", "Registrado na SEFAZ.", Tone.DONE),
    "OVERTAKEN": Wording("Sem efeito", "A nota já tinha sido encerrada de outra forma na SEFAZ.", Tone.ENDED),
    "WITHDRAWN": Wording("Retirado", "Uma pessoa desistiu: a nota segue autorizada.", Tone.ENDED),
}
"""The states of a cancellation."""

WORDING: Final = {
    "DRAFT": Wording("Na fila", "Recebida: vai ser conferida, numerada e assinada.", Tone.MOVING),
    "INVALID": Wording(
        "Com erros", "Não foi numerada nem enviada: corrija os campos apontados e envie de novo.", Tone.ACTION
    ),
    "CHECKED": Wording(
        "Conferida", "Conferida e sem erro: espera você mandar enviar. Ainda não tem número nem data.", Tone.ACTION
    ),
    "SIGNED": Wording("Assinada", "Pronta para transmitir.", Tone.MOVING),
    "RESERVED": Wording("Transmitindo", "A caminho da SEFAZ.", Tone.MOVING),
    "UNKNOWN": Wording("Sem resposta", "Sem resposta: consultando, não reenvie.", Tone.WAITING),
    "PAUSED": Wording("Em espera", "O serviço ou o emitente está parado: segue sozinha quando voltar.", Tone.WAITING),
    "BLOCKED": Wording(
        "Bloqueio na SEFAZ", "Consumo indevido apontado pela SEFAZ: aguardando o fim do bloqueio.", Tone.WAITING
    ),
    "REJECTED": Wording("Recusada", "Recusada pela SEFAZ: corrija e reenvie o mesmo número.", Tone.ACTION),
    "HELD": Wording("Parada por segurança", "Parada antes que a SEFAZ bloqueie: uma pessoa decide.", Tone.ACTION),
    "CONFLICT": Wording(
        "Conflito de número", "O número pertence a outro documento na SEFAZ: uma pessoa decide.", Tone.ACTION
    ),
    "AUTHORISED": Wording("Autorizada", "Autorizada pela SEFAZ.", Tone.DONE),
    "CANCELLED": Wording("Cancelada", "Cancelada na SEFAZ: não vale mais como cobrança.", Tone.ENDED),
    "UNUSED": Wording(
        "Número sem uso",
        "Não consta na SEFAZ e não será enviada: outra nota saiu em contingência no lugar.",
        Tone.ENDED,
    ),
}
