"""Cuts on calibrated logits: from where a theme is ``yes``, and below where it is ``no``."""

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
