"""Out-of-fold scores: every judged example scored by a model that saw nothing of its article."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from classifier.errors import LabelsRejectedError, SettingError
from classifier.model import BOILERPLATE
from training.calibrate import Calibration, fit_calibration
from training.fit import MIN_POSITIVES, Recipe, fit_linear, sample_weights
from training.judgements import Judgements
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


class Experiment:
    """Labels counted once, to be fitted on many subsets.

    Parameters
    ----------
    labels : Labels
        All examples.
    recipe : Recipe
        How to fit.
    yes_precision : mapping of str to float, optional
        The precision that ``yes`` is to have, by theme or for ``all``; other themes have the cut of the best F1.

    Raises
    ------
    SettingError
        If `yes_precision` names an unknown theme or no precision.
    LabelsRejectedError
        If a theme has too few positives, or they stand in too few articles, to be measured out of fold.
    """

    def __init__(self, labels: Labels, recipe: Recipe, yes_precision: Mapping[str, float] | None = None) -> None:
        self.labels = labels
        self.recipe = recipe
        self.names = (*labels.codebook.theme_ids, BOILERPLATE)
        self.yes_precision = dict(yes_precision or {})
        self.precisions = _precisions(labels.codebook.theme_ids, self.yes_precision)
        self.Y = labels.targets()
        # Furniture that is hardly ever labelled cannot be learnt: the model then takes nothing for it.
        self.Y[:, -1] &= self.Y[:, -1].sum() >= MIN_POSITIVES
        self.articles = articles(labels.examples)
        self._refuse_thin()
        self.weights = sample_weights(labels.examples, recipe)
        self.matrix = Matrix.count(labels.examples, labels.codebook.lexicon)

    @property
    def judged(self) -> NDArray[np.intp]:
        """Rows that models are judged and calibrated on: the real ones, or all where those are too few."""
        real = np.flatnonzero([example.real for example in self.labels.examples])
        return np.arange(len(self.labels.examples)) if self._thin(real) else real

    def _thin(self, rows: NDArray[np.intp]) -> list[str]:
        """Name the outputs that cannot be measured on `rows`: with too few positives, or in too few articles."""
        Y = self.Y[rows]
        return [
            name
            for k, name in enumerate(self.names)
            if self.Y[:, k].any()
            and (Y[:, k].sum() < MIN_POSITIVES or len(np.unique(self.articles[rows][Y[:, k]])) < N_FOLDS)
        ]

    def _refuse_thin(self) -> None:
        if thin := self._thin(np.arange(len(self.labels.examples))):
            raise LabelsRejectedError(
                f"labels: {', '.join(thin)}: {MIN_POSITIVES} paragraphs of {N_FOLDS} articles are needed of each; "
                "label more"
            )

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

    def calibrate(self, rows: NDArray[np.intp], raw: NDArray[np.float64]) -> tuple[Calibration, NDArray[np.float32]]:
        """Fit calibration and cuts on the `raw` out-of-fold logits of `rows`."""
        calibration = fit_calibration(raw, self.Y[rows])
        return calibration, fit_cuts(calibration.apply(raw), self.Y[rows], self.precisions)

    def cross_fit(self, raw: NDArray[np.float64], n_folds: int, known: NDArray[np.bool_] | None = None) -> Judgements:
        """Judge `raw` out-of-fold logits of all judged rows, calibrated and cut by what the other folds say.

        With `known`, of shape (n_judged,), only those rows say it.

        Needs no fit beyond those behind `raw`, which is why training states its quality so; `cross_validate`, where a
        fold's labels reach nothing at all, takes five times as long.
        """
        rows = self.judged
        logits, cuts = np.zeros(raw.shape), np.zeros((*raw.shape, 2))
        for fold in self.folds(rows, n_folds):
            here = np.isin(rows, fold.test)
            learnt = ~here if known is None else known & ~here
            calibration, cuts[here] = self.calibrate(rows[learnt], raw[learnt])
            logits[here] = calibration.apply(raw[here])
        return self._judgements(logits, cuts)

    def cross_validate(self) -> Judgements:
        """Judge the whole recipe: in each fold, terms, weights, calibration and cuts come from its training part."""
        rows = self.judged
        logits, cuts = np.zeros((len(rows), len(self.names))), np.zeros((len(rows), len(self.names), 2))
        for fold in self.folds(rows, N_FOLDS):
            here = np.isin(rows, fold.test)
            calibration, cuts[here] = self.calibrate(*self.raw_out_of_fold(fold.train, N_INNER_FOLDS))
            logits[here] = calibration.apply(self.logits(fold.train, fold.test))
        return self._judgements(logits, cuts)

    def _judgements(self, logits: NDArray[np.float64], cuts: NDArray[np.float64]) -> Judgements:
        rows = self.judged
        return Judgements(
            names=self.names,
            ids=np.array([self.labels.examples[row].id for row in rows], dtype=np.str_),
            articles=self.articles[rows],
            Y=self.Y[rows],
            logits=logits,
            decisions=logits >= cuts[..., 1],
            reviews=(logits >= cuts[..., 0]) & (logits < cuts[..., 1]),
        )


def _precisions(themes: tuple[str, ...], stated: Mapping[str, float]) -> tuple[float | None, ...]:
    for theme, precision in stated.items():
        if theme not in (*themes, "all") or not 0.0 < precision < 1.0:
            raise SettingError(
                f"setting: yes-precision {theme}={precision:g}: a share of one of {', '.join(themes)} expected"
            )
    return tuple(stated.get(theme, stated.get("all")) for theme in themes)
