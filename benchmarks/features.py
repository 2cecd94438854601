"""Features of the written labels: the kernel's training matrix against TfidfVectorizer, alone and with a solver.

Words alone on both sides: TfidfVectorizer knows no word classes.  Interleaved rounds, medians, one core.
"""

import statistics
from collections.abc import Callable
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from benchmarks.bench import ROUNDS
from benchmarks.document import replace_section
from benchmarks.timing import timed
from classifier.frequencies import frequencies
from classifier.lexicon import Lexicon
from training.labels import read_labels
from training.matrix import Block

ROOT = Path(__file__).parents[1]
SOLVERS = {
    "logistic regression, liblinear": lambda: LogisticRegression(C=2, solver="liblinear"),
    "linear SVM": lambda: LinearSVC(C=0.5),
}


def ours(texts: list[str]) -> sp.csr_matrix:
    words, _ = frequencies(texts, Lexicon({}))
    counts = sp.csr_matrix((words.counts.astype(float), words.columns, words.starts))
    return Block(counts, tuple(words.terms)).weigh(np.arange(len(texts)), 2)[2]


def theirs(texts: list[str]) -> sp.csr_matrix:
    return TfidfVectorizer(min_df=2, sublinear_tf=True).fit_transform(texts)


def fit(solver: Callable[[], LogisticRegression | LinearSVC], X: sp.csr_matrix, Y: np.ndarray) -> None:
    for y in Y.T:
        solver().fit(X, y)


def main() -> None:
    labels = read_labels(ROOT / "labels")
    written = [i for i, example in enumerate(labels.examples) if example.source == "written"]
    texts, Y = [labels.examples[i].text or "" for i in written], labels.targets()[written]
    rounds = []
    for _ in range(ROUNDS):
        seconds = [timed(lambda: theirs(texts)), timed(lambda: ours(texts))]
        for solver in SOLVERS.values():
            for X in (theirs(texts), ours(texts)):
                seconds.append(timed(lambda solver=solver, X=X: fit(solver, X, Y)))
        rounds.append(seconds)
    lines = ["| step | scikit-learn, ms | ours, ms | ratio | aim, at least |", "|---|---|---|---|---|"]
    for step, columns, aim in (("features", (0,), 15), *((f"features, {s}", (0, i), 2) for s, i in named())):
        pairs = [tuple(sum(row[c + side] for c in columns) for side in (0, 1)) for row in rounds]
        a, b = (1e3 * statistics.median(side) for side in zip(*pairs, strict=True))
        ratio = statistics.median(x / y for x, y in pairs)
        lines.append(f"| {step} | {a:.0f} | {b:.0f} | {ratio:.1f} | {aim} |")
    replace_section(ROOT / "docs/benchmarks.md", "features", "\n".join(lines))


def named() -> list[tuple[str, int]]:
    """Return the solvers, each with the column of its seconds on their features."""
    return [(name, 2 + 2 * i) for i, name in enumerate(SOLVERS)]


if __name__ == "__main__":
    main()
