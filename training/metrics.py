"""Measures of quality, each average by its name, with bootstrap intervals over articles.

Averages are over the themes; boilerplate has its own line.  *macro*: the mean of the themes' figures.  *micro*: all
decisions of all themes counted together.  *samples*: the mean over paragraphs of each one's own figure; where that is
0/0 (no theme labelled, none answered) the paragraph is left out.  They are scikit-learn's of the same names, with
``zero_division`` 0 for macro and micro and NaN for samples.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.errors import InputRejectedError, SettingError
from training.judgements import Judgements

N_RESAMPLES = 1000
#: Equal-width bins of the expected calibration error.
N_BINS = 10
_SEED = 0

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % interval; in `Quality` that of a bootstrap."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True)
class Quality:
    """How well all outputs are found.

    Attributes
    ----------
    supports : mapping of str to int
        How many samples carry each output.
    figures : mapping of str to Interval
        By name, ``<theme or average>_<measure>``: ``macro_f1``, ``merit_precision``.  Measures of an output are
        ``precision``, ``recall``, ``f1``, ``average_precision``, ``ece`` (expected calibration error), ``review`` (the
        share of samples in review) and ``kept`` (the share of its positives that are not ``no``); averages are
        ``macro``, ``micro`` and ``samples``; ``any_review`` is the share of samples with a theme in review.
    n_examples, n_articles : int
        What was judged.
    """

    supports: Mapping[str, int]
    figures: Mapping[str, Interval]
    n_examples: int
    n_articles: int

    def __getitem__(self, name: str) -> Interval:
        if name not in self.figures:
            raise SettingError(f"setting: no figure {name!r}; there are {', '.join(sorted(self.figures))}")
        return self.figures[name]

    @property
    def macro_f1(self) -> Interval:
        """The figure that recipes are compared by."""
        return self["macro_f1"]

    def demand(self, minima: Mapping[str, float]) -> None:
        """Refuse where a figure lies below its minimum.

        Raises
        ------
        SettingError
            If a figure is unknown.
        InputRejectedError
            Naming every figure that is too low.
        """
        low = [f"{name} is {self[name].value:.3f}, below {least:g}" for name, least in minima.items()
               if not self[name].value >= least]  # fmt: skip
        if low:
            raise InputRejectedError(f"input: the gate is not passed: {'; '.join(low)}; see the table")

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON: supports as pairs in order, and figures as ``[value, low, high]``."""
        figures = {name: [round(x, 4) for x in (f.value, f.low, f.high)] for name, f in self.figures.items()}
        return {
            "supports": list(map(list, self.supports.items())),
            "figures": figures,
            "paragraphs": self.n_examples,
            "articles": self.n_articles,
        }

    @classmethod
    def from_json(cls, stated: Mapping[str, Any]) -> "Quality":
        """Read what `to_json` wrote."""
        figures = {name: Interval(*three) for name, three in stated["figures"].items()}
        return cls(dict(stated["supports"]), figures, stated["paragraphs"], stated["articles"])


def measure(judgements: Judgements) -> Quality:
    """Measure answers against labels; intervals are 2.5 and 97.5 % quantiles over resamples of whole articles."""
    weights = np.vstack([np.ones(len(judgements.Y)), resamples(judgements.articles)])
    return Quality(
        supports=dict(zip(judgements.names, judgements.Y.sum(axis=0).tolist(), strict=True)),
        figures={name: interval(drawn) for name, drawn in figures(judgements, weights).items()},
        n_examples=len(judgements.Y),
        n_articles=len(np.unique(judgements.articles)),
    )


def interval(drawn: Floats) -> Interval:
    """Summarise a figure: the first draw is the sample itself, the others are its resamples."""
    low, high = np.nanquantile(drawn[1:], [0.025, 0.975]) if np.isfinite(drawn[1:]).any() else (0.0, 0.0)
    return Interval(float(np.nan_to_num(drawn[0])), float(low), float(high))


def resamples(articles: NDArray[np.str_]) -> Floats:
    """Draw articles with replacement: how often each sample is drawn, of shape (N_RESAMPLES, n_samples)."""
    rng = np.random.default_rng(_SEED)
    _, inverse = np.unique(articles, return_inverse=True)
    n_articles = inverse.max() + 1
    drawn = rng.multinomial(n_articles, np.full(n_articles, 1 / n_articles), size=N_RESAMPLES)
    return drawn[:, inverse].astype(np.float64)


def figures(judgements: Judgements, weights: Floats) -> dict[str, Floats]:
    """Return every figure under each row of `weights` (n_draws, n_samples), each of shape (n_draws,)."""
    Y, decisions = judgements.Y, judgements.decisions
    total = np.maximum(weights.sum(axis=1), 1)[:, None]
    hits, predicted, gold = weights @ (Y & decisions), weights @ decisions, weights @ Y
    measures = {
        **_rates(hits, predicted, gold),
        "average_precision": _columns(_average_precision, Y, judgements.logits, weights),
        "ece": _columns(_calibration_error, Y, judgements.scores, weights),
        "review": (weights @ judgements.reviews) / total,
        "kept": (weights @ (Y & (decisions | judgements.reviews))) / np.maximum(gold, 1),
    }
    themes = judgements.themes
    micro = _rates(*(count[:, themes].sum(axis=1) for count in (hits, predicted, gold)))
    return {
        **{f"{name}_{m}": drawn[:, k] for m, drawn in measures.items() for k, name in enumerate(judgements.names)},
        **{f"macro_{m}": _mean(drawn[:, themes]) for m, drawn in measures.items()},
        **{f"micro_{m}": drawn for m, drawn in micro.items()},
        **{f"samples_{m}": drawn for m, drawn in _samples(Y[:, themes], decisions[:, themes], weights).items()},
        "any_review": (weights @ judgements.reviews[:, themes].any(axis=1)) / total[:, 0],
    }


def _rates(hits: Floats, predicted: Floats, gold: Floats) -> dict[str, Floats]:
    return {
        "precision": hits / np.maximum(predicted, 1),
        "recall": hits / np.maximum(gold, 1),
        "f1": 2 * hits / np.maximum(predicted + gold, 1),
    }


def _mean(drawn: Floats) -> Floats:
    """Return the mean over the outputs that are defined; a resample may hold no positive of any, which is NaN."""
    n_defined = np.isfinite(drawn).sum(axis=1)
    return np.where(n_defined > 0, np.nansum(drawn, axis=1) / np.maximum(n_defined, 1), np.nan)


def _samples(Y: NDArray[np.bool_], decisions: NDArray[np.bool_], weights: Floats) -> dict[str, Floats]:
    hits, predicted, gold = (Y & decisions).sum(axis=1), decisions.sum(axis=1), Y.sum(axis=1)
    defined = {"precision": predicted > 0, "recall": gold > 0, "f1": predicted + gold > 0}
    own = _rates(hits, predicted, gold)
    return {m: (weights @ (own[m] * here)) / np.maximum(weights @ here, 1) for m, here in defined.items()}


def _columns(measure_one: Any, Y: NDArray[np.bool_], values: Floats, weights: Floats) -> Floats:
    return np.column_stack([measure_one(y, x, weights) for y, x in zip(Y.T, values.T, strict=True)])


def _average_precision(y: NDArray[np.bool_], logits: Floats, weights: Floats) -> Floats:
    """Return the average precision under each weighting: precision summed over the steps of recall, as in scikit-learn.

    A thousand weightings of one ranking at once; scikit-learn's function, called a thousand times, took four seconds.
    """
    order = np.argsort(-logits, kind="stable")
    hits = np.cumsum(weights[:, order] * y[order], axis=1)
    taken = np.cumsum(weights[:, order], axis=1)
    # Equal logits are one step of the ranking.
    ends = np.flatnonzero(np.append(np.diff(logits[order]) != 0, True))
    steps = np.diff(hits[:, ends], axis=1, prepend=0)
    positives = hits[:, -1]
    precision = hits[:, ends] / np.maximum(taken[:, ends], 1)
    return np.where(positives > 0, (steps * precision).sum(axis=1) / np.maximum(positives, 1), np.nan)


def _calibration_error(y: NDArray[np.bool_], scores: Floats, weights: Floats) -> Floats:
    """Return the expected calibration error: over equal-width bins, the mean distance of score and share of positives.

    Naeini, Cooper and Hauskrecht 2015; every bin counts by how many samples it holds.
    """
    bins = np.eye(N_BINS)[bins_of(scores)]
    distances = np.abs(weights @ (bins * (y - scores)[:, None])).sum(axis=1)
    return np.asarray(distances / np.maximum(weights.sum(axis=1), 1))


def bins_of(scores: Floats) -> NDArray[np.intp]:
    """Return the bin of each score, from 0 to `N_BINS` - 1; a score of 1 lies in the last."""
    return np.minimum((scores * N_BINS).astype(np.intp), N_BINS - 1)


def table(quality: Quality) -> str:
    """Render `quality` as a table for the terminal and for Markdown."""
    measures = ("precision", "recall", "f1", "average_precision")
    lines = ["| theme | positives | precision | recall | F1 | average precision |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {name} | {support} | {' | '.join(str(quality[f'{name}_{m}']) for m in measures)} |"
        for name, support in quality.supports.items()
    ]
    for average in ("macro", "micro", "samples"):
        shown = (str(quality.figures.get(f"{average}_{m}", "")) for m in measures)
        lines.append(f"| **{average}, themes** | | {' | '.join(shown)} |")
    return "\n".join(lines)


def decisions_table(quality: Quality) -> str:
    """Render what falls to review, what `no` keeps, and how far scores lie from probabilities."""
    lines = ["| theme | in review | positives not `no` | calibration error |", "|---|---|---|---|"]
    rows = [*quality.supports, "macro"]
    lines += [
        f"| {name} | {' | '.join(str(quality[f'{name}_{m}']) for m in ('review', 'kept', 'ece'))} |" for name in rows
    ]
    return "\n".join([*lines, f"| **any theme in review** | {quality['any_review']} | | |"])
