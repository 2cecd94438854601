"""The counters behind `service.metrics`, in Prometheus' format; right under several workers."""

import os
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import prometheus_client
from prometheus_client import CollectorRegistry, multiprocess

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_SHARES = tuple(n / 10 for n in range(1, 11))


class Exposition(NamedTuple):
    """All metrics as text, and its media type."""

    body: bytes
    media_type: str


class Counters:
    """The counters of one application.  Labels are bounded: routes, statuses, themes, decisions and model versions."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = self._counter("requests", "Requests answered.", "endpoint", "status")
        self._seconds = self._histogram("request_duration_seconds", "Time to an answer.", _SECONDS, "endpoint")
        self._texts = self._counter("texts", "Documents classified.")
        self._paragraphs = self._counter("paragraphs", "Paragraphs scored.")
        self._decisions = self._counter("decisions", "Decisions on documents.", "theme", "decision")
        self._scores = self._histogram("score", "Scores of documents.", _SHARES, "theme")
        self._unknowns = self._histogram(
            "unknown_term_ratio", "Share of a text's words that the model never met; one text in 32.", _SHARES
        )
        self._corrections = self._counter("feedback", "Corrections stored.", "theme", "verdict")
        self._loads = self._counter("model_loads", "Models offered while serving, counted by each worker.", "result")
        self._model = prometheus_client.Gauge(
            "asn_themes_model_info",
            "The model at work.",
            ["version"],
            registry=self.registry,
            multiprocess_mode="livemax",
        )

    def _counter(self, name: str, text: str, *labels: str) -> prometheus_client.Counter:
        return prometheus_client.Counter(f"asn_themes_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...], *labels: str) -> prometheus_client.Histogram:
        return prometheus_client.Histogram(f"asn_themes_{name}", text, labels, buckets=buckets, registry=self.registry)

    def requests(self, answered: Iterable[tuple[str, int, float]]) -> None:
        """Count requests: endpoint, status and seconds of each."""
        counts: Counter[tuple[str, int]] = Counter()
        seconds: dict[str, list[float]] = {}
        for endpoint, status, took in answered:
            counts[endpoint, status] += 1
            seconds.setdefault(endpoint, []).append(took)
        for (endpoint, status), n in counts.items():
            self._requests.labels(endpoint, str(status)).inc(n)
        for endpoint, values in seconds.items():
            _observe(self._seconds.labels(endpoint), _SECONDS, values)

    def results(self, classified: Iterable[tuple[Mapping[str, float], Mapping[str, str], int]]) -> None:
        """Count documents: scores, decisions and the number of paragraphs of each."""
        decisions: Counter[tuple[str, str]] = Counter()
        scores: dict[str, list[float]] = {}
        texts = paragraphs = 0
        for scored, decided, n_paragraphs in classified:
            texts += 1
            paragraphs += n_paragraphs
            decisions.update(decided.items())
            for theme, score in scored.items():
                scores.setdefault(theme, []).append(score)
        self._texts.inc(texts)
        self._paragraphs.inc(paragraphs)
        for (theme, decision), n in decisions.items():
            self._decisions.labels(theme, decision).inc(n)
        for theme, values in scores.items():
            _observe(self._scores.labels(theme), _SHARES, values)

    def unknown_shares(self, shares: Iterable[float]) -> None:
        """Count how much of texts the model doesn't know, in [0, 1]."""
        for share in shares:
            self._unknowns.observe(share)

    def correction(self, theme: str, verdict: str) -> None:
        """Count a correction that was stored."""
        self._corrections.labels(theme, verdict).inc()

    def model_loaded(self, version: str, before: str | None) -> None:
        """Say which model is at work, and count it where it takes the place of the one `before`."""
        if before is not None:
            self._model.labels(before).set(0)
            self._loads.labels("taken").inc()
        self._model.labels(version).set(1)

    def model_rejected(self) -> None:
        """Count a model that was offered and refused."""
        self._loads.labels("rejected").inc()

    def exposition(self) -> Exposition:
        """Return the metrics of all workers."""
        registry = self.registry
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return Exposition(prometheus_client.generate_latest(registry), prometheus_client.CONTENT_TYPE_LATEST)


def _observe(histogram: prometheus_client.Histogram, bounds: tuple[float, ...], values: list[float]) -> None:
    # The library has no call for many observations at once; these two members are what `observe` itself adds to.
    for bucket, n in Counter(bisect_left(bounds, value) for value in values).items():
        histogram._buckets[bucket].inc(n)
    histogram._sum.inc(sum(values))
