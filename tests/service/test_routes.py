import json
import time
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from classifier import Classifier
from service.app import create_app
from service.front import SINCE
from service.settings import Settings
from tests.conftest import FURNITURE, MERIT, THEMES


def test_an_answer_has_the_documented_shape(client: FlaskClient, classifier: Classifier) -> None:
    answer = json.loads(client.post("/classify", json={"text": MERIT, "id": "a"}).data)

    assert list(answer) == ["model", "id", "empty", "themes", "scores", "labels", "paragraphs"]
    assert classifier.short_version == answer["model"]
    assert list(THEMES) == list(answer["scores"])
    assert sorted(answer["scores"].values(), reverse=True) == [label["score"] for label in answer["labels"]]
    assert {"label", "score", "decision", "share"} == set(answer["labels"][0])
    assert {"start", "end", "field", "boilerplate", "themes", "scores"} == set(answer["paragraphs"][0])


@pytest.mark.parametrize("text", ["", " ", "🙂", FURNITURE])
def test_nothing_to_judge_is_an_answer_and_no_error(client: FlaskClient, text: str) -> None:
    answer = client.post("/classify", json={"text": text})

    assert answer.status_code == 200
    assert json.loads(answer.data)["empty"] is True


def test_themes_are_told_from_the_model(client: FlaskClient) -> None:
    answer = json.loads(client.get("/themes").data)

    assert list(THEMES) == [theme["id"] for theme in answer["themes"]]
    assert answer["themes"][0]["cuts"] == {"no_below": -1.0, "yes_from": 1.0}
    assert answer["themes"][1]["expected"] == {"precision": [0.8, 0.7, 0.9]}


def test_the_service_is_live_and_ready_with_its_model_named(client: FlaskClient, classifier: Classifier) -> None:
    assert client.get("/livez").status_code == 200
    assert classifier.short_version == json.loads(client.get("/readyz").data)["model"]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nix", 404), ("GET", "/classify", 405), ("PUT", "/themes", 405)]
)
def test_every_refusal_is_problem_json(client: FlaskClient, method: str, path: str, status: int) -> None:
    answer = client.open(path, method=method)

    assert (status, "application/problem+json") == (answer.status_code, answer.mimetype)
    assert status == 404 or "Allow" in answer.headers


def test_a_bug_is_a_500_without_its_words(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("rahasia")

    monkeypatch.setattr(app.extensions["models"].current, "classify", fail, raising=False)
    answer = client.post("/classify", json={"text": MERIT})

    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
    assert b"rahasia" not in answer.data


def test_limits_are_published_as_set(client: FlaskClient, settings: Settings) -> None:
    answer = json.loads(client.get("/limits").data)

    assert (settings.max_body_bytes, settings.max_documents, settings.max_chars, 16) == (
        answer["max_body_bytes"],
        answer["max_documents"],
        answer["max_chars"],
        answer["max_json_depth"],
    )


def test_the_model_tells_its_version_its_kernel_and_its_origin(client: FlaskClient, classifier: Classifier) -> None:
    answer = json.loads(client.get("/model").data)

    assert (classifier.version, classifier.engine.name, classifier.model.metadata) == (
        answer["version"],
        answer["kernel"],
        answer["metadata"],
    )


@pytest.mark.parametrize(("path", "body"), [("/classify", {"text": MERIT}), ("/hf", {"inputs": [MERIT]})])
def test_a_request_that_has_waited_over_its_deadline_is_given_up(
    client: FlaskClient, path: str, body: dict[str, object]
) -> None:
    answer = client.post(path, json=body, environ_overrides={SINCE: time.monotonic() - 20})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


def test_a_request_over_its_deadline_is_given_up(settings: Settings, classifier: Classifier) -> None:
    client = create_app(replace(settings, request_deadline_s=0.0), classifier).test_client()

    answer = client.post("/classify", json={"documents": [{"text": MERIT}] * 2})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


def test_a_server_about_to_stop_says_that_it_is_not_ready(client: FlaskClient) -> None:
    answer = client.get("/readyz", environ_overrides={"asn_themes.draining": True})

    assert (answer.status_code, json.loads(answer.data)["status"]) == (503, "draining")
