"""Platt calibration: logits whose sigmoid is a probability."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from training.fit import Linear


@dataclass(frozen=True)
class Calibration:
    """A straight line a column: ``slope · logit + offset``, both of shape (n_outputs,)."""

    slope: NDArray[np.float64]
    offset: NDArray[np.float64]

    def apply(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Calibrate `logits` of shape (n_samples, n_outputs)."""
        return logits * self.slope + self.offset

    def fold_into(self, linear: Linear) -> Linear:
        """Return the linear model whose logits are calibrated already."""
        return Linear(linear.coef * self.slope, linear.intercept * self.slope + self.offset)


def fit_calibration(logits: NDArray[np.float64], Y: NDArray[np.bool_]) -> Calibration:
    """Fit Platt's line (Platt 1999) on out-of-fold `logits` of shape (n_samples, n_outputs).

    A column without positives is left as it is.  The penalty is next to nothing (C = 1e4): two parameters on thousands
    of rows need none.
    """
    lines = []
    for z, y in zip(logits.T, Y.T, strict=True):
        if not y.any():
            lines.append((1.0, 0.0))
            continue
        regression = LogisticRegression(C=1e4).fit(z[:, None], y)
        lines.append((regression.coef_[0, 0], regression.intercept_[0]))
    slope, offset = np.array(lines).T
    return Calibration(slope, offset)
