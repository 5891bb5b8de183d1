"""The OpenAPI description of the API, built from the tables that the API runs on (`make docs` writes the file)."""

from typing import Any, Final

from zelo.pos.edge.door.api.reading import (
    ELSEWHERE_HEADER,
    ELSEWHERE_PATTERN,
    JSON,
    KEY_HEADER,
    KEY_PATTERN,
    QUESTIONS,
    XML,
)
from zelo.pos.edge.door.api.telling import MEANINGS, Outcome

VERSION: Final = "1"
_ERROR: Final = {"$ref": "#/components/schemas/Erro"}
_ANSWER: Final = {"$ref": "#/components/schemas/Resposta"}
_TILL: Final = {
    "type": "string",
    "pattern": "^[0-9]{1,3}$",
    "description": "Número do caixa que vende.",
    "examples": ["001"],
}
_XML: Final = {
    "type": "string",
    "description": "O XML do leiaute 0.06 a 0.08, como texto.",
    "examples": ["<CFe>…</CFe>"],
}
_CHAVE: Final = {
    "type": "string",
    "description": "Chave do cupom, com ou sem CFe; sem ela vale a que o XML nomeia.",
    "pattern": "^(CFe)?[A-Z0-9]{44}$",
    "examples": ["CFe35261108723218000186599000000590000011234567"],
}
_SESSION: Final = {"type": "integer", "minimum": 1, "maximum": 999999, "description": "Sessão que se procura."}

_FAULTS: Final = {
    400: "O pedido não tem a forma esperada.",
    401: "Falta o token, ou é outro.",
    403: "Quem chama não pode chamar daqui.",
    404: "Não há.",
    405: "O endereço não aceita este método.",
    408: "O corpo não chegou a tempo.",
    413: "O corpo é grande demais.",
    415: "O corpo não é JSON nem XML.",
    422: "A chave já serviu a outro pedido.",
    500: "Defeito do gateway.",
    503: "Pedidos demais ao mesmo tempo.",
}
_EVERYWHERE: Final = (401, 403, 405, 500, 503)
_WITH_BODY: Final = (400, 408, 413, 415)


def document() -> dict[str, Any]:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "zelo-edge: API do caixa",
            "version": VERSION,
            "description": "Vendas, cancelamentos e consultas pelos equipamentos SAT e MFE do gateway.",
        },
        "security": [{"token": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Resposta": _answer(), "Erro": _error(), "Equipamento": _device()},
        },
    }


def _paths() -> dict[str, Any]:
    return {
        "/v1/vendas": {"post": _issue("vender", "Emite um cupom.", {"caixa": _TILL, "xml": _XML}, ["caixa", "xml"])},
        "/v1/cancelamentos": {
            "post": _issue(
                "cancelar",
                "Cancela um cupom, até 30 minutos depois de emitido.",
                {"caixa": _TILL, "xml": _XML, "chave": _CHAVE},
                ["caixa", "xml"],
            )
        },
        "/v1/vendas/{chave}": {"get": _lookup()},
        "/v1/equipamentos": {"get": _devices()},
        "/v1/consultas/{funcao}": {"post": _question()},
    }


def _issue(operation: str, summary: str, fields: dict[str, Any], required: list[str]) -> dict[str, Any]:
    key = {
        "name": KEY_HEADER,
        "in": "header",
        "required": True,
        "description": "Nova a cada venda, a mesma ao repetir: a repetição recebe a primeira resposta.",
        "schema": {"type": "string", "pattern": f"^{KEY_PATTERN}$"},
    }
    elsewhere = {
        "name": ELSEWHERE_HEADER,
        "in": "header",
        "required": False,
        "description": (
            "Ao repetir, com a mesma chave, o que o outro gateway da loja pode ter recebido e não respondeu: quantas "
            "tentativas já ficaram sem resposta (1 na primeira repetição). Este pergunta ao outro antes de emitir, e "
            "responde o que ele já emitiu; se os dois emitirem sem se falar, vale o cupom do chamado por último."
        ),
        "schema": {"type": "string", "pattern": f"^{ELSEWHERE_PATTERN}$", "default": "0"},
    }
    in_address = [
        {"name": name, "in": "query", "required": False, "description": "Com o corpo em XML.", "schema": fields[name]}
        for name in fields
        if name != "xml"
    ]
    return {
        "operationId": operation,
        "summary": summary,
        "parameters": [key, elsewhere, *in_address],
        "requestBody": {
            "required": True,
            "content": {
                JSON: {
                    "schema": _object(fields, required),
                    "examples": {operation: {"value": {name: fields[name]["examples"][0] for name in fields}}},
                },
                **{media: {"schema": {"type": "string"}} for media in XML},
            },
        },
        "responses": _answers(*_WITH_BODY, 422),
    }


def _question() -> dict[str, Any]:
    return {
        "operationId": "consultar",
        "summary": "Pergunta a um equipamento o que nada muda.",
        "parameters": [
            {"name": "funcao", "in": "path", "required": True, "schema": {"type": "string", "enum": list(QUESTIONS)}}
        ],
        "requestBody": {
            "required": True,
            "content": {
                JSON: {
                    "schema": _object({"caixa": _TILL, "xml": _XML, "sessao": _SESSION}, ["caixa"]),
                    "examples": {
                        "ConsultarSAT": {"value": {"caixa": "001"}},
                        "ConsultarNumeroSessao": {"value": {"caixa": "001", "sessao": 123456}},
                    },
                }
            },
        },
        "responses": _answers(*_WITH_BODY, 404),
    }


def _lookup() -> dict[str, Any]:
    return {
        "operationId": "procurar",
        "summary": "O que veio da venda ou do cancelamento que levou esta chave de idempotência.",
        "parameters": [
            {
                "name": "chave",
                "in": "path",
                "required": True,
                "schema": {"type": "string", "pattern": f"^{KEY_PATTERN}$"},
            }
        ],
        "responses": _answers(400, 404),
    }


def _devices() -> dict[str, Any]:
    held = _object({"equipamentos": {"type": "array", "items": {"$ref": "#/components/schemas/Equipamento"}}}, None)
    return {
        "operationId": "listar",
        "summary": "Os equipamentos e como estão.",
        "responses": {"200": _json("Os equipamentos.", held)} | _faults(),
    }


def _answers(*statuses: int) -> dict[str, Any]:
    return {
        "200": _json("A resposta.", _ANSWER),
        "202": _json("Em dúvida ou em andamento: consulte com a mesma chave.", _ANSWER),
    } | _faults(*statuses)


def _faults(*statuses: int) -> dict[str, Any]:
    return {str(status): _json(_FAULTS[status], _ERROR) for status in sorted({*statuses, *_EVERYWHERE})}


def _json(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {JSON: {"schema": schema}}}


def _object(fields: dict[str, Any], required: list[str] | None) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields) if required is None else required}


def _closed(fields: dict[str, Any]) -> dict[str, Any]:
    """What the gateway itself says: every field, no other."""
    return _object(fields, None) | {"additionalProperties": False}


def _maybe(description: str) -> dict[str, Any]:
    return {"type": ["string", "null"], "description": description}


def _answer() -> dict[str, Any]:
    meanings = "; ".join(f"{outcome.value}: {meaning}" for outcome, meaning in MEANINGS.items())
    notice = _closed({"codigo": {"type": "string"}, "texto": {"type": "string"}})
    return _closed(
        {
            "estado": {"type": "string", "enum": [outcome.value for outcome in Outcome], "description": meanings},
            "frase": {"type": "string", "description": "O que mostrar a quem vende."},
            "eeeee": _maybe("Código de retorno do equipamento, cinco algarismos."),
            "cccc": _maybe("Código da validação do conteúdo, quatro algarismos."),
            "chave": _maybe("Chave de 44 caracteres do cupom emitido."),
            "total": _maybe("vCFe, com ponto e duas casas."),
            "instante": _maybe("Emissão pelo relógio do equipamento, ISO 8601."),
            "xml": _maybe("O cupom assinado, em base64."),
            "qr": _maybe("O texto do QR Code do extrato."),
            "aviso": {"oneOf": [notice, {"type": "null"}], "description": "Aviso da SEFAZ ao contribuinte."},
            "campos": {"type": "array", "items": {"type": "string"}, "description": "O que segue a frase no retorno."},
            "retorno": _maybe("O retorno do equipamento, campo a campo entre barras, como veio."),
        }
    )


def _error() -> dict[str, Any]:
    return _closed({name: {"type": "string"} for name in ("regra", "erro", "remedio", "onde")})


def _device() -> dict[str, Any]:
    return _closed(
        {
            "nserie": {"type": "string"},
            "nome": {"type": "string"},
            "em_uso": {"type": "boolean", "description": "Se vendas vão a ele."},
            "fila": {"type": "integer", "minimum": 0, "description": "Chamadas que esperam por ele."},
            "frase": {"type": "string"},
        }
    )
