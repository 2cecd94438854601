"""Out-of-fold scores: every judged example scored by a model that saw nothing of its article."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from training.calibrate import Calibration, fit_calibration
from training.fit import Recipe, fit_linear, sample_weights
from training.labels import Labels, articles
from training.matrix import Matrix
from training.thresholds import fit_cuts

SEED = 0
N_FOLDS = 5
#: Inside a training fold, for its calibration and cuts.
N_INNER_FOLDS = 4


@dataclass(frozen=True)
class Fold:
    """Row numbers of a split, each of shape (n_rows,)."""

    train: NDArray[np.intp]
    test: NDArray[np.intp]


@dataclass(frozen=True)
class OutOfFold:
    """Judgements of examples by models that never saw their articles.

    Attributes
    ----------
    rows : ndarray of intp, shape (n_judged,)
        Which examples.
    logits : ndarray of float64, shape (n_judged, n_outputs)
        Calibrated logits.
    decisions : ndarray of bool, shape (n_judged, n_outputs)
        Whether each logit reaches the upper cut of its fold.
    reviews : ndarray of bool, shape (n_judged, n_outputs)
        Whether it lies between the cuts of its fold.
    """

    rows: NDArray[np.intp]
    logits: NDArray[np.float64]
    decisions: NDArray[np.bool_]
    reviews: NDArray[np.bool_]


class Experiment:
    """Labels counted once, to be fitted on many subsets.

    Parameters
    ----------
    labels : Labels
        All examples.
    recipe : Recipe
        How to fit.
    """

    def __init__(self, labels: Labels, recipe: Recipe) -> None:
        self.labels = labels
        self.recipe = recipe
        self.Y = labels.targets()
        self.articles = articles(labels.examples)
        self.weights = sample_weights(labels.examples, recipe)
        self.matrix = Matrix.count([example.counts for example in labels.examples], labels.codebook.lexicon)

    @property
    def judged(self) -> NDArray[np.intp]:
        """Rows that models are judged and calibrated on: the real ones, or all where there are none."""
        real = np.flatnonzero([example.real for example in self.labels.examples])
        return real if len(real) else np.arange(len(self.labels.examples))

    def folds(self, rows: NDArray[np.intp], n_folds: int) -> Iterator[Fold]:
        """Split `rows` into test folds, grouped by article; everything outside a test fold's articles trains."""
        everything = np.arange(len(self.articles))
        splitter = GroupKFold(n_folds, shuffle=True, random_state=SEED)
        for _, test in splitter.split(rows, groups=self.articles[rows]):
            held_out = np.isin(self.articles, self.articles[rows[test]])
            yield Fold(everything[~held_out], rows[test])

    def logits(self, train: NDArray[np.intp], test: NDArray[np.intp]) -> NDArray[np.float64]:
        """Fit on `train` alone and return the raw logits of `test`, of shape (n_test, n_outputs)."""
        _, X = self.matrix.weigh(train, self.recipe.min_df)
        return fit_linear(X[train], self.Y[train], self.weights[train], self.recipe).decision_function(X[test])

    def raw_out_of_fold(self, within: NDArray[np.intp], n_folds: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Return the judged rows among `within` and their raw out-of-fold logits, training on `within` alone."""
        judged = np.intersect1d(self.judged, within)
        logits = np.zeros((len(judged), self.Y.shape[1]))
        for fold in self.folds(judged, n_folds):
            logits[np.isin(judged, fold.test)] = self.logits(np.intersect1d(fold.train, within), fold.test)
        return judged, logits

    def calibrate(self, within: NDArray[np.intp], n_folds: int) -> tuple[Calibration, NDArray[np.float32]]:
        """Fit calibration and cuts on out-of-fold logits from inside `within`."""
        rows, raw = self.raw_out_of_fold(within, n_folds)
        calibration = fit_calibration(raw, self.Y[rows])
        return calibration, fit_cuts(calibration.apply(raw), self.Y[rows])

    def cross_validate(self) -> OutOfFold:
        """Judge the whole recipe: in each fold, terms, weights, calibration and cuts come from its training part."""
        rows = self.judged
        logits = np.zeros((len(rows), self.Y.shape[1]))
        decisions, reviews = np.zeros(logits.shape, dtype=np.bool_), np.zeros(logits.shape, dtype=np.bool_)
        for fold in self.folds(rows, N_FOLDS):
            calibration, cuts = self.calibrate(fold.train, N_INNER_FOLDS)
            here = np.isin(rows, fold.test)
            z = calibration.apply(self.logits(fold.train, fold.test))
            logits[here], decisions[here] = z, z >= cuts[:, 1]
            reviews[here] = (z >= cuts[:, 0]) & (z < cuts[:, 1])
        return OutOfFold(rows, logits, decisions, reviews)
