"""The requests of tests/hostile over raw sockets, each with what it must end in."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.harness import ROOT

WHAT = "hostile requests over raw sockets, one file each in `tests/hostile`"
WANTED = "≥ 300, no 5xx that isn't expected, the next request answered within 1 s"
SIZES: dict[str, float] = {}


def run(_: Path) -> dict[str, Any]:
    line = [sys.executable, "-m", "pytest", "tests/service/test_hostile.py"]
    done = subprocess.run(line, capture_output=True, text=True, cwd=ROOT, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout)
    return {"files": len(list((ROOT / "tests" / "hostile").glob("*.txt")))}


def say(found: dict[str, Any]) -> str:
    return f"{found['files']} as their files say, the next request fine after each"
