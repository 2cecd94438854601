from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.thresholds import REACH, SPREAD, best_f1_cut, fit_cuts, precision_cut, recall_cut

SCORES = st.lists(
    st.tuples(st.floats(-5, 5).map(lambda x: round(x, 1)), st.booleans()), min_size=2, max_size=60
).filter(lambda rows: any(y for _, y in rows))


def test_where_the_kinds_part_the_cut_lies_in_the_gap() -> None:
    cut = best_f1_cut(np.array([3.0, 2.5, -1.0, -1.5] * 5), np.array([True, True, False, False] * 5))

    assert -1.0 < cut <= 2.5


def test_one_stray_sample_does_not_pull_the_cut_away() -> None:
    rng = np.random.default_rng(0)
    z = np.concatenate([rng.normal(1.5, 1, 60), rng.normal(-2, 1, 400)])
    y = np.arange(460) < 60
    stray = np.append(z, -3.0), np.append(y, True)

    assert abs(best_f1_cut(z, y) - best_f1_cut(*stray)) < 0.2


@given(SCORES)
def test_no_other_cut_has_a_better_f1_on_average_over_cuts_nearby(rows: list[tuple[float, bool]]) -> None:
    z, y = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    shifts = SPREAD * np.array([NormalDist().inv_cdf((i + 0.5) / 200) for i in range(200)])

    def smoothed(cut: float) -> float:
        taken = z[None, :] >= np.clip(cut + shifts, -REACH, REACH)[:, None]
        return float(np.mean(2 * (taken & y).sum(axis=1) / (taken.sum(axis=1) + y.sum())))

    # Two ways to average over a Gaussian: equal but for the grid.
    assert smoothed(best_f1_cut(z, y)) >= max(smoothed(cut) for cut in np.arange(-5, 5, 0.5)) - 0.01


@pytest.mark.parametrize("precision", [0.6, 0.8, 0.95])
def test_a_stated_precision_is_reached_and_hardly_passed(precision: float) -> None:
    rng = np.random.default_rng(0)
    scores = rng.uniform(size=20_000)
    y = rng.uniform(size=20_000) < scores
    logits = np.log(scores / (1 - scores))

    assert y[logits >= precision_cut(logits, precision)].mean() == pytest.approx(precision, abs=0.01)


def test_a_precision_out_of_reach_takes_the_highest_score_alone() -> None:
    assert precision_cut(np.array([-2.0, 0.5, -1.0]), 0.9) == 0.5


@given(SCORES)
def test_the_lower_cut_keeps_the_stated_share_of_positives(rows: list[tuple[float, bool]]) -> None:
    z, y = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])

    assert (z[y] >= recall_cut(z, y)).mean() >= 0.95


@given(SCORES)
def test_the_lower_cut_is_never_above_the_upper(rows: list[tuple[float, bool]]) -> None:
    z, y = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])

    theme, boilerplate = fit_cuts(np.column_stack([z, z]), np.column_stack([y, y]), [None])

    assert theme[0] <= theme[1] == pytest.approx(best_f1_cut(z, y), abs=1e-6)
    assert boilerplate[0] == boilerplate[1]
