"""What the tax reform changes on given days, as far as it can be known before sending.

Only what a dated fact says is judged: whether a note must bear IBS and CBS, and their arithmetic, is not known for
certain for this model, so nothing is invented here.
"""

from collections.abc import Iterator
from typing import Final

from zelo.facts.reform import pis_cofins_due
from zelo.fiscal.fault import Found, Rule
from zelo.models.nfcom.rules.subject import Note, items


def _ended_taxes(note: Note) -> Iterator[Found]:
    if pis_cofins_due(note.on):
        return
    for path, det in items(note):
        if det.imposto.PIS is not None:
            yield f"{path}/imposto/PIS/vPIS", str(det.imposto.PIS.vPIS)
        if det.imposto.COFINS is not None:
            yield f"{path}/imposto/COFINS/vCOFINS", str(det.imposto.COFINS.vCOFINS)


RULES: Final = (
    Rule(
        id="NFCOM-Z04",
        cstat="",
        sentence="PIS e COFINS acabaram com 2026: a nota não os traz mais.",
        remedy="Troque a composição do plano pela que vale desde 1º de janeiro de 2027 (CBS no lugar de PIS e COFINS).",
        source="ADCT art. 126 II (segunda mão); fato datado PIS/COFINS",
        good="emissão em 31/12/2026 com PIS e COFINS",
        bad="emissão em 01/01/2027 com PIS e COFINS",
        check=_ended_taxes,
    ),
)
