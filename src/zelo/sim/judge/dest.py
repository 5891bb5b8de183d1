"""The receiver (G22 to G31d): who it is, its inscrição estadual, where it lives, here or abroad."""

from typing import Final

from zelo.facts.place import EXTERIOR, accepts_isento, municipio
from zelo.fiscal.cnpj import is_cnpj, is_cpf
from zelo.fiscal.uf import CODIGO_IBGE
from zelo.sim.judge.case import Case, is_ie, whole, without
from zelo.sim.note import group, has, text

ABROAD: Final = "EX"
ISENTO: Final = "ISENTO"
BRAZIL: Final = ("1058", "BRASIL")

_CONTRIBUTOR, _EXEMPT, _NOT_CONTRIBUTOR = "1", "2", "9"


def _uf(case: Case) -> str:
    return text(case.note.dest, "enderDest/UF")


def _abroad(case: Case) -> bool:
    return _uf(case) == ABROAD


def _ie(case: Case) -> str:
    return text(case.note.dest, "IE")


def _bears_ie(case: Case) -> bool:
    return _ie(case) not in {"", ISENTO}


def _who(case: Case) -> str:
    return text(case.note.dest, "CNPJ") or text(case.note.dest, "CPF")


def _known(case: Case, ie: str, who: str = "") -> bool:
    """Whether the register of contributors has that IE, of that person if one is given; no register knows all."""
    if case.contributors is None:
        return True
    return case.contributors.get(who) == ie if who else ie in case.contributors.values()


def _indicator(case: Case, value: str) -> bool:
    return text(case.note.dest, "indIEDest") == value


def _municipality_of_other_uf(case: Case) -> bool:
    code = text(case.note.dest, "enderDest/cMun")
    return code != EXTERIOR if _abroad(case) else code[:2] != CODIGO_IBGE.get(_uf(case))


def _no_country_abroad(case: Case) -> bool:
    address = group(case.note.dest, "enderDest")
    return _abroad(case) and (without(address, "cPais", "xPais") or text(address, "cPais") == BRAZIL[0])


def _other_country_at_home(case: Case) -> bool:
    address = group(case.note.dest, "enderDest")
    stated = (text(address, "cPais") or BRAZIL[0], text(address, "xPais").upper() or BRAZIL[1])
    return not _abroad(case) and stated != BRAZIL


CHECKS: Final = (
    whole("422", "G22", lambda case: has(case.note.dest, "CNPJ") and not is_cnpj(text(case.note.dest, "CNPJ"))),
    whole("423", "G23", lambda case: has(case.note.dest, "CPF") and not is_cpf(text(case.note.dest, "CPF"))),
    whole("424", "G24", lambda case: has(case.note.dest, "idOutros") and _ie(case) != ""),
    whole("426", "G25", lambda case: _indicator(case, _CONTRIBUTOR) and _ie(case) in {"", ISENTO}),
    whole("420", "G26", lambda case: _indicator(case, _EXEMPT) and _ie(case) != ISENTO),
    whole("431", "G27", lambda case: _indicator(case, _NOT_CONTRIBUTOR) and _ie(case) != ""),
    whole("432", "G28", lambda case: _indicator(case, _EXEMPT) and not accepts_isento(_uf(case))),
    whole("405", "G29", _municipality_of_other_uf),
    whole("406", "G30", lambda case: not _abroad(case) and municipio(text(case.note.dest, "enderDest/cMun")) is None),
    whole("693", "G30a", lambda case: _abroad(case) and without(case.note.dest, "idOutros")),
    whole("694", "G30b", lambda case: _abroad(case) and (_ie(case) != "" or has(case.note.dest, "IM"))),
    whole("695", "G30c", _no_country_abroad),
    whole("696", "G31d", _other_country_at_home),
    whole("427", "G31", lambda case: _bears_ie(case) and not is_ie(_ie(case), _uf(case))),
    whole("428", "G32", lambda case: _bears_ie(case) and not _known(case, _ie(case))),
    whole("429", "G33", lambda case: _bears_ie(case) and not _known(case, _ie(case), _who(case))),
    whole("430", "G34", lambda case: not _bears_ie(case) and _who(case) in (case.contributors or {})),
)
