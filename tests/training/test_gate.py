from pathlib import Path

import numpy as np
import pytest

from classifier import InputRejectedError
from training.crossval import N_FOLDS, Experiment
from training.fit import Recipe
from training.gate import judge_out_of_fold
from training.labels import read_labels


@pytest.fixture
def experiment(folder: Path) -> Experiment:
    return Experiment(read_labels(folder), Recipe())


def test_a_candidate_that_learnt_nothing_new_is_no_better(experiment: Experiment) -> None:
    _, raw = experiment.raw_out_of_fold(np.arange(len(experiment.labels.examples)), N_FOLDS)
    candidate = experiment.cross_fit(raw, N_FOLDS)

    verdict = judge_out_of_fold(experiment, candidate, frozenset())

    assert verdict.trusted.differences["macro_f1"].value == 0
    assert [reason.partition(":")[0] for reason in verdict.reasons] == ["macro_f1 does not rise"]


def test_new_paragraphs_alone_are_nothing_to_judge_on(experiment: Experiment) -> None:
    with pytest.raises(InputRejectedError, match="--gold"):
        judge_out_of_fold(experiment, None, {example.id for example in experiment.labels.examples})  # never asked
