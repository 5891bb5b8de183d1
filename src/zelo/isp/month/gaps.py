"""Which numbers of a série bear no authorised note, and why. Pure.

NFCom has no inutilização: a number that was skipped stays skipped, and what an auditor asks for is its reason.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from zelo.facts import cstat as codes
from zelo.facts.cstat import Classe
from zelo.flow.lifecycle import State
from zelo.models.nfcom.document import MODELO


class Reason(Enum):
    """Why a number bears no authorised note: its word, and what to do about it."""

    REJECTED = ("Recusada e não corrigida", "Corrija a nota: ela usa este mesmo número.")
    DENIED = ("Uso denegado", "O número fica gasto; nada a fazer.")
    HELD = ("Parada por segurança", "Decida na página da nota: ela usa este mesmo número.")
    CONFLICT = ("Pertence a outro documento", "Consulte a nota; se for mesmo de outro, dê outro número a ela.")
    RENUMBERED = ("Deixado por conflito", "A nota recebeu outro número; este é de outro documento na SEFAZ.")
    CORRECTING = ("Em correção", "A nota está sendo corrigida e volta a usar este número.")
    MOVING = ("Ainda a caminho", "Aguarde: a resposta da SEFAZ não chegou.")
    FORMER = ("Do sistema anterior", "Emitida antes de o zelo assumir a série; confira no sistema anterior.")
    UNKNOWN = ("Sem explicação no zelo", "Consulte a SEFAZ pela chave, ou veja se a série foi mudada no cadastro.")

    @property
    def label(self) -> str:
        """As people read it."""
        return self.value[0]

    @property
    def remedy(self) -> str:
        """What to do."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Numbered:
    """A note that bears a number and is not authorised."""

    nnf: int
    document_id: str
    reference: str
    state: State
    cstat: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers in a row, first to last, without an authorised note, for one reason; the note that bears it, if one."""

    first: int
    last: int
    reason: Reason
    document_id: str = ""
    reference: str = ""
    cstat: str = ""

    @property
    def numbers(self) -> int:
        """How many."""
        return self.last - self.first + 1


_OF_STATE = {
    State.REJECTED: Reason.REJECTED,
    State.HELD: Reason.HELD,
    State.CONFLICT: Reason.CONFLICT,
    State.DRAFT: Reason.CORRECTING,
    State.INVALID: Reason.CORRECTING,
    State.CHECKED: Reason.CORRECTING,
}


def gaps(
    *,
    first: int | None,
    following: int,
    borne: Sequence[tuple[int, int]],
    open_: Iterable[Numbered],
    left: Mapping[int, str],
) -> list[Gap]:
    """Every gap from 1 up to before `following`, the série's next number.

    `first` is the first number that zelo used, None where it used none; `borne` the stretches of numbers that some note
    of ours bears, in order; `open_` the notes among them that are not authorised; `left` the numbers that a note left,
    with its reference.
    """
    found = [_of(note) for note in open_]
    start = following if first is None else min(first, following)
    if start > 1:
        found.append(Gap(1, start - 1, Reason.FORMER))
    edges = [(0, start - 1), *borne, (following, following)]
    for (_, last), (begins, _) in pairwise(edges):
        found += _unborne(last + 1, begins - 1, left)
    return sorted(found, key=lambda gap: gap.first)


def _of(note: Numbered) -> Gap:
    reason = _OF_STATE.get(note.state, Reason.MOVING)
    if reason is Reason.REJECTED and codes.classe(MODELO, note.cstat) is Classe.DENIED:
        reason = Reason.DENIED
    return Gap(note.nnf, note.nnf, reason, note.document_id, note.reference, note.cstat)


def _unborne(first: int, last: int, left: Mapping[int, str]) -> Iterator[Gap]:
    """Numbers that no note of ours bears: those that one left, and the stretches between them."""
    begin = first
    for number in sorted(number for number in left if first <= number <= last):
        if begin < number:
            yield Gap(begin, number - 1, Reason.UNKNOWN)
        yield Gap(number, number, Reason.RENUMBERED, reference=left[number])
        begin = number + 1
    if begin <= last:
        yield Gap(begin, last, Reason.UNKNOWN)
