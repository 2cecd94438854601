"""Good and bad requests for long, as fast as the clients can; memory and descriptors must stay."""

import itertools
import statistics
import time
from pathlib import Path
from typing import Any

from benchmarks.harness import percentile, request, serving
from benchmarks.reliability.load import TEXT, Load
from benchmarks.reliability.usage import descriptors, rss_mib

WHAT = "soak: articles with and without evidence, long ones, broken JSON, 3 clients without a pause"
WANTED = "15 min, flat, no 5xx"
SIZES = {"seconds": 900.0}


def run(model: Path, seconds: float) -> dict[str, Any]:
    bad = request(TEXT).replace(b'{"text"', b'["text"')
    turn = itertools.cycle([request(TEXT), request(TEXT, explain=True), request(TEXT * 12), bad])
    samples = []
    with serving(model) as server, Load(server.port, 3, lambda _: next(turn)) as load:
        start = time.monotonic()
        while (passed := time.monotonic() - start) < seconds:
            time.sleep(min(5.0, seconds / 12))
            samples.append((passed / 3600, rss_mib(server), descriptors(server)))
            load.bodies.clear()
    late = samples[len(samples) // 2 :]
    return {
        "seconds": seconds,
        "outcomes": dict(load.outcomes),
        "p99_ms": round(percentile(load.seconds, 0.99) * 1000, 1),
        "rss_mib_half_time": late[0][1],
        "rss_mib_end": late[-1][1],
        "rss_mib_per_hour": round(_slope([(hours, rss) for hours, rss, _ in late]), 2),
        "descriptors": sorted({n for *_, n in late}),
    }


def say(found: dict[str, Any]) -> str:
    outcomes = ", ".join(f"{n:,} × {status}" for status, n in sorted(found["outcomes"].items()))
    return (
        f"{found['seconds'] / 60:.3g} min, {outcomes}, p99 {found['p99_ms']:.0f} ms; memory of the workers "
        f"{found['rss_mib_half_time']} MiB at half time, {found['rss_mib_end']} at the end (median slope in between "
        f"{found['rss_mib_per_hour']:+} MiB an hour); descriptors {found['descriptors'][0]} to "
        f"{found['descriptors'][-1]}"
    )


def _slope(points: list[tuple[float, float]]) -> float:
    """Return the median of the slopes between all pairs of points (Theil and Sen)."""
    return statistics.median((y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in itertools.combinations(points, 2))
