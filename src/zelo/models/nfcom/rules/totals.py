"""No total may be negative. Source: MOC NFCom 1.00a Anexo I, group "Validações dos Totais" (G106 to G135).

That a total equals its items needs no rule: zelo computes it. A total turns negative only where items subtract.
"""

from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Final

from zelo.facts.reform import total_includes_ibs_cbs
from zelo.facts.rounding import of_value
from zelo.fiscal.fault import Found, Rule
from zelo.fiscal.money import ZERO
from zelo.models.nfcom.rules.subject import Note
from zelo.models.nfcom.total import sign_of, totals

_SUMS: Final = (
    ("G106", "500", "A base de cálculo do ICMS", "ICMSTot/vBC"),
    ("G108", "501", "O ICMS", "ICMSTot/vICMS"),
    ("G111", "502", "O ICMS desonerado", "ICMSTot/vICMSDeson"),
    ("G113", "503", "O FCP", "ICMSTot/vFCP"),
    ("G115", "504", "O PIS", "vPIS"),
    ("G117", "505", "A COFINS", "vCOFINS"),
    ("G119", "506", "O FUST", "vFUST"),
    ("G121", "507", "O FUNTTEL", "vFUNTTEL"),
    ("G123", "508", "O PIS retido", "vRetTribTot/vRetPIS"),
    ("G125", "509", "A COFINS retida", "vRetTribTot/vRetCofins"),
    ("G127", "510", "A CSLL retida", "vRetTribTot/vRetCSLL"),
    ("G129", "511", "O IRRF retido", "vRetTribTot/vIRRF"),
    ("G131", "512", "O desconto", "vDesc"),
    ("G133", "513", "O valor de outras despesas", "vOutro"),
    ("G135", "514", "O valor dos produtos e serviços", "vProd"),
)


def _negative(path: str) -> Callable[[Note], Iterator[Found]]:
    """The check of one total, named by its path under the tag `total`."""
    read = attrgetter(path.replace("/", "."))

    def check(note: Note) -> Iterator[Found]:
        if all(sign_of(det) > 0 for det in note.draft.det):
            return
        value = read(totals(note.draft.det, of_value(note.on), adds_ibs_cbs=total_includes_ibs_cbs(note.on)))
        if value < ZERO:
            yield f"total/{path}", str(value)

    return check


RULES: Final = tuple(
    Rule(
        id=f"NFCOM-{moc}",
        cstat=cstat,
        sentence=f"{words} fica negativo no total da nota.",
        remedy="Deduções e devoluções não podem passar do que a nota cobra: deixe o resto para a nota seguinte.",
        source=f"MOC NFCom 1.00a Anexo I, {moc}",
        good="item de 100,00 e dedução de 40,00",
        bad="item de 40,00 e dedução de 100,00",
        check=_negative(path),
    )
    for moc, cstat, words, path in _SUMS
)
