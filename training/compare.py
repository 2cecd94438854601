"""Comparison of two models on one labelled file: what changed, what flips, and whether it is beyond chance."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classifier import Classifier
from classifier.errors import InputRejectedError
from training.evaluate import judge_file
from training.judgements import Judgements
from training.metrics import Interval, figures, interval, resamples

#: What is compared, for every theme and on average.
_MEASURES = ("precision", "recall", "f1", "average_precision")


@dataclass(frozen=True)
class Flip:
    """A paragraph whose answer on a theme changed; `mended` where it was wrong before."""

    id: str
    theme: str
    now: bool
    mended: bool
    old_score: float
    new_score: float


@dataclass(frozen=True)
class Comparison:
    """Figures of the old and of the new, by name, with the paired interval of their difference."""

    old: dict[str, float]
    new: dict[str, float]
    differences: dict[str, Interval]
    flips: tuple[Flip, ...]

    def beyond_chance(self, name: str) -> bool:
        """Say whether the interval of the difference leaves out 0."""
        difference = self.differences[name]
        return difference.low > 0 or difference.high < 0


def compare_files(old: Classifier, new: Classifier, path: Path) -> Comparison:
    """Compare two models on a labelled JSONL file.

    Raises
    ------
    InputRejectedError
        If the models have other themes, or the file is not labelled.
    """
    if old.themes != new.themes:
        raise InputRejectedError(
            f"input: one model has themes {', '.join(old.themes)}, one {', '.join(new.themes)}; name two that match"
        )
    return compare(judge_file(old, path).judgements, judge_file(new, path).judgements)


def compare(old: Judgements, new: Judgements) -> Comparison:
    """Compare two judgements of the same samples; each resample of articles is drawn for both (paired bootstrap)."""
    weights = np.vstack([np.ones(len(old.Y)), resamples(old.articles)])
    before, after = figures(old, weights), figures(new, weights)
    names = [f"{part}_{m}" for part in (*old.names, "macro", "micro") for m in _MEASURES if f"{part}_{m}" in before]
    return Comparison(
        {name: float(before[name][0]) for name in names},
        {name: float(after[name][0]) for name in names},
        {name: interval(after[name] - before[name]) for name in names},
        tuple(_flips(old, new)),
    )


def _flips(old: Judgements, new: Judgements) -> list[Flip]:
    return [
        Flip(
            id=str(old.ids[row]),
            theme=old.names[k],
            now=bool(new.decisions[row, k]),
            mended=bool(new.decisions[row, k] == old.Y[row, k]),
            old_score=float(old.scores[row, k]),
            new_score=float(new.scores[row, k]),
        )
        for row, k in np.argwhere(old.decisions != new.decisions).tolist()
    ]


def render(comparison: Comparison) -> str:
    """Render the comparison for the terminal and for Markdown: figures, then the paragraphs that flip."""
    lines = ["| figure | old | new | difference | beyond chance |", "|---|---|---|---|---|"]
    lines += [
        f"| {name} | {comparison.old[name]:.3f} | {comparison.new[name]:.3f} | {d} | "
        f"{'yes' if comparison.beyond_chance(name) else 'no'} |"
        for name, d in comparison.differences.items()
    ]
    mended = sum(flip.mended for flip in comparison.flips)
    lines += ["", f"{len(comparison.flips)} answers flip: {mended} mended, {len(comparison.flips) - mended} broken"]
    if comparison.flips:
        lines += ["", "| paragraph | theme | answer | | score |", "|---|---|---|---|---|"]
    lines += [
        f"| {flip.id} | {flip.theme} | {'now yes' if flip.now else 'no longer yes'} | "
        f"{'mended' if flip.mended else 'broken'} | {flip.old_score:.3f} → {flip.new_score:.3f} |"
        for flip in comparison.flips
    ]
    return "\n".join(lines)
