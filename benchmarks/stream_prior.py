"""``python -m benchmarks.stream_prior [FILE]``: how common the themes are in a plain news stream.

FILE is JSONL with ``id`` (``<article>-<n>``) and ``text``; paragraphs that are among the labels are left out.  The
shares are estimated by expectation and maximisation (Saerens, Latinne and Decaestecker 2002): scores are moved to the
prior, their mean is the next prior, until it stays.
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.document import replace_section
from classifier import Classifier
from classifier.prior import sample_prior
from training.labels import read_jsonl, read_labels
from training.metrics import Interval, resamples

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
    known = {example.id for example in read_labels(Path("labels")).examples}
    rows = [row for row, _ in read_jsonl(path) if row["id"] not in known]
    logits = classifier.logits([row["text"] for row in rows])
    content = logits[:, -1] < classifier.model.cuts[-1, 1]
    articles = np.array([row["id"].rpartition("-")[0] for row in rows])[content]
    logits = logits[content]
    draws = np.vstack([np.ones(len(logits)), resamples(articles)[:_RESAMPLES]])
    sample = sample_prior(classifier.model)
    lines = ["| theme | labelled sample | stream, estimated | mean score | answered yes |", "|---|---|---|---|---|"]
    shares = []
    for k, theme in enumerate(classifier.themes):
        drawn = [stream_share(logits[:, k], sample[theme], weights) for weights in draws]
        found = Interval(drawn[0], *np.quantile(drawn[1:], [0.025, 0.975]).tolist())
        shown = f"{100 * found.value:.2f} % [{100 * found.low:.2f}, {100 * found.high:.2f}]"
        mean, yes = (1 / (1 + np.exp(-logits[:, k]))).mean(), (logits[:, k] >= classifier.model.cuts[k, 1]).mean()
        lines.append(f"| {theme} | {100 * sample[theme]:.2f} % | {shown} | {100 * mean:.2f} % | {100 * yes:.2f} % |")
        shares.append(f"{theme}={max(found.value, 1e-4):.4f}")
    said = f"{len(logits):,} paragraphs of content, {len(np.unique(articles)):,} articles."
    option = f"`--prior {','.join(shares)}`"
    replace_section(Path("docs/quality.md"), "stream", "\n".join([said, "", *lines, "", option]))
    print("\n".join([said, *lines, option]))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/real/background.jsonl"))
