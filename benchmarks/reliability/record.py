"""What campaigns found, kept in docs/reliability.json, and the table of docs/reliability.md that is made of it."""

import json
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from benchmarks.document import replace_section
from benchmarks.harness import ROOT

_FIGURES = ROOT / "docs" / "reliability.json"
_PAGE = ROOT / "docs" / "reliability.md"


def write(name: str, command: str, found: dict[str, Any], campaigns: dict[str, ModuleType]) -> None:
    """Keep what campaign `name` found and make the table anew."""
    figures = json.loads(_FIGURES.read_text()) if _FIGURES.exists() else {}
    figures[name] = {"command": command, "date": datetime.now(UTC).date().isoformat(), "found": found}
    figures = {key: figures[key] for key in campaigns if key in figures}
    _FIGURES.write_text(json.dumps(figures, indent=1) + "\n")
    rows = [
        f"| {campaigns[key].WHAT} | {campaigns[key].say(figure['found'])} | {campaigns[key].WANTED} | "
        f"`{figure['command']}`, {figure['date']} |"
        for key, figure in figures.items()
    ]
    replace_section(_PAGE, "campaigns", "\n".join(["| what | found | wanted | command |", "|---|---|---|---|", *rows]))
