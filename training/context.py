"""What the lines around a line say of it: fitted on articles that were labelled line by line."""

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from classifier.furniture import neighbours
from training.thresholds import best_f1_cut
from training.wholes import Lines

#: With fewer lines of furniture, or of content, lines are judged on their own.
MIN_LINES = 30
# Calibrated logits have a slope near 1; where it is next to 0 they say nothing that the context could add to.
_MIN_SLOPE = 0.1


def fit_context(lines: Lines, logits: NDArray[np.float64], y: NDArray[np.bool_], cut: float) -> NDArray[np.float32]:
    """Fit the numbers of `classifier.furniture.furniture` on out-of-fold logits.

    Parameters
    ----------
    lines : Lines
        The lines of whole articles among the samples.
    logits, y : ndarray, shape (n_samples,)
        Calibrated boilerplate logits, and which samples are furniture.
    cut : float
        Where a line on its own is furniture.

    Returns
    -------
    ndarray of float32, shape (3,)
        Zeros where there are too few lines, or their logits say nothing.
    """
    own, y = logits[lines.rows], y[lines.rows]
    if min(y.sum(), (~y).sum()) < MIN_LINES:
        return np.zeros(3, dtype=np.float32)
    X = np.column_stack([own, neighbours(own, lines.ends), lines.repeated])
    # The penalty of C = 1 keeps what being repeated adds near 4: nearly every repeated line of the labels is furniture.
    coef = LogisticRegression(C=1.0).fit(X, y).coef_[0]
    if coef[0] < _MIN_SLOPE:
        return np.zeros(3, dtype=np.float32)
    weights = coef / coef[0]
    return np.array([*weights[1:], best_f1_cut(X @ weights, y) - cut], dtype=np.float32)
