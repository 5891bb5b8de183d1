"""Form fields of SATHub and the arguments they are; the answer as SATHub words it.

Source: what satcfe 2.2 (ClienteSATHub) sends, and where SATHub 0.3 named a field otherwise, its name after it.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from zelo.models.cfe.functions import CANCEL, CODE, FUNCTIONS, SESSION
from zelo.pos.edge.door.asked import Asked, Names, gather, till_number
from zelo.pos.edge.door.refused import NOT_FOUND, refused

BAD_FORM: Final = "SATHUB-FORMULARIO"
NO_FUNCTION: Final = "SATHUB-FUNCAO"
TILL_FIELD: Final = "numero_caixa"
_MOST_FIELDS: Final = 20
_SHOWN_CHARACTERS: Final = 60
_EMERGENCY: Final = 2
"""Option of TrocarCodigoDeAtivacao: the code given is the one of the sealed letter."""

PATHS: Final = {name.lower(): function for name, function in FUNCTIONS.items()}
"""The last part of the path → the function."""
NAMES: Final[Names] = {
    "subcomando": ("tipo_certificado",),
    "cnpj": ("cnpj",),
    "cuf": ("codigo_uf",),
    "certificado": ("certificado",),
    "dados": ("dados_venda",),
    "chave": ("chave_cfe",),
    "consultada": ("numero_sessao",),
    "configuracao": ("configuracao",),
    "cnpjs": ("sequencia_cnpj",),
    "assinatura": ("assinatura_ac",),
    "opcao": ("opcao",),
    "novo": ("novo_codigo_ativacao", "novo_codigo"),
    "confirmacao": ("novo_codigo_confirmacao", "novo_codigo_ativacao", "novo_codigo"),
}
_CANCEL_NAMES: Final[Names] = {**NAMES, "dados": ("dados_cancelamento",)}


def read_form(body: bytes) -> dict[str, str]:
    """The fields of a form, the last of each name. Raises RefusedError."""
    try:
        return dict(
            parse_qsl(
                body.decode(),
                keep_blank_values=True,
                encoding="utf-8",
                errors="strict",
                max_num_fields=_MOST_FIELDS,
            )
        )
    except ValueError as error:
        sentence = "O corpo não é um formulário em UTF-8."
        remedy = f"Envie application/x-www-form-urlencoded, com até {_MOST_FIELDS} campos."
        raise refused(BAD_FORM, sentence, remedy) from error


def read_asking(path: str, form: Mapping[str, str]) -> Asked:
    """What a till asks by this path and these fields. Raises RefusedError."""
    function = PATHS.get(path.lower())
    if function is None:
        raise refused(
            NO_FUNCTION, "O SAT não tem esta função.", "Confira o endereço.", path[:_SHOWN_CHARACTERS], NOT_FOUND
        )
    till = till_number(form.get(TILL_FIELD), TILL_FIELD)
    names = _CANCEL_NAMES if function is CANCEL else NAMES
    given = gather(function, names, form.get, frozenset({SESSION, CODE}))
    if given.get("opcao") == _EMERGENCY:
        given |= gather(function, {CODE: ("codigo_emergencia",)}, form.get, frozenset({SESSION, *given}))
    return Asked(till, function, given)


def word(asked: Asked, retorno: str) -> dict[str, str]:
    """The answer as SATHub gives it."""
    return {"funcao": asked.function.name, "retorno": retorno}
