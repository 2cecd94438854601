import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score

from training.metrics import measure, table

NAMES = ("a", "b", "boilerplate")
RNG = np.random.default_rng(0)
Y = RNG.uniform(size=(300, 3)) < 0.3
LOGITS = Y * 1.5 + RNG.normal(size=Y.shape)
DECISIONS = LOGITS > 0.7
ARTICLES = np.array([f"a{i // 5}" for i in range(300)])


def test_figures_are_scikit_learns() -> None:
    quality = measure(NAMES, Y, DECISIONS, LOGITS, ARTICLES)

    for k, q in enumerate(quality.outputs):
        y, p, z = Y[:, k], DECISIONS[:, k], LOGITS[:, k]
        assert (q.precision.value, q.recall.value) == pytest.approx((precision_score(y, p), recall_score(y, p)))
        assert (q.f1.value, q.average_precision.value) == pytest.approx((f1_score(y, p), average_precision_score(y, z)))
        assert q.support == y.sum()


def test_averages_are_over_the_themes_alone() -> None:
    quality = measure(NAMES, Y, DECISIONS, LOGITS, ARTICLES)

    assert quality.macro_f1.value == pytest.approx(f1_score(Y[:, :2], DECISIONS[:, :2], average="macro"))
    assert quality.micro_f1.value == pytest.approx(f1_score(Y[:, :2], DECISIONS[:, :2], average="micro"))


def test_intervals_hold_the_figure_and_widen_where_articles_repeat_themselves() -> None:
    alone = measure(NAMES, Y, DECISIONS, LOGITS, np.array([str(i) for i in range(300)])).macro_f1
    rows = np.repeat(np.arange(60), 5)
    clumped = measure(NAMES, Y[rows], DECISIONS[rows], LOGITS[rows], np.array([str(i) for i in rows])).macro_f1

    assert alone.low < alone.value < alone.high
    assert clumped.high - clumped.low > 1.5 * (alone.high - alone.low)


def test_the_table_has_a_line_a_theme_and_names_its_averages() -> None:
    lines = table(measure(NAMES, Y, DECISIONS, LOGITS, ARTICLES)).splitlines()

    assert [line[: line.index(" |")] for line in lines[2:]] == [
        "| a",
        "| b",
        "| boilerplate",
        "| **macro, themes**",
        "| **micro, themes**",
    ]
