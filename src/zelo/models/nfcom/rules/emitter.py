"""Who issues the note. Source: MOC NFCom 1.00a Anexo I, group "Validações do Emitente"."""

from collections.abc import Iterator
from typing import Final

from zelo.facts import place
from zelo.fiscal.cnpj import is_cnpj
from zelo.fiscal.fault import Found, Rule
from zelo.models.nfcom.rules.registration import is_ie, is_of_uf
from zelo.models.nfcom.rules.subject import Note

_MOC: Final = "MOC NFCom 1.00a Anexo I, "


def _emit_cnpj(note: Note) -> Iterator[Found]:
    if not is_cnpj(note.emit.CNPJ):
        yield "emit/CNPJ", note.emit.CNPJ


def _emit_ie(note: Note) -> Iterator[Found]:
    if not is_ie(note.emit.IE, note.emit.enderEmit.UF):
        yield "emit/IE", note.emit.IE


def _emit_municipality_of_uf(note: Note) -> Iterator[Found]:
    address = note.emit.enderEmit
    if not is_of_uf(address.cMun, address.UF):
        yield "emit/enderEmit/cMun", address.cMun


def _emit_municipality(note: Note) -> Iterator[Found]:
    cmun = note.emit.enderEmit.cMun
    if place.municipio(cmun) is None:
        yield "emit/enderEmit/cMun", cmun


RULES: Final = (
    Rule(
        id="NFCOM-G12",
        cstat="207",
        sentence="O CNPJ do emitente não existe: o dígito verificador não confere.",
        remedy="Corrija o CNPJ no cadastro do estabelecimento.",
        source=f"{_MOC}G12; CNPJ com letras: NT conjunta 2025.001",
        good="99999999000191",
        bad="99999999000190",
        check=_emit_cnpj,
    ),
    Rule(
        id="NFCOM-G14",
        cstat="209",
        sentence="A inscrição estadual do emitente não existe na UF dele: o dígito verificador não confere.",
        remedy="Corrija a IE, ou a UF, no cadastro do estabelecimento.",
        source=f"{_MOC}G14; roteiros de crítica do SINTEGRA",
        good="RS, IE 0960000003",
        bad="RS, IE 0960000004",
        check=_emit_ie,
    ),
    Rule(
        id="NFCOM-G20",
        cstat="407",
        sentence="O município do emitente não é da UF dele.",
        remedy="Confira município e UF no endereço do estabelecimento.",
        source=f"{_MOC}G20",
        good="RS, município 4314902 (Porto Alegre)",
        bad="RS, município 3550308 (São Paulo)",
        check=_emit_municipality_of_uf,
    ),
    Rule(
        id="NFCOM-G21",
        cstat="408",
        sentence="O município do emitente não está na tabela do IBGE.",
        remedy="Escolha o município pelo nome no cadastro do estabelecimento.",
        source=f"{_MOC}G21; tabela de municípios do IBGE",
        good="município 4314902 (Porto Alegre)",
        bad="município 4399999",
        check=_emit_municipality,
    ),
)
