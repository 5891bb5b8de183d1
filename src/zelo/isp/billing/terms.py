"""What a file is read by besides itself, as it stood when a person confirmed it: read again by the same terms, it gives
the same notes in the same places.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from zelo.isp.billing.fatura import Issuer


@dataclass(frozen=True, slots=True)
class Emitter:
    """An establishment of the company: its row's id, its municipality, the day at its place, its series of NFCom."""

    establishment_id: str
    municipio: str
    on: date
    series: Sequence[int]

    def serie(self, asked: int | None) -> int | None:
        """The serie of a note that asks for this one, or for the only one there is; None where there is none such."""
        wanted = self.series[0] if asked is None and len(self.series) == 1 else asked
        return wanted if wanted in self.series else None


@dataclass(frozen=True, slots=True)
class Terms:
    """Emitters by CNPJ, the digits that the company has said by form of charge, our column by squeezed title."""

    emitters: Mapping[str, Emitter]
    codes: Mapping[str, str]
    columns: Mapping[str, str]

    @property
    def issuers(self) -> dict[str, Issuer]:
        """The emitters as notes are judged by them."""
        return {cnpj: Issuer(one.municipio, one.on) for cnpj, one in self.emitters.items()}

    def packed(self) -> dict[str, Any]:
        """In JSON's types."""
        emitters = {
            cnpj: [one.establishment_id, one.municipio, one.on.isoformat(), list(one.series)]
            for cnpj, one in self.emitters.items()
        }
        return {"emitters": emitters, "codes": dict(self.codes), "columns": dict(self.columns)}


def unpacked(kept: Mapping[str, Any]) -> Terms:
    """The inverse of `packed`."""
    emitters = {
        cnpj: Emitter(establishment_id, municipio, date.fromisoformat(on), series)
        for cnpj, (establishment_id, municipio, on, series) in kept["emitters"].items()
    }
    return Terms(emitters, kept["codes"], kept["columns"])
