"""Out-of-fold scores: every judged example scored by a model that saw nothing of its article."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from classifier.errors import SettingError
from classifier.furniture import furniture
from classifier.model import BOILERPLATE
from training.calibrate import Calibration, fit_calibration
from training.context import fit_context
from training.fit import Recipe, fit_linear, sample_weights
from training.judgements import Judgements
from training.labels import Labels, articles
from training.matrix import Matrix
from training.thresholds import fit_cuts
from training.wholes import Lines, find_lines

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
class Rule:
    """From raw logits to decisions: all that is fitted on out-of-fold logits.

    Attributes
    ----------
    calibration : Calibration
    cuts : ndarray of float32, shape (n_outputs, 2)
    context : ndarray of float32, shape (3,)
        As the model carries them.
    """

    calibration: Calibration
    cuts: NDArray[np.float32]
    context: NDArray[np.float32]

    def decide(self, logits: NDArray[np.float64], lines: Lines) -> NDArray[np.bool_]:
        """Return what is ``yes`` at calibrated `logits`, of their shape; `lines` are those of whole articles."""
        cut = float(self.cuts[-1, 1])
        decisions = logits >= self.cuts[:, 1]
        decisions[lines.rows, -1] = furniture(logits[lines.rows, -1], lines.ends, lines.repeated, cut, self.context)
        return decisions


# The rows that a fold tests, their raw logits, and what decides on them.
_Part = tuple[NDArray[np.intp], NDArray[np.float64], Rule]


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
    """

    def __init__(self, labels: Labels, recipe: Recipe, yes_precision: Mapping[str, float] | None = None) -> None:
        self.labels = labels
        self.recipe = recipe
        self.names = (*labels.codebook.theme_ids, BOILERPLATE)
        self.yes_precision = dict(yes_precision or {})
        self.precisions = _precisions(labels.codebook.theme_ids, self.yes_precision)
        self.Y = labels.targets()
        self.articles = articles(labels.examples)
        self.weights = sample_weights(labels.examples, recipe)
        self.matrix = Matrix.count(labels.examples, labels.codebook.lexicon)

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

    def settle(self, rows: NDArray[np.intp], raw: NDArray[np.float64]) -> Rule:
        """Fit calibration, cuts and context on the `raw` out-of-fold logits of `rows`."""
        calibration = fit_calibration(raw, self.Y[rows])
        logits = calibration.apply(raw)
        cuts = fit_cuts(logits, self.Y[rows], self.precisions)
        context = fit_context(self._lines(rows), logits[:, -1], self.Y[rows, -1], float(cuts[-1, 1]))
        return Rule(calibration, cuts, context)

    def cross_fit(self, raw: NDArray[np.float64], n_folds: int) -> Judgements:
        """Judge `raw` out-of-fold logits of all judged rows, calibrated and cut by what the other folds say.

        Needs no fit beyond those behind `raw`, which is why training states its quality so; `cross_validate`, where a
        fold's labels reach nothing at all, takes five times as long.
        """
        rows = self.judged

        def judge(fold: Fold) -> _Part:
            here = np.isin(rows, fold.test)
            return rows[here], raw[here], self.settle(rows[~here], raw[~here])

        return self._judgements(map(judge, self.folds(rows, n_folds)))

    def cross_validate(self) -> Judgements:
        """Judge the whole recipe: in each fold, terms, weights, calibration and cuts come from its training part."""

        def judge(fold: Fold) -> _Part:
            rule = self.settle(*self.raw_out_of_fold(fold.train, N_INNER_FOLDS))
            return fold.test, self.logits(fold.train, fold.test), rule

        return self._judgements(map(judge, self.folds(self.judged, N_FOLDS)))

    def _lines(self, rows: NDArray[np.intp]) -> Lines:
        return find_lines([self.labels.examples[row] for row in rows])

    def _judgements(self, parts: Iterable[_Part]) -> Judgements:
        rows = self.judged
        logits = np.zeros((len(rows), len(self.names)))
        decisions, reviews = np.zeros((2, *logits.shape), dtype=np.bool_)
        for test, raw, rule in parts:
            here = np.isin(rows, test)
            logits[here] = calibrated = rule.calibration.apply(raw)
            decisions[here] = rule.decide(calibrated, self._lines(test))
            reviews[here] = (calibrated >= rule.cuts[:, 0]) & (calibrated < rule.cuts[:, 1])
        return Judgements(
            names=self.names,
            ids=np.array([self.labels.examples[row].id for row in rows], dtype=np.str_),
            articles=self.articles[rows],
            Y=self.Y[rows],
            logits=logits,
            decisions=decisions,
            reviews=reviews,
        )


def _precisions(themes: tuple[str, ...], stated: Mapping[str, float]) -> tuple[float | None, ...]:
    for theme, precision in stated.items():
        if theme not in (*themes, "all") or not 0.0 < precision < 1.0:
            raise SettingError(
                f"setting: yes-precision {theme}={precision:g}: a share of one of {', '.join(themes)} expected"
            )
    return tuple(stated.get(theme, stated.get("all")) for theme in themes)
