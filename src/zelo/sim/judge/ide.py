"""What identifies the note (G01 to G11): environment, UF, contingency, site, Id, year, check digit."""

from datetime import datetime
from typing import Final

from zelo.facts.authorizer import ufs_of
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.uf import Uf, from_codigo
from zelo.sim import chave as chaves
from zelo.sim.judge.case import Case, whole
from zelo.sim.note import ID_PREFIX, has, text
from zelo.sim.verdict import MODELO

NORMAL, CONTINGENCY = "1", "2"
_ONLY_SITE: Final = "0"
_FIRST_YEAR: Final = 22
"""Two digits of 2022, the year that created NFCom (G10)."""


def tp_emis(case: Case, value: str) -> bool:
    """Whether the note was emitted in that way."""
    return text(case.note.ide, "tpEmis") == value


def served(case: Case) -> frozenset[Uf]:
    """The UFs of the authorizer before which the note stands."""
    return ufs_of(MODELO, case.autorizador, case.now.date())


def readable(date_time: str) -> bool:
    """Whether a date-time is one; the schema's pattern lets a comma pass where the sign of the offset stands."""
    try:
        return datetime.fromisoformat(date_time).tzinfo is not None
    except ValueError:
        return False


def _unreadable_instant(case: Case) -> bool:
    instants = [text(case.note.ide, name) for name in ("dhEmi", "dhCont")]
    return not readable(instants[0]) or not (instants[1] == "" or readable(instants[1]))


def _other_uf(case: Case) -> bool:
    return from_codigo(text(case.note.ide, "cUF")) not in served(case)


def _other_emitter_uf(case: Case) -> bool:
    """The UF of the emitter is the one that authorises: SVRS answers for many, each note for its own only."""
    uf = from_codigo(text(case.note.ide, "cUF"))
    return text(case.note.emit, "enderEmit/UF") != uf


def _contingency_began_late(case: Case) -> bool:
    """The text of 417 says "posterior ou igual": a contingency that begins with the note is refused too."""
    if not has(case.note.ide, "dhCont"):
        return False
    return datetime.fromisoformat(text(case.note.ide, "dhCont")) >= case.emitted_at


def composed(case: Case) -> str:
    """The chave that the fields of the note give, with the digit that the note states."""
    ide = case.note.ide
    return "".join(
        (
            text(ide, "cUF"),
            f"{case.emitted_at:%y%m}",
            text(case.note.emit, "CNPJ"),
            text(ide, "mod"),
            text(ide, "serie").zfill(3),
            text(ide, "nNF").zfill(9),
            text(ide, "tpEmis"),
            text(ide, "nSiteAutoriz"),
            text(ide, "cNF"),
            text(ide, "cDV"),
        )
    )


CHECKS: Final = (
    whole("215", "D01", _unreadable_instant),
    whole("252", "G01", lambda case: text(case.note.ide, "tpAmb") != str(Ambiente.HOMOLOGACAO.value)),
    whole("226", "G02", _other_uf),
    whole("247", "G03", _other_emitter_uf),
    whole("415", "G04", lambda case: tp_emis(case, NORMAL) and has(case.note.ide, "dhCont")),
    whole("416", "G05", lambda case: tp_emis(case, CONTINGENCY) and not has(case.note.ide, "dhCont")),
    whole("417", "G06", _contingency_began_late),
    whole("418", "G07", lambda case: text(case.note.ide, "nSiteAutoriz") != _ONLY_SITE),
    whole("419", "G08", lambda case: tp_emis(case, CONTINGENCY) and text(case.note.ide, "finNFCom") != "0"),
    whole("227", "G09", lambda case: case.note.inf.attributes.get("Id") != f"{ID_PREFIX}{composed(case)}"),
    whole("421", "G10", lambda case: int(case.note.chave[2:4]) < _FIRST_YEAR),
    whole("253", "G11", lambda case: chaves.check_digit(case.note.chave[:-1]) != case.note.chave[-1]),
)
