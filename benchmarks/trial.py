"""A variant of the recipe, and its quality on the real paragraphs that two readers agreed on.

Quick judgement for choosing between variants: five grouped folds, one set of cuts from all out-of-fold scores.  The
figures that we state come from `asn-themes evaluate --cv`, where cuts too are chosen inside each training fold.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, f1_score

from classifier.features import BLOCKS, Counts
from training.calibrate import fit_calibration
from training.crossval import N_FOLDS, Experiment
from training.evaluate import MIN_READERS
from training.fit import Recipe, fit_linear
from training.labels import Example, Labels
from training.thresholds import fit_cuts

Scorer = Callable[[Any, NDArray[np.bool_], NDArray[np.float64], Any], NDArray[np.float64]]


@dataclass(frozen=True)
class Trial:
    """What differs from the shipped recipe.

    Attributes
    ----------
    without : tuple of str
        Blocks of features left out.
    keep : callable
        Which examples there are at all; every judged one always is.
    change : callable
        What becomes of the counts of an example before features are made.
    columns : callable or None
        Makes more columns of all examples' counts and the training rows.
    scorer : callable or None
        Fits and scores in place of the recipe's logistic regression.
    """

    name: str
    recipe: Recipe = field(default_factory=Recipe)
    without: tuple[str, ...] = ()
    keep: Callable[[Example], bool] = lambda _: True
    change: Callable[[Counts], Counts] = lambda counts: counts
    columns: Callable[[list[Counts], NDArray[np.intp]], Any] | None = None
    scorer: Scorer | None = None


@dataclass(frozen=True)
class Outcome:
    """Macro-averages over the themes, and the F1 of each."""

    macro_f1: float
    macro_average_precision: float
    f1: tuple[float, ...]


class _Variant(Experiment):
    def __init__(self, labels: Labels, trial: Trial) -> None:
        examples = tuple(
            # Without its text: the matrix is made of what the trial has changed.
            replace(e, counts=trial.change(e.counts), text=None)
            for e in labels.examples
            if _judged(e) or trial.keep(e)
        )
        super().__init__(replace(labels, examples=examples), trial.recipe)
        self.trial = trial

    @property
    def judged(self) -> NDArray[np.intp]:
        return np.flatnonzero([_judged(e) for e in self.labels.examples])

    def logits(self, train: NDArray[np.intp], test: NDArray[np.intp]) -> NDArray[np.float64]:
        # Judged examples that the trial leaves out are still scored, but don't train.
        train = np.array([row for row in train if self.trial.keep(self.labels.examples[row])], dtype=np.intp)
        features, X = self.matrix.weigh(train, self.recipe.min_df)
        dropped = tuple(f"{block}:" for block in self.trial.without)
        kept = [i for i, name in enumerate(features.names) if not name.startswith(dropped)] if dropped else slice(None)
        X = X[:, kept]
        if self.trial.columns:
            counts = [example.counts for example in self.labels.examples]
            X = sp.hstack([X, self.trial.columns(counts, train)], format="csr")
        if self.trial.scorer:
            return self.trial.scorer(X[train], self.Y[train], self.weights[train], X[test])
        return fit_linear(X[train], self.Y[train], self.weights[train], self.recipe).decision_function(X[test])


def _judged(example: Example) -> bool:
    return example.real and example.readers >= MIN_READERS


def judge(labels: Labels, trial: Trial) -> Outcome:
    """Measure `trial` on the paragraphs that two readers agreed on, out of fold."""
    unknown = set(trial.without) - set(BLOCKS)
    if unknown:
        raise ValueError(f"no such blocks: {unknown}")
    variant = _Variant(labels, trial)
    rows, raw = variant.raw_out_of_fold(np.arange(len(variant.labels.examples)), N_FOLDS)
    Y = variant.Y[rows]
    logits = fit_calibration(raw, Y).apply(raw)
    decisions = logits >= fit_cuts(logits, Y, variant.precisions)[:, 1]
    n_themes = Y.shape[1] - 1
    f1 = [f1_score(Y[:, k], decisions[:, k]) for k in range(n_themes)]
    precision = [average_precision_score(Y[:, k], logits[:, k]) for k in range(n_themes)]
    return Outcome(float(np.mean(f1)), float(np.mean(precision)), tuple(map(float, f1)))


def row(name: str, outcome: Outcome) -> str:
    """Render an outcome as a line of a Markdown table."""
    themes = " | ".join(f"{value:.2f}" for value in outcome.f1)
    return f"| {name} | {outcome.macro_f1:.3f} | {outcome.macro_average_precision:.3f} | {themes} |"


def heading(themes: tuple[str, ...]) -> str:
    """Return the heading of the table that `row` fills."""
    columns = ("variant", "macro-F1", "macro-AP", *themes)
    return f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}"
