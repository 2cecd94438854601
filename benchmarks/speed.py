"""Requests a second of `POST /classify` and of its peers, with wrk, on the same server in the same run.

python -m benchmarks.speed
"""

import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.campaigns import MODEL
from benchmarks.harness import ROOT, Server, serving

_ROUNDS = 5
_SECONDS = 3
_PEERS: dict[str, tuple[str, ...]] = {
    "classify": (),
    "empty": ("-m", "benchmarks.empty_app", "empty"),
    "sklearn": ("-m", "benchmarks.empty_app", "sklearn"),
}


def main() -> None:
    article = (ROOT / "seeds" / "000_76956b78cd50b03e.txt").read_text()[:2000].rsplit(" ", 1)[0]
    rates: dict[str, list[float]] = {name: [] for name in _PEERS}
    costs: dict[str, list[float]] = {name: [] for name in _PEERS}
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        script = _script(folder, json.dumps({"text": article}))
        log = stack.enter_context((folder / "log").open("wb"))
        servers = {name: stack.enter_context(serving(MODEL, command, log)) for name, command in _PEERS.items()}
        for _ in range(_ROUNDS):
            for name, server in servers.items():
                before = _cpu_seconds(server)
                rate, requests = _rate(server.port, script)
                rates[name].append(rate)
                costs[name].append((_cpu_seconds(server) - before) / requests * 1e6)
    medians = {name: statistics.median(values) for name, values in rates.items()}
    found = {
        "article_bytes": len(article.encode()),
        "per_second": medians,
        # Of the workers alone: says the same on a machine that others use too.
        "cpu_us_per_request": {name: round(statistics.median(values)) for name, values in costs.items()},
        "of_empty": round(medians["classify"] / medians["empty"], 3),
        "over_sklearn": round(medians["classify"] / medians["sklearn"], 1),
    }
    sys.stdout.write(json.dumps(found) + "\n")


def _script(folder: Path, body: str) -> Path:
    (folder / "body.json").write_text(body)
    script = folder / "post.lua"
    script.write_text(
        'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
        f'local file = io.open("{folder}/body.json")\nwrk.body = file:read("*a")\nfile:close()\n'
    )
    return script


def _cpu_seconds(server: Server) -> float:
    stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in server.workers()]
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / os.sysconf("SC_CLK_TCK")


def _rate(port: int, script: Path) -> tuple[float, int]:
    line = ["wrk", "-t1", "-c16", f"-d{_SECONDS}s", "-s", str(script), f"http://127.0.0.1:{port}/classify"]
    output = subprocess.run(line, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in output:
        raise RuntimeError(output)
    (rate,) = re.findall(r"Requests/sec: +([\d.]+)", output)
    (requests,) = re.findall(r"(\d+) requests in", output)
    return float(rate), int(requests)


if __name__ == "__main__":
    main()
