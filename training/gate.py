"""The gate: whether a candidate trained on more labels may take the place of the model at work."""

from dataclasses import dataclass, fields
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
    """What was compared, and why the candidate is refused; it passes where there is no reason.

    Attributes
    ----------
    trusted : Comparison
        On paragraphs whose labels were there before.
    every : Comparison
        On these and the new ones together.
    reasons : tuple of str
        What speaks against the candidate.
    """

    trusted: Comparison
    every: Comparison
    reasons: tuple[str, ...]


def judge_out_of_fold(before: Experiment, current: Classifier, candidate: Judgements, new: Path) -> Verdict:
    """Judge a candidate on real paragraphs, each by models that saw nothing of its article.

    Parameters
    ----------
    before : Experiment
        The labels and the recipe of the model at work.
    current : Classifier
        The model at work itself; the new paragraphs are new to it.
    candidate : Judgements
        The candidate's recipe out of fold, on the labels before and the new ones.
    new : Path
        The new paragraphs, as label records.

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
    old, later = before.cross_fit(raw, N_FOLDS), judge_file(current, new).judgements
    return _verdict(compare(old, aligned(candidate, old)), compare(joined(old, later), candidate_on(candidate, old, later)))


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
    if not every.new[MEASURE] > every.old[MEASURE]:
        reasons.append(f"{MEASURE} does not rise: {every.old[MEASURE]:.4f} before, {every.new[MEASURE]:.4f} now")
    return Verdict(trusted, every, tuple(reasons))
