"""How long a call takes; the peers' process imports this too, so that both sides are timed alike."""

import time
from collections.abc import Callable

#: A few passes alone would mostly show how cold the cache is after the other side's turn.
LEAST_S = 0.1


def timed(call: Callable[[], object]) -> float:
    """Return the mean seconds of a call over as many as fill `LEAST_S`."""
    start, n = time.perf_counter(), 0
    while (took := time.perf_counter() - start) < LEAST_S:
        call()
        n += 1
    return took / n
