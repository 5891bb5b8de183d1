"""Every route as every persona, from the app's own list of routes: a new route without a row here fails."""

import re
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from fastapi.routing import iter_route_contexts

from tests.web.town import PERSONAS, Town

SAFE: Final = "GET"
RANK: Final = {"reader": 1, "user": 2, "administrator": 3}
NOWHERE: Final = "01M7WD7V4XZXTZ24Q8K7AGDPRZ"


@dataclass(frozen=True)
class Row:
    """A route: who may at least, and what somebody allowed gets for the request that is made here."""

    method: str
    path: str
    least: str
    allowed: int
    data: dict[str, str] = field(default_factory=dict)
    json: Any = None


ROWS: Final = (
    # open to all
    Row("GET", "/entrar", "anybody", 200),
    Row("POST", "/entrar", "anybody", 422),
    Row("GET", "/convite/{token}", "anybody", 404),
    Row("POST", "/convite/{token}", "anybody", 404),
    Row("GET", "/healthz", "anybody", 200),
    Row("HEAD", "/healthz", "anybody", 200),
    Row("GET", "/readyz", "anybody", 200),
    Row("HEAD", "/readyz", "anybody", 200),
    Row("GET", "/metrics", "anybody", 200),
    Row("GET", "/api/openapi.json", "anybody", 200),
    Row("GET", "/api/docs", "anybody", 200),
    # a session, whatever the company
    Row("GET", "/", "known", 303),
    Row("POST", "/sair", "known", 303),
    Row("GET", "/conta", "known", 200),
    Row("POST", "/conta", "known", 422),
    Row("GET", "/empresas", "known", 200),
    Row("POST", "/empresas", "installation", 422),
    Row("GET", "/codigos", "known", 200),
    Row("POST", "/codigos", "installation", 422),
    # pages of a company
    Row("GET", "/e/{company_id}/notas", "reader", 200),
    Row("GET", "/e/{company_id}/notas/fragmento", "reader", 200),
    Row("GET", "/e/{company_id}/notas/nova", "user", 200),
    Row("POST", "/e/{company_id}/notas/nova", "user", 422),
    Row("GET", "/e/{company_id}/notas/{note_id}", "reader", 404),
    Row("GET", "/e/{company_id}/notas/{note_id}/fragmento", "reader", 404),
    Row("GET", "/e/{company_id}/notas/{note_id}/xml", "reader", 404),
    Row("GET", "/e/{company_id}/notas/{note_id}/pdf", "reader", 404),
    Row("GET", "/e/{company_id}/danfecom", "reader", 409),
    Row("GET", "/e/{company_id}/danfecom.zip", "reader", 200),
    Row("GET", "/e/{company_id}/logotipo", "reader", 200),
    Row("GET", "/e/{company_id}/logotipo/imagem", "reader", 404),
    Row("POST", "/e/{company_id}/logotipo", "administrator", 422),
    Row("POST", "/e/{company_id}/logotipo/retirar", "administrator", 303),
    Row("POST", "/e/{company_id}/notas/{note_id}/consultar", "user", 404),
    Row("POST", "/e/{company_id}/notas/{note_id}/reenviar", "user", 422),
    Row("POST", "/e/{company_id}/notas/{note_id}/renumerar", "administrator", 422),
    Row("GET", "/e/{company_id}/notas/{note_id}/corrigir", "user", 404),
    Row("POST", "/e/{company_id}/notas/{note_id}/corrigir", "user", 404),
    Row("GET", "/e/{company_id}/faturamento", "reader", 200),
    Row("POST", "/e/{company_id}/faturamento", "user", 422),
    Row("GET", "/e/{company_id}/faturamento/modelo/{name}", "reader", 404),
    Row("GET", "/e/{company_id}/faturamento/envio/{upload_id}", "user", 303),
    Row("POST", "/e/{company_id}/faturamento/envio/{upload_id}", "user", 303),
    Row("POST", "/e/{company_id}/faturamento/envio/{upload_id}/colunas", "user", 303),
    Row("GET", "/e/{company_id}/faturamento/envio/{upload_id}/leitura", "user", 303),
    Row("POST", "/e/{company_id}/faturamento/envio/{upload_id}/de-novo", "user", 303),
    Row("GET", "/e/{company_id}/cobranca", "reader", 200),
    Row("POST", "/e/{company_id}/cobranca", "administrator", 303),
    Row("GET", "/e/{company_id}/faturamento/{batch_id}", "reader", 404),
    Row("GET", "/e/{company_id}/faturamento/{batch_id}/fragmento", "reader", 404),
    Row("GET", "/e/{company_id}/faturamento/{batch_id}/entrada", "reader", 303),
    Row("POST", "/e/{company_id}/faturamento/{batch_id}/de-novo", "user", 303),
    Row("POST", "/e/{company_id}/faturamento/{batch_id}/amostra", "user", 404),
    Row("POST", "/e/{company_id}/faturamento/{batch_id}/resto", "user", 404),
    Row("POST", "/e/{company_id}/faturamento/{batch_id}/conferir", "user", 404),
    Row("GET", "/e/{company_id}/faturamento/{batch_id}/corrigir/{rule}", "user", 404),
    Row("POST", "/e/{company_id}/faturamento/{batch_id}/corrigir/{rule}", "user", 404),
    Row("GET", "/e/{company_id}/mes", "reader", 303),
    Row("GET", "/e/{company_id}/mes/{month}", "reader", 200),
    Row("GET", "/e/{company_id}/mes/{month}/fragmento", "reader", 200),
    Row("GET", "/e/{company_id}/mes/{month}/arquivo/{kind}", "reader", 200),
    Row("GET", "/e/{company_id}/mes/{month}/pacote", "reader", 200),
    Row("POST", "/e/{company_id}/mes/{month}/agir", "user", 422),
    Row("POST", "/e/{company_id}/mes/{month}/parametros", "administrator", 422),
    Row("GET", "/e/{company_id}/mes/{month}/corrigir/{rule}", "user", 200),
    Row("POST", "/e/{company_id}/mes/{month}/corrigir/{rule}", "user", 303),
    Row("GET", "/e/{company_id}/numeros", "reader", 200),
    Row("GET", "/e/{company_id}/numeros/arquivo/{kind}", "reader", 200),
    Row("GET", "/e/{company_id}/estabelecimentos", "reader", 200),
    Row("GET", "/e/{company_id}/estabelecimentos/novo", "administrator", 200),
    Row("POST", "/e/{company_id}/estabelecimentos/novo", "administrator", 422),
    Row("GET", "/e/{company_id}/estabelecimentos/{establishment_id}", "reader", 404),
    Row("POST", "/e/{company_id}/estabelecimentos/{establishment_id}", "administrator", 404),
    Row("POST", "/e/{company_id}/estabelecimentos/{establishment_id}/certificados", "administrator", 404),
    Row("POST", "/e/{company_id}/estabelecimentos/{establishment_id}/series", "administrator", 404),
    Row("GET", "/e/{company_id}/certificados", "reader", 200),
    Row("POST", "/e/{company_id}/certificados", "administrator", 422),
    Row("POST", "/e/{company_id}/certificados/{certificate_id}/retirar", "administrator", 422),
    Row("GET", "/e/{company_id}/pessoas", "administrator", 200),
    Row("POST", "/e/{company_id}/pessoas", "administrator", 422),
    Row("POST", "/e/{company_id}/pessoas/{account_id}/papel", "administrator", 422),
    Row("POST", "/e/{company_id}/pessoas/{account_id}/retirar", "administrator", 422),
    Row("POST", "/e/{company_id}/convites/{invite_id}/cancelar", "administrator", 404),
    Row("GET", "/e/{company_id}/chaves", "administrator", 200),
    Row("POST", "/e/{company_id}/chaves", "administrator", 422),
    Row("POST", "/e/{company_id}/chaves/{key_id}/revogar", "administrator", 422),
    Row("GET", "/e/{company_id}/auditoria", "administrator", 200),
    Row("GET", "/e/{company_id}/situacao", "reader", 200),
    Row("GET", "/e/{company_id}/situacao/fragmento", "reader", 200),
    Row("POST", "/e/{company_id}/situacao/liberar", "administrator", 422),
    Row("POST", "/e/{company_id}/notas/{note_id}/liberar", "user", 404),
    Row("POST", "/e/{company_id}/notas/{note_id}/cancelar", "user", 404),
    Row("POST", "/e/{company_id}/notas/{note_id}/cancelamento/consultar", "user", 404),
    Row("POST", "/e/{company_id}/notas/{note_id}/cancelamento/liberar", "user", 422),
    Row("POST", "/e/{company_id}/notas/{note_id}/cancelamento/retirar", "user", 422),
    Row("GET", "/e/{company_id}/notas/{note_id}/cancelamento/xml", "reader", 404),
    Row("GET", "/e/{company_id}/cancelamentos", "reader", 200),
    Row("GET", "/e/{company_id}/contingencia", "reader", 200),
    Row("POST", "/e/{company_id}/contingencia/{establishment_id}/entrar", "administrator", 422),
    Row("POST", "/e/{company_id}/contingencia/{establishment_id}/sair", "administrator", 404),
    Row("GET", "/e/{company_id}/cancelamentos/fragmento", "reader", 200),
    Row("POST", "/e/{company_id}/cancelamentos", "administrator", 422),
    Row("POST", "/e/{company_id}/cancelamentos/prazo", "administrator", 303),
    Row("GET", "/e/{company_id}/guarda", "reader", 200),
    Row("GET", "/e/{company_id}/guarda/fragmento", "reader", 200),
    Row("GET", "/e/{company_id}/guarda/arquivo", "reader", 200),
    Row("GET", "/e/{company_id}/guarda/certificado", "reader", 200),
    Row("GET", "/e/{company_id}/guarda/dossie", "user", 200),
    Row("POST", "/e/{company_id}/guarda/diagnostico/guardar", "user", 422),
    Row("POST", "/e/{company_id}/guarda/outros/liberar", "administrator", 422),
    Row("POST", "/e/{company_id}/guarda/liberar", "user", 422),
    Row("GET", "/e/{company_id}/guarda/diagnostico", "user", 200),
    Row("POST", "/e/{company_id}/guarda/diagnostico", "user", 422),
    Row("POST", "/e/{company_id}/guarda/diagnostico/arquivo", "user", 422),
    Row("GET", "/e/{company_id}/guarda/parametros", "administrator", 200),
    Row("POST", "/e/{company_id}/guarda/parametros", "administrator", 422),
    Row("GET", "/e/{company_id}/avisos", "reader", 200),
    Row("POST", "/e/{company_id}/avisos/meus", "reader", 303),
    Row("POST", "/e/{company_id}/avisos/enderecos", "administrator", 422),
    Row("POST", "/e/{company_id}/avisos/enderecos/{address_id}/retirar", "administrator", 404),
    # the API
    Row("GET", "/api/v1/companies", "known", 200),
    Row("GET", "/api/v1/companies/{company_id}/establishments", "reader", 200),
    Row("POST", "/api/v1/companies/{company_id}/establishments", "administrator", 422, json={}),
    Row("PATCH", "/api/v1/companies/{company_id}/establishments/{establishment_id}", "administrator", 404, json={}),
    Row("GET", "/api/v1/companies/{company_id}/certificates", "reader", 200),
    Row("POST", "/api/v1/companies/{company_id}/certificates", "administrator", 422),
    Row(
        "POST",
        "/api/v1/companies/{company_id}/establishments/{establishment_id}/nfcom",
        "user",
        422,
        json={"reference": "r", "draft": {}},
    ),
    Row("GET", "/api/v1/companies/{company_id}/documents", "reader", 200),
    Row("GET", "/api/v1/companies/{company_id}/documents/{document_id}", "reader", 404),
    Row("GET", "/api/v1/companies/{company_id}/documents/{document_id}/history", "reader", 404),
    Row("GET", "/api/v1/companies/{company_id}/documents/{document_id}/xml", "reader", 404),
    Row("GET", "/api/v1/companies/{company_id}/documents/{document_id}/pdf", "reader", 404),
    Row("GET", "/api/v1/companies/{company_id}/danfecom.zip", "reader", 200),
    Row("POST", "/api/v1/companies/{company_id}/documents/{document_id}/query", "user", 404),
    Row("POST", "/api/v1/companies/{company_id}/documents/{document_id}/resend", "user", 404),
    Row("POST", "/api/v1/companies/{company_id}/documents/{document_id}/cancel", "user", 404, json={"reason": "sim"}),
    Row("POST", "/api/v1/companies/{company_id}/documents/{document_id}/release", "user", 404, json={"why": "sim"}),
    Row("POST", "/api/v1/companies/{company_id}/guard/admissions", "user", 422),
    Row("POST", "/api/v1/companies/{company_id}/guard/admissions/{token}/outcome", "user", 404, json={"cstat": "100"}),
    Row("GET", "/api/v1/companies/{company_id}/guard/numbers/{subject}", "reader", 404),
    Row("POST", "/api/v1/companies/{company_id}/guard/numbers/{subject}/release", "user", 404, json={"why": "sim"}),
)
STREAM: Final = ("GET", "/e/{company_id}/eventos")
"""Never ends by itself: test_live.py has it, each persona included."""


def _is_api(row: Row) -> bool:
    return row.path.startswith("/api/v1/")


def expected(row: Row, persona: str) -> int:
    """What the rule of access says, told apart from the code: sessions open pages, keys open the API."""
    if row.least == "anybody":
        return row.allowed
    word = persona.removeprefix("key ")
    recognised = word not in ("anonymous", "disabled", "revoked") and persona.startswith("key ") is _is_api(row)
    if not recognised:
        return 303 if row.method == SAFE and not _is_api(row) else 401
    if row.least == "known":
        return row.allowed
    if row.least == "installation":
        return row.allowed if word == "root" else 403
    if word not in RANK:
        return 404
    return row.allowed if RANK[word] >= RANK[row.least] else 403


def _send(town: Town, row: Row, persona: str) -> Any:
    path = row.path.replace("{company_id}", town.company_id)
    path = re.sub(r"\{[a-z]+_id\}", NOWHERE, path)
    client = town.client(persona)
    for name, value in (("token", "nenhum"), ("month", "2026-11"), ("kind", "xlsx"), ("rule", "NFCOM-G28")):
        path = path.replace(f"{{{name}}}", value).replace("{name}", "nenhum")
    if row.json is not None:
        return client.request(row.method, path, json=row.json)
    data = {"csrf": town.csrf(persona), **row.data} if row.method == "POST" and not _is_api(row) else None
    return client.request(row.method, path, data=data)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} {row.path}")
def test_each_persona_gets_what_the_rule_says(town: Town, row: Row) -> None:
    got = {persona: _send(town, row, persona).status_code for persona in PERSONAS}
    assert got == {persona: expected(row, persona) for persona in PERSONAS}


def test_every_route_has_a_row(town: Town) -> None:
    routes = {
        (method, context.path) for context in iter_route_contexts(town.app.routes) for method in context.methods or ()
    }
    assert routes == {(row.method, row.path) for row in ROWS} | {STREAM}


def test_whoever_is_unknown_is_shown_the_way_in_and_back(town: Town) -> None:
    answer = town.get("anonymous", f"{town.home}/notas?estado=REJECTED")
    assert answer.headers["location"] == f"/entrar?ir={town.home}/notas%3Festado%3DREJECTED"


def test_an_id_of_another_company_is_not_found(town: Town) -> None:
    note = town.submit("F-1")
    for path in (f"/e/{town.other_id}/notas/{note}", f"/e/{town.other_id}/notas/{note}/xml"):
        assert town.get("stranger", path).status_code == 404
    key = town.client("key stranger")
    assert key.get(f"/api/v1/companies/{town.other_id}/documents/{note}").status_code == 404
    assert town.get("administrator", f"{town.home}/notas/{note}").status_code == 200


@pytest.mark.parametrize("bad", ["x", "%00", "01M7WD7V4XZXTZ24Q8K7AGDPR%0A", "0" * 300])
def test_ids_that_cannot_be_are_not_found(town: Town, bad: str) -> None:
    for path in (f"/e/{bad}/notas", f"{town.home}/notas/{bad}/xml", f"{town.home}/faturamento/{bad}"):
        assert town.get("administrator", path).status_code == 404
