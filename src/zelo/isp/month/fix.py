"""Corrections that are certain: one table from a rule to what mends it, from draft to draft. Pure.

A correction stands here only if the note itself says what is right, whatever the person; everything else is told with
its remedy and left to people. Each one is a revision with a name, and another revision undoes it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from zelo.facts import place
from zelo.fiscal.fault import Fault
from zelo.models.canonical.facet import BAD_SHAPE
from zelo.models.nfcom.draft import NfcomDraft
from zelo.models.nfcom.rules.subscriber import (
    BRASIL_CODIGO,
    CONTRIBUINTE_ISENTO,
    ISENTO,
    NAO_CONTRIBUINTE,
)

PRODUTOR_RURAL: Final = "4"
RESIDENCIAL: Final = "3"
"""Domain tpAssinante of MOC NFCom 1.00a Anexo I."""
_CEP_DIGITS: Final = 8
_UF_OF_ZERO: Final = "SP"
"""Only its CEPs begin with zero (Correios: 01000-000 to 19999-999)."""
_LOCAL_DIGITS: Final = (10, 11)
"""Area code and number, fixed or mobile (Anatel, Resolução 749/2022)."""
_ROOT: Final = "infNFCom/"
_STEP: Final = re.compile(r"([A-Za-z]+)(?:\[([0-9]+)\])?")
_TYPOGRAPHIC: Final = str.maketrans(
    {"–": "-", "—": "-", "‑": "-", "“": '"', "”": '"', "‘": "'", "’": "'", "…": "...", "\u00a0": " ", "\u200b": ""}
)

Values = Mapping[str, str | None]
"""What to write, by the path of its tag; None takes the tag away."""


@dataclass(frozen=True, slots=True)
class Fix:
    """A certain correction: what it does, in words, and what to write for a fault ({} where it is not certain)."""

    about: str
    values: Callable[[NfcomDraft, Fault], Values]


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a note, before and after."""

    where: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Mended:
    """A draft with its corrections."""

    draft: NfcomDraft
    changes: tuple[Change, ...]


def mend(draft: NfcomDraft, faults: Iterable[Fault], rule: str) -> Mended | None:
    """The draft with every certain correction of that rule's faults; None where there is none."""
    fix = FIXES.get(rule)
    if fix is None:
        return None
    written: dict[str, str | None] = {}
    for fault in faults:
        if fault.rule == rule:
            written.update(fix.values(draft, fault))
    changes = tuple(Change(where, _shown(draft, where), value or "") for where, value in written.items())
    for where, value in written.items():
        draft = _written(draft, _steps(where), value)
    return Mended(draft, changes) if changes else None


def _tidy(draft: NfcomDraft, fault: Fault) -> Values:
    """Blanks, typographic marks, +55 and a lost zero: what no tag may hold, and nothing is lost by."""
    where = fault.where.removeprefix(_ROOT)
    value = _read(draft, _steps(where))
    if not isinstance(value, str):
        return {}
    tag = where.rpartition("/")[2]
    tidied = _OF_TAG.get(tag, _text)(value, draft)
    return {where: tidied} if tidied and tidied != value else {}


def _text(value: str, _draft: NfcomDraft) -> str:
    return " ".join(value.translate(_TYPOGRAPHIC).split())


def _phone(value: str, _draft: NfcomDraft) -> str:
    digits = re.sub(r"[^0-9]", "", value)
    local = digits.removeprefix("55") if len(digits) - 2 in _LOCAL_DIGITS else digits
    return local if len(local) in _LOCAL_DIGITS else ""


def _cep(value: str, draft: NfcomDraft) -> str:
    digits = re.sub(r"[^0-9]", "", value)
    if len(digits) == _CEP_DIGITS - 1 and draft.dest.enderDest.UF == _UF_OF_ZERO:
        return f"0{digits}"
    return digits if len(digits) == _CEP_DIGITS else ""


_OF_TAG: Final[Mapping[str, Callable[[str, NfcomDraft], str]]] = {"fone": _phone, "CEP": _cep}


def _exempt_word(draft: NfcomDraft, _fault: Fault) -> Values:
    """Only where the UF takes the word at all (G28): elsewhere the indicator is what is wrong."""
    written = (draft.dest.IE or "").strip().upper()
    accepted = place.accepts_isento(draft.dest.enderDest.UF)
    return {"dest/IE": ISENTO} if written in ("", ISENTO) and accepted else {}


def _without_word(draft: NfcomDraft, _fault: Fault) -> Values:
    """A word is no registration; a farmer's may exist all the same (430), so that a person looks at it."""
    written = (draft.dest.IE or "").strip().upper()
    return {"dest/IE": None} if written in ("", ISENTO) and draft.assinante.tpAssinante != PRODUTOR_RURAL else {}


def _not_exempt(draft: NfcomDraft, _fault: Fault) -> Values:
    """A home has no registration to be exempt from; a company or a farmer may have one."""
    dest = draft.dest
    home = dest.CPF is not None and draft.assinante.tpAssinante == RESIDENCIAL
    if not home or dest.indIEDest != CONTRIBUINTE_ISENTO or (dest.IE or ISENTO).strip().upper() != ISENTO:
        return {}
    return {"dest/indIEDest": NAO_CONTRIBUINTE} | ({"dest/IE": None} if dest.IE is not None else {})


def _town(draft: NfcomDraft, _fault: Fault) -> Values:
    """Name and UF agree on a municipality, and the code is of none or of another name."""
    address = draft.dest.enderDest
    named, coded = place.find_municipio(address.xMun, address.UF), place.municipio(address.cMun)
    if named is None or (coded is not None and place.find_municipio(address.xMun, coded.uf) == coded):
        return {}
    return {"dest/enderDest/cMun": named.codigo}


def _country(draft: NfcomDraft, _fault: Fault) -> Values:
    address = draft.dest.enderDest
    if address.cPais not in (None, BRASIL_CODIGO) or (address.xPais or "").strip().upper() not in ("BRASIL", "BRAZIL"):
        return {}
    return {"dest/enderDest/xPais": "BRASIL"}


FIXES: Final[Mapping[str, Fix]] = {
    BAD_SHAPE: Fix("Retira espaços a mais, travessões, aspas curvas e o +55; devolve o zero do CEP de SP.", _tidy),
    "NFCOM-G26": Fix("Escreve ISENTO na IE de quem está marcado como isento e não tem número.", _exempt_word),
    "NFCOM-G27": Fix("Retira a palavra ISENTO de quem não é contribuinte (menos produtor rural).", _without_word),
    "NFCOM-G28": Fix("Marca como não contribuinte o assinante residencial com CPF e sem IE.", _not_exempt),
    "NFCOM-G29": Fix("Troca o código do município pelo do nome e da UF, que concordam.", _town),
    "NFCOM-G30": Fix("Preenche o código do município pelo nome e pela UF.", _town),
    "NFCOM-G31d": Fix("Escreve BRASIL no país do endereço nacional.", _country),
}


def _steps(where: str) -> list[tuple[str, int | None]]:
    """The steps of a path, each with its index from 0 where it names one; none where it is no path of a draft."""
    found = [_STEP.fullmatch(part) for part in where.split("/")]
    return [(one[1], int(one[2]) - 1 if one[2] else None) for one in found if one] if all(found) else []


def _read(value: Any, steps: list[tuple[str, int | None]]) -> Any:
    """What stands there; None where nothing does."""
    for name, index in steps:
        value = getattr(value, name, None)
        if index is not None:
            value = value[index] if isinstance(value, tuple) and index < len(value) else None
    return value if steps else None


def _shown(draft: NfcomDraft, where: str) -> str:
    return str(_read(draft, _steps(where)) or "")


def _written(value: Any, steps: list[tuple[str, int | None]], new: str | None) -> Any:
    """The same with `new` in that place; only places that hold something or are tags of their group are asked for."""
    (name, index), rest = steps[0], steps[1:]
    inner = getattr(value, name)
    if index is None:
        return replace(value, **{name: _written(inner, rest, new) if rest else new})
    items = list(inner)
    items[index] = _written(items[index], rest, new) if rest else new
    return replace(value, **{name: tuple(items)})
