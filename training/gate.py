"""The gate: whether a candidate trained on more labels may take the place of the model at work."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classifier import Classifier
from classifier.errors import InputRejectedError
from training.compare import Comparison, compare, compare_files
from training.crossval import N_FOLDS, Experiment
from training.evaluate import judge_file
from training.judgements import Judgements

#: What has to rise for a candidate to be better.
MEASURE = "macro_f1"


@dataclass(frozen=True)
class Verdict:
    """What was compared, and what speaks against the candidate; it passes where nothing does.

    Attributes
    ----------
    trusted : Comparison
        On paragraphs that had their labels before.
    every : Comparison
        On these and the new ones together.
    reasons : tuple of str
        One a rule that is broken.
    """

    trusted: Comparison
    every: Comparison
    reasons: tuple[str, ...]


def judge_out_of_fold(before: Experiment, current: Classifier, candidate: Judgements, new: Path) -> Verdict:
    """Judge a candidate on real paragraphs that neither it nor the model at work was trained on.

    On paragraphs with labels before, either side is its recipe out of fold; on new ones, of articles that the model at
    work never saw, it is that model itself, and the candidate's recipe out of fold.  What was relabelled counts for
    neither.

    Parameters
    ----------
    before : Experiment
        The labels and the recipe of the model at work.
    current : Classifier
        The model at work.
    candidate : Judgements
        The candidate's recipe out of fold, on its labels.
    new : Path
        Label records that are new; may be missing.

    Raises
    ------
    InputRejectedError
        If the labels before hold no real paragraph to judge on.
    """
    if not any(example.real for example in before.labels.examples):
        raise InputRejectedError(
            "input: the labels hold no real paragraph to judge a candidate on; name held-out ones with --gold"
        )
    _, raw = before.raw_out_of_fold(np.arange(len(before.labels.examples)), N_FOLDS)
    old = before.cross_fit(raw, N_FOLDS)
    kept = old.select(np.isin(old.ids, candidate.ids))
    kept = kept.select((kept.Y == candidate.at(kept.ids).Y).all(axis=1))
    later = judge_file(current, new).judgements
    later = later.select(~np.isin(later.articles, before.articles))
    both = kept.joined(later)
    return _verdict(compare(kept, candidate.at(kept.ids)), compare(both, candidate.at(both.ids)))


def judge_on_gold(current: Classifier, candidate: Classifier, gold: Path) -> Verdict:
    """Judge a candidate on a held-out file; raises as `compare_files`."""
    found = compare_files(current, candidate, gold)
    return _verdict(found, found)


def _verdict(trusted: Comparison, every: Comparison) -> Verdict:
    reasons = [
        f"{name} falls from {trusted.old[name]:.3f} to {trusted.new[name]:.3f}, beyond chance"
        for name, difference in trusted.differences.items()
        if name.endswith("_f1") and difference.high < 0
    ]
    if every.new[MEASURE] <= every.old[MEASURE]:
        reasons.append(f"{MEASURE} does not rise: {every.old[MEASURE]:.4f} before, {every.new[MEASURE]:.4f} now")
    return Verdict(trusted, every, tuple(reasons))
