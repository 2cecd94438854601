"""The routes: read the request, ask the classifier, answer."""

import json
from typing import Any

from flask import Blueprint, Response, current_app, request

from classifier import Classifier
from service import payload
from service.payload import Document
from service.settings import Settings

blueprint = Blueprint("api", __name__)


def _classifier() -> Classifier:
    classifier: Classifier = current_app.extensions["classifier"]
    return classifier


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


@blueprint.post("/classify")
def classify() -> Response:
    """Classify one document or several."""
    batch = payload.read(request, _settings())
    classifier = _classifier()
    results = [_answer(classifier, document) for document in batch.documents]
    return _json(results[0] if batch.single else {"model": classifier.short_version, "results": results})


@blueprint.get("/themes")
def themes() -> Response:
    """List the themes in order, with their cuts as logits and what to expect of the decisions."""
    classifier = _classifier()
    model = classifier.model
    return _json(
        {
            "model": classifier.short_version,
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


@blueprint.get("/livez")
def livez() -> Response:
    """Say that the process answers."""
    return _json({"status": "ok"})


@blueprint.get("/readyz")
def readyz() -> Response:
    """Say that a model is loaded, which, and what engine scores with it."""
    classifier = _classifier()
    return _json(
        {
            "status": "ok",
            "model": classifier.short_version,
            "kernel": classifier.engine.name,
            "themes": list(classifier.themes),
        }
    )


def _answer(classifier: Classifier, document: Document) -> dict[str, Any]:
    result = classifier.classify(document.text, title=document.title, explain=document.explain)
    return result.to_json(document_id=document.id, paragraphs=document.paragraphs)


def _json(value: Any) -> Response:
    return Response(json.dumps(value, ensure_ascii=False, allow_nan=False), mimetype="application/json")
