"""Stops by SIGTERM under load: nothing that the server accepted may be lost."""

import signal
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.harness import request, serving
from benchmarks.reliability.load import TEXT, Load

WHAT = "stops by SIGTERM under load (8 clients, half on kept connections)"
WANTED = "100 stops, 0 lost, exit 0"
SIZES = {"rounds": 100}


def run(model: Path, rounds: int) -> dict[str, Any]:
    random = Random(1)
    outcomes: Counter[str] = Counter()
    exits: Counter[int] = Counter()
    lost = 0
    for _ in range(rounds):
        with serving(model) as server, Load(server.port, 8, lambda close: request(TEXT, close=close)) as load:
            time.sleep(random.uniform(0.1, 0.4))
            server.process.send_signal(signal.SIGTERM)
            exits[server.process.wait(40)] += 1
        outcomes += load.outcomes
        lost += load.lost
    return {"rounds": rounds, "lost": lost, "exits": dict(exits), "outcomes": dict(outcomes)}


def say(found: dict[str, Any]) -> str:
    answered, exits = found["outcomes"]["200"], ", ".join(f"{n} × exit {code}" for code, n in found["exits"].items())
    return f"{found['rounds']} stops, {answered:,} answered, **{found['lost']} lost**, {exits}"
