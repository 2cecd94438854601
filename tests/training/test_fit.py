import numpy as np
import pytest
import scipy.sparse as sp

from classifier.errors import LabelsRejectedError
from training.calibrate import fit_calibration
from training.fit import Linear, Recipe, fit_linear, sample_weights
from training.labels import read_labels
from training.thresholds import fit_cuts


def test_a_column_separates_what_its_feature_separates() -> None:
    X = sp.csr_matrix(np.eye(2)[[0, 1] * 10])
    Y = np.array([[True, False], [False, True]] * 10)

    linear = fit_linear(X, Y, np.ones(20), Recipe())

    assert (linear.decision_function(X) > 0).tolist() == Y.tolist()


@pytest.mark.parametrize("positives", [0, 2, 18, 20])
def test_a_column_with_hardly_an_example_of_a_kind_is_refused(positives: int) -> None:
    Y = np.column_stack([np.arange(20) < positives, np.arange(20) < 10])

    with pytest.raises(LabelsRejectedError, match="label more"):
        fit_linear(sp.csr_matrix(np.eye(20)), Y, np.ones(20), Recipe())


def test_boilerplate_that_nothing_carries_is_never_a_yes() -> None:
    Y = np.column_stack([np.arange(20) < 10, np.zeros(20, dtype=bool)])
    X = sp.csr_matrix(np.eye(20))

    logits = fit_linear(X, Y, np.ones(20), Recipe()).decision_function(X)
    calibration = fit_calibration(logits, Y)
    cuts = fit_cuts(calibration.apply(logits), Y, [None])

    assert (calibration.apply(logits)[:, 1] < cuts[1, 0]).all()


def test_real_paragraphs_weigh_as_the_recipe_says(folder: "object") -> None:
    examples = read_labels(folder).examples  # type: ignore[arg-type]

    assert {1.0} == set(sample_weights(examples, Recipe(real_weight=3.0)))


def test_calibration_turns_logits_into_the_frequencies_they_had() -> None:
    rng = np.random.default_rng(0)
    p = rng.uniform(0.02, 0.98, 20_000)
    y = rng.uniform(size=p.size) < p
    true_logits = np.log(p / (1 - p))

    # Logits stretched and moved: calibration has to find the way back.
    calibration = fit_calibration((3 * true_logits - 2)[:, None], y[:, None])

    assert calibration.apply((3 * true_logits - 2)[:, None])[:, 0] == pytest.approx(true_logits, abs=0.15)


def test_folding_calibration_in_gives_the_calibrated_logits() -> None:
    rng = np.random.default_rng(1)
    X, y = sp.csr_matrix(rng.normal(size=(40, 3))), rng.uniform(size=(40, 2)) < 0.5
    linear = Linear(rng.normal(size=(3, 2)), rng.normal(size=2))
    calibration = fit_calibration(linear.decision_function(X), y)

    assert calibration.fold_into(linear).decision_function(X) == pytest.approx(
        calibration.apply(linear.decision_function(X))
    )
