"""The contract and its terminals. Source: MOC NFCom 1.00a Anexo I, group "Validações do Assinante" (G34a to G36b)."""

from collections.abc import Iterator
from typing import Final

from zelo.fiscal.fault import Found, Rule
from zelo.fiscal.uf import CODIGO_IBGE
from zelo.models.nfcom.rules.scope import FAT_COFATURAMENTO
from zelo.models.nfcom.rules.subject import Note

_MOC: Final = "MOC NFCom 1.00a Anexo I, "


def _terminals(note: Note) -> Iterator[tuple[str, str, str]]:
    """Path, number and UF code of each additional terminal."""
    for index, terminal in enumerate(note.draft.assinante.NroTermAdic or (), start=1):
        yield f"assinante[NroTermAdic {index}]", terminal.NroTermAdic, terminal.cUFAdic


def _contract_missing(note: Note) -> Iterator[Found]:
    draft = note.draft
    if draft.tpFat == FAT_COFATURAMENTO or draft.indCessaoMeiosRede:
        return
    if not draft.assinante.nContrato:
        yield "assinante/nContrato", ""
    if draft.assinante.dContratoIni is None:
        yield "assinante/dContratoIni", ""


def _ends_before_start(note: Note) -> Iterator[Found]:
    start, end = note.draft.assinante.dContratoIni, note.draft.assinante.dContratoFim
    if start is not None and end is not None and end < start:
        yield "assinante/dContratoFim", str(end)


def _terminal_repeated(note: Note) -> Iterator[Found]:
    seen: set[str] = set()
    for path, number, _ in _terminals(note):
        if number in seen:
            yield f"{path}/NroTermAdic", number
        seen.add(number)


def _main_terminal_elsewhere(note: Note) -> Iterator[Found]:
    code = note.draft.assinante.cUFPrinc
    if code is not None and code != CODIGO_IBGE.get(note.emit.enderEmit.UF):
        yield "assinante/cUFPrinc", code


def _other_terminal_elsewhere(note: Note) -> Iterator[Found]:
    for path, _, code in _terminals(note):
        if code != CODIGO_IBGE.get(note.emit.enderEmit.UF):
            yield f"{path}/cUFAdic", code


RULES: Final = (
    Rule(
        id="NFCOM-G34a",
        cstat="537",
        sentence="Faltam dados do contrato: número e data de início são obrigatórios.",
        remedy="Complete o contrato do assinante.",
        source=f"{_MOC}G34a; exceção da cessão de meios: NT NFCom 2023.002",
        good="nContrato C-1, dContratoIni 2025-01-01",
        bad="nContrato C-1, sem dContratoIni",
        check=_contract_missing,
    ),
    Rule(
        id="NFCOM-G35",
        cstat="425",
        sentence="O contrato termina antes de começar.",
        remedy="Corrija as datas do contrato.",
        source=f"{_MOC}G35",
        good="de 2025-01-01 a 2026-01-01",
        bad="de 2025-01-01 a 2024-12-31",
        check=_ends_before_start,
    ),
    Rule(
        id="NFCOM-G36",
        cstat="474",
        sentence="O mesmo terminal adicional aparece mais de uma vez.",
        remedy="Deixe cada terminal uma vez só na lista.",
        source=f"{_MOC}G36",
        good="5132201001 e 5132201002",
        bad="5132201001 duas vezes",
        check=_terminal_repeated,
    ),
    Rule(
        id="NFCOM-G36a",
        cstat="535",
        sentence="O terminal principal está habilitado em UF diferente da UF do emitente.",
        remedy="Corrija a UF do terminal, ou emita pelo estabelecimento daquela UF.",
        source="NT NFCom 2023.001 v1.01, G36a",
        good="emitente no RS, cUFPrinc 43",
        bad="emitente no RS, cUFPrinc 42",
        check=_main_terminal_elsewhere,
    ),
    Rule(
        id="NFCOM-G36b",
        cstat="536",
        sentence="Há terminal adicional habilitado em UF diferente da UF do emitente.",
        remedy="Corrija a UF do terminal, ou emita pelo estabelecimento daquela UF.",
        source="NT NFCom 2023.001 v1.01, G36b",
        good="emitente no RS, cUFAdic 43",
        bad="emitente no RS, cUFAdic 42",
        check=_other_terminal_elsewhere,
    ),
)
