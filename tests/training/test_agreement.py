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


def test_three_readers_are_measured_by_all_their_pairs(tmp_path: Path) -> None:
    rows = [reading("x", a, *(["merit"] if a in "ab" else [])) for a in "abc"] + [reading("y", a) for a in "abc"]
    write(tmp_path, rows, "r.jsonl")

    (merit, _) = read_agreement(tmp_path / "r.jsonl", ["merit"])

    # One pair of three agrees on x; each of the two votes for it stands in two pairs.
    assert merit.f1 == pytest.approx(2 * 1 / (2 * 2))
