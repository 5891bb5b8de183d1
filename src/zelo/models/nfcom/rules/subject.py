"""What a rule of NFCom judges: a note before it has a number."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from zelo.fiscal.ambiente import Ambiente
from zelo.models.nfcom.document import Emit
from zelo.models.nfcom.draft import Det, NfcomDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A draft, who will issue it and where; `on` is the emitter's local day of emission, 12 April 2022 or later."""

    draft: NfcomDraft
    emit: Emit
    ambiente: Ambiente
    on: date


def items(note: Note) -> Iterator[tuple[str, Det]]:
    """Each item with the path of its tag: det[1], det[2] and so on, as the writer names them."""
    for place, det in enumerate(note.draft.det, start=1):
        yield f"det[{place}]", det
