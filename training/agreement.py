"""Agreement between readers who labelled the same paragraphs without seeing each other's labels."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import krippendorff
import numpy as np
from numpy.typing import NDArray

from classifier.errors import LabelsRejectedError
from classifier.model import BOILERPLATE
from training.labels import read_jsonl
from training.metrics import Floats, Interval, interval, resamples


@dataclass(frozen=True)
class Agreement:
    """How far readers agree on one output.

    Attributes
    ----------
    name : str
        A theme, or boilerplate.
    positives : int
        Votes for it, of all readers.
    f1 : float
        F1 between two readers: over all pairs of readers of a paragraph, twice the pairs of votes for it by all votes
        for it.
    alpha : Interval
        Krippendorff's alpha for nominal data, 1 for full agreement, 0 for chance, with its 95 % bootstrap interval over
        paragraphs.
    """

    name: str
    positives: int
    f1: float
    alpha: Interval


def read_agreement(path: Path, themes: Sequence[str]) -> tuple[Agreement, ...]:
    """Measure agreement on a file of readings, with two readers a paragraph or more.

    Raises
    ------
    LabelsRejectedError
        If a paragraph has one reading alone, or there is none, or a line is no reading.
    """
    votes: dict[str, list[set[str]]] = defaultdict(list)
    for row, where in read_jsonl(path):
        if not {"id", "labels", "boilerplate"} <= row.keys():
            raise LabelsRejectedError(f"labels: {where}: a reading has an id, labels and boilerplate; add them")
        votes[row["id"]].append(set(row["labels"]) | ({BOILERPLATE} if row["boilerplate"] else set()))
    lonely = [name for name, readings in votes.items() if len(readings) < 2]
    if lonely or not votes:
        raise LabelsRejectedError(f"labels: {path}: {len(lonely)} paragraphs without two readings; add or remove them")
    sizes = np.array([len(readings) for readings in votes.values()])
    return tuple(
        _agreement(name, np.array([sum(name in reading for reading in readings) for readings in votes.values()]), sizes)
        for name in (*themes, BOILERPLATE)
    )


def read_agreements(folder: Path, themes: Sequence[str]) -> dict[str, tuple[Agreement, ...]]:
    """Measure agreement on every file of readings in a labels `folder`, by its name; raises as `read_agreement`."""
    return {path.stem: read_agreement(path, themes) for path in sorted((folder / "readings").glob("*.jsonl"))}


def table(title: str, agreements: Sequence[Agreement]) -> str:
    """Render agreement in Markdown; `title` heads the outputs."""
    lines = [f"| {title} | votes | F1 between readers | Krippendorff's alpha |", "|---|---|---|---|"]
    return "\n".join([*lines, *(f"| {a.name} | {a.positives} | {a.f1:.3f} | {a.alpha} |" for a in agreements)])


def _agreement(name: str, yes: NDArray[np.int_], sizes: NDArray[np.int_]) -> Agreement:
    """Measure one output: `yes` votes of `sizes` readers, a paragraph each."""
    total = int((yes * (sizes - 1)).sum())
    counts = np.column_stack([yes, sizes - yes])
    varied = 0 < yes.sum() < sizes.sum()
    alpha = krippendorff.alpha(value_counts=counts, level_of_measurement="nominal") if varied else 1.0
    weights = resamples(np.arange(len(sizes)).astype(np.str_))
    drawn = interval(np.concatenate([[alpha], alphas(yes, sizes, weights)]))
    return Agreement(name, int(yes.sum()), int((yes * (yes - 1)).sum()) / total if total else 1.0, drawn)


def alphas(yes: NDArray[np.int_], sizes: NDArray[np.int_], weights: Floats) -> Floats:
    """Return Krippendorff's alpha under each row of `weights` (n_draws, n_paragraphs), of shape (n_draws,).

    With two values it is ``1 - (n - 1) · Σ d / (2 · n₁ · n₀)``: n votes, n₁ for and n₀ against, and in a paragraph of m
    readers, c of them for, ``d = 2c(m - c) / (m - 1)`` (Krippendorff 2011).  All votes alike: 1.
    """
    differing = weights @ (2 * yes * (sizes - yes) / (sizes - 1))
    n, ones = weights @ sizes, weights @ yes
    chance = 2 * ones * (n - ones)
    return np.where(chance > 0, 1 - (n - 1) * differing / np.maximum(chance, 1), 1.0)
