"""The four authorizers of NFCom as the simulator plays them: home, first digit of a protocol, style of answering.

Sources: MOC NFCom 1.00a item 6 (nProt begins with 1 for a SEFAZ and 3 for SVRS); styles as public clients meet them.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from zelo.facts.limit import limit
from zelo.facts.place import zone
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.instant import to_tag
from zelo.fiscal.uf import Uf
from zelo.sim.soap import Style
from zelo.sim.verdict import MODELO


@dataclass(frozen=True, slots=True)
class Authority:
    """One authorizer: `home` is the UF that runs it and whose clock it shows."""

    name: str
    home: Uf
    kind: str
    style: Style


AUTHORITIES: Final = {
    authority.name: authority
    for authority in (
        Authority("SVRS", Uf.RS, "3", Style.PLAIN),
        Authority("MG", Uf.MG, "1", Style.PREFIXED),
        Authority("MS", Uf.MS, "1", Style.PLAIN),
        Authority("MT", Uf.MT, "1", Style.COMPRESSED),
    )
}


def instant(at: datetime, autorizador: str) -> str:
    """An instant as the authorizer writes it, with the offset of its home."""
    return to_tag(at, zone(AUTHORITIES[autorizador].home))


def official(name: str, autorizador: str, on: date, servico: str | None = None) -> int:
    """The value of an official limit of NFCom at the authorizer, in the unit of its row. Raises UnknownFactError."""
    where = {"autorizador": autorizador, "modelo": MODELO, "servico": servico}
    return limit(name, **where, ambiente=Ambiente.HOMOLOGACAO, on=on).valor
