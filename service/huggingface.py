"""``POST /hf``: the shape of Hugging Face's text-classification task."""

from typing import Any

from flask import Blueprint, Response, request

from classifier import Classifier
from service import payload, routes
from service.problems import FieldError

blueprint = Blueprint("huggingface", __name__)


@blueprint.post("/hf")
def classify() -> Response:
    """Score a text, or each of a list, and list its labels, best first."""
    settings = routes.settings()
    body = payload.read_object(payload.read_json(request, settings), "", {"inputs", "parameters", "options"})
    most = _top_k(body.get("parameters", {}))
    payload.check_values(body.get("options", {}), "/options", bool | None)
    given, classifier = body.get("inputs"), routes.models().current
    if isinstance(given, str):
        return routes.answer(_scores(classifier, payload.read_text(given, "/inputs", settings), most))
    inputs = payload.read_list(given, "/inputs", settings.max_documents)
    texts = [payload.read_text(text, f"/inputs/{i}", settings) for i, text in enumerate(inputs)]
    end = routes.deadline()
    answers = []
    for text in texts:
        routes.check_deadline(end)
        answers.append(_scores(classifier, text, most))
    return routes.answer(answers)


def _top_k(value: Any) -> int | None:
    # `function_to_apply` is taken and ignored: a score is always a sigmoid here.
    parameters = payload.read_object(value, "/parameters", {"top_k", "function_to_apply"})
    if not isinstance(parameters.get("function_to_apply"), str | None):
        raise payload.invalid(FieldError("/parameters/function_to_apply", "a string or null expected"))
    top_k = parameters.get("top_k")
    if top_k is None:
        return None
    if not isinstance(top_k, float) or not 1 <= top_k <= 1000 or top_k % 1:
        raise payload.invalid(FieldError("/parameters/top_k", "a whole number from 1 to 1000 expected"))
    return int(top_k)


def _scores(classifier: Classifier, text: str, most: int | None) -> list[dict[str, Any]]:
    labels = routes.classify_one(classifier, routes.counters(), text).labels
    ranked = sorted(labels, key=lambda label: -label.score)
    return [{"label": label.label, "score": label.score} for label in ranked[:most]]
