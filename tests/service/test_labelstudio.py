"""The backend for Label Studio, on what a real one sent (`make label-studio` records it anew)."""

import hashlib
import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from classifier import Classifier
from classifier.errors import SettingError
from service.app import create_app
from service.settings import Settings
from tests.conftest import FURNITURE, INTEGRITY, MERIT, NOTHING

RECORDED = Path(__file__).with_name("label_studio")
KEY = "kunci"
CONFIG = """<View><Labels name="why" toName="text"><Label value="merit"/><Label value="integrity"/></Labels>
<Text name="text" value="$text"/><Choices name="label" toName="text" choice="multiple"><Choice value="Merit"/>
<Choice value="Integrity"/><Choice value="Bukan isi artikel"/></Choices></View>"""


def recorded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text("utf-8"))
    return found


@pytest.fixture
def jobs(tmp_path: Path) -> Path:
    return tmp_path / "jobs"


@pytest.fixture
def backend(classifier: Classifier, jobs: Path) -> FlaskClient:
    keys = (hashlib.sha256(KEY.encode()).hexdigest(),)
    client = create_app(Settings(api_keys=keys, jobs=str(jobs)), classifier).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = "Basic " + b64encode(f"siapa:{KEY}".encode()).decode()
    return client


def predict(client: FlaskClient, *texts: str, config: str = CONFIG) -> list[dict[str, Any]]:
    tasks = [{"id": i, "data": {"text": text}} for i, text in enumerate(texts)]
    answer = client.post("/label-studio/predict", json={"tasks": tasks, "label_config": config})
    assert answer.status_code == 200, answer.json
    results: list[dict[str, Any]] = answer.json["results"]
    return results


def chosen(prediction: dict[str, Any]) -> list[str]:
    return [name for item in prediction["result"] if item["type"] == "choices" for name in item["value"]["choices"]]


@pytest.mark.parametrize("name", ["health", "setup", "predict", "webhook_start_training"])
def test_what_a_real_label_studio_sent_is_answered_in_the_recorded_shape(backend: FlaskClient, name: str) -> None:
    exchange = recorded(name)
    answer = backend.open(exchange["path"], method=exchange["method"], json=exchange["request"])

    assert answer.status_code == exchange["status"]
    assert answer.json.keys() == exchange["answer"].keys()
    assert exchange["authorization"] == "Basic"


def test_a_prediction_comes_back_for_every_task_that_a_real_label_studio_sent(backend: FlaskClient) -> None:
    exchange = recorded("predict")
    results = backend.post(exchange["path"], json=exchange["request"]).json["results"]
    config = exchange["request"]["label_config"]

    assert len(results) == len(exchange["request"]["tasks"]) == len(exchange["answer"]["results"])
    for prediction in (*results, *exchange["answer"]["results"]):
        assert prediction.keys() == {"result", "score", "model_version"}
        assert all(f'alias="{name}"' in config for name in chosen(prediction))


def test_events_that_a_real_label_studio_sends_without_a_key_are_refused(backend: FlaskClient) -> None:
    exchange = recorded("webhook_annotation_created_refused")
    del backend.environ_base["HTTP_AUTHORIZATION"]

    assert exchange["authorization"] == ""
    assert backend.post(exchange["path"], json=exchange["request"]).status_code == exchange["status"] == 401


def test_no_recorded_exchange_holds_a_token() -> None:
    for path in RECORDED.glob("*.json"):
        for token in json.dumps(json.loads(path.read_text("utf-8"))).split('"access_token": ')[1:]:
            assert json.loads(f"[{token.partition(',')[0]}]") == ["…"]


def test_several_themes_of_a_paragraph_are_several_choices(backend: FlaskClient) -> None:
    assert chosen(predict(backend, f"{MERIT} {INTEGRITY}")[0]) == ["Merit", "Integrity"]


def test_where_one_choice_is_asked_for_it_is_the_likeliest(backend: FlaskClient) -> None:
    both = f"{MERIT} {INTEGRITY}"
    (prediction,) = predict(backend, both, config=CONFIG.replace('choice="multiple"', ""))
    scores = backend.post("/classify", json={"text": both}).json["scores"]

    assert [name.lower() for name in chosen(prediction)] == [max(scores, key=scores.__getitem__)]


def test_a_theme_that_the_project_does_not_list_is_never_answered(backend: FlaskClient) -> None:
    config = CONFIG.replace('<Choice value="Integrity"/>', "").replace('<Label value="integrity"/>', "")
    (prediction,) = predict(backend, INTEGRITY, config=config)

    assert prediction["result"] == []


def test_a_text_without_a_theme_has_no_answer_and_furniture_its_own(backend: FlaskClient) -> None:
    nothing, furniture, empty = predict(backend, NOTHING, FURNITURE, "")

    assert nothing["result"] == empty["result"] == []
    assert chosen(furniture) == ["Bukan isi artikel"]


def test_evidence_lies_on_its_words_and_does_not_overlap(backend: FlaskClient) -> None:
    text = f"🎉 {INTEGRITY}\n{MERIT}"
    spans = [item["value"] for item in predict(backend, text)[0]["result"] if item["type"] == "labels"]

    assert {span["labels"][0] for span in spans} == {"merit", "integrity"}
    assert {"suap", "melantik"} <= {span["text"] for span in spans}
    assert all(text[span["start"] : span["end"]] == span["text"] for span in spans)
    for theme in ("merit", "integrity"):
        ends = [edge for span in spans if span["labels"] == [theme] for edge in (span["start"], span["end"])]
        assert ends == sorted(ends)


def test_the_score_is_the_certainty_of_the_least_certain_theme(backend: FlaskClient, classifier: Classifier) -> None:
    scores = backend.post("/classify", json={"text": MERIT}).json["scores"].values()
    (prediction,) = predict(backend, MERIT)

    assert prediction["score"] == min(max(score, 1 - score) for score in scores)
    assert prediction["model_version"] == classifier.short_version


def test_versions_lists_the_model_to_both_verbs(backend: FlaskClient, classifier: Classifier) -> None:
    for method in ("GET", "POST"):
        answer = backend.open("/label-studio/versions", method=method)
        assert answer.json == {"versions": [classifier.short_version]}


@pytest.mark.parametrize(
    ("tasks", "pointer"),
    [
        ([{"data": {"text": "a"}}, {"data": {"isi": "a"}}], "/tasks/1/data/text"),
        ([{"data": {"text": 3}}], "/tasks/0/data/text"),
        ([{"data": None}], "/tasks/0/data"),
        (["a"], "/tasks/0/data"),
        ({}, "/tasks"),
    ],
)
def test_a_task_without_a_text_is_pointed_at(backend: FlaskClient, tasks: Any, pointer: str) -> None:
    answer = backend.post("/label-studio/predict", json={"tasks": tasks, "label_config": CONFIG})

    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == pointer


def test_a_body_that_is_no_object_is_refused(backend: FlaskClient) -> None:
    assert backend.post("/label-studio/webhook", json=[]).status_code == 422


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("webhook", {"action": "START_TRAINING", "project": {"id": 7}}),
        ("webhook", {"action": "PROJECT_UPDATED", "project": {"id": 7}}),
        ("train", {"project": "7.1650000000", "annotations": []}),
    ],
)
def test_a_call_for_training_leaves_one_job_a_project(
    backend: FlaskClient, jobs: Path, path: str, body: dict[str, Any]
) -> None:
    for _ in range(2):
        assert backend.post(f"/label-studio/{path}", json={**body, "access_token": "rahasia"}).status_code in {200, 201}

    (job,) = jobs.iterdir()
    assert job.name == "project-7.json"
    assert json.loads(job.read_bytes()).keys() == {"project", "asked"}


@pytest.mark.parametrize(
    ("path", "body"), [("webhook", {"action": "START_TRAINING", "project": {"id": 7}}), ("train", {"project": "7"})]
)
def test_a_call_for_training_that_cannot_be_noted_is_no_bug_of_ours(
    backend: FlaskClient, jobs: Path, path: str, body: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    jobs.rmdir()
    answer = backend.post(f"/label-studio/{path}", json=body)

    assert (answer.status_code, answer.json["type"]) == (503, "urn:asn-themes:problem:output-failed")
    assert str(jobs) in caplog.text
    assert str(jobs) not in answer.text


@pytest.mark.parametrize("project", [None, {}, {"id": 0}, {"id": 1.5}, {"id": "../x"}, {"id": -3}, {"id": 1e12}])
def test_a_call_for_training_without_a_project_is_refused(backend: FlaskClient, jobs: Path, project: Any) -> None:
    answer = backend.post("/label-studio/webhook", json={"action": "START_TRAINING", "project": project})

    assert answer.status_code == 422
    assert not list(jobs.iterdir())


def test_other_events_are_let_pass(backend: FlaskClient, jobs: Path) -> None:
    answer = backend.post("/label-studio/webhook", json=recorded("webhook_annotation_created_refused")["request"])

    assert (answer.status_code, answer.json) == (200, {"status": "Unknown event"})
    assert not list(jobs.iterdir())


def test_training_is_off_by_default(client: FlaskClient) -> None:
    for path, body in (("webhook", {"action": "START_TRAINING", "project": {"id": 7}}), ("train", {"project": "7"})):
        answer = client.post(f"/label-studio/{path}", json=body)
        assert (answer.status_code, answer.json["type"]) == (403, "urn:asn-themes:problem:training-off")


def test_jobs_without_keys_stop_the_start(classifier: Classifier, jobs: Path) -> None:
    with pytest.raises(SettingError, match="ASN_THEMES_API_KEYS"):
        create_app(Settings(jobs=str(jobs)), classifier)


@pytest.mark.parametrize("given", [f":{KEY}", f"a:b:{KEY}", KEY, "a:salah", ""])
def test_basic_takes_the_key_as_the_password_alone(backend: FlaskClient, given: str) -> None:
    header = {"Authorization": "Basic " + b64encode(given.encode()).decode()}
    expected = 200 if given == f":{KEY}" else 401

    assert backend.get("/label-studio/health", headers=header).status_code == expected


@pytest.mark.parametrize("header", ["Basic", "Basic ", "Basic ä", "Basic ===", "Basic YQ"])
def test_broken_basic_is_no_key(backend: FlaskClient, header: str) -> None:
    assert backend.get("/label-studio/health", headers={"Authorization": header}).status_code == 401
