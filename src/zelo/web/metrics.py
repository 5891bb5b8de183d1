"""Numbers for a Prometheus: where documents stand, what waits, how authorizers and we answer. No personal data."""

from collections.abc import Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from zelo.flow.lifecycle import State
from zelo.flow.tools import Tools
from zelo.guard import shell as guard
from zelo.monitor import shell as monitor

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
_MILLIS_PER_SECOND: Final = 1000


class Meter:
    """Counts requests, and asks the database when somebody scrapes."""

    def __init__(self, tools: Tools) -> None:
        self._registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._requests = Counter("zelo_http_requests", "Requests answered.", labels, registry=self._registry)
        self._seconds = Histogram(
            "zelo_http_request_seconds", "Time to answer.", ("method", "route"), registry=self._registry
        )
        self._registry.register(_Installation(tools))

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """One more answered."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def text(self) -> bytes:
        """Everything, in the exposition format."""
        return generate_latest(self._registry)


class _Installation(Collector):
    """What the database tells; when it cannot, that alone is told."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def collect(self) -> Iterator[Metric]:
        """One family after another."""
        try:
            families = list(self._families())
        except SQLAlchemyError:
            families = []
        yield GaugeMetricFamily("zelo_database_up", "Whether the database answers.", value=1 if families else 0)
        yield from families

    def describe(self) -> Iterator[Metric]:
        """Nothing: so that registering asks no database."""
        return iter(())

    def _families(self) -> Iterator[Metric]:
        now = self._tools.clock()
        with self._tools.engine.read() as connection:
            counts = monitor.counts(connection)
            backlog = monitor.backlog(connection, now)
            halts = guard.halts(connection, now)
            workers = monitor.workers(connection)
            healths = monitor.healths(connection)
        documents = GaugeMetricFamily("zelo_documents", "Documents by state.", labels=["state"])
        for state in State:
            documents.add_metric([state.value], counts.get(state.value, 0))
        yield documents
        waited = (now - backlog.oldest).total_seconds() if backlog.oldest else 0.0
        yield GaugeMetricFamily("zelo_due_documents", "Steps due and not yet taken.", value=backlog.documents)
        yield GaugeMetricFamily("zelo_due_oldest_seconds", "How long the oldest due step has waited.", value=waited)
        by_reason = GaugeMetricFamily("zelo_halts", "Halts in force.", labels=["reason"])
        for reason in sorted({row.reason for row in halts}):
            by_reason.add_metric([reason], sum(row.reason == reason for row in halts))
        yield by_reason
        seen = GaugeMetricFamily("zelo_worker_seen_seconds", "Since a worker was last seen.", labels=["worker"])
        for row in workers:
            seen.add_metric([row.id], (now - row.seen_at).total_seconds())
        yield seen
        labels = ["authorizer", "ambiente"]
        latency = GaugeMetricFamily("zelo_authorizer_latency_seconds", "Time of the last answer.", labels=labels)
        drift = GaugeMetricFamily("zelo_authorizer_drift_seconds", "Its clock less ours.", labels=labels)
        for row in healths:
            names = [row.autorizador, str(row.ambiente)]
            if row.latency_millis is not None:
                latency.add_metric(names, row.latency_millis / _MILLIS_PER_SECOND)
            if row.drift_millis is not None:
                drift.add_metric(names, row.drift_millis / _MILLIS_PER_SECOND)
        yield latency
        yield drift
