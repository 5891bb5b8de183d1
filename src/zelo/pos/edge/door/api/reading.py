"""What a client of the API sends: a sale, a cancel or a question, as JSON or bare XML, and the key of a repetition."""

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from zelo.models.cfe.chave import PREFIX, Chave
from zelo.models.cfe.functions import CANCEL, CODE, FUNCTIONS, SALE, SESSION, Function, Kind
from zelo.models.cfe.sale import CancelRequest, read_cancel_request
from zelo.pos.edge.door.asked import Asked, Names, gather, till_number
from zelo.pos.edge.door.refused import NOT_FOUND, RefusedError, refused
from zelo.pos.edge.request import MOST_ID_CHARACTERS

BAD_JSON: Final = "API-JSON"
BAD_KEY: Final = "API-CHAVE"
BAD_ELSEWHERE: Final = "API-OUTRO"
BAD_KIND: Final = "API-TIPO"
NO_FUNCTION: Final = "API-FUNCAO"
KEY_HEADER: Final = "Idempotency-Key"
KEY_PATTERN: Final = "[A-Za-z0-9][A-Za-z0-9._:-]{0,99}"
"""What a key may be; it also stands in an address."""
ELSEWHERE_HEADER: Final = "Idempotency-Elsewhere"
ELSEWHERE_PATTERN: Final = "[0-9]"
"""How many answers were lost; 0 where the shop's other gateway cannot have taken the asking."""
JSON: Final = "application/json"
XML: Final = ("application/xml", "text/xml")
UNSUPPORTED: Final = 415
TILL_FIELD: Final = "caixa"
NAMES: Final[Names] = {"dados": ("xml",), "consultada": ("sessao",), "chave": ("chave",)}

QUESTIONS: Final = {name: row for name, row in FUNCTIONS.items() if row.kind in (Kind.ASK, Kind.RECALL)}
"""What may be asked under /v1/consultas: nothing of it changes a device."""
_OWN: Final = frozenset({SESSION, CODE})
_SHOWN_CHARACTERS: Final = 60


def read_key(given: str | None) -> str:
    """The key of a repetition. Raises RefusedError where there is none or it has another form."""
    if given is None:
        raise refused(BAD_KEY, f"Falta o cabeçalho {KEY_HEADER}.", "Envie uma chave nova a cada venda.", KEY_HEADER)
    if re.fullmatch(KEY_PATTERN, given, re.ASCII) is None:
        sentence = (
            f"O cabeçalho {KEY_HEADER} tem até 100 letras, algarismos e . _ : -, a começar por letra ou algarismo."
        )
        raise refused(BAD_KEY, sentence, "Envie um UUID, por exemplo.", KEY_HEADER)
    return given


def read_elsewhere(given: str | None) -> int:
    """How many answers were lost, 0 where the other gateway cannot have taken it. Raises RefusedError."""
    if given is not None and re.fullmatch(ELSEWHERE_PATTERN, given, re.ASCII) is None:
        sentence = f"O cabeçalho {ELSEWHERE_HEADER} é um algarismo, de 0 a 9."
        remedy = (
            "Ao repetir, com a mesma chave, o que o outro gateway pode ter recebido e não respondeu, envie quantas "
            "tentativas já ficaram sem resposta."
        )
        raise refused(BAD_ELSEWHERE, sentence, remedy, ELSEWHERE_HEADER)
    return int(given or 0)


def read_sale(kind: str, body: bytes, query: Mapping[str, str]) -> Asked:
    """A sale. Raises RefusedError."""
    return _asked(SALE, _fields(kind, body, query))


def read_cancel(kind: str, body: bytes, query: Mapping[str, str]) -> Asked:
    """A cancel; its chave may be left out, for the XML names it. Raises RefusedError."""
    fields = _fields(kind, body, query)
    if "chave" not in fields and "xml" in fields:
        fields = {**fields, "chave": _named_chave(fields["xml"])}
    asked = _asked(CANCEL, fields)
    chave = str(asked.given["chave"])
    try:
        return Asked(asked.till, CANCEL, {**asked.given, "chave": f"{PREFIX}{Chave.parse(chave)}"})
    except ValueError as error:
        sentence = "A chave não tem 44 caracteres do modelo 59 com dígito correto."
        raise refused(BAD_JSON, sentence, "Envie a chave do cupom, com ou sem CFe.", "chave") from error


def _named_chave(xml: str) -> str:
    try:
        found = read_cancel_request(xml.encode())
    except UnicodeEncodeError:
        return ""
    return found.chave if isinstance(found, CancelRequest) else ""


def read_question(name: str, kind: str, body: bytes, query: Mapping[str, str]) -> Asked:
    """A question by the name of its function, in any case. Raises RefusedError."""
    function = next((row for row in QUESTIONS.values() if row.name.lower() == name.lower()), None)
    if function is None:
        sentence = "Não há consulta com este nome."
        raise refused(
            NO_FUNCTION, sentence, f"Use uma de: {', '.join(QUESTIONS)}.", name[:_SHOWN_CHARACTERS], NOT_FOUND
        )
    return _asked(function, _fields(kind, body, query))


def _asked(function: Function, fields: Mapping[str, str]) -> Asked:
    till = till_number(fields.get(TILL_FIELD), TILL_FIELD)
    return Asked(till, function, gather(function, NAMES, fields.get, _OWN))


def _fields(kind: str, body: bytes, query: Mapping[str, str]) -> dict[str, str]:
    """JSON's own fields, or those of the address with the body as XML. Raises RefusedError."""
    media = kind.partition(";")[0].strip().lower()
    if media == JSON:
        return _object(body)
    if media in XML:
        return {**query, "xml": _text(body)}
    remedy = f"Envie {JSON}, ou {XML[0]} com ?{TILL_FIELD}=001."
    raise refused(BAD_KIND, "O corpo não é JSON nem XML.", remedy, "Content-Type", UNSUPPORTED)


def _object(body: bytes) -> dict[str, str]:
    try:
        held: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _bad_json("O corpo não é JSON.") from error
    if not isinstance(held, dict):
        raise _bad_json("O corpo não é um objeto JSON.")
    return {name: _field(name, value) for name, value in held.items() if value is not None}


def _field(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9:
        return str(value)
    shown = name[:_SHOWN_CHARACTERS].encode("utf-8", "replace").decode()
    raise _bad_json(f"O campo {shown} não é texto nem número inteiro.")


def _text(body: bytes) -> str:
    """The XML as text; the interface hands text on in UTF-8."""
    try:
        return body.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError as error:
        raise refused(BAD_KIND, "O XML não está em UTF-8.", "Grave o XML em UTF-8.", "corpo") from error


def _bad_json(sentence: str) -> RefusedError:
    return refused(BAD_JSON, sentence, "Confira o corpo com o arquivo OpenAPI.", "corpo")


def identity(key: str) -> str:
    """The id of an asking under a key: the same key is the same asking."""
    return sha256(f"api\0{key}".encode()).hexdigest()[:MOST_ID_CHARACTERS]
