"""`make learning-curve`: what more labels would bring, as docs/learning_curve.png and a table in docs/training.md."""

import hashlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from benchmarks.document import replace_section
from benchmarks.trial import Trial, judge
from training.labels import Example, read_labels

SHARES = (0.0, 0.125, 0.25, 0.5, 1.0)
SEEDS = (0, 1, 2)
KINDS = {"written": "written labels, all real ones kept", "real": "real labels, all written ones kept"}


@dataclass(frozen=True)
class Point:
    """Macro-F1 with a share of one kind of label, over draws of articles."""

    kind: str
    share: float
    paragraphs: int
    values: tuple[float, ...]


def drawn(example: Example, share: float, seed: int) -> bool:
    """Say whether an example's article is in the draw: the same for all its paragraphs, and more shares hold more."""
    digest = hashlib.sha256(f"{seed}:{example.article}".encode()).digest()
    return int.from_bytes(digest[:4]) / 2**32 < share


def keep_share(*, real: bool, share: float, seed: int) -> Callable[[Example], bool]:
    """Make the choice that keeps a share of one kind of example and all of the other."""
    return lambda example: example.real != real or drawn(example, share, seed)


def main() -> None:
    """Judge every point, write the table, draw the curve."""
    labels = read_labels(Path("labels"))
    points = []
    for kind in KINDS:
        real = kind == "real"
        for share in SHARES:
            seeds = SEEDS if 0 < share < 1 else SEEDS[:1]
            trials = [Trial("", keep=keep_share(real=real, share=share, seed=seed)) for seed in seeds]
            values = tuple(judge(labels, trial).macro_f1 for trial in trials)
            n = sum(e.real == real and drawn(e, share, 0) for e in labels.examples)
            points.append(Point(kind, share, n, values))
            print(points[-1], file=sys.stderr, flush=True)
    lines = [
        "| labels | share | paragraphs | macro-F1 (mean of draws) | lowest | highest |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {KINDS[p.kind]} | {p.share:g} | {p.paragraphs} | {np.mean(p.values):.3f} "
        f"| {min(p.values):.3f} | {max(p.values):.3f} |"
        for p in points
    ]
    replace_section(Path("docs/training.md"), "learning-curve", "\n".join(lines))
    _draw(points)


def _draw(points: list[Point]) -> None:
    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    for kind, colour in zip(KINDS, ("#0b6e99", "#b5541c"), strict=True):
        mine = [p for p in points if p.kind == kind]
        x, y = [p.paragraphs for p in mine], [float(np.mean(p.values)) for p in mine]
        axes.plot(x, y, marker="o", color=colour, label=KINDS[kind])
        axes.fill_between(x, [min(p.values) for p in mine], [max(p.values) for p in mine], color=colour, alpha=0.15)
    axes.set(xlabel="paragraphs of the kind that is cut down", ylabel="macro-F1 on real paragraphs read twice")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig("docs/learning_curve.png", dpi=120, metadata={"Software": None})


if __name__ == "__main__":
    main()
