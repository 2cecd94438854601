import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask

from classifier import Classifier, ModelRejectedError, modelfile
from service.metrics import Metrics
from service.models import Models
from service.models import test as self_test
from tests.conftest import AWARDS, MERIT, make_model

CONFIG = """<View><Text name="text" value="$text"/><Choices name="label" toName="text"><Choice value="merit"/></Choices>
</View>"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "model.npz"
    modelfile.save(make_model(), path)
    return path


@pytest.fixture
def models(path: Path) -> Models:
    return Models(Classifier.load(path), Metrics(), path, path.parent / "kept.npz")


def publish_another(path: Path) -> str:
    return modelfile.save(replace(make_model(), metadata={"release": "next"}), path)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/classify", {"documents": [{"text": MERIT}, {"text": AWARDS}]}),
        ("/hf", {"inputs": MERIT}),
        ("/hf", {"inputs": [MERIT, AWARDS]}),
        ("/v1/projects/asn-themes/suggest-batch", {"documents": [{"text": MERIT}, {"text": AWARDS}]}),
        ("/label-studio/setup", {"schema": CONFIG}),
        ("/label-studio/predict", {"label_config": CONFIG, "tasks": [{"data": {"text": MERIT}}] * 2}),
    ],
)
def test_an_answer_takes_the_model_once(
    app: Flask, monkeypatch: pytest.MonkeyPatch, path: str, body: dict[str, Any]
) -> None:
    held = app.extensions["models"].current
    taken: list[Classifier] = []
    monkeypatch.setattr(Models, "current", property(lambda _: taken.append(held) or held), raising=False)

    assert app.test_client().post(path, json=body).status_code == 200
    assert len(taken) == 1


def test_a_new_model_file_is_taken_up(models: Models, path: Path) -> None:
    version = publish_another(path)
    models.look()

    assert models.current.version == version
    assert b'asn_themes_model_loads_total{result="taken"} 1.0' in models._metrics.exposition().body


@pytest.mark.parametrize("content", [b"", b"no model", b"PK\x03\x04" * 100])
def test_a_bad_model_file_changes_nothing_but_a_metric(models: Models, path: Path, content: bytes) -> None:
    before = models.current
    path.write_bytes(content)
    models.look()

    assert models.current is before
    assert b'asn_themes_model_loads_total{result="rejected"} 1.0' in models._metrics.exposition().body


def test_a_model_file_that_is_gone_changes_nothing(models: Models, path: Path) -> None:
    before = models.current
    path.unlink()
    models.look()

    assert models.current is before


def test_an_unchanged_file_is_not_loaded_again(models: Models) -> None:
    before = models.current
    models.look()

    assert models.current is before


def test_a_signal_without_a_new_model_takes_and_counts_none(models: Models) -> None:
    before = models.current
    models.wake()
    models.look()

    assert models.current is before
    assert b'model_loads_total{result="taken"}' not in models._metrics.exposition().body


def test_a_later_worker_begins_with_the_last_good_model(models: Models, path: Path) -> None:
    version = publish_another(path)
    models.look()
    path.write_bytes(b"no model")

    assert Classifier.load(path.parent / "kept.npz").version == version


def test_loading_leaves_no_file_behind(models: Models, path: Path) -> None:
    publish_another(path)
    models.look()
    path.write_bytes(b"no model")
    models.look()

    assert sorted(os.listdir(path.parent)) == ["kept.npz", "model.npz"]


def test_a_model_whose_evidence_does_not_add_up_fails_its_test(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    self_test(classifier)
    monkeypatch.setattr(Classifier, "decision_function", lambda *_: np.zeros((1, 5)))

    with pytest.raises(ModelRejectedError, match="evidence"):
        self_test(classifier)
