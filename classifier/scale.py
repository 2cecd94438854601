"""From logits to what is said of paragraphs and articles: scores, decisions and shares, by a model's cuts.

``_kernel_rows.h`` is the compiled twin.
"""

from collections.abc import Iterable, Sequence
from math import exp, inf
from typing import Literal

Decision = Literal["yes", "review", "no"]
#: Theme, score and decision of every theme: tuples, as archives have millions and names take three times as long.
Rows = tuple[tuple[str, float, Decision], ...]
#: The same of an article, and which share of its content has the theme.
ArticleRows = tuple[tuple[str, float, Decision, float], ...]
#: The lower and the upper cut of every theme: ``no`` for logits below the first, ``yes`` from the second on.
Cuts = Sequence[Sequence[float]]


def sigmoids(logits: Iterable[float]) -> list[float]:
    """Return the scores of logits; math.exp gives the same bits on every processor, numpy's vectorised one does not."""
    return [1.0 / (1.0 + exp(-x)) if x >= 0 else (e := exp(x)) / (1.0 + e) for x in logits]


def certainty(scores: Iterable[float]) -> float:
    """Return the certainty, from 0.5 to 1, of the least certain of `scores`."""
    return min(max(score, 1.0 - score) for score in scores)


def rows(themes: Sequence[str], logits: Sequence[float], cuts: Cuts, content: bool) -> Rows:
    """Return what the logits of a text mean; furniture has scores and every decision is ``no``."""
    decided = [_decide(logit, *cut) if content else "no" for logit, cut in zip(logits, cuts, strict=True)]
    return tuple(zip(themes, sigmoids(logits), decided, strict=True))


def sum_up(themes: Sequence[str], content: Sequence[Sequence[float]], cuts: Cuts) -> ArticleRows:
    """Return what the paragraphs of an article's content say together, given the logits of each.

    The strongest speaks for a theme.  Without content the score is 0 and the decision ``no``.
    """
    columns = list(zip(*content, strict=True)) or [()] * len(themes)
    strongest = rows(themes, [max(column, default=-inf) for column in columns], cuts, bool(content))
    shares = [
        sum(x >= high for x in column) / max(len(content), 1) for column, (_, high) in zip(columns, cuts, strict=True)
    ]
    return tuple((*row, share) for row, share in zip(strongest, shares, strict=True))


def _decide(logit: float, low: float, high: float) -> Decision:
    return "yes" if logit >= high else "no" if logit < low else "review"
