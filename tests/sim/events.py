"""Cancellations for the simulator's tests, built apart from it: a text template and xmlsec, as the notes are."""

from dataclasses import dataclass
from typing import Final

from tests.sim.notes import NFCOM, SIGNATURE, Draft, Edit, edited, sealed
from zelo.sim.pki import A1

NOTE: Final = Draft()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """A cancellation before it is signed. `edits` change the text before the signature, `later` after it."""

    chave: str = NOTE.chave
    cnpj: str = NOTE.cnpj
    nprot: str = ""
    at: str = "2026-11-20T10:00:00-03:00"
    seq: str = "1"
    tipo: str = "110111"
    reason: str = "Cobranca em dobro na mensalidade"
    edits: tuple[Edit, ...] = ()
    later: tuple[Edit, ...] = ()

    @property
    def id(self) -> str:
        """ID, tpEvento, chave, nSeqEvento in three digits."""
        return f"ID{self.tipo}{self.chave}{int(self.seq):03d}"


def signed(event: Cancellation, a1: A1) -> bytes:
    """The whole event, signed by xmlsec."""
    text = (
        f'<eventoNFCom xmlns="{NFCOM}" versao="1.00"><infEvento Id="{event.id}"><cOrgao>{event.chave[:2]}</cOrgao>'
        f"<tpAmb>2</tpAmb><CNPJ>{event.cnpj}</CNPJ><chNFCom>{event.chave}</chNFCom><dhEvento>{event.at}</dhEvento>"
        f"<tpEvento>{event.tipo}</tpEvento><nSeqEvento>{event.seq}</nSeqEvento>"
        f'<detEvento versaoEvento="1.00"><evCancNFCom><descEvento>Cancelamento</descEvento><nProt>{event.nprot}</nProt>'
        f"<xJust>{event.reason}</xJust></evCancNFCom></detEvento></infEvento>{SIGNATURE}</eventoNFCom>"
    )
    text = edited(text, event.edits)
    reference = text.split('Id="', 1)[1].split('"', 1)[0]
    return edited(sealed(text, reference, a1), event.later).encode()
