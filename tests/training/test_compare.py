import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classifier import Classifier, InputRejectedError
from classifier.model import Model
from tests.conftest import INTEGRITY, MERIT, NOTHING
from training.compare import compare, compare_files, render
from training.judgements import Judgements

RNG = np.random.default_rng(0)
Y = RNG.uniform(size=(400, 3)) < 0.3
ARTICLES = np.array([f"a{i // 4}" for i in range(400)])


def judged(logits: np.ndarray) -> Judgements:
    return Judgements(("a", "b", "boilerplate"), ARTICLES, ARTICLES, Y, logits, logits >= 0, logits >= 9)


GOOD = judged(4.0 * Y - 2.0 + RNG.normal(size=Y.shape))
POOR = judged(1.0 * Y - 0.5 + RNG.normal(size=Y.shape))


def test_a_model_is_no_better_than_itself() -> None:
    same = compare(GOOD, GOOD)

    assert not same.flips
    assert {(d.value, d.low, d.high) for d in same.differences.values()} == {(0.0, 0.0, 0.0)}
    assert not any(map(same.beyond_chance, same.differences))


def test_a_plain_difference_is_beyond_chance_and_has_two_sides() -> None:
    better, worse = compare(POOR, GOOD), compare(GOOD, POOR)
    difference = better.differences["macro_f1"]

    assert difference.value == pytest.approx(better.new["macro_f1"] - better.old["macro_f1"])
    assert difference.value == -worse.differences["macro_f1"].value
    assert 0 < difference.low < difference.value < difference.high
    assert better.beyond_chance("macro_f1")
    assert worse.beyond_chance("macro_f1")


def test_a_paired_interval_is_narrower_than_that_of_two_samples() -> None:
    nudged = judged(GOOD.logits + 0.05 * RNG.normal(size=Y.shape))
    paired = compare(GOOD, nudged).differences["macro_f1"]
    unlike = compare(GOOD, judged(4.0 * Y - 2.0 + RNG.normal(size=Y.shape))).differences["macro_f1"]

    assert paired.high - paired.low < 0.5 * (unlike.high - unlike.low)


def test_flips_name_the_paragraph_and_whether_it_was_mended() -> None:
    other = GOOD.logits.copy()
    row = int(np.flatnonzero(Y[:, 1] & GOOD.decisions[:, 1])[0])
    other[row, 1] = -5.0
    (flip,) = compare(GOOD, judged(other)).flips

    assert (flip.id, flip.theme, flip.now, flip.mended) == (ARTICLES[row], "b", False, False)
    assert compare(judged(other), GOOD).flips[0].mended


def test_two_models_are_compared_on_a_file(model: Model, classifier: Classifier, tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    rows = [{"text": MERIT, "labels": ["merit"]}, {"text": INTEGRITY, "labels": ["integrity"]}]
    path.write_text("\n".join(json.dumps(row) for row in [*rows, {"text": NOTHING, "labels": []}]))
    deaf = Classifier(replace(model, intercept=model.intercept - np.float32(20)), "v")

    comparison = compare_files(classifier, deaf, path)

    assert {(f.theme, f.now, f.mended) for f in comparison.flips} == {
        ("merit", False, False),
        ("integrity", False, False),
    }
    assert "2 answers flip: 0 mended, 2 broken" in render(comparison)


def test_models_of_other_themes_are_not_compared(model: Model, classifier: Classifier, tmp_path: Path) -> None:
    other = replace(model, themes=tuple(t._replace(id=f"x{t.id}") for t in model.themes))

    with pytest.raises(InputRejectedError, match="name two that match"):
        compare_files(classifier, Classifier(other, "v"), tmp_path / "none.jsonl")
