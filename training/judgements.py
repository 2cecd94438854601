"""Judgements: what a model, or a recipe out of fold, said of labelled paragraphs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from classifier import Classifier
from classifier.model import BOILERPLATE


@dataclass(frozen=True)
class Judgements:
    """Gold labels and answers side by side.

    Attributes
    ----------
    names : tuple of str
        The outputs: theme ids and, where it is judged, boilerplate as the last.
    ids, articles : ndarray of str, shape (n_samples,)
        The samples, and what the bootstrap draws: paragraphs of one article are not independent.
    Y : ndarray of bool, shape (n_samples, n_outputs)
        The labels.
    logits : ndarray of float64, shape (n_samples, n_outputs)
        Calibrated logits.
    decisions, reviews : ndarray of bool, shape (n_samples, n_outputs)
        Whether the answer is ``yes``; whether it is ``review``.
    """

    names: tuple[str, ...]
    ids: NDArray[np.str_]
    articles: NDArray[np.str_]
    Y: NDArray[np.bool_]
    logits: NDArray[np.float64]
    decisions: NDArray[np.bool_]
    reviews: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        classifier: Classifier,
        texts: Sequence[str],
        ids: Sequence[str],
        articles: Sequence[str],
        labels: Sequence[Sequence[bool]],
    ) -> "Judgements":
        """Judge labelled paragraphs by a model and its cuts, each for itself.

        `labels` say of each paragraph whether it carries each theme, in the model's order, and is boilerplate.
        """
        logits, cuts = classifier.logits(texts), classifier.model.cuts
        return cls(
            names=(*classifier.themes, BOILERPLATE),
            ids=np.array(ids, dtype=np.str_),
            articles=np.array(articles, dtype=np.str_),
            Y=np.array(labels, dtype=np.bool_),
            logits=logits,
            decisions=logits >= cuts[:, 1],
            reviews=(logits >= cuts[:, 0]) & (logits < cuts[:, 1]),
        )

    @property
    def themes(self) -> NDArray[np.intp]:
        """Columns that are themes."""
        return np.flatnonzero([name != BOILERPLATE for name in self.names])

    @property
    def scores(self) -> NDArray[np.float64]:
        """Probabilities in [0, 1], of the shape of `logits`."""
        return np.asarray(0.5 * (1.0 + np.tanh(0.5 * self.logits)))

    def select(self, rows: NDArray[np.bool_]) -> "Judgements":
        """Return the samples where `rows`, of shape (n_samples,), is true."""
        parts = ("ids", "articles", "Y", "logits", "decisions", "reviews")
        return replace(self, **{name: getattr(self, name)[rows] for name in parts})
