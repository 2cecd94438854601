"""From logits to what people read: scores and decisions, by a model's cuts."""

from collections.abc import Iterable, Sequence
from itertools import compress, cycle
from math import exp
from operator import ge
from typing import Literal, NamedTuple

Decision = Literal["yes", "review", "no"]


class Scale(NamedTuple):
    """The themes of a model, in the order of its logits, with their cuts.

    Attributes
    ----------
    themes : tuple of str
        Theme ids.
    low, high : sequences of float
        Per theme: the decision is ``no`` for logits below `low`, ``yes`` from `high` on, ``review`` between.
    """

    themes: tuple[str, ...]
    low: Sequence[float]
    high: Sequence[float]

    def scores(self, logits: Sequence[float]) -> dict[str, float]:
        """Return the score in [0, 1] of each theme; logits after those of the themes are left out."""
        return dict(zip(self.themes, sigmoids(logits[: len(self.themes)]), strict=True))

    def decisions(self, logits: Sequence[float]) -> dict[str, Decision]:
        """Return the decision on each theme; logits after those of the themes are left out."""
        return dict(zip(self.themes, self.decide(logits[: len(self.themes)]), strict=True))

    def decide(self, logits: Sequence[float]) -> list[Decision]:
        """Return what logits mean: those of all themes in turn, of one text after the other."""
        cuts = zip(logits, cycle(self.low), cycle(self.high), strict=False)
        return ["yes" if logit >= high else "no" if logit < low else "review" for logit, low, high in cuts]

    def decided(self, logits: Sequence[float]) -> list[str]:
        """Return the themes decided ``yes``, in theme order."""
        return list(compress(self.themes, map(ge, logits, self.high)))


def sigmoids(logits: Sequence[float]) -> list[float]:
    """Return the scores of logits; math.exp gives the same bits on every processor, numpy's vectorised one does not."""
    # In one expression: a call a logit took twice the time, and archives have five an article.
    return [1.0 / (1.0 + exp(-x)) if x >= 0 else (e := exp(x)) / (1.0 + e) for x in logits]


def certainty(scores: Iterable[float]) -> float:
    """Return the certainty, from 0.5 to 1, of the least certain of `scores`."""
    return min(max(score, 1.0 - score) for score in scores)
