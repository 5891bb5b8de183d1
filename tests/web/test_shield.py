"""What surrounds every answer: headers, ids, bounds, a line of log without secrets, and never a stack trace."""

from typing import Any

import pytest
import structlog
from fastapi.routing import iter_route_contexts
from sqlalchemy.exc import OperationalError
from structlog.testing import LogCapture

from tests.web.town import PASSWORD, Town, said
from zelo.access.shell import companies as companies_shell
from zelo.web import shield
from zelo.web.render import static_url

ANSWERS = (
    ("anonymous", "/entrar", 200),
    ("anonymous", "/", 303),
    ("anonymous", "/nada", 404),
    ("anonymous", "/healthz", 200),
    ("anonymous", "/metrics", 200),
    ("anonymous", "/api/openapi.json", 200),
    ("anonymous", "/api/v1/companies", 401),
    ("anonymous", "/estatico/nada.css", 404),
    ("reader", "/conta", 200),
)


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is logged, as it would be written."""
    capture = LogCapture()
    monkeypatch.setattr(shield, "log", structlog.wrap_logger(None, [capture], structlog.BoundLogger))
    return capture.entries


def policy(answer: Any) -> dict[str, str]:
    """The content security policy by directive."""
    parts = (part.split(maxsplit=1) for part in answer.headers["content-security-policy"].split(";"))
    return {part[0]: part[1] for part in parts}


@pytest.mark.parametrize(("persona", "path", "status"), ANSWERS)
def test_every_answer_is_guarded(town: Town, persona: str, path: str, status: int) -> None:
    answer = town.get(persona, path)
    assert answer.status_code == status
    rules = policy(answer)
    assert rules["default-src"] == "'none'"
    assert {rules[name] for name in ("script-src", "style-src", "connect-src", "form-action")} == {"'self'"}
    assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"
    assert len(answer.headers["x-request-id"]) == 12


def test_files_of_ours_may_be_kept_for_ever(town: Town) -> None:
    for name in ("zelo.css", "zelo.js", "zelo.svg"):
        answer = town.client().get(static_url(name))
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert policy(answer)["default-src"] == "'none'"


def test_request_ids_differ(town: Town) -> None:
    ids = {town.get("anonymous", "/healthz").headers["x-request-id"] for _ in range(5)}
    assert len(ids) == 5


def test_an_announced_giant_is_refused_unread(town: Town) -> None:
    small = town.with_settings(upload_bytes=50_000)
    answer = small.post("administrator", f"{town.home}/certificados", files={"arquivo": ("a", b"x" * 60_000)})
    assert answer.status_code == 413
    assert "Grande demais" in said(answer)
    api = small.client("key administrator").post(
        f"{town.api}/certificates", files={"file": ("a", b"x" * 60_000)}, data={"password": "x"}
    )
    assert (api.status_code, api.json()["faults"][0]["rule"]) == (413, "HTTP-413")


def test_a_giant_that_does_not_say_so_is_cut_off(town: Town) -> None:
    small = town.with_settings(upload_bytes=50_000)
    sent = 0

    def chunks() -> Any:
        nonlocal sent
        for _ in range(1000):
            sent += 1
            yield b"email=" + b"x" * 9_000 + b"&"

    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = small.client().post("/entrar", content=chunks(), headers=headers)
    assert answer.status_code == 413


def test_a_form_without_files_has_a_smaller_bound(town: Town) -> None:
    body = b"json=" + b"x" * (shield.PLAIN_BODY_BYTES + 1)
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert town.client("user").post(f"{town.home}/notas/nova", content=body, headers=headers).status_code == 413


@pytest.mark.parametrize("length", ["-1", "abc", "1e9", "9" * 30])
def test_a_length_that_cannot_be_is_refused(town: Town, length: str) -> None:
    answer = town.client().post("/entrar", content=b"x", headers={"content-length": length})
    assert answer.status_code == 413


def test_too_many_fields_and_broken_forms_are_refused_in_words(town: Town) -> None:
    data = {f"campo{number}": "x" for number in range(700)}
    assert town.post("user", f"{town.home}/notas/nova", data).status_code == 400
    headers = {"content-type": "multipart/form-data"}
    broken = town.client("user").post(f"{town.home}/notas/nova", content=b"bobagem", headers=headers)
    assert broken.status_code == 400
    assert "Pedido ilegível" in said(broken)


def _fail(error: Exception) -> Any:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def test_a_defect_gives_an_id_to_people_and_the_stack_to_the_log_without_values(
    town: Town, monkeypatch: pytest.MonkeyPatch, logs: list[Any]
) -> None:
    secret = "CPF 52998224725 de MARIA"
    monkeypatch.setattr(companies_shell, "companies", _fail(RuntimeError(f"{secret}\n[parameters: ('{PASSWORD}',)]")))
    answer = town.get("reader", "/conta")
    assert answer.status_code == 500
    shown = said(answer)
    assert "Traceback" not in answer.text
    assert "RuntimeError" not in answer.text
    assert secret not in answer.text
    assert answer.headers["x-request-id"] in shown
    told = next(line for line in logs if line["event"] == "defect")
    assert told["request_id"] == answer.headers["x-request-id"]
    assert told["error"] == "RuntimeError: CPF ***.982.247-** de MARIA"
    assert "companies.companies" in told["stack"]
    assert PASSWORD not in str(logs)


def test_a_defect_of_the_api_is_a_fault(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(companies_shell, "companies", _fail(RuntimeError("x")))
    answer = town.client("key reader").get("/api/v1/companies")
    assert (answer.status_code, answer.json()["faults"][0]["rule"]) == (500, "HTTP-500")


def test_database_trouble_is_told_with_its_remedy_and_an_hour_to_come_back(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    trouble = OperationalError("SELECT", {}, Exception("database or disk is full"))
    monkeypatch.setattr(companies_shell, "companies", _fail(trouble))
    answer = town.get("reader", "/conta")
    assert answer.status_code == 503
    assert "O disco do banco de dados está cheio: libere espaço." in said(answer)
    assert answer.headers["retry-after"] == "5"


def test_a_line_of_log_names_the_route_and_nothing_that_was_sent(town: Town, logs: list[Any]) -> None:
    town.client("reader").get(f"{town.home}/notas", params={"q": "52998224725"})
    town.client().post("/entrar", data={"email": "ana@exemplo.com.br", "senha": PASSWORD})
    lines = [line for line in logs if line["event"] == "request"]
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("GET", "/e/{company_id}/notas", 200),
        ("POST", "/entrar", 303),
    ]
    assert all({"request_id", "ms"} <= set(line) for line in lines)
    for secret in ("52998224725", PASSWORD, "ana@exemplo.com.br", town.company_id, town.tokens["reader"]):
        assert secret not in str(lines)


def test_unknown_addresses_share_one_label(town: Town) -> None:
    for path in ("/a", "/b", "/wp-admin.php"):
        town.get("anonymous", path)
    text = town.client().get("/metrics").text
    assert 'route="other"' in text
    assert "wp-admin" not in text


def test_no_route_of_the_framework_is_left_open(town: Town) -> None:
    paths = {context.path for context in iter_route_contexts(town.app.routes)}
    assert not paths & {"/docs", "/redoc", "/openapi.json"}
