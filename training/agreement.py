"""Agreement between readers who labelled the same paragraphs without seeing each other's labels."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import krippendorff
import numpy as np

from classifier.errors import LabelsRejectedError
from classifier.model import BOILERPLATE
from training.labels import read_jsonl


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
        F1 between two readers, over all pairs: ``2 · both / (votes of one + votes of the other)``.
    alpha : float
        Krippendorff's alpha for nominal data, 1 for full agreement, 0 for chance.
    """

    name: str
    positives: int
    f1: float
    alpha: float


def read_agreement(path: Path, themes: Sequence[str]) -> tuple[Agreement, ...]:
    """Measure agreement on a file of readings with two or more readers a paragraph.

    Raises
    ------
    LabelsRejectedError
        If a paragraph has fewer than two readings.
    """
    votes: dict[str, list[set[str]]] = defaultdict(list)
    for row, _ in read_jsonl(path):
        votes[row["id"]].append(set(row["labels"]) | ({BOILERPLATE} if row["boilerplate"] else set()))
    lonely = [name for name, readings in votes.items() if len(readings) < 2]
    if lonely or not votes:
        raise LabelsRejectedError(f"labels: {path}: {len(lonely)} paragraphs without two readings; add or remove them")
    return tuple(_agreement(name, list(votes.values())) for name in (*themes, BOILERPLATE))


def _agreement(name: str, votes: Sequence[Sequence[set[str]]]) -> Agreement:
    said = [[name in reading for reading in readings] for readings in votes]
    total = sum(map(sum, said))
    pairs = [pair for readings in said for pair in combinations(readings, 2)]
    both, either = sum(a and b for a, b in pairs), sum(a + b for a, b in pairs)
    # Alpha for nominal data asks how often each answer was given, not by whom.
    counts = np.array([[len(readings) - sum(readings), sum(readings)] for readings in said])
    varied = (counts.sum(axis=0) > 0).all()
    alpha = krippendorff.alpha(value_counts=counts, level_of_measurement="nominal") if varied else 1.0
    return Agreement(name, total, 2 * both / either if either else 1.0, float(alpha))
