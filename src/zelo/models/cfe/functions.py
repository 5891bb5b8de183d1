"""The functions of the device interface as rows: name, parameters in their order, prefix of the answers, kind.

Source: ER SAT as makers' headers and public clients declare it. Two orders are traps: AtivarSAT takes the kind of
certificate before the code, TrocarCodigoDeAtivacao the option after it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

CODE: Final = "codigo"
SESSION: Final = "sessao"
CHAVE: Final = "chave"
DATA: Final = "dados"
ASKED: Final = "consultada"
LEAST_SESSION: Final = 1
MOST_SESSION: Final = 999_999


class Kind(StrEnum):
    """What a function does, as whoever chooses a device must know it."""

    SALE = "sale"
    """Issues a coupon: any device will do, and it must be issued once."""
    CANCEL = "cancel"
    """Cancels a coupon: only the device that issued it can."""
    ASK = "ask"
    """Changes nothing: may be asked again."""
    RECALL = "recall"
    """Repeats an old answer of a session."""
    KEEP = "keep"
    """Changes one device: it goes to that one and to no other."""


ISSUES: Final = frozenset({Kind.SALE, Kind.CANCEL})
"""What makes a document."""


@dataclass(frozen=True, slots=True)
class Function:
    """One function. `prefix`: the first two digits of its EEEEE. `fields`: how many a success has, 0 where it varies.

    `parameters`: name and type of each, in order; `places`: where each stands.
    """

    name: str
    prefix: str
    kind: Kind
    fields: int
    parameters: tuple[tuple[str, type], ...]
    places: Mapping[str, int] = field(compare=False)

    @property
    def takes_code(self) -> bool:
        """Whether the activation code is asked for."""
        return CODE in self.places

    @property
    def takes_session(self) -> bool:
        """Whether a session number comes with it; DesligarSAT has none."""
        return SESSION in self.places


def _row(name: str, prefix: str, kind: Kind, fields: int, *parameters: str) -> Function:
    """A parameter is text, unless its name ends in #."""
    typed = tuple((each.removesuffix("#"), int if each.endswith("#") else str) for each in parameters)
    places = {each: place for place, (each, _) in enumerate(typed)}
    return Function(name, prefix, kind, fields, typed, places)


_S: Final = f"{SESSION}#"
FUNCTIONS: Final = {
    row.name: row
    for row in (
        _row("AtivarSAT", "04", Kind.KEEP, 6, _S, "subcomando#", CODE, "cnpj", "cuf#"),
        _row("ComunicarCertificadoICPBRASIL", "05", Kind.KEEP, 5, _S, CODE, "certificado"),
        _row("EnviarDadosVenda", "06", Kind.SALE, 12, _S, CODE, DATA),
        _row("CancelarUltimaVenda", "07", Kind.CANCEL, 12, _S, CODE, CHAVE, DATA),
        _row("ConsultarSAT", "08", Kind.ASK, 5, _S),
        _row("TesteFimAFim", "09", Kind.ASK, 9, _S, CODE, DATA),
        _row("ConsultarStatusOperacional", "10", Kind.ASK, 28, _S, CODE),
        _row("ConsultarNumeroSessao", "11", Kind.RECALL, 0, _S, CODE, f"{ASKED}#"),
        _row("ConfigurarInterfaceDeRede", "12", Kind.KEEP, 5, _S, CODE, "configuracao"),
        _row("AssociarAssinatura", "13", Kind.KEEP, 6, _S, CODE, "cnpjs", "assinatura"),
        _row("AtualizarSoftwareSAT", "14", Kind.KEEP, 5, _S, CODE),
        _row("ExtrairLogs", "15", Kind.KEEP, 6, _S, CODE),
        _row("BloquearSAT", "16", Kind.KEEP, 5, _S, CODE),
        _row("DesbloquearSAT", "17", Kind.KEEP, 5, _S, CODE),
        _row("TrocarCodigoDeAtivacao", "18", Kind.KEEP, 5, _S, CODE, "opcao#", "novo", "confirmacao"),
        _row("ConsultarUltimaSessaoFiscal", "19", Kind.RECALL, 0, _S, CODE),
        _row("DesativarSAT", "19", Kind.KEEP, 5, _S),
        _row("DesligarSAT", "19", Kind.KEEP, 5),
    )
}
SALE: Final = FUNCTIONS["EnviarDadosVenda"]
CANCEL: Final = FUNCTIONS["CancelarUltimaVenda"]
ASK_ALIVE: Final = FUNCTIONS["ConsultarSAT"]
ASK_LOG: Final = FUNCTIONS["ExtrairLogs"]
TRY: Final = FUNCTIONS["TesteFimAFim"]
ASK_STATUS: Final = FUNCTIONS["ConsultarStatusOperacional"]
ASK_SESSION: Final = FUNCTIONS["ConsultarNumeroSessao"]
ASK_LAST: Final = FUNCTIONS["ConsultarUltimaSessaoFiscal"]
