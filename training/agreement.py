"""Agreement between readers who labelled the same paragraphs without seeing each other's labels."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
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
        F1 between two readers: ``2 · both / (votes of one + votes of the other)``.
    alpha : float
        Krippendorff's alpha for nominal data, 1 for full agreement, 0 for chance.
    """

    name: str
    positives: int
    f1: float
    alpha: float


def read_agreement(path: Path, themes: Sequence[str]) -> tuple[Agreement, ...]:
    """Measure agreement on a file of readings with two readers a paragraph.

    Raises
    ------
    LabelsRejectedError
        If a paragraph does not have exactly two readings.
    """
    votes: dict[str, list[set[str]]] = defaultdict(list)
    for row, _ in read_jsonl(path):
        votes[row["id"]].append(set(row["labels"]) | ({BOILERPLATE} if row["boilerplate"] else set()))
    lonely = [name for name, readings in votes.items() if len(readings) != 2]
    if lonely or not votes:
        raise LabelsRejectedError(f"labels: {path}: {len(lonely)} paragraphs without two readings; add or remove them")
    found = []
    for name in (*themes, BOILERPLATE):
        ratings = np.array([[name in reading for reading in pair] for pair in votes.values()], dtype=np.int64).T
        both, total = int((ratings[0] & ratings[1]).sum()), int(ratings.sum())
        varied = len(np.unique(ratings)) > 1
        alpha = krippendorff.alpha(ratings, level_of_measurement="nominal") if varied else 1.0
        found.append(Agreement(name, total, 2 * both / total if total else 1.0, float(alpha)))
    return tuple(found)
