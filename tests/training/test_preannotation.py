import numpy as np
import pytest

from training.preannotation import prediction

CUTS = np.array([[-1, 1], [-2, 0], [2, 2]], dtype=np.float32)


def test_a_prediction_names_the_themes_from_their_cut_on_with_all_scores() -> None:
    said = prediction(("merit", "awards"), np.array([1.0, -0.1, -3.0]), CUTS, "abc")

    assert (said.labels, said.boilerplate, said.model) == (("merit",), False, "abc")
    assert said.scores == pytest.approx({"merit": 1 / (1 + np.exp(-1)), "awards": 1 / (1 + np.exp(0.1))})


def test_its_score_is_the_certainty_of_the_least_certain_theme() -> None:
    said = prediction(("merit", "awards"), np.array([5.0, -0.1, -3.0]), CUTS)

    assert said.score == pytest.approx(1 - 1 / (1 + np.exp(0.1)))


def test_what_is_held_for_furniture_carries_no_theme() -> None:
    said = prediction(("merit", "awards"), np.array([5.0, 5.0, 2.0]), CUTS)

    assert (said.labels, said.boilerplate) == ((), True)
