"""How makers and emulators differ in answering, by name: one row each.

Sources: fixtures and issues of public clients; the offline emulator of SEFAZ-SP 2.9.4 as it was observed. What a real
device of a given maker does beyond these rows is not known here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

CANCEL_SUFFIX: Final = {
    2013: {"taxpayer": "003", "sefaz": "004", "silent": "005", "wrong_code": "006", "content": "007"},
    2016: {"taxpayer": "006", "sefaz": "007", "silent": "099", "wrong_code": "099", "content": "010"},
}
"""Year of a table → what is wrong → suffix of 07xxx: as NT 2013/001 numbers them, and renumbered like 06xxx, as the
observed emulator does from 2016 on. `content`: what CCCC explains."""
BY_THE_BOOK: Final = "er-2.30"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One way of answering.

    `status_fields`: 28, or 27 without LISTA_FINAL. `busy_fields`: of an xx098. `cancel_cccc`: whether a refused cancel
    carries the field CCCC, `associate_cccc` the same of AssociarAssinatura. `cancel_year`: of CANCEL_SUFFIX.
    `forgets_late`: a coupon older than 30 minutes is no longer known, so that a late cancel is an unknown error instead
    of 1412. `replies_kept`: how many replies ConsultarNumeroSessao still finds. `canned`: every function answers the
    same whatever it is asked.
    """

    name: str
    meaning: str
    sentence: str
    status_fields: int = 28
    busy_fields: int = 5
    cancel_cccc: bool = True
    associate_cccc: bool = True
    cancel_year: int = 2013
    forgets_late: bool = False
    replies_kept: int = 100
    canned: bool = False


PROFILES: Final[Mapping[str, Profile]] = {
    profile.name: profile
    for profile in (
        Profile(
            name=BY_THE_BOOK,
            meaning="By the book: 28 status fields, CCCC on every sale and cancel, the last 100 sessions remembered.",
            sentence="Como manda a especificação.",
        ),
        Profile(
            name="satcfe-mockup",
            meaning="Remembers nothing and always succeeds, with the literals that the tests of satcfe 2.2 expect.",
            sentence="Respostas fixas de sucesso, sem memória.",
            canned=True,
        ),
        Profile(
            name="emulador-sp",
            meaning="27 status fields, no CCCC on refused cancels, cancels renumbered, only the last reply remembered.",
            sentence="Como o emulador da SEFAZ-SP: status de 27 campos e cancelamento sem CCCC.",
            status_fields=27,
            cancel_cccc=False,
            associate_cccc=False,
            cancel_year=2016,
            forgets_late=True,
            replies_kept=1,
        ),
        Profile(
            name="tanca-busy",
            meaning="By the book, but a busy reply has six fields.",
            sentence="Como a especificação, mas a resposta de ocupado tem seis campos.",
            busy_fields=6,
        ),
    )
}


def profile_named(name: str) -> Profile:
    """The row of a name. Raises ValueError, in pt-BR."""
    if name not in PROFILES:
        raise ValueError(f"Perfil desconhecido: {name}. Existem: {', '.join(PROFILES)}.")
    return PROFILES[name]
