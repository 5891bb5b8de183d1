"""The emitter (G12 to G21): CNPJ, inscrição estadual, accreditation, municipality."""

from typing import Final

from zelo.facts.place import municipio
from zelo.fiscal.cnpj import is_cnpj
from zelo.sim.judge.case import Case, is_ie, whole
from zelo.sim.note import has, text


def _uf(case: Case) -> str:
    return text(case.note.emit, "enderEmit/UF")


def _virtual_ie_is_wrong(case: Case) -> bool:
    if not has(case.note.emit, "IEUFDest"):
        return False
    return not is_ie(text(case.note.emit, "IEUFDest"), text(case.note.dest, "enderDest/UF"))


def _not_accredited(case: Case) -> bool:
    return case.accredited is not None and text(case.note.emit, "CNPJ") not in case.accredited


def _municipality_of_other_uf(case: Case) -> bool:
    return text(case.note.emit, "enderEmit/cMun")[:2] != text(case.note.ide, "cUF")


CHECKS: Final = (
    whole("207", "G12", lambda case: not is_cnpj(text(case.note.emit, "CNPJ"))),
    whole("209", "G14", lambda case: not is_ie(text(case.note.emit, "IE"), _uf(case))),
    whole("498", "G15", _virtual_ie_is_wrong),
    whole("203", "G16", _not_accredited),
    whole("407", "G20", _municipality_of_other_uf),
    whole("408", "G21", lambda case: municipio(text(case.note.emit, "enderEmit/cMun")) is None),
)
