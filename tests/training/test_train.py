import os
import subprocess
import sys
from pathlib import Path

import pytest

from classifier import Classifier, modelfile
from classifier.errors import LabelsRejectedError
from classifier.prior import sample_prior
from tests.conftest import MERIT, ROOT, THEMES
from tests.labels_folder import write
from training.fit import Recipe
from training.metrics import Quality
from training.train import is_current, train


def test_labels_become_a_model_that_knows_them(folder: Path, tmp_path: Path) -> None:
    said: list[str] = []
    trained = train(folder, Recipe(), said.append)
    modelfile.save(trained.model, tmp_path / "m.npz")

    assert Classifier.load(tmp_path / "m.npz").classify(MERIT).themes == ["merit"]
    assert trained.quality.macro_f1.value > 0.8
    assert any("reading labels" in line for line in said)


def test_the_same_labels_give_the_same_bytes_whatever_the_hash_seed(folder: Path, tmp_path: Path) -> None:
    models = []
    for seed in ("0", "1"):
        path = tmp_path / f"{seed}.npz"
        subprocess.run(
            [sys.executable, str(ROOT / "asn_themes.py"), "train", "--labels", str(folder), "-o", str(path)],
            env=os.environ | {"PYTHONHASHSEED": seed}, check=True, capture_output=True, timeout=100,
        )  # fmt: skip
        models.append(path.read_bytes())

    assert models[0] == models[1]


def test_bad_labels_make_no_model(folder: Path) -> None:
    write(folder, [{"id": "x"}], "paragraphs/b.jsonl")

    with pytest.raises(LabelsRejectedError):
        train(folder, Recipe(), lambda _: None)


def test_a_model_is_current_until_its_labels_change(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "m.npz"
    assert not is_current(path, folder)

    modelfile.save(train(folder, Recipe(), lambda _: None).model, path)
    assert is_current(path, folder)
    assert not is_current(path, folder, {"merit": 0.9})

    labels = folder / "paragraphs" / "a.jsonl"
    labels.write_text(labels.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert not is_current(path, folder)


def test_a_model_states_its_prior_its_quality_and_what_made_it(folder: Path) -> None:
    trained = train(folder, Recipe(), lambda _: None, {"merit": 0.9})
    stated = trained.model.metadata

    # Twelve of seven times twelve paragraphs each.
    assert sample_prior(trained.model) == pytest.approx(dict.fromkeys(THEMES, 1 / 7))
    assert stated["yes_precision"] == {"merit": 0.9}
    assert Quality.from_json(stated["quality"]).to_json() == trained.quality.to_json()
    assert len(stated["confusion"]) == 6
    assert stated["versions"].keys() == {"python", "numpy", "scikit-learn"}
