"""Measures of quality, each average by its name, with bootstrap intervals over articles."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

N_RESAMPLES = 1000
_SEED = 0


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True)
class ThemeQuality:
    """How well one theme is found at the shipped cut."""

    name: str
    support: int
    precision: Interval
    recall: Interval
    f1: Interval
    average_precision: Interval


@dataclass(frozen=True)
class Quality:
    """How well all themes are found; macro and micro averages are over the themes, boilerplate left out."""

    outputs: tuple[ThemeQuality, ...]
    macro_f1: Interval
    micro_f1: Interval
    macro_average_precision: Interval
    n_examples: int
    n_articles: int


def measure(
    names: tuple[str, ...],
    Y: NDArray[np.bool_],
    decisions: NDArray[np.bool_],
    logits: NDArray[np.float64],
    articles: NDArray[np.str_],
) -> Quality:
    """Measure decisions and logits against gold labels, all of shape (n_samples, n_outputs).

    Parameters
    ----------
    names : tuple of str
        Names of the outputs; the last one is boilerplate and stays out of the averages.
    articles : ndarray of str, shape (n_samples,)
        What the bootstrap draws: whole articles, as their paragraphs are not independent.
    """
    drawn = np.array([_figures(Y[rows], decisions[rows], logits[rows]) for rows in _resamples(articles)])
    lows, highs = np.nanquantile(drawn, [0.025, 0.975], axis=0)
    figures = [
        Interval(float(v), float(low), float(high))
        for v, low, high in zip(_figures(Y, decisions, logits), lows, highs, strict=True)
    ]
    per_theme = [figures[k :: len(names)][:4] for k in range(len(names))]
    supports = Y.sum(axis=0).tolist()
    macro_f1, micro_f1, macro_average_precision = figures[-3:]
    return Quality(
        tuple(ThemeQuality(name, n, *four) for name, n, four in zip(names, supports, per_theme, strict=True)),
        macro_f1,
        micro_f1,
        macro_average_precision,
        n_examples=len(Y),
        n_articles=len(np.unique(articles)),
    )


def _figures(Y: NDArray[np.bool_], decisions: NDArray[np.bool_], logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return precision, recall, F1 and average precision of every output, then macro F1, micro F1 and macro AP."""
    hits, predicted, gold = (Y & decisions).sum(axis=0), decisions.sum(axis=0), Y.sum(axis=0)
    f1 = 2 * hits / np.maximum(predicted + gold, 1)
    precisions = np.array([_average_precision(y, z) for y, z in zip(Y.T, logits.T, strict=True)])
    micro = 2 * hits[:-1].sum() / max(predicted[:-1].sum() + gold[:-1].sum(), 1)
    rates = (hits / np.maximum(predicted, 1), hits / np.maximum(gold, 1), f1, precisions)
    return np.array([*np.concatenate(rates), f1[:-1].mean(), micro, np.nanmean(precisions[:-1])])


def _average_precision(y: NDArray[np.bool_], logits: NDArray[np.float64]) -> float:
    return float(average_precision_score(y, logits)) if y.any() else float("nan")


def table(quality: Quality) -> str:
    """Render `quality` as a table for the terminal and for Markdown."""
    lines = ["| theme | positives | precision | recall | F1 | average precision |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {q.name} | {q.support} | {q.precision} | {q.recall} | {q.f1} | {q.average_precision} |"
        for q in quality.outputs
    ]
    lines += [
        f"| **macro, themes** | | | | {quality.macro_f1} | {quality.macro_average_precision} |",
        f"| **micro, themes** | | | | {quality.micro_f1} | |",
    ]
    return "\n".join(lines)


def _resamples(articles: NDArray[np.str_]) -> "list[NDArray[np.intp]]":
    rng = np.random.default_rng(_SEED)
    _, inverse = np.unique(articles, return_inverse=True)
    members = np.split(np.argsort(inverse, kind="stable"), np.cumsum(np.bincount(inverse))[:-1])
    return [
        np.concatenate([members[i] for i in rng.integers(0, len(members), len(members))]) for _ in range(N_RESAMPLES)
    ]
