"""Side by side with scikit-learn and fastText: interleaved rounds, medians, every ratio from one run.

`make bench` writes the tables and the plot of docs/benchmarks.md.  Real paragraphs come from ../shared/real, others
are generated.
"""

import json
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.document import replace_section
from benchmarks.timing import timed
from classifier import Classifier
from classifier.reference import Reference

ROOT = Path(__file__).parents[1]
REAL = ROOT.parent / "shared/real"
DOCUMENT = ROOT / "docs/benchmarks.md"
ROUNDS = 7
#: Tries to start a peer: fastText can't always train (peer.py).
STARTS = 10
N_TEXTS = 4000
COLUMNS = ("scikit-learn", "fastText", "reference", "kernel, str", "kernel, buffer", "kernel, two threads")
SKLEARN, FASTTEXT, _, STR, BUFFER, THREADS = range(len(COLUMNS))


def rows(name: str) -> list[dict]:
    return [json.loads(line) for line in (REAL / name).read_bytes().splitlines()]


def generated(texts: list[str]) -> list[str]:
    """Draw paragraphs of 65 words from the words of `texts`, one in three with an unseen ending."""
    random.seed(0)
    words = " ".join(texts).split()
    return [
        " ".join(w + random.choice(("", "", "nyalah")) for w in random.choices(words, k=65)) for _ in range(N_TEXTS)
    ]


class Peer:
    def __init__(self, python: str, kind: str, job: str) -> None:
        command = [python, str(Path(__file__).with_name("peer.py")), kind, job]
        for _ in range(STARTS):
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            if self._process.stdout.readline().strip() == "ready":
                return
            self.close()
        raise SystemExit(f"bench: {kind} did not start")

    def __call__(self, name: str) -> float:
        self._process.stdin.write(name + "\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()


def timed_in_threads(call: Callable[[], object]) -> float:
    """Return the mean seconds of a call where two threads make such calls side by side."""
    with ThreadPoolExecutor(2) as pool:
        return statistics.mean(pool.map(timed, [call, call])) / 2


def measured(classifier: Classifier, peers: dict[str, Peer], name: str, texts: list[str]) -> list[list[float]]:
    """Return seconds, a row a round, in the order of `COLUMNS`; two threads are given the texts of one each."""
    reference = Reference(classifier.model)
    buffer = "".join(texts).encode()
    offsets = np.cumsum([0, *(len(t.encode()) for t in texts)])
    few = texts[: len(texts) // 10 + 1]
    return [
        [
            peers["sklearn"](name),
            peers["fasttext"](name),
            timed(lambda: reference.logits(few)) * len(texts) / len(few),
            timed(lambda: classifier.logits(texts)),
            timed(lambda: classifier.logits_utf8(buffer, offsets)),
            timed_in_threads(lambda: classifier.logits_utf8(buffer, offsets)),
        ]
        for _ in range(ROUNDS)
    ]


@dataclass(frozen=True)
class Speed:
    """What was measured on one set of texts: seconds, a row a round, in the columns of `measured`."""

    name: str
    megabytes: float
    seconds: list[list[float]]

    def medians(self) -> list[float]:
        return [self.megabytes / statistics.median(column) for column in zip(*self.seconds, strict=True)]

    def ratios(self, slower: int, faster: int) -> list[float]:
        return [row[slower] / row[faster] for row in self.seconds]

    def row(self) -> str:
        ratios = (
            self.ratios(*pair) for pair in ((SKLEARN, STR), (SKLEARN, BUFFER), (FASTTEXT, STR), (BUFFER, THREADS))
        )
        shown = (f"{statistics.median(r):.1f} [{min(r):.1f}, {max(r):.1f}]" for r in ratios)
        cells = [self.name, f"{self.megabytes:.3f}", *(f"{speed:.1f}" for speed in self.medians()), *shown]
        return "| " + " | ".join(cells) + " |"


def bars(speeds: dict[str, Speed]) -> str:
    """Hold the figures against what was aimed at."""
    aims = (
        ("from `str`, times scikit-learn", speeds["real"], SKLEARN, STR, 20.0),
        ("from the buffer, times scikit-learn", speeds["real"], SKLEARN, BUFFER, 50.0),
        ("from `str`, times fastText", speeds["real"], FASTTEXT, STR, 12.0),
        ("one 300-word article, times scikit-learn", speeds["article"], SKLEARN, STR, 100.0),
        ("two threads, times one", speeds["real"], BUFFER, THREADS, 1.6),
    )
    lines = ["| real text | aim, at least | measured | |", "|---|---|---|---|"]
    for title, speed, slower, faster, aim in aims:
        found = statistics.median(speed.ratios(slower, faster))
        lines.append(f"| {title} | {aim:g} | {found:.1f} | {'met' if found >= aim else 'missed'} |")
    return "\n".join(lines)


def plot(speed: Speed, path: Path) -> None:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 2.6), layout="constrained")
    found = axes.barh(COLUMNS[::-1], speed.medians()[::-1], color="#2a6f97")
    axes.bar_label(found, fmt="%.1f", padding=3)
    axes.set_xlim(0, 1.15 * max(speed.medians()))
    axes.set_xlabel("MB of real text a second")
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    peers_python = sys.argv[1]
    labelled, background = rows("labelled.jsonl"), [row["text"] for row in rows("background.jsonl")][:N_TEXTS]
    themes = ("neutrality", "merit", "integrity", "performance", "awards")
    targets = [[*(t in row["labels"] for t in themes), bool(row["boilerplate"])] for row in labelled]
    sets = {
        "real": background,
        "generated": generated(background),
        "article": [" ".join(" ".join(background).split()[:300])],
    }
    classifier = Classifier.load(ROOT / "model.npz")
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(
            {"train": [row["text"] for row in labelled], "targets": np.array(targets, int).tolist(), "texts": sets},
            file,
        )
        file.flush()
        peers = {kind: Peer(peers_python, kind, file.name) for kind in ("sklearn", "fasttext")}
    speeds = {
        name: Speed(name, sum(len(t.encode()) for t in texts) / 1e6, measured(classifier, peers, name, texts))
        for name, texts in sets.items()
    }
    for peer in peers.values():
        peer.close()
    head = [
        "text",
        "MB",
        *COLUMNS,
        "str / scikit-learn",
        "buffer / scikit-learn",
        "str / fastText",
        "two threads / one",
    ]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *(speed.row() for speed in speeds.values())]
    replace_section(DOCUMENT, "speed", "\n".join([*lines, "", bars(speeds)]))
    plot(speeds["real"], DOCUMENT.with_name("speed.svg"))


if __name__ == "__main__":
    main()
