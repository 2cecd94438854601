from dataclasses import replace

import numpy as np
import pytest

from classifier import ModelRejectedError
from classifier.features import Features
from classifier.model import Model, Theme


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("coef", np.zeros((3, 6), dtype=np.float32), "shape"),
        ("coef", np.zeros((1, 6), dtype=np.float64), "shape"),
        ("intercept", np.full(6, np.nan, dtype=np.float32), "finite"),
        ("intercept", np.full(6, 1e9, dtype=np.float32), "finite"),
        ("intercept", np.zeros(6, dtype=np.float64), "float32"),
        ("cuts", np.array([[1, 0]] * 6, dtype=np.float32), "lower cut"),
        ("themes", (Theme("a", "A", "A", "x"),) * 5, "distinct"),
        ("themes", (Theme("a", "A", "A", 1),) * 5, "no text"),  # type: ignore[arg-type]
    ],
)
def test_a_model_whose_parts_do_not_fit_is_refused(model: Model, name: str, value: object, says: str) -> None:
    with pytest.raises(ModelRejectedError, match=says):
        replace(model, **{name: value})


def test_terms_must_be_sorted_and_distinct(model: Model) -> None:
    unsorted = Features((tuple(reversed(model.features.terms[0])), *model.features.terms[1:]), model.features.idf)

    with pytest.raises(ModelRejectedError, match="sorted"):
        replace(model, features=unsorted)
