"""Requests made from the contract by schemathesis, valid and broken, every check on."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.harness import ROOT, serving

WHAT = "requests made from the contract (schemathesis, all checks)"
WANTED = "20,000 cases, 0 failures"
SIZES = {"examples": 1800}


def run(model: Path, examples: int) -> dict[str, Any]:
    """Try `examples` inputs an operation beside those that cover the schema; some operations have fewer."""
    with serving(model) as server:
        line = [
            str(Path(sys.executable).with_name("schemathesis")),
            "run",
            f"http://127.0.0.1:{server.port}/openapi.json",
            *("--max-examples", str(examples), "--workers", "2", "--phases", "coverage,fuzzing"),
        ]
        done = subprocess.run(line, capture_output=True, text=True, cwd=ROOT, check=False)
    counts = re.search(r"(\d+) generated, (.*)", done.stdout)
    seed = re.search(r"Seed: (\d+)", done.stdout)
    if done.returncode or not counts or not seed:
        raise RuntimeError(done.stdout + done.stderr)
    return {"cases": int(counts[1]), "result": counts[2], "seed": seed[1]}


def say(found: dict[str, Any]) -> str:
    return f"{found['cases']:,} cases, **{found['result']}**"
