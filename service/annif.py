"""``/v1``: the read part of Annif's REST API, with the model as its one project and its themes as the vocabulary."""

from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, request

from classifier import Classifier
from service import payload, routes
from service.problems import FieldError, ProblemError

blueprint = Blueprint("annif", __name__, url_prefix="/v1")
PROJECT = "asn-themes"
_URI = "urn:asn-themes:theme:"
# As Annif itself has it.
_MAX_DOCUMENTS = 32
_MAX_FIELDS = 20
_MAX_LANGUAGES = 32


@blueprint.get("/", strict_slashes=False)
def info() -> Response:
    """Tell what speaks here."""
    return routes.answer({"title": "Annif REST API", "version": routes.models().current.short_version})


@blueprint.get("/projects")
def projects() -> Response:
    """List the one project."""
    return routes.answer({"projects": [_project()]})


@blueprint.get("/projects/<project>")
def project(project: str) -> Response:
    """Describe the project."""
    _check(project)
    return routes.answer(_project())


@blueprint.get("/vocabs")
def vocabs() -> Response:
    """List the one vocabulary."""
    return routes.answer({"vocabs": [_vocabulary()]})


@blueprint.post("/projects/<project>/suggest")
def suggest(project: str) -> Response:
    """Suggest themes for the text of a form."""
    _check(project)
    settings = routes.settings()
    body = payload.read_body(request, settings, ("application/x-www-form-urlencoded",))
    try:
        form = dict(parse_qsl(body, keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS))
    except ValueError as err:
        raise ProblemError(400, "malformed-form", "This is not a form in UTF-8 of at most 20 fields.") from err
    text = payload.read_text(form.get("text"), "/text", settings)
    return routes.answer({"results": _suggestions(routes.models().current, text, *_bounds(form))})


@blueprint.post("/projects/<project>/suggest-batch")
def suggest_batch(project: str) -> Response:
    """Suggest themes for several texts."""
    _check(project)
    settings = routes.settings()
    bounds = _bounds(request.args.to_dict())
    given = payload.read_object(payload.read_json(request, settings), "", {"documents"}).get("documents")
    documents = [
        _document(value, f"/documents/{i}")
        for i, value in enumerate(payload.read_list(given, "/documents", _MAX_DOCUMENTS))
    ]
    classifier, end = routes.models().current, routes.deadline()
    results = []
    for document_id, text in documents:
        routes.check_deadline(end)
        results.append({"document_id": document_id, "results": _suggestions(classifier, text, *bounds)})
    return routes.answer(results)


@blueprint.post("/detect-language")
def detect_language() -> Response:
    """Say how much of a text is Indonesian: the share of its words that the model knows.

    No other language is known here, so the rest has none, whatever languages are asked about.
    """
    settings = routes.settings()
    given = payload.read_object(payload.read_json(request, settings), "", {"text", "languages"})
    text = payload.read_text(given.get("text"), "/text", settings)
    languages = payload.read_list(given.get("languages"), "/languages", _MAX_LANGUAGES)
    if not languages or not all(isinstance(language, str) for language in languages):
        raise payload.invalid(FieldError("/languages", "a list of language codes expected"))
    asked = "id" in languages and any(map(str.isalnum, text))
    known = 1.0 - routes.models().current.unknown_share(text) if asked else 0.0
    shares = sorted({"id": known, None: 1.0 - known}.items(), key=lambda share: -share[1])
    return routes.answer({"results": [{"language": name, "score": score} for name, score in shares if score]})


@blueprint.post("/projects/<project>/learn")
def learn(project: str) -> Response:
    """Refuse: labels are made by hand, and a model only from them."""
    _check(project)
    raise ProblemError(403, "learning-not-allowed", "Learning not allowed.")


def _check(project: str) -> None:
    if project != PROJECT:
        raise ProblemError(404, "no-such-project", f"There is one project here, {PROJECT}.")


def _document(value: Any, pointer: str) -> tuple[str | None, str]:
    document = payload.read_object(value, pointer, {"text", "document_id", "metadata"})
    payload.check_values(document.get("metadata", {}), f"{pointer}/metadata", str)
    document_id = document.get("document_id")
    if document_id is not None:
        document_id = payload.read_text(document_id, f"{pointer}/document_id", routes.settings())
    return document_id, payload.read_text(document.get("text"), f"{pointer}/text", routes.settings())


def _bounds(given: dict[str, str]) -> tuple[int, float]:
    return int(_number(given, "limit", 10, 1, 1000)), _number(given, "threshold", 0.0, 0.0, 1.0)


def _number(given: dict[str, str], name: str, default: float, least: float, most: float) -> float:
    kind = type(default)
    try:
        # Only what JSON takes for a number: no underscores, no spaces, no other scripts' digits.
        text = given.get(name, str(default))
        value = kind(text) if text.isascii() and not set(text) & set("_ ") else most + 1
    except ValueError:
        value = most + 1
    if not least <= value <= most:
        raise payload.invalid(FieldError(f"/{name}", f"{least} to {most} expected"))
    return value


def _suggestions(classifier: Classifier, text: str, limit: int, threshold: float) -> list[dict[str, Any]]:
    labels = routes.classify_one(classifier, routes.counters(), text).labels
    ranked = sorted((label for label in labels if label.score >= threshold), key=lambda label: -label.score)
    names = {theme.id: theme.name_id for theme in classifier.model.themes}
    return [
        {"uri": _URI + label.label, "label": names[label.label], "notation": None, "score": label.score}
        for label in ranked[:limit]
    ]


def _project() -> dict[str, Any]:
    return {
        "project_id": PROJECT,
        "name": routes.models().current.model.title["id"],
        "language": "id",
        "backend": {"backend_id": "asn-themes"},
        "vocab": _vocabulary(),
        "vocab_language": "id",
        "is_trained": True,
        # A model is known by its hash; when its file was written says nothing.
        "modification_time": None,
    }


def _vocabulary() -> dict[str, Any]:
    return {"vocab_id": PROJECT, "languages": ["id"], "size": len(routes.models().current.themes), "loaded": True}
