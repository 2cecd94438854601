import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score

from classifier.errors import InputRejectedError, SettingError
from training.judgements import Judgements
from training.metrics import Quality, decisions_table, measure, table

NAMES = ("a", "b", "boilerplate")
SCORERS = {"precision": precision_score, "recall": recall_score, "f1": f1_score}
RNG = np.random.default_rng(0)
Y = RNG.uniform(size=(300, 3)) < 0.3
LOGITS = Y * 1.5 + RNG.normal(size=Y.shape)


def judgements(rows: np.ndarray | None = None, articles: list[str] | None = None) -> Judgements:
    rows = np.arange(300) if rows is None else rows
    z = LOGITS[rows]
    groups = np.array(articles or [f"a{i // 5}" for i in range(len(rows))])
    return Judgements(NAMES, groups, groups, Y[rows], z, z >= 0.7, (z >= 0.2) & (z < 0.7))


QUALITY = measure(judgements())


def test_figures_of_an_output_are_scikit_learns() -> None:
    for k, name in enumerate(NAMES):
        y, z = Y[:, k], LOGITS[:, k]
        for measure_name, scorer in SCORERS.items():
            assert QUALITY[f"{name}_{measure_name}"].value == pytest.approx(scorer(y, z >= 0.7))
        assert QUALITY[f"{name}_average_precision"].value == pytest.approx(average_precision_score(y, z))
        assert QUALITY.supports[name] == y.sum()


@pytest.mark.parametrize(("average", "zero"), [("macro", 0), ("micro", 0), ("samples", np.nan)])
@pytest.mark.parametrize("name", SCORERS)
def test_averages_over_the_themes_alone_are_scikit_learns(name: str, average: str, zero: float) -> None:
    theirs = SCORERS[name](Y[:, :2], LOGITS[:, :2] >= 0.7, average=average, zero_division=zero)

    assert QUALITY[f"{average}_{name}"].value == pytest.approx(theirs)


def test_the_calibration_error_is_the_mean_distance_over_ten_equal_bins() -> None:
    scores = 1 / (1 + np.exp(-LOGITS[:, 0]))
    by_hand = 0.0
    for low in np.arange(10) / 10:
        here = (scores >= low) & (scores < low + 0.1)
        if here.any():
            by_hand += here.mean() * abs(scores[here].mean() - Y[here, 0].mean())

    assert QUALITY["a_ece"].value == pytest.approx(by_hand)


def test_review_and_what_no_keeps_are_shares() -> None:
    z, y = LOGITS[:, 0], Y[:, 0]

    assert QUALITY["a_review"].value == pytest.approx(((z >= 0.2) & (z < 0.7)).mean())
    assert QUALITY["a_kept"].value == pytest.approx((z[y] >= 0.2).mean())
    assert QUALITY["any_review"].value == pytest.approx(((LOGITS >= 0.2) & (LOGITS < 0.7))[:, :2].any(axis=1).mean())


def test_intervals_hold_the_figure_and_widen_where_articles_repeat_themselves() -> None:
    alone = measure(judgements(articles=[str(i) for i in range(300)])).macro_f1
    rows = np.repeat(np.arange(60), 5)
    clumped = measure(judgements(rows, [str(i) for i in rows])).macro_f1

    assert alone.low < alone.value < alone.high
    assert clumped.high - clumped.low > 1.5 * (alone.high - alone.low)


def test_the_tables_have_a_line_a_theme_and_name_their_averages() -> None:
    averages = ["| **macro, themes**", "| **micro, themes**", "| **samples, themes**"]
    starts = [line[: line.index(" |")] for line in table(QUALITY).splitlines()[2:]]

    assert starts == ["| a", "| b", "| boilerplate", *averages]
    assert "any theme in review" in decisions_table(QUALITY)


def test_quality_comes_back_from_its_json() -> None:
    again = Quality.from_json(QUALITY.to_json())

    assert again.macro_f1.value == pytest.approx(QUALITY.macro_f1.value, abs=1e-4)
    assert again.to_json() == QUALITY.to_json()


def test_a_gate_lets_pass_what_is_high_enough_and_names_what_is_not() -> None:
    QUALITY.demand({"macro_f1": QUALITY.macro_f1.value, "a_recall": 0.0})

    with pytest.raises(InputRejectedError, match=r"macro_f1 is 0\.\d+, below 0\.99.*b_f1") as refused:
        QUALITY.demand({"macro_f1": 0.99, "a_recall": 0.0, "b_f1": 0.99})
    assert refused.value.exit_code == 3
    with pytest.raises(SettingError, match="no figure 'macro_f2'"):
        QUALITY.demand({"macro_f2": 0.1})


def test_an_output_without_a_positive_counts_nothing_and_breaks_nothing() -> None:
    empty = judgements()
    empty.Y[:, 1] = False
    quality = measure(empty)

    assert (quality["b_recall"].value, quality["b_average_precision"].value) == (0.0, 0.0)
    assert quality["macro_average_precision"].value == pytest.approx(quality["a_average_precision"].value)
