"""What a file of the drop folder is: the message that a program is about to send, or what came back. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.fault import Fault
from zelo.guard.diagnosis.evidence import Key, Sent
from zelo.guard.diagnosis.reading import read as read_file
from zelo.guard.foreign import COUNTED, Foreign, Servico, read

RULE: Final = "PASTA"
_KEPT: Final = frozenset(servico.value for servico in COUNTED)
_AMBIENTES: Final = {str(ambiente.value): ambiente for ambiente in Ambiente}


@dataclass(frozen=True, slots=True)
class Answered:
    """What the authorizer said of one message: `subject` is its chave or Id, "" where the answer names none."""

    subject: str
    cstat: str
    motivo: str
    at: datetime | None


def is_whole(content: bytes) -> bool:
    """Whether it is XML to its last tag: what is still being written is not."""
    return read_file("", content) is not None


def message(content: bytes, ambiente: Ambiente) -> Foreign | Fault:
    """The one document of the file as the guard knows it, or what is wrong with it."""
    found = read_file("", content)
    if found is None:
        return _fault("Não é um XML inteiro, ou passa de 5 MB.", "Grave o documento de novo, inteiro.")
    sent = [one for one in found.sent if one.key.service.value in _KEPT]
    if len(sent) != 1:
        said = (
            f"O arquivo traz {len(sent)} documentos, e precisa trazer um." if sent else "Não é um documento a enviar."
        )
        return _fault(said, "Grave uma nota, um evento ou uma inutilização por arquivo.")
    [one] = sent
    if _AMBIENTES.get(one.key.ambiente) is not ambiente:
        return _fault("O documento é de outro ambiente.", f"Esta instalação é de {ambiente.rotulo}.", "tpAmb")
    return read(
        modelo=_modelo(one),
        servico=Servico(one.key.service.value),
        ambiente=ambiente,
        subject=_subject(one.key, one.chave),
    )


def answers(name: str, content: bytes) -> Sequence[Answered]:
    """What the file says of messages that were sent; nothing for one that is no answer. A chave may be in its name."""
    found = read_file(name, content)
    return [
        Answered(_subject(one.key, one.chave), one.cstat, one.motivo, one.at)
        for one in (found.answers if found else ())
        if one.key.service.value in _KEPT
    ]


def _subject(key: Key, chave: str) -> str:
    return chave if key.service.value == Servico.AUTORIZACAO else key.ident


def _modelo(one: Sent) -> str:
    return one.chave[20:22] or one.key.modelo


def _fault(sentence: str, remedy: str, where: str = "") -> Fault:
    return Fault(RULE, sentence, remedy, where)
