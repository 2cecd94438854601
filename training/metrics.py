"""Measures of quality, each average by its name, with bootstrap intervals over articles."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
    weights = np.vstack([np.ones(len(Y)), *_resamples(articles)])
    drawn = _figures(Y, decisions, logits, weights)
    lows, highs = np.nanquantile(drawn[1:], [0.025, 0.975], axis=0)
    figures = [Interval(*map(float, three)) for three in zip(drawn[0], lows, highs, strict=True)]
    per_theme = [figures[k :: len(names)][:4] for k in range(len(names))]
    macro_f1, micro_f1, macro_average_precision = figures[-3:]
    supports = Y.sum(axis=0).tolist()
    return Quality(
        tuple(ThemeQuality(name, n, *four) for name, n, four in zip(names, supports, per_theme, strict=True)),
        macro_f1,
        micro_f1,
        macro_average_precision,
        n_examples=len(Y),
        n_articles=len(np.unique(articles)),
    )


def _figures(
    Y: NDArray[np.bool_], decisions: NDArray[np.bool_], logits: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return, for each row of `weights` (n_draws, n_samples), all figures of that weighting.

    They stand in the order: precision, recall, F1 and average precision of every output, macro F1, micro F1, macro AP.
    """
    hits, predicted, gold = weights @ (Y & decisions), weights @ decisions, weights @ Y
    f1 = 2 * hits / np.maximum(predicted + gold, 1)
    precisions = np.column_stack([_average_precision(y, z, weights) for y, z in zip(Y.T, logits.T, strict=True)])
    micro = 2 * hits[:, :-1].sum(axis=1) / np.maximum(predicted[:, :-1].sum(axis=1) + gold[:, :-1].sum(axis=1), 1)
    averages = [f1[:, :-1].mean(axis=1), micro, np.nanmean(precisions[:, :-1], axis=1)]
    return np.column_stack([hits / np.maximum(predicted, 1), hits / np.maximum(gold, 1), f1, precisions, *averages])


def _average_precision(
    y: NDArray[np.bool_], logits: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
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


def _resamples(articles: NDArray[np.str_]) -> NDArray[np.float64]:
    """Draw articles with replacement: how often each sample is drawn, of shape (N_RESAMPLES, n_samples)."""
    rng = np.random.default_rng(_SEED)
    _, inverse = np.unique(articles, return_inverse=True)
    n_articles = inverse.max() + 1
    drawn = rng.multinomial(n_articles, np.full(n_articles, 1 / n_articles), size=N_RESAMPLES)
    return drawn[:, inverse].astype(np.float64)
