"""Where the kernel's time goes: `perf record` on real paragraphs, its samples by stage.  Needs perf."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.document import replace_section
from classifier import Classifier

ROOT = Path(__file__).parents[1]
REAL = ROOT.parent / "shared/real/background.jsonl"
REPEAT = 60
STAGES = {
    "fold and part words": ("fold_text",),
    "find words and read them": ("find_edges_packed", "find_edges_anywhere", "read_words"),
    "look words up": ("look_up_words", "vocabulary_find"),
    "beginnings of unseen words": ("longest_stem",),
    "match word classes": ("match_classes",),
    "gather and sum weights": ("sum", "tf_weight"),
    "the rest": ("",),
}


def work() -> None:
    classifier = Classifier.load(ROOT / "model.npz")
    texts = [json.loads(line)["text"] for line in REAL.read_bytes().splitlines()]
    buffer, offsets = "".join(texts).encode(), np.cumsum([0, *(len(t.encode()) for t in texts)])
    for _ in range(REPEAT):
        classifier.logits_utf8(buffer, offsets)


def shares(data: str) -> dict[str, float]:
    """Return the share of each stage in the samples that fall into the kernel."""
    command = ["perf", "report", "-i", data, "--stdio", "-F", "overhead,dso,sym", "-t", ","]
    report = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = dict.fromkeys(STAGES, 0.0)
    for line in report.splitlines():
        share, *rest = (cell.strip() for cell in line.split(",", 2))
        if len(rest) == 2 and rest[0].startswith("_kernel"):
            symbol = rest[1].removeprefix("[.] ").split(".")[0]
            stage = next(name for name, symbols in STAGES.items() if symbol in symbols or symbols == ("",))
            found[stage] += float(share.rstrip("%"))
    whole = sum(found.values())
    return {stage: share / whole for stage, share in found.items()}


def main() -> None:
    with tempfile.NamedTemporaryFile(suffix=".data") as file:
        command = [
            "perf",
            "record",
            "-q",
            "-F",
            "2000",
            "-o",
            file.name,
            sys.executable,
            "-m",
            "benchmarks.stages",
            "work",
        ]
        subprocess.run(command, check=True)
        found = shares(file.name)
    scan = sum(list(found.values())[:2])
    lines = ["| stage | share |", "|---|---|", *(f"| {stage} | {share:.0%} |" for stage, share in found.items())]
    lines += ["", f"The kernel stands at {scan:.2f} of its own scan-and-hash rate."]
    replace_section(ROOT / "docs/benchmarks.md", "stages", "\n".join(lines))


if __name__ == "__main__":
    work() if sys.argv[1:] == ["work"] else main()
