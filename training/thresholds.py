"""Cuts on calibrated logits: from where a theme is ``yes``, and below where it is ``no``."""

import numpy as np
from numpy.typing import NDArray

#: The share of positives that the lower cut keeps out of ``no``.
KEPT_RECALL = 0.95


def best_f1_cut(logits: NDArray[np.float64], y: NDArray[np.bool_]) -> float:
    """Return the cut on `logits` (n_samples,) with the best F1; a sample at the cut is a yes.

    The cut lies midway between the last sample taken and the first one left.
    """
    order = np.argsort(-logits, kind="stable")
    ranked, hits = logits[order], np.cumsum(y[order])
    f1 = 2 * hits / (np.arange(1, len(y) + 1) + y.sum())
    # Equal logits stand or fall together: a cut can only lie where the next one is lower.
    f1[:-1][ranked[:-1] == ranked[1:]] = -1.0
    last = int(np.argmax(f1))
    return float(ranked[last] + ranked[min(last + 1, len(ranked) - 1)]) / 2


def recall_cut(logits: NDArray[np.float64], y: NDArray[np.bool_], recall: float = KEPT_RECALL) -> float:
    """Return the highest cut that keeps `recall` of the positives at or above it."""
    positives = np.sort(logits[y])
    return float(positives[int(np.floor((1 - recall) * len(positives)))])


def fit_cuts(logits: NDArray[np.float64], Y: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the cuts of each column of `logits`, of shape (n_outputs, 2): no below the first, yes from the second.

    The last column is boilerplate, which is not reviewed: its two cuts are one.
    """
    cuts = []
    for z, y in zip(logits.T, Y.T, strict=True):
        high = best_f1_cut(z, y)
        cuts.append((min(recall_cut(z, y), high), high))
    cuts[-1] = (cuts[-1][1], cuts[-1][1])
    return np.array(cuts, dtype=np.float32)
