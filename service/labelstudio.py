"""``/label-studio``: a machine-learning backend for Label Studio, which pre-annotates and takes notes to retrain."""

import json
import logging
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request

from classifier import ArticleResult, Classifier
from classifier.errors import OutputFailedError, SettingError
from classifier.files import publish, writing
from classifier.model import BOILERPLATE
from classifier.scale import certainty
from service import labelconfig, payload, routes
from service.labelconfig import Control, LabelConfig
from service.problems import FieldError, ProblemError
from service.settings import Settings

blueprint = Blueprint("labelstudio", __name__, url_prefix="/label-studio")
_log = logging.getLogger("asn_themes.service")
#: Label Studio sends all the tasks that someone picked in one request; the longest body is what limits it first.
_MAX_TASKS = 10_000
#: What asks for training: today's name, the one of Label Studio before 1.5, and none in the calls before that.
_TRAINING = ("START_TRAINING", "PROJECT_UPDATED")
#: Evidence below this share of the theme's strongest is left out, as on the page.
_LEAST_SHARE = 0.35
_PROJECT = re.compile(r"([1-9]\d{0,8})(\.\d+)?")


def prepare(settings: Settings) -> None:
    """Make the folder for jobs, where `settings` name one.

    Raises
    ------
    SettingError
        If there are no keys to ask for training with.
    OutputFailedError
        If the folder can't be made.
    """
    if not settings.jobs:
        return
    if not settings.api_keys:
        raise SettingError("setting: ASN_THEMES_JOBS needs ASN_THEMES_API_KEYS: not everyone may ask for training")
    with writing(Path(settings.jobs)):
        Path(settings.jobs).mkdir(parents=True, exist_ok=True)


@blueprint.get("/health")
def health() -> Response:
    """Say that the backend answers."""
    return routes.answer({"status": "UP", "model_class": "asn-themes"})


@blueprint.post("/setup")
def setup() -> Response:
    """Check that the project's configuration can be answered; the access token in the body is not looked at."""
    classifier = routes.models().current
    _config(_body(), "schema", classifier)
    return routes.answer({"model_version": classifier.short_version})


@blueprint.route("/versions", methods=["GET", "POST"])
def versions() -> Response:
    """List the one version: the model at work."""
    return routes.answer({"versions": [routes.models().current.short_version]})


@blueprint.post("/predict")
def predict() -> Response:
    """Pre-annotate tasks, one prediction each."""
    body, classifier = _body(), routes.models().current
    config = _config(body, "label_config", classifier)
    tasks = payload.read_list(body.get("tasks"), "/tasks", _MAX_TASKS)
    texts = [_text(task, f"/tasks/{i}", config.key) for i, task in enumerate(tasks)]
    end, explain = routes.deadline(), config.spans is not None
    results = []
    for text in texts:
        routes.check_deadline(end)
        result = routes.classify_one(classifier, routes.counters(), text, explain=explain)
        results.append(_prediction(result, text, config))
    return routes.answer({"results": results})


@blueprint.post("/webhook")
def webhook() -> Response:
    """Take an event: a call for training becomes a job, others are of no interest here."""
    body = _body()
    if body.get("action") not in _TRAINING:
        return routes.answer({"status": "Unknown event"})
    project = body.get("project")
    _leave_job(project.get("id") if isinstance(project, dict) else project, "/project/id")
    return routes.answer({"result": {}, "status": "ok"}, 201)


@blueprint.post("/train")
def train() -> Response:
    """Take a call for training as old Label Studios make it; the annotations it carries are fetched anew later."""
    _leave_job(_body().get("project"), "/project")
    return routes.answer({})


def _body() -> dict[str, Any]:
    # What the versions of Label Studio send differs, so fields that mean nothing here are let pass.
    body = payload.read_json(request, routes.settings())
    if not isinstance(body, dict):
        raise payload.invalid(FieldError("", "an object expected"))
    return body


def _config(body: dict[str, Any], name: str, classifier: Classifier) -> LabelConfig:
    xml = payload.read_text(body.get(name), f"/{name}", routes.settings())
    return labelconfig.read(xml, f"/{name}", classifier.model.themes)


def _text(task: Any, pointer: str, key: str) -> str:
    data = task.get("data") if isinstance(task, dict) else None
    if not isinstance(data, dict):
        raise payload.invalid(FieldError(f"{pointer}/data", "an object expected"))
    return payload.read_text(data.get(key), f"{pointer}/data/{payload.escape(key)}", routes.settings())


def _prediction(result: ArticleResult, text: str, config: LabelConfig) -> dict[str, Any]:
    chosen = _choices(result, config.choices)
    answers = [_answer(config.choices, "choices", {"choices": chosen})] if chosen else []
    if config.spans:
        answers += [_answer(config.spans, "labels", span) for span in _spans(result, text, config.spans)]
    # Label Studio sorts by the score, lowest first.
    return {"result": answers, "score": certainty(result.scores.values()), "model_version": result.model}


def _answer(control: Control, kind: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"from_name": control.name, "to_name": control.text, "type": kind, "value": value}


def _choices(result: ArticleResult, control: Control) -> list[str]:
    """Return what the project calls the themes of `result`: all of them, or the likeliest where one is asked for."""
    themes = [label for label in result.labels if label.decision == "yes" and label.label in control.options]
    if not themes and result.empty and result.paragraphs and BOILERPLATE in control.options:
        return [control.options[BOILERPLATE]]
    most = len(themes) if control.multiple else 1
    kept = sorted(themes, key=lambda label: -label.score)[:most]
    return [control.options[label.label] for label in themes if label in kept]


def _spans(result: ArticleResult, text: str, control: Control) -> Iterator[dict[str, Any]]:
    """Yield the words that decided for each theme of each paragraph, overlapping ones as one, in code points."""
    for paragraph in result.paragraphs:
        places: dict[str, list[tuple[float, int, int]]] = defaultdict(list)
        for addend in paragraph.evidence or ():
            if addend.theme in paragraph.themes and addend.start is not None and addend.end is not None:
                places[addend.theme].append((addend.weight, addend.start, addend.end))
        for theme in (theme for theme in places if theme in control.options):
            least = _LEAST_SHARE * max(weight for weight, _, _ in places[theme])
            kept = [(start, end) for weight, start, end in places[theme] if weight >= least > 0]
            for start, end in _merged(kept):
                yield {"start": start, "end": end, "text": text[start:end], "labels": [control.options[theme]]}


def _merged(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _leave_job(project: Any, pointer: str) -> None:
    """Note that `project` is to be trained on, for `asn-themes labels retrain`; a second call makes no second job.

    The job holds no address and no token: they are in the settings of who retrains, never taken from a request.
    """
    settings = routes.settings()
    # The front has asked for a key where there are any, and without any there is no folder.
    if not settings.jobs:
        detail = "Training is not asked for here; see ASN_THEMES_JOBS and ASN_THEMES_API_KEYS."
        raise ProblemError(403, "training-off", detail)
    number = _project(project)
    if number is None:
        raise payload.invalid(FieldError(pointer, "the number of a project expected"))
    job = {"project": number, "asked": datetime.now(UTC).isoformat(timespec="seconds")}
    try:
        publish(json.dumps(job).encode(), Path(settings.jobs) / f"project-{number}.json")
    except OutputFailedError as err:
        _log.error("%s", err)
        detail = "The call for training could not be noted; see the log, and call again once the folder can be written."
        raise ProblemError(503, err.slug, detail) from err


def _project(value: Any) -> int | None:
    # A number, or a string of it with the time of the project's making behind a dot.
    named = f"{value:.0f}" if isinstance(value, float) and value.is_integer() else value
    match = _PROJECT.fullmatch(named) if isinstance(named, str) else None
    return int(match[1]) if match else None
