"""Confusion between themes: which theme is answered where another one is meant."""

import numpy as np
from numpy.typing import NDArray

from training.judgements import Judgements


def confusion(judgements: Judgements) -> NDArray[np.int64]:
    """Count answers against labels, of shape (n_themes + 1, n_themes + 1).

    Row g: paragraphs labelled g, the last row those without a theme.  On the diagonal, g was answered (in the last row:
    nothing was).  Elsewhere, column p was answered although it is no label; the last column is where g was missed and
    nothing else was answered either.  A paragraph with several labels or answers counts in several cells.
    """
    themes = judgements.themes
    Y, answered = judgements.Y[:, themes], judgements.decisions[:, themes]
    none = ~Y.any(axis=1)
    gold = np.column_stack([Y, none])
    wrong = np.column_stack([answered & ~Y, ~answered.any(axis=1)])
    counts = gold.T.astype(np.int64) @ wrong
    np.fill_diagonal(counts[:-1, :-1], (Y & answered).sum(axis=0))
    return np.asarray(counts)
