"""What watches from outside see: alive, ready or why not, and numbers without names."""

from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.web.town import Town
from zelo.engine.embedded import Embedded
from zelo.engine.migrate import migrate
from zelo.fiscal.ambiente import Ambiente
from zelo.guard import halt
from zelo.guard import shell as guard
from zelo.monitor import shell as monitor
from zelo.web import health


def ready(town: Town) -> tuple[int, str]:
    """Status and reason."""
    answer = town.get("anonymous", "/readyz")
    return answer.status_code, answer.json()["reason"]


def numbers(town: Town) -> dict[tuple[str, str], float]:
    """Every sample by its name and the values of its labels, in the order of their names."""
    answer = town.get("anonymous", "/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, " ".join(sample.labels[label] for label in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_a_whole_installation_is_alive_and_ready(town: Town) -> None:
    assert town.get("anonymous", "/healthz").json() == {"ok": True}
    assert ready(town) == (200, "")


def test_a_damaged_database_is_alive_but_not_ready(town: Town, tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"this is no database at all" * 100)
    sick = town.on(Embedded(broken))
    status, reason = ready(sick)
    assert status == 503
    assert reason.startswith("O banco de dados")
    assert sick.get("anonymous", "/healthz").status_code == 200
    assert numbers(sick)["zelo_database_up", ""] == 0


def test_a_database_of_another_release_is_not_ready(town: Town) -> None:
    with town.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    status, reason = ready(town)
    assert (status, "forma" in reason) == (503, True)


def test_an_empty_database_is_not_ready_until_it_is_migrated(town: Town, tmp_path: Path) -> None:
    fresh = town.on(Embedded(tmp_path / "fresh.db"))
    assert ready(fresh)[0] == 503
    migrate(fresh.engine, lambda: None)
    assert ready(fresh) == (200, "")


def test_little_space_is_not_ready(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LEAST_FREE_BYTES", 2**63)
    status, reason = ready(town)
    assert (status, "espaço" in reason) == (503, True)


def test_numbers_tell_where_documents_stand_and_name_nobody(town: Town, notes: dict[str, str]) -> None:
    with town.engine.begin() as connection:
        scope = halt.of_authorizer("SVRS", Ambiente.HOMOLOGACAO)
        guard.stop(connection, scope=scope, reason=halt.AUTHORIZER, now=town.clock(), until=None)
        monitor.note_health(
            connection, autorizador="SVRS", ambiente=Ambiente.HOMOLOGACAO, at=town.clock(), answered=True, cstat="107",
            motivo="x", latency_millis=250, drift_millis=-1500,
        )  # fmt: skip
    town.house.worker("trabalhador").turn()
    got = numbers(town)
    assert got["zelo_database_up", ""] == 1
    assert sum(value for (name, _), value in got.items() if name == "zelo_documents") == len(notes)
    assert got["zelo_documents", "REJECTED"] == 1
    assert got["zelo_documents", "AUTHORISED"] == 0
    assert got["zelo_halts", halt.AUTHORIZER] == 1
    assert got["zelo_worker_seen_seconds", "trabalhador"] == 0
    assert got["zelo_authorizer_latency_seconds", "2 SVRS"] == 0.25
    assert got["zelo_authorizer_drift_seconds", "2 SVRS"] == -1.5
    everything = town.get("anonymous", "/metrics").text
    for personal in ("MARIA", "52998224725", town.company_id, "11222333", "exemplo.com.br"):
        assert personal not in everything


def test_what_waits_is_counted_with_its_age(town: Town) -> None:
    town.submit("F-1")
    town.clock.advance(timedelta(minutes=1))
    got = numbers(town)
    assert got["zelo_due_documents", ""] == 1
    assert got["zelo_due_oldest_seconds", ""] == 60


def test_requests_are_counted_by_route_and_status(town: Town) -> None:
    town.get("reader", f"{town.home}/notas")
    town.get("anonymous", f"{town.home}/notas")
    got = numbers(town)
    assert got["zelo_http_requests_total", "GET /e/{company_id}/notas 200"] == 1
    assert got["zelo_http_requests_total", "GET /e/{company_id}/notas 303"] == 1


def test_numbers_survive_a_database_that_goes_away(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(monitor, "counts", away)
    assert numbers(town)["zelo_database_up", ""] == 0
