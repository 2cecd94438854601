"""From logits to what people read: scores and decisions, by a model's cuts."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import Literal

Decision = Literal["yes", "review", "no"]


@dataclass(frozen=True, slots=True)
class Scale:
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
        return dict(zip(self.themes, map(sigmoid, logits), strict=False))

    def decisions(self, logits: Sequence[float]) -> dict[str, Decision]:
        """Return the decision on each theme."""
        return dict(zip(self.themes, map(decide, logits, self.low, self.high), strict=False))

    def decided(self, logits: Sequence[float]) -> list[str]:
        """Return the themes decided ``yes``, in theme order."""
        return [theme for theme, logit, high in zip(self.themes, logits, self.high, strict=False) if logit >= high]


def sigmoid(logit: float) -> float:
    """Return the score of a logit; math.exp gives the same bits on every processor, numpy's vectorised one does not."""
    if logit >= 0:
        return 1.0 / (1.0 + exp(-logit))
    e = exp(logit)
    return e / (1.0 + e)


def decide(logit: float, low: float, high: float) -> Decision:
    """Return what `logit` means by the cuts `low` and `high`."""
    if logit >= high:
        return "yes"
    return "no" if logit < low else "review"
