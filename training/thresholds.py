"""Cuts on calibrated logits: from where a theme is ``yes``, and below where it is ``no``."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

#: The share of positives that the lower cut keeps out of ``no``.
KEPT_RECALL = 0.95
#: Standard deviation, in logits, of the smoothing.  In nested cross-validation it lifts macro-F1 from 0.769 to 0.780;
#: widths from 0.3 to 1.0 do alike (docs/training.md).
SPREAD = 0.5
#: Cuts are sought between -REACH and REACH (scores of 0.002 and 0.998), a STEP apart.
REACH, STEP = 6.0, 0.02


def best_f1_cut(logits: NDArray[np.float64], y: NDArray[np.bool_]) -> float:
    """Return the cut on `logits` (n_samples,) with the best F1 after smoothing; a sample at the cut is a yes.

    The F1 of a cut is averaged over cuts nearby, by a Gaussian of `SPREAD`: the bare maximum follows single samples.
    """
    grid = np.arange(-REACH, REACH + STEP, STEP)
    ranked = np.sort(logits)
    hits_below = np.concatenate([[0], np.cumsum(y[np.argsort(logits, kind="stable")])])
    below = np.searchsorted(ranked, grid, side="left")
    f1 = 2 * (y.sum() - hits_below[below]) / (len(y) - below + y.sum())
    return float(grid[int(np.argmax(gaussian_filter1d(f1, SPREAD / STEP, mode="nearest")))])


def precision_cut(logits: NDArray[np.float64], precision: float) -> float:
    """Return the lowest cut from which the scores of what is taken have the mean `precision`, in (0, 1).

    Scores are probabilities, so their mean is the precision to expect; counted out of fold it holds as well as one
    chosen on the labels, and keeps more of the positives (docs/quality.md).  Where the precision is out of
    reach, the highest score alone is taken.
    """
    ranked = np.sort(logits)[::-1]
    expected = np.cumsum(0.5 * (1.0 + np.tanh(0.5 * ranked))) / np.arange(1, len(ranked) + 1)
    return float(ranked[max(int((expected >= precision).sum()), 1) - 1])


def recall_cut(logits: NDArray[np.float64], y: NDArray[np.bool_], recall: float = KEPT_RECALL) -> float:
    """Return the highest cut that keeps `recall` of the positives at or above it."""
    positives = np.sort(logits[y])
    return float(positives[int(np.floor((1 - recall) * len(positives)))])


def fit_cuts(
    logits: NDArray[np.float64], Y: NDArray[np.bool_], precisions: Sequence[float | None]
) -> NDArray[np.float32]:
    """Return the cuts of each column of `logits`, of shape (n_outputs, 2): no below the first, yes from the second.

    `precisions` states, for each theme, the precision of its yes, or None for the best F1.  The last column is
    boilerplate, which is not reviewed: its two cuts are one.  A column without positives is never a yes.
    """
    cuts = []
    for z, y, precision in zip(logits.T, Y.T, (*precisions, None), strict=True):
        if not y.any():
            cuts.append((REACH, REACH))
            continue
        high = best_f1_cut(z, y) if precision is None else precision_cut(z, precision)
        cuts.append((min(recall_cut(z, y), high), high))
    cuts[-1] = (cuts[-1][1], cuts[-1][1])
    return np.array(cuts, dtype=np.float32)
