"""Rounds of long campaigns, kept so that a campaign that was stopped goes on, and their tables in docs/archives.md."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchmarks.document import replace_section

ROOT = Path(__file__).parents[2]
# Elsewhere in the tests, which must run what they test.
KEPT = Path(os.environ.get("ASN_THEMES_KEPT_ROUNDS", ROOT / "build/archives"))


def code() -> str:
    """Return the hash of the code that is tried: rounds of other code don't count."""
    digest = hashlib.sha256()
    rooms = ("classifier/*.py", "classifier/*.[ch]", "training/archive/*.py", "benchmarks/archives/*.py")
    for path in sorted(path for room in rooms for path in ROOT.glob(room)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def rounds(campaign: str, keys: Iterable[str], one: Callable[[str], dict[str, Any]]) -> list[dict[str, Any]]:
    """Run `one` for each key that was not run yet with this code; return the results of all, with their seconds."""
    KEPT.mkdir(parents=True, exist_ok=True)
    path, tried = KEPT / f"{campaign}.jsonl", code()
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    done = {row["key"]: row for row in map(json.loads, lines) if row["code"] == tried}
    found = []
    for key in keys:
        if key not in done:
            start = time.monotonic()
            done[key] = one(key) | {"key": key, "code": tried, "seconds": round(time.monotonic() - start, 1)}
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(done[key]) + "\n")
        found.append(done[key])
    return found


def show(name: str, rows: list[tuple[str, ...]], head: tuple[str, ...], write: bool) -> None:
    """Print a table and, where asked, put it in its place in docs/archives.md."""
    lines = [f"| {' | '.join(cells)} |" for cells in (head, ("---",) * len(head), *rows)]
    print("\n".join(lines))
    if write:
        replace_section(ROOT / "docs/archives.md", f"archives-{name}", "\n" + "\n".join(lines) + "\n")
