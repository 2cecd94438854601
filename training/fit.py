"""The fit: one logistic regression a theme, and one for boilerplate, over weighted examples."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from classifier.errors import LabelsRejectedError
from training.labels import Example

#: A theme with fewer positives cannot be learnt and measured out of fold.
MIN_POSITIVES = 10
#: The logit of what no example carries.
NEVER = -6.0
# What a fold must have left of either kind for a fit to mean anything.
_MIN_IN_FOLD = 3


@dataclass(frozen=True)
class Recipe:
    """The choices of a fit; docs/training.md has the measurement behind each.

    Attributes
    ----------
    min_df : int
        Words in fewer paragraphs are left out.
    C : float
        Inverse strength of the L2 penalty.
    real_weight : float
        Weight of a real paragraph; a written one weighs 1.
    """

    min_df: int = 2
    C: float = 2.0
    real_weight: float = 3.0


@dataclass(frozen=True)
class Linear:
    """Fitted weights.

    Attributes
    ----------
    coef : ndarray of float64, shape (n_features, n_outputs)
    intercept : ndarray of float64, shape (n_outputs,)
    """

    coef: NDArray[np.float64]
    intercept: NDArray[np.float64]

    def decision_function(self, X: sp.csr_matrix) -> NDArray[np.float64]:
        """Return the logits of `X`, of shape (n_samples, n_outputs)."""
        return np.asarray(X @ self.coef + self.intercept)


def sample_weights(examples: Sequence[Example], recipe: Recipe) -> NDArray[np.float64]:
    """Return the weight of each example, of shape (n_examples,)."""
    return np.array([recipe.real_weight if example.real else 1.0 for example in examples])


def fit_linear(X: sp.csr_matrix, Y: NDArray[np.bool_], weights: NDArray[np.float64], recipe: Recipe) -> Linear:
    """Fit one column of `Y` after the other; the last, boilerplate, may be empty and is then always a no.

    Raises
    ------
    LabelsRejectedError
        If a column has too few positives or negatives.
    """
    coefs, intercepts = [], []
    for column, y in enumerate(Y.T):
        if column == Y.shape[1] - 1 and not y.any():
            coefs.append(np.zeros(X.shape[1]))
            intercepts.append(NEVER)
            continue
        if min(y.sum(), (~y).sum()) < _MIN_IN_FOLD:
            raise LabelsRejectedError(
                f"labels: column {column} has fewer than {_MIN_IN_FOLD} examples of a kind; label more"
            )
        # liblinear: deterministic for a given order of rows, and the fastest on some thousand sparse rows.
        regression = LogisticRegression(C=recipe.C, solver="liblinear").fit(X, y, sample_weight=weights)
        coefs.append(regression.coef_.ravel())
        intercepts.append(regression.intercept_[0])
    return Linear(np.array(coefs).T, np.array(intercepts))
