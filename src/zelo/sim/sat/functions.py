"""The functions of the device interface as rows, and a call read from what somebody sent.

Sources: the device specification (ER SAT) as public clients and makers' headers declare it. Two orders are traps:
AtivarSAT takes the kind of certificate before the code, TrocarCodigoDeAtivacao the option after it.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

MOST_TEXT_CHARACTERS: Final = 2_000_000
"""Of one argument: beyond the 1.500 KB that a sale may have (06005), so that the device itself can refuse it."""
MOST_SESSION: Final = 999_999
_MOST_INTEGER: Final = 2**31 - 1
_SURROGATE: Final = re.compile("[\ud800-\udfff]")

CODE: Final = "codigo"
SESSION: Final = "sessao"


@dataclass(frozen=True, slots=True)
class Function:
    """One function: its name, the first two digits of its EEEEE, its parameters in order with the type of each."""

    name: str
    prefix: str
    parameters: tuple[tuple[str, type], ...]
    fields: int
    """How many fields a success has."""

    @property
    def takes_code(self) -> bool:
        """Whether the activation code is asked for."""
        return (CODE, str) in self.parameters

    @property
    def takes_session(self) -> bool:
        """Whether a session number comes with it; DesligarSAT has none."""
        return (SESSION, int) in self.parameters


def _row(name: str, prefix: str, fields: int, *parameters: str) -> Function:
    """A parameter is text, unless its name ends in #."""
    typed = tuple((each.removesuffix("#"), int if each.endswith("#") else str) for each in parameters)
    return Function(name, prefix, typed, fields)


_S: Final = f"{SESSION}#"
FUNCTIONS: Final = {
    row.name: row
    for row in (
        _row("AtivarSAT", "04", 6, _S, "subcomando#", CODE, "cnpj", "cuf#"),
        _row("ComunicarCertificadoICPBRASIL", "05", 5, _S, CODE, "certificado"),
        _row("EnviarDadosVenda", "06", 12, _S, CODE, "dados"),
        _row("CancelarUltimaVenda", "07", 12, _S, CODE, "chave", "dados"),
        _row("ConsultarSAT", "08", 5, _S),
        _row("TesteFimAFim", "09", 9, _S, CODE, "dados"),
        _row("ConsultarStatusOperacional", "10", 28, _S, CODE),
        _row("ConsultarNumeroSessao", "11", 0, _S, CODE, "consultada#"),
        _row("ConfigurarInterfaceDeRede", "12", 5, _S, CODE, "configuracao"),
        _row("AssociarAssinatura", "13", 6, _S, CODE, "cnpjs", "assinatura"),
        _row("AtualizarSoftwareSAT", "14", 5, _S, CODE),
        _row("ExtrairLogs", "15", 6, _S, CODE),
        _row("BloquearSAT", "16", 5, _S, CODE),
        _row("DesbloquearSAT", "17", 5, _S, CODE),
        _row("TrocarCodigoDeAtivacao", "18", 5, _S, CODE, "opcao#", "novo", "confirmacao"),
        _row("ConsultarUltimaSessaoFiscal", "19", 0, _S, CODE),
        _row("DesativarSAT", "19", 5, _S),
        _row("DesligarSAT", "19", 5),
    )
}


@dataclass(frozen=True, slots=True)
class Call:
    """A call: its function and its arguments by name. `session` is 0 where the function takes none."""

    function: Function
    session: int
    texts: dict[str, str]
    numbers: dict[str, int]


def read_call(name: object, arguments: object) -> Call:
    """The call that was sent. Raises ValueError, in pt-BR, for one that no library could have made."""
    function = FUNCTIONS.get(name) if isinstance(name, str) else None
    if function is None:
        raise ValueError(f"Função desconhecida. Existem: {', '.join(FUNCTIONS)}.")
    if not isinstance(arguments, list) or len(arguments) != len(function.parameters):
        raise ValueError(f"{function.name} leva {len(function.parameters)} argumentos, numa lista.")
    texts: dict[str, str] = {}
    numbers: dict[str, int] = {}
    for (parameter, kind), value in zip(function.parameters, arguments, strict=True):
        if kind is int:
            numbers[parameter] = _integer(parameter, value)
        else:
            texts[parameter] = _text(parameter, value)
    return Call(function, numbers.get(SESSION, 0), texts, numbers)


def _integer(parameter: str, value: Any) -> int:
    if type(value) is not int or abs(value) > _MOST_INTEGER:
        raise ValueError(f"O argumento {parameter} é um inteiro de 32 bits.")
    return value


def _text(parameter: str, value: Any) -> str:
    """As it would come through C: UTF-8 up to the first NUL. Half a surrogate pair is no UTF-8."""
    if not isinstance(value, str) or len(value) > MOST_TEXT_CHARACTERS or _SURROGATE.search(value):
        raise ValueError(f"O argumento {parameter} é um texto em UTF-8 de até {MOST_TEXT_CHARACTERS} caracteres.")
    return value.partition("\0")[0]
