"""Side by side with scikit-learn and fastText: interleaved rounds, medians, every ratio from one run.

`make bench` prints the table of docs/benchmarks.md.  Real paragraphs come from ../shared/real, others are generated.
"""

import json
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from classifier import Classifier
from classifier.engine import Reference

ROOT = Path(__file__).parents[1]
REAL = ROOT.parent / "shared/real"
ROUNDS = 7
N_TEXTS = 4000


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
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self._process.stdout.readline().strip() != "ready":
            raise SystemExit(f"bench: {kind} did not start")

    def __call__(self, name: str) -> float:
        self._process.stdin.write(name + "\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()


def timed(call: Callable[[], object], repeat: int = 1) -> float:
    start = time.perf_counter()
    for _ in range(repeat):
        call()
    return (time.perf_counter() - start) / repeat


def in_threads(call: Callable[[], object]) -> None:
    threads = [threading.Thread(target=call) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def measured(classifier: Classifier, peers: dict[str, Peer], name: str, texts: list[str]) -> list[list[float]]:
    """Return seconds, a row a round: both peers, reference, kernel from str, from the buffer, two threads a half."""
    reference = Reference(classifier.model)
    buffer = "".join(texts).encode()
    offsets = np.cumsum([0, *(len(t.encode()) for t in texts)])
    few = texts[: len(texts) // 10 + 1]
    repeat = 200 if len(texts) == 1 else 3
    return [
        [
            peers["sklearn"](name),
            peers["fasttext"](name),
            timed(lambda: reference.logits(few)) * len(texts) / len(few),
            timed(lambda: classifier.logits(texts), repeat),
            timed(lambda: classifier.logits_utf8(buffer, offsets), repeat),
            timed(lambda: in_threads(lambda: [classifier.logits_utf8(buffer, offsets) for _ in range(repeat)]))
            / (2 * repeat),
        ]
        for _ in range(ROUNDS)
    ]


def table_row(name: str, texts: list[str], found: list[list[float]]) -> str:
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    speeds = [f"{megabytes / statistics.median(column):.1f}" for column in zip(*found, strict=True)]
    ratios = [[row[a] / row[b] for row in found] for a, b in ((0, 3), (0, 4), (1, 3), (4, 5))]
    shown = [f"{statistics.median(r):.1f} [{min(r):.1f}, {max(r):.1f}]" for r in ratios]
    return "| " + " | ".join([name, f"{megabytes:.3f}", str(ROUNDS), *speeds, *shown]) + " |"


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
    print(
        "| text | MB | rounds | scikit-learn MB/s | fastText | reference | kernel, str | kernel, buffer | two threads |"
        " str / sklearn | buffer / sklearn | str / fastText | threads |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|---|---|")
    for name, texts in sets.items():
        print(table_row(name, texts, measured(classifier, peers, name, texts)), flush=True)
    for peer in peers.values():
        peer.close()


main()
