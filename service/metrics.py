"""What the service counts of itself, in Prometheus' format; right under several workers.

A count in the files that the workers share costs 3 to 5 µs and an answer is worth fifteen of them, so a worker notes
what happened and counts it later, all at once: at the latest when `flush` is called, which happens every second.
"""

import os
import threading
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Mapping

import prometheus_client
from prometheus_client import CollectorRegistry, multiprocess

from classifier import ArticleResult

MEDIA_TYPE = prometheus_client.CONTENT_TYPE_LATEST
_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_SHARES = tuple(n / 10 for n in range(1, 11))
_MOST_NOTES = 512


class Metrics:
    """The counters of one application.  Labels are bounded: routes, statuses, themes, decisions and model versions."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._notes: deque[tuple[str, int, float]] = deque()
        self._results: deque[tuple[Mapping[str, float], Mapping[str, str], int]] = deque()
        self._unknown: deque[float] = deque()
        self._lock = threading.Lock()
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

    def request(self, endpoint: str, status: int, seconds: float) -> None:
        """Note an answered request."""
        self._notes.append((endpoint, status, seconds))
        if len(self._notes) > _MOST_NOTES:
            self.flush()

    def result(self, result: ArticleResult) -> None:
        """Note a classified document."""
        # Not the result itself: a second's worth of paragraphs would lie in the way of new ones.
        self._results.append((result.scores, result.decisions, len(result.paragraphs)))

    def unknown_share(self, share: float) -> None:
        """Note how much of a text the model doesn't know, in [0, 1]."""
        self._unknown.append(share)

    def correction(self, theme: str, verdict: str) -> None:
        """Count a correction that was stored."""
        self._corrections.labels(theme, verdict).inc()

    def model_loaded(self, version: str, before: str | None = None) -> None:
        """Note the model at work, and count it where it takes the place of the one `before`."""
        if before is not None:
            self._model.labels(before).set(0)
            self._loads.labels("taken").inc()
        self._model.labels(version).set(1)

    def model_rejected(self) -> None:
        """Count a model that was offered and refused."""
        self._loads.labels("rejected").inc()

    def flush(self) -> None:
        """Count what was noted."""
        with self._lock:
            self._flush_requests()
            self._flush_results()
            while self._unknown:
                self._unknowns.observe(self._unknown.popleft())

    def exposition(self) -> bytes:
        """Return the metrics of all workers as text."""
        self.flush()
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return prometheus_client.generate_latest(self.registry)
        shared = CollectorRegistry()
        multiprocess.MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
        return prometheus_client.generate_latest(shared)

    def _flush_requests(self) -> None:
        counts: Counter[tuple[str, int]] = Counter()
        seconds: dict[str, list[float]] = {}
        for _ in range(len(self._notes)):
            endpoint, status, took = self._notes.popleft()
            counts[endpoint, status] += 1
            seconds.setdefault(endpoint, []).append(took)
        for (endpoint, status), n in counts.items():
            self._requests.labels(endpoint, str(status)).inc(n)
        for endpoint, values in seconds.items():
            _observe(self._seconds.labels(endpoint), _SECONDS, values)

    def _flush_results(self) -> None:
        decisions: Counter[tuple[str, str]] = Counter()
        scores: dict[str, list[float]] = {}
        texts = paragraphs = 0
        for _ in range(len(self._results)):
            scored, decided, n_paragraphs = self._results.popleft()
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


def _observe(histogram: prometheus_client.Histogram, bounds: tuple[float, ...], values: list[float]) -> None:
    # The library has no call for many observations at once; these two members are what `observe` itself adds to.
    for bucket, n in Counter(bisect_left(bounds, value) for value in values).items():
        histogram._buckets[bucket].inc(n)
    histogram._sum.inc(sum(values))
