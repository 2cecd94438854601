import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from training.thresholds import best_f1_cut, fit_cuts, recall_cut

SCORES = st.lists(
    st.tuples(st.floats(-5, 5).map(lambda x: round(x, 1)), st.booleans()), min_size=2, max_size=60
).filter(lambda rows: any(y for _, y in rows))


def test_the_cut_lies_midway_between_the_last_taken_and_the_first_left() -> None:
    assert best_f1_cut(np.array([3.0, 2.0, 0.0, -1.0]), np.array([True, True, False, False])) == 1.0


@given(SCORES)
def test_no_other_cut_has_a_better_f1(rows: list[tuple[float, bool]]) -> None:
    z, y = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])

    mine = f1_score(y, z >= best_f1_cut(z, y), zero_division=0)

    assert all(mine >= f1_score(y, z >= other, zero_division=0) - 1e-12 for other in z)


@given(SCORES)
def test_the_lower_cut_keeps_the_stated_share_of_positives(rows: list[tuple[float, bool]]) -> None:
    z, y = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])

    assert (z[y] >= recall_cut(z, y)).mean() >= 0.95


@given(SCORES)
def test_the_lower_cut_is_never_above_the_upper(rows: list[tuple[float, bool]]) -> None:
    z, y = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])

    theme, boilerplate = fit_cuts(np.column_stack([z, z]), np.column_stack([y, y]))

    assert theme[0] <= theme[1] == pytest.approx(best_f1_cut(z, y), abs=1e-6)
    assert boilerplate[0] == boilerplate[1]
