"""Requests a second of `POST /classify` and of its peers, with wrk, on the same server in the same run.

python -m benchmarks.speed [--write]

Each server is started once, and rounds go through all of them in turn.  With --write docs/reliability.md has it too.
"""

import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.document import replace_section
from benchmarks.harness import ROOT, Server, serving

_ROUNDS = 7
_SECONDS = 3
_CONNECTIONS = 16
MODEL = ROOT / "model.npz"
ARTICLE = (ROOT / "seeds" / "000_76956b78cd50b03e.txt").read_text()[:2000].rsplit(" ", 1)[0]


@dataclass
class Peer:
    """What is measured, how it is started (empty: as shipped), and what was found."""

    name: str
    command: tuple[str, ...] = ()
    rates: list[float] = field(default_factory=list)
    # Of the workers alone: says the same on a machine that others use too.
    cpu_us: list[float] = field(default_factory=list)

    @property
    def path(self) -> str:
        return "/peer" if self.command else "/classify"


def _peer(kind: str, name: str) -> Peer:
    return Peer(name, ("-m", "benchmarks.speed_peers", kind))


def main() -> None:
    peers = [
        Peer("`POST /classify`"),
        _peer("empty", "an empty Flask handler in the same application: logs, metrics and headers on"),
        _peer("bare", "an empty Flask handler alone: no logs, metrics or headers"),
        _peer("sklearn", "a Flask handler alone over scikit-learn: union of words and characters, logistic regression"),
    ]
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        script = _script(folder)
        log = stack.enter_context((folder / "log").open("wb"))
        servers = [(peer, stack.enter_context(serving(MODEL, peer.command, log))) for peer in peers]
        for peer, server in servers:
            _rate(server.port, script, peer.path, 1)
        for _ in range(_ROUNDS):
            for peer, server in servers:
                before = _cpu_seconds(server)
                rate, requests = _rate(server.port, script, peer.path, _SECONDS)
                peer.rates.append(rate)
                peer.cpu_us.append((_cpu_seconds(server) - before) / requests * 1e6)
    table = _table(peers)
    sys.stdout.write(table + "\n")
    if "--write" in sys.argv:
        replace_section(ROOT / "docs" / "reliability.md", "speed", table)


def _table(peers: list[Peer]) -> str:
    ours = statistics.median(peers[0].rates)
    lines = ["| requests | a second (range) | CPU µs each | `/classify` is |", "|---|---|---|---|"]
    for peer in peers:
        rate, cpu = statistics.median(peer.rates), statistics.median(peer.cpu_us)
        spread = f"{min(peer.rates):,.0f} to {max(peer.rates):,.0f}"
        lines.append(f"| {peer.name} | {rate:,.0f} ({spread}) | {cpu:,.0f} | {ours / rate:.2f} of it |")
    how = (
        f"{datetime.now(UTC).date()}: medians of {_ROUNDS} rounds of {_SECONDS} s, wrk with {_CONNECTIONS} connections "
        f"on the same 2 cores, {len(ARTICLE.encode()):,} bytes of text."
    )
    return "\n".join([*lines, "", how])


def _script(folder: Path) -> Path:
    (folder / "body.json").write_text(json.dumps({"text": ARTICLE}))
    script = folder / "post.lua"
    script.write_text(
        'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
        f'local file = io.open("{folder}/body.json")\nwrk.body = file:read("*a")\nfile:close()\n'
    )
    return script


def _cpu_seconds(server: Server) -> float:
    stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in server.workers()]
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / os.sysconf("SC_CLK_TCK")


def _rate(port: int, script: Path, path: str, seconds: int) -> tuple[float, int]:
    line = ["wrk", "-t1", f"-c{_CONNECTIONS}", f"-d{seconds}s", "-s", str(script), f"http://127.0.0.1:{port}{path}"]
    output = subprocess.run(line, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in output:
        raise RuntimeError(output)
    (rate,) = re.findall(r"Requests/sec: +([\d.]+)", output)
    (requests,) = re.findall(r"(\d+) requests in", output)
    return float(rate), int(requests)


if __name__ == "__main__":
    main()
