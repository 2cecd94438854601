from pathlib import Path

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.errors import LabelsRejectedError
from tests.labels_folder import write
from training.agreement import alphas, read_agreement


def reading(name: str, annotator: str, *labels: str) -> dict[str, object]:
    return {"id": name, "annotator": annotator, "labels": list(labels), "boilerplate": False}


def test_readers_who_agree_have_an_alpha_of_one(tmp_path: Path) -> None:
    write(tmp_path, [reading(n, a, *(["merit"] if n == "x" else [])) for n in "xyz" for a in "ab"], "r.jsonl")

    (merit, _) = read_agreement(tmp_path / "r.jsonl", ["merit"])

    assert (merit.f1, merit.alpha.value, merit.positives) == (1.0, 1.0, 2)


def test_agreement_by_hand(tmp_path: Path) -> None:
    # Reader a votes for x and y, reader b for x alone, of four paragraphs.
    votes = {"a": "xy", "b": "x"}
    rows = [reading(n, a, *(["merit"] if n in votes[a] else [])) for n in "wxyz" for a in "ab"]
    write(tmp_path, rows, "r.jsonl")

    (merit, _) = read_agreement(tmp_path / "r.jsonl", ["merit"])

    # Observed disagreement 1/4; expected 2·3·5/(8·7) for three votes of eight.
    assert merit.f1 == pytest.approx(2 / 3)
    assert merit.alpha.value == pytest.approx(1 - (1 / 4) / (2 * 3 * 5 / (8 * 7)))


def test_a_line_that_is_no_reading_is_named(tmp_path: Path) -> None:
    write(tmp_path, [reading("x", "a"), {"id": "x", "text": "x"}], "r.jsonl")

    with pytest.raises(LabelsRejectedError, match=r"r\.jsonl:2: a reading has"):
        read_agreement(tmp_path / "r.jsonl", ["merit"])


def test_a_paragraph_read_once_is_refused(tmp_path: Path) -> None:
    write(tmp_path, [reading("x", "a")], "r.jsonl")

    with pytest.raises(LabelsRejectedError, match="two readings"):
        read_agreement(tmp_path / "r.jsonl", ["merit"])


@given(st.lists(st.lists(st.booleans(), min_size=2, max_size=5), min_size=2, max_size=8))
def test_the_alpha_of_a_resample_is_krippendorffs(votes: list[list[bool]]) -> None:
    yes, sizes = np.array(list(map(sum, votes))), np.array(list(map(len, votes)))
    doubled = np.array([[2.0] + [1.0] * (len(votes) - 1)])

    (alpha,) = alphas(yes, sizes, doubled)

    counts = np.column_stack([yes, sizes - yes])[[0, *range(len(votes))]]
    varied = 0 < counts[:, 0].sum() < counts.sum()
    expected = krippendorff.alpha(value_counts=counts, level_of_measurement="nominal") if varied else 1.0
    assert alpha == pytest.approx(expected)


def test_the_interval_of_agreement_holds_its_value_and_narrows_with_more_readings(tmp_path: Path) -> None:
    widths = []
    for n in (20, 200):
        # Of each ten paragraphs the readers differ on one.
        votes = [
            (f"p{i}", a, *(["merit"] if i % 2 or (i % 10 == 0 and a == "a") else [])) for i in range(n) for a in "ab"
        ]
        write(tmp_path, [reading(*vote) for vote in votes], "r.jsonl")
        (merit, _) = read_agreement(tmp_path / "r.jsonl", ["merit"])
        assert merit.alpha.low < merit.alpha.value < merit.alpha.high
        widths.append(merit.alpha.high - merit.alpha.low)

    assert widths[1] < widths[0] / 2


def test_three_readers_of_one_paragraph_count_as_three_pairs(tmp_path: Path) -> None:
    rows = [
        reading("x", "a", "merit"),
        reading("x", "b", "merit"),
        reading("x", "c"),
        reading("y", "a"),
        reading("y", "c"),
    ]
    write(tmp_path, rows, "r.jsonl")

    (merit, _) = read_agreement(tmp_path / "r.jsonl", ["merit"])

    # Pairs on x: both vote once, and four votes stand in the three pairs.  Observed disagreement: of x's six ordered
    # pairs four differ, each over 3 - 1.  Expected: 2·2·3 ordered pairs of unlike votes among five, over 5 - 1.
    assert (merit.positives, merit.f1) == (2, pytest.approx(2 / 4))
    assert merit.alpha.value == pytest.approx(1 - (4 / 2) / (2 * 2 * 3 / 4))
