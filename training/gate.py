"""The gate: whether a candidate trained on more labels may take the place of the model at work."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classifier import Classifier
from classifier.errors import InputRejectedError
from training.compare import Comparison, compare, compare_files
from training.crossval import N_FOLDS, Experiment
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


def judge_out_of_fold(experiment: Experiment, candidate: Judgements, new: Collection[str]) -> Verdict:
    """Judge a candidate on the real paragraphs of all labels, each by models that saw nothing of its article.

    The candidate learns from all labels and the model at work from all but the `new` ones, by the same recipe and in
    the same folds; otherwise the luck of the split, about 0.005 in macro-F1, would outweigh a hundred paragraphs.

    Parameters
    ----------
    experiment : Experiment
        All labels, the new ones among them.
    candidate : Judgements
        The recipe on all labels, out of fold.
    new : collection of str
        Ids of the paragraphs that the model at work was not trained on.

    Raises
    ------
    InputRejectedError
        If all real paragraphs are new.
    """
    rows = experiment.judged
    is_new = np.array([example.id in new for example in experiment.labels.examples])
    if is_new[rows].all():
        raise InputRejectedError(
            "input: no real paragraph had its label before, to judge a candidate on; name held-out ones with --gold"
        )
    raw = np.zeros((len(rows), len(experiment.names)))
    for fold in experiment.folds(rows, N_FOLDS):
        raw[np.isin(rows, fold.test)] = experiment.logits(fold.train[~is_new[fold.train]], fold.test)
    trusted = ~is_new[rows]
    current = experiment.cross_fit(raw, N_FOLDS, trusted)
    return _verdict(compare(current.select(trusted), candidate.select(trusted)), compare(current, candidate))


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
