"""Three times what a worker can do, and whether it comes back."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.harness import ROOT, Server, percentile, request, serving
from benchmarks.reliability import open_loop
from benchmarks.reliability.open_loop import Outcomes

WHAT = "three times the capacity for 20 s: one worker with a core of its own, requests evenly from the other core"
WANTED = "goodput ≥ 0.9 of the capacity; the others 503, p99 < 50 ms; normal within 5 s"
SIZES = {"seconds": 20.0, "factor": 3.0}
#: An ordinary article: what is offered must be little work to send and more to answer.
ARTICLE = (ROOT / "seeds" / "001_abc72230f2bd21ee.txt").read_text()


def run(model: Path, seconds: float, factor: float) -> dict[str, Any]:
    message = request(ARTICLE, close=True)
    with serving(model, workers=1) as server, _apart(server):
        open_loop.saturate(server.port, message, 200, 4)
        capacity, unloaded = open_loop.saturate(server.port, message, 3000, 4)
        found = open_loop.offer(server.port, message, seconds, capacity * factor)
        time.sleep(1.0)
        _, after = open_loop.saturate(server.port, message, 500, 4)
    return {
        "capacity_per_s": round(capacity),
        "offered_per_s": round(found.offered / seconds),
        "goodput_share": round(len(found.of(200)) / seconds / capacity, 2),
        "unloaded_p99_ms": _p99_ms(unloaded, 200),
        "accepted_p99_ms": _p99_ms(found, 200),
        "shed_p99_ms": _p99_ms(found, 503),
        "outcomes": {str(status): len(times) for status, times in found.seconds.items()},
        "failed": found.failed,
        "after_p99_ms": _p99_ms(after, 200),
        "after": {str(status): len(times) for status, times in after.seconds.items()},
    }


def say(found: dict[str, Any]) -> str:
    outcomes = ", ".join(f"{n:,} × {status}" for status, n in sorted(found["outcomes"].items()))
    return (
        f"{found['offered_per_s']:,} a second offered where {found['capacity_per_s']:,} can be answered: {outcomes}, "
        f"{found['failed']} without an answer; goodput {found['goodput_share']:.2f}; p99 of answers "
        f"{found['accepted_p99_ms']:.0f} ms ({found['unloaded_p99_ms']:.0f} before), "
        f"of 503s {found['shed_p99_ms']:.0f} ms; a second later {found['after_p99_ms']:.0f} ms"
    )


@contextlib.contextmanager
def _apart(server: Server) -> Iterator[None]:
    """Keep the workers on the first core and this process on the last."""
    cores = os.sched_getaffinity(0)
    for pid in server.workers():
        os.sched_setaffinity(pid, {min(cores)})
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _p99_ms(outcomes: Outcomes, status: int) -> float:
    return round(percentile(outcomes.of(status) or [0.0], 0.99) * 1000, 1)
