"""Good clients beside others that are silent, send slowly, or don't read."""

import contextlib
import socket
import time
from pathlib import Path
from typing import Any

from benchmarks.harness import connect, percentile, request, serving
from benchmarks.reliability.load import TEXT, Load

WHAT = "good clients beside 200 silent ones / half a head / half a body, and 20 that don't read their large answers"
WANTED = "all 200, p99 < 1 s"
SIZES = {"clients": 200, "seconds": 4.0}


def run(model: Path, clients: int, seconds: float) -> dict[str, Any]:
    """Measure good clients while others are silent, send slowly, or don't read."""
    silent = b""
    head = b"POST /classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 9999\r\n"
    big = request((TEXT + "\n") * 20, explain=True)
    found: dict[str, Any] = {}
    for name, message in {
        "silent": silent,
        "half a head": head,
        "half a body": head + b"\r\nabc",
        "no reading": big,
    }.items():
        with serving(model) as server, contextlib.ExitStack() as stack:
            for _ in range(clients if name != "no reading" else clients // 10):
                connection = stack.enter_context(contextlib.closing(connect(server.port)))
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
                connection.sendall(message)
            with Load(server.port, 2, lambda close: request("ASN netral", close=close)) as load:
                time.sleep(seconds)
        found[name] = {"p99_ms": round(percentile(load.seconds, 0.99) * 1000, 1), "outcomes": dict(load.outcomes)}
    return {"clients": clients, **found}


def say(found: dict[str, Any]) -> str:
    times = " / ".join(f"{found[name]['p99_ms']:.0f}" for name in ("silent", "half a head", "half a body"))
    outcomes = {outcome for name in found if name != "clients" for outcome in found[name]["outcomes"]}
    return f"p99 {times} ms, and {found['no reading']['p99_ms']:.0f} ms; statuses {', '.join(sorted(outcomes))}"
