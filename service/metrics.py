"""What the service notes of itself; `service.counters` counts it.

A count in the files that the workers share costs 3 to 5 µs and an answer is worth fifteen of them, so a worker notes
what happened and counts it later, all at once: at the latest when `flush` is called, which happens every second.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from classifier import ArticleResult

if TYPE_CHECKING:
    from service.counters import Counters, Exposition

_MOST_NOTES = 512
_Note = TypeVar("_Note")


class Metrics:
    """Notes of one application on their way to its counters."""

    def __init__(self) -> None:
        self._requests: deque[tuple[str, int, float]] = deque()
        self._results: deque[tuple[Mapping[str, float], Mapping[str, str], int]] = deque()
        self._unknown: deque[float] = deque()
        self._events: deque[Callable[[Counters], None]] = deque()
        self._lock = threading.Lock()

    @cached_property
    def _counters(self) -> "Counters":
        # Not before something is counted: to import the library takes a fifth of the way to the first answer.
        from service.counters import Counters

        return Counters()

    def request(self, endpoint: str, status: int, seconds: float) -> None:
        """Note an answered request."""
        self._requests.append((endpoint, status, seconds))
        if len(self._requests) > _MOST_NOTES:
            self.flush()

    def result(self, result: ArticleResult) -> None:
        """Note a classified document."""
        # Not the result itself: a second's worth of paragraphs would lie in the way of new ones.
        self._results.append((result.scores, result.decisions, len(result.paragraphs)))

    def unknown_share(self, share: float) -> None:
        """Note how much of a text the model doesn't know, in [0, 1]."""
        self._unknown.append(share)

    def correction(self, theme: str, verdict: str) -> None:
        """Note a correction that was stored."""
        self._events.append(lambda counters: counters.correction(theme, verdict))

    def model_loaded(self, version: str, before: str | None = None) -> None:
        """Note the model at work, and the one `before` whose place it takes."""
        self._events.append(lambda counters: counters.model_loaded(version, before))

    def model_rejected(self) -> None:
        """Note a model that was offered and refused."""
        self._events.append(lambda counters: counters.model_rejected())

    def flush(self) -> None:
        """Count what was noted."""
        with self._lock:
            self._counters.requests(_drained(self._requests))
            self._counters.results(_drained(self._results))
            self._counters.unknown_shares(_drained(self._unknown))
            for event in _drained(self._events):
                event(self._counters)

    def exposition(self) -> "Exposition":
        """Return the metrics of all workers as text."""
        self.flush()
        return self._counters.exposition()


def _drained(notes: deque[_Note]) -> Iterator[_Note]:
    """Take out what was noted up to now; what comes meanwhile is for the next time."""
    for _ in range(len(notes)):
        yield notes.popleft()
