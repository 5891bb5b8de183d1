"""Who else may download the XML. Source: MOC NFCom 1.00a Anexo I, group "Validações dos Autorizados" (G139 to G141)."""

from collections.abc import Iterator
from typing import Final

from zelo.fiscal.cnpj import is_cnpj, is_cpf
from zelo.fiscal.fault import Found, Rule
from zelo.models.nfcom.draft import AutXML
from zelo.models.nfcom.rules.subject import Note

_MOC: Final = "MOC NFCom 1.00a Anexo I, "


def _allowed(note: Note) -> Iterator[tuple[str, AutXML]]:
    for index, allowed in enumerate(note.draft.autXML or (), start=1):
        yield f"autXML[{index}]", allowed


def _cnpj(note: Note) -> Iterator[Found]:
    for path, allowed in _allowed(note):
        if allowed.CNPJ is not None and not is_cnpj(allowed.CNPJ):
            yield f"{path}/CNPJ", allowed.CNPJ


def _cpf(note: Note) -> Iterator[Found]:
    for path, allowed in _allowed(note):
        if allowed.CPF is not None and not is_cpf(allowed.CPF):
            yield f"{path}/CPF", allowed.CPF


def _repeated(note: Note) -> Iterator[Found]:
    seen: set[AutXML] = set()
    for path, allowed in _allowed(note):
        if allowed in seen:
            yield path, allowed.CNPJ or allowed.CPF or ""
        seen.add(allowed)


RULES: Final = (
    Rule(
        id="NFCOM-G139",
        cstat="466",
        sentence="Há CNPJ autorizado a baixar o XML que não existe: o dígito verificador não confere.",
        remedy="Corrija o CNPJ do autorizado (em geral, o escritório de contabilidade).",
        source=f"{_MOC}G139",
        good="autXML 11222333000181",
        bad="autXML 11222333000182",
        check=_cnpj,
    ),
    Rule(
        id="NFCOM-G140",
        cstat="467",
        sentence="Há CPF autorizado a baixar o XML que não existe: o dígito verificador não confere.",
        remedy="Corrija o CPF do autorizado.",
        source=f"{_MOC}G140",
        good="autXML 52998224725",
        bad="autXML 11111111111",
        check=_cpf,
    ),
    Rule(
        id="NFCOM-G141",
        cstat="468",
        sentence="O mesmo CNPJ ou CPF está autorizado mais de uma vez a baixar o XML.",
        remedy="Deixe cada autorizado uma vez só.",
        source=f"{_MOC}G141",
        good="autXML 11222333000181 e 52998224725",
        bad="autXML 11222333000181 duas vezes",
        check=_repeated,
    ),
)
