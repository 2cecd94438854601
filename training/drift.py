"""Drift: what differs between two archives of articles, to one model: words it never met, scores, themes."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from classifier import Classifier
from classifier.errors import InputRejectedError
from training import plots
from training.archive.documents import Document
from training.archive.options import Options
from training.archive.plan import make
from training.archive.readers import Reject
from training.archive.sources import find
from training.wilson import Z, interval

#: Articles with content that an archive needs; a variance takes two, and says something from a few more on.
MIN_ARTICLES = 10
_BATCH = 64


@dataclass(frozen=True)
class Measured:
    """What is measured of each article of an archive.

    Attributes
    ----------
    unknown : ndarray of float64, shape (n_articles,)
        The share of its words that training never met.
    empty : ndarray of bool, shape (n_articles,)
        Whether it has no content.
    scores : ndarray of float64, shape (n_with_content, n_themes)
    carries : ndarray of bool, shape (n_with_content, n_themes)
        Whether the theme's decision is ``yes``.
    rejected : int
        Rows that could not be read.
    """

    unknown: NDArray[np.float64]
    empty: NDArray[np.bool_]
    scores: NDArray[np.float64]
    carries: NDArray[np.bool_]
    rejected: int


@dataclass(frozen=True, slots=True)
class Shift:
    """A mean over articles in either archive, in [0, 1], and the 95 % interval of what it rose by from A to B."""

    name: str
    a: float
    b: float
    low: float
    high: float


def measure(archive: str, classifier: Classifier, options: Options) -> Measured:
    """Score the articles of `archive`: a file, a folder or a pattern, as `asn-themes score` reads them.

    Raises
    ------
    InputRejectedError
        If it can't be read, or fewer than `MIN_ARTICLES` of its articles have content.
    """
    unknown, empty, scores, carries = [], [], [], []
    first, rejected = "", 0
    with TemporaryDirectory(prefix="asn-themes-") as unpacked:
        rows = _rows(archive, classifier, options, Path(unpacked))
        while batch := list(islice(rows, _BATCH)):
            documents = [row for row in batch if isinstance(row, Document)]
            rejects = [row.reason for row in batch if isinstance(row, Reject)]
            first, rejected = first or next(iter(rejects), ""), rejected + len(rejects)
            results = classifier.classify_many([(d.text, d.title) for d in documents], paragraphs=False)
            unknown += [classifier.unknown_share(document.text) for document in documents]
            empty += [result.empty for result in results]
            full = [result for result in results if not result.empty]
            scores += [list(result.scores.values()) for result in full]
            carries += [[decision == "yes" for decision in result.decisions.values()] for result in full]
    if len(scores) < MIN_ARTICLES:
        why = f"; of {rejected} rows rejected the first has {first}" if rejected else ""
        raise InputRejectedError(
            f"input: {archive} has {len(scores)} articles with content, {MIN_ARTICLES} needed{why}; "
            "name an archive of texts, not of scores"
        )
    return Measured(np.array(unknown), np.array(empty), np.array(scores), np.array(carries), rejected)


def _rows(archive: str, classifier: Classifier, options: Options, unpacked: Path) -> Iterator[Document | Reject]:
    sources = list(find((archive,), options.kind, unpacked, options.max_unpacked_bytes))
    plan = make(classifier.version, options, sources)
    if plan.damage:
        raise InputRejectedError(f"input: {plan.damage[0]}")
    return plan.read()


def drift(a: Measured, b: Measured, themes: tuple[str, ...]) -> tuple[Shift, ...]:
    """Compare what was measured of two archives; `themes` are those of the classifier, in its order."""
    return (
        _of_means("unknown words", a.unknown, b.unknown),
        _of_shares("articles without content", a.empty, b.empty),
        *(_of_means(f"score of {t}", x, y) for t, x, y in zip(themes, a.scores.T, b.scores.T, strict=True)),
        *(_of_shares(f"articles with {t}", x, y) for t, x, y in zip(themes, a.carries.T, b.carries.T, strict=True)),
    )


def _of_means(name: str, a: NDArray[np.float64], b: NDArray[np.float64]) -> Shift:
    """Compare two means; the interval is that of a normal difference with unequal variances (Welch 1938)."""
    rise = b.mean() - a.mean()
    half = Z * math.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
    return Shift(name, float(a.mean()), float(b.mean()), float(rise - half), float(rise + half))


def _of_shares(name: str, a: NDArray[np.bool_], b: NDArray[np.bool_]) -> Shift:
    """Compare two shares; the interval is made of Wilson's (Newcombe, Statistics in Medicine 17, 1998, method 10)."""
    p, q = float(a.mean()), float(b.mean())
    (p_low, p_high), (q_low, q_high) = interval(p, len(a)), interval(q, len(b))
    low, high = math.hypot(q - q_low, p_high - p), math.hypot(q_high - q, p - p_low)
    return Shift(name, p, q, q - p - low, q - p + high)


def table(shifts: tuple[Shift, ...]) -> str:
    """Lay shifts out as a Markdown table, in percent; those whose interval leaves 0 out are bold."""
    lines = ["| mean over articles, percent | A | B | shift |", "|---|---:|---:|---:|"]
    for s in shifts:
        shift = f"{100 * (s.b - s.a):+.1f} [{100 * s.low:+.1f}, {100 * s.high:+.1f}]"
        shown = f"**{shift}**" if s.low > 0 or s.high < 0 else shift
        lines.append(f"| {s.name} | {100 * s.a:.1f} | {100 * s.b:.1f} | {shown} |")
    return "\n".join(lines)


def plot(shifts: tuple[Shift, ...], path: Path) -> None:
    """Draw the shifts with their intervals into a PNG or SVG file; raises as `training.plots` does."""
    figure = plots.blank(8, 0.6 + 0.32 * len(shifts))
    axes = figure.subplots()
    rises = np.array([s.b - s.a for s in shifts])
    errors = [rises - [s.low for s in shifts], [s.high for s in shifts] - rises]
    axes.axvline(0, color="#9aa5b1", linewidth=0.8)
    axes.errorbar(100 * rises, range(len(shifts)), xerr=100 * np.array(errors), fmt="o", color="#0b6e6e", capsize=2)
    axes.set(xlabel="shift from A to B, percentage points", yticks=range(len(shifts)))
    axes.set_yticklabels([s.name for s in shifts])
    axes.invert_yaxis()
    plots.save(figure, path)
