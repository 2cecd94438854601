"""``python -m benchmarks.stream_prior [FILE]``: how common the themes are in a plain news stream.

FILE is JSONL with ``id`` (``<article>-<n>``) and ``text``.  Paragraphs that are among the labels count as labelled:
they are those that an early model suspected, so that leaving them out would leave out the positives.  Of the others two
shares are stated: that of expectation and maximisation (Saerens, Latinne and Decaestecker 2002), where scores are moved
to the prior and their mean is the next prior until it stays, and the plain mean of the scores at the sample's prior,
which is too high where themes are rarer than in the sample.
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.document import replace_section
from classifier import Classifier
from classifier.prior import sample_prior
from training.labels import read_jsonl, read_labels
from training.metrics import resamples

_STEPS = 200
_RESAMPLES = 200


def stream_share(logits: NDArray[np.float64], sample: float, weights: NDArray[np.float64]) -> float:
    """Return the share of positives among `logits` (n_texts,), calibrated at the prior `sample`."""
    odds = np.exp(logits) * (1 - sample) / sample
    share = sample
    for _ in range(_STEPS):
        moved = odds * share / (1 - share)
        share = float(np.average(moved / (1 + moved), weights=weights))
    return share


def main(path: Path) -> None:
    classifier = Classifier.load("model.npz")
    labelled = {example.id: example for example in read_labels(Path("labels")).examples}
    rows = [row for row, _ in read_jsonl(path)]
    logits = classifier.logits([row["text"] for row in rows])
    known = np.array([row["id"] in labelled for row in rows])
    furniture = np.where(
        known,
        [row["id"] in labelled and labelled[row["id"]].boilerplate for row in rows],
        logits[:, -1] >= classifier.model.cuts[-1, 1],
    )
    articles = np.array([row["id"].rpartition("-")[0] for row in rows])
    draws = np.vstack([np.ones(len(rows)), resamples(articles)[:_RESAMPLES]]) * ~furniture
    sample = sample_prior(classifier.model)
    lines = [
        "| theme | labelled sample | stream, at least | stream, at most | labelled positives |",
        "|---|---|---|---|---|",
    ]
    shares = []
    for k, theme in enumerate(classifier.themes):
        y = np.array([row["id"] in labelled and theme in labelled[row["id"]].labels for row in rows])
        rest, scores = draws[:, ~known], 1 / (1 + np.exp(-logits[~known, k]))
        fitted = np.array([stream_share(logits[~known, k], sample[theme], w) for w in rest]) * rest.sum(axis=1)
        low, high = ((draws @ y + more) / draws.sum(axis=1) for more in (fitted, rest @ scores))
        lines.append(f"| {theme} | {100 * sample[theme]:.2f} % | {_percent(low)} | {_percent(high)} | {y.sum()} |")
        shares.append(f"{theme}={np.sqrt(low[0] * high[0]):.4f}")
    said = f"{len(rows):,} paragraphs, {known.sum():,} of them labelled; {len(np.unique(articles)):,} articles."
    option = f"Between the two (their geometric mean): `--prior {','.join(shares)}`"
    replace_section(Path("docs/quality.md"), "stream", "\n".join([said, "", *lines, "", option]))
    print("\n".join([said, *lines, option]))


def _percent(drawn: NDArray[np.float64]) -> str:
    low, high = np.quantile(drawn[1:], [0.025, 0.975])
    return f"{100 * drawn[0]:.2f} % [{100 * low:.2f}, {100 * high:.2f}]"


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/real/background.jsonl"))
