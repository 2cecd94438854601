import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.thresholds import best_f1_cut, fit_cuts, precision_cut, recall_cut

SCORES = st.lists(
    st.tuples(st.floats(-5, 5).map(lambda x: round(x, 1)), st.booleans()), min_size=2, max_size=60
).filter(lambda rows: any(y for _, y in rows))
Rows = list[tuple[float, bool]]
RNG = np.random.default_rng(0)
Y = RNG.uniform(size=4000) < 0.2
LOGITS = 3.0 * Y - 3.0 + RNG.normal(size=4000)


def test_the_yes_cut_parts_what_lies_apart() -> None:
    cut = best_f1_cut(np.array([4.0, 3.5, 3.0, -3.0, -3.5]), np.array([True, True, True, False, False]))

    assert -2.5 < cut < 2.5


def test_the_yes_cut_comes_close_to_the_best_f1() -> None:
    def f1(cut: float) -> float:
        return float(2 * (Y & (cut <= LOGITS)).sum() / (Y.sum() + (cut <= LOGITS).sum()))

    assert f1(best_f1_cut(LOGITS, Y)) > max(map(f1, LOGITS)) - 0.01


def test_one_lucky_sample_hardly_moves_the_yes_cut() -> None:
    before = best_f1_cut(LOGITS, Y)
    after = best_f1_cut(np.append(LOGITS, before - 1.0), np.append(Y, True))

    assert abs(after - before) <= 0.1


@pytest.mark.parametrize("precision", [0.6, 0.8, 0.95])
def test_a_stated_precision_is_reached_and_hardly_passed(precision: float) -> None:
    scores = RNG.uniform(size=20_000)
    y = RNG.uniform(size=20_000) < scores
    logits = np.log(scores / (1 - scores))

    assert y[logits >= precision_cut(logits, precision)].mean() == pytest.approx(precision, abs=0.01)


def test_a_precision_out_of_reach_takes_the_highest_score_alone() -> None:
    assert precision_cut(np.array([-2.0, 0.5, -1.0]), 0.9) == 0.5


@given(SCORES)
def test_the_lower_cut_keeps_the_stated_share_of_positives(rows: Rows) -> None:
    z, y = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])

    assert (z[y] >= recall_cut(z, y)).mean() >= 0.95


@given(SCORES)
def test_the_lower_cut_is_never_above_the_upper_and_boilerplate_has_one(rows: Rows) -> None:
    z, y = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])

    theme, boilerplate = fit_cuts(np.column_stack([z, z]), np.column_stack([y, y]), [None])

    assert theme[0] <= theme[1] == pytest.approx(best_f1_cut(z, y), abs=1e-6)
    assert boilerplate[0] == boilerplate[1]
