"""The routes: read the request, ask the classifier, answer."""

import time
from collections.abc import Mapping
from itertools import count
from typing import Any

import orjson
from flask import Blueprint, Response, current_app, request

from classifier import ArticleResult, Classifier
from service import extraction, payload
from service.front import SINCE
from service.metrics import Metrics
from service.models import Models
from service.problems import ProblemError
from service.settings import MAX_DEPTH, MAX_NOTE_CHARS, Settings

blueprint = Blueprint("api", __name__)
# Looking up the words of a text costs as much as scoring it: one text in 32 tells the ratio well enough.
_SAMPLED = 32
_texts = count()


def models() -> Models:
    """Return the models of the application."""
    held: Models = current_app.extensions["models"]
    return held


def settings() -> Settings:
    """Return the settings of the application."""
    held: Settings = current_app.extensions["settings"]
    return held


def counters() -> Metrics:
    """Return the metrics of the application."""
    held: Metrics = current_app.extensions["metrics"]
    return held


def answer(value: Any, status: int = 200) -> Response:
    """Return `value` as a JSON response."""
    return Response(orjson.dumps(value), status, content_type="application/json")


@blueprint.before_app_request
def name_endpoint() -> None:
    """Tell the log and the metrics which route it is: a name of ours, never a path of the client's."""
    if request.url_rule is not None:
        request.environ["asn_themes.endpoint"] = request.url_rule.rule


@blueprint.post("/classify")
def classify() -> Response:
    """Classify one document or several."""
    answered = classify_body(request.environ, settings(), models(), counters())
    return Response(answered, content_type="application/json")


def classify_body(environ: Mapping[str, Any], settings: Settings, models: Models, metrics: Metrics) -> bytes:
    """Return the answer to the documents of the request with this WSGI environment, as JSON.

    It needs no Flask context: `service.front` calls it straight, without routing and contexts.

    Raises
    ------
    ProblemError
        Where the request can't be answered.
    """
    batch = payload.read(environ, settings)
    # Taken once, so that no answer mixes models.
    classifier = models.current
    end = environ[SINCE] + settings.request_deadline_s
    results = []
    for document in batch.documents:
        check_deadline(end)
        resolved = extraction.resolve(document, settings)
        result = classify_one(classifier, metrics, resolved.text, resolved.title, resolved.explain)
        found = result.to_json(document_id=document.id, paragraphs=document.paragraphs)
        results.append(found if document.html is None else {**found, "text": resolved.text})
    return orjson.dumps(results[0] if batch.single else {"model": classifier.short_version, "results": results})


def classify_one(
    classifier: Classifier, metrics: Metrics, text: str, title: str | None = None, explain: bool = False
) -> ArticleResult:
    """Classify one text and count it; the one way to the classifier from every route."""
    result = classifier.classify(text, title=title, explain=explain)
    metrics.result(result)
    if next(_texts) % _SAMPLED == 0:
        metrics.unknown_share(classifier.unknown_share(text))
    return result


def deadline() -> float:
    """Return the time, of the monotonic clock, by which this request has to be answered."""
    since: float = request.environ[SINCE]
    return since + settings().request_deadline_s


def check_deadline(end: float) -> None:
    """Give a request up that takes too long.

    Raises
    ------
    ProblemError
        With 503 after `end`, a time of the monotonic clock.
    """
    if time.monotonic() > end:
        detail = "The answer took too long; send fewer documents at once, or try again later."
        raise ProblemError(503, "deadline-exceeded", detail, headers=(("Retry-After", "1"),))


@blueprint.get("/themes")
def themes() -> Response:
    """List the themes in order, with their cuts as logits and what to expect of the decisions."""
    classifier = models().current
    model = classifier.model
    return answer(
        {
            "model": classifier.short_version,
            "title": model.title,
            "themes": [
                {
                    "id": theme.id,
                    "name": {"id": theme.name_id, "en": theme.name_en},
                    "definition": theme.definition,
                    "cuts": {"no_below": float(low), "yes_from": float(high)},
                    "expected": model.expected(theme.id),
                }
                for theme, (low, high) in zip(model.themes, model.cuts.tolist(), strict=False)
            ],
        }
    )


@blueprint.get("/model")
def model() -> Response:
    """Tell what the model is and what it was trained on."""
    classifier = models().current
    return answer(
        {
            "model": classifier.short_version,
            "version": classifier.version,
            "kernel": classifier.engine.name,
            "themes": list(classifier.themes),
            "features": len(classifier.model.features),
            "metadata": dict(classifier.model.metadata),
        }
    )


@blueprint.get("/limits")
def limits() -> Response:
    """Tell what a request may hold and how long it may take."""
    held = settings()
    return answer(
        {
            "max_body_bytes": held.max_body_bytes,
            "max_documents": held.max_documents,
            "max_chars": held.max_chars,
            "max_json_depth": MAX_DEPTH,
            "body_deadline_s": held.body_deadline_s,
            "request_deadline_s": held.request_deadline_s,
            "feedback": {"max_note_chars": MAX_NOTE_CHARS, "max_a_day": held.max_feedback} if held.feedback else None,
        }
    )


@blueprint.get("/livez")
def livez() -> Response:
    """Say that the process answers."""
    return answer({"status": "ok"})


@blueprint.get("/readyz")
def readyz() -> Response:
    """Say that a model is loaded, and which; 503 when the server is about to stop."""
    classifier = models().current
    draining = request.environ.get("asn_themes.draining", False)
    return answer(
        {
            "status": "draining" if draining else "ok",
            "model": classifier.short_version,
            "version": classifier.version,
            "kernel": classifier.engine.name,
            "themes": list(classifier.themes),
        },
        503 if draining else 200,
    )


@blueprint.get("/metrics")
def expose_metrics() -> Response:
    """Expose the metrics of all workers."""
    body, media_type = counters().exposition()
    return Response(body, content_type=media_type)
