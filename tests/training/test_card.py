from dataclasses import replace
from pathlib import Path

import pytest

from classifier import Classifier, modelfile
from classifier.errors import ModelRejectedError
from classifier.model import Model
from tests.conftest import THEMES
from tests.labels_folder import write
from training.card import card
from training.fit import Recipe
from training.train import train


def test_the_card_is_written_from_the_model_file_alone(folder: Path, tmp_path: Path) -> None:
    readings = [
        {"id": str(i), "labels": ["merit"], "boilerplate": False, "annotator": a} for i in range(3) for a in "ab"
    ]
    write(folder, readings, "readings/second.jsonl")
    modelfile.save(train(folder, Recipe(min_df=1), lambda _: None, {"merit": 0.9}).model, tmp_path / "m.npz")
    classifier = Classifier.load(tmp_path / "m.npz")
    text = card(classifier)

    for part in (classifier.version, "## Cuts", "## Prior", "## Known failures", "## Use", "scikit-learn", "guide"):
        assert part in text
    assert "| merit | 6 | 1.000 | 1.000 |" in text
    assert "| best F1 |" in text
    assert "| precision 0.9 |" in text
    assert [text.index(f"**{theme}.** For:") for theme in THEMES] == sorted(
        text.index(f"**{t}.** For:") for t in THEMES
    )
    assert "{{" not in text
    assert card(classifier) == text


def test_a_model_without_stated_quality_has_no_card(model: Model) -> None:
    with pytest.raises(ModelRejectedError, match="retrain"):
        card(Classifier(replace(model, metadata={}), "v"))
