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


@dataclass(frozen=True, slots=True)
class Wording:
    """Short name, what it means with what to do, and whether somebody must act."""

    label: str
    sentence: str
    tone: Tone


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
}
