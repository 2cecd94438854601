"""From a request body to documents, strictly: what is not understood is refused, with a pointer to the field."""

import json
from dataclasses import dataclass
from typing import Any, NoReturn

from flask import Request

from service.problems import FieldError, ProblemError
from service.settings import Settings

_DOCUMENT_FIELDS = {"text", "id", "title", "explain", "paragraphs"}
_MAX_DEPTH = 16
_MAX_ERRORS = 20


@dataclass(frozen=True, slots=True)
class Document:
    """An article to classify and how to answer."""

    text: str
    id: str | None = None
    title: str | None = None
    explain: bool = False
    paragraphs: bool = True


@dataclass(frozen=True, slots=True)
class Batch:
    """The documents of a request; `single` where it was one document and not a list."""

    documents: tuple[Document, ...]
    single: bool


def read(request: Request, settings: Settings) -> Batch:
    """Read the documents of a request.

    Raises
    ------
    ProblemError
        With 400, 411, 413, 415 or 422 where the body is not what the contract says.
    """
    # A chunked body over the limit would be cut there and could still be valid JSON: refuse it unread.
    if request.content_length is None:
        raise ProblemError(411, "length-required", "Send the body with a Content-Length; chunked bodies are refused.")
    if request.content_length > settings.max_body_bytes:
        raise ProblemError(413, "body-too-large", f"The body is over {settings.max_body_bytes} bytes; split it.")
    if request.mimetype not in {"application/json", "text/plain"}:
        raise ProblemError(415, "unsupported-media-type", "Send application/json or text/plain, in UTF-8.")
    if request.mimetype_params.get("charset", "utf-8").lower() != "utf-8":
        raise ProblemError(415, "unsupported-charset", "Send the body in UTF-8.")
    try:
        body = request.get_data(cache=False).decode("utf-8")
    except UnicodeDecodeError as err:
        raise ProblemError(400, "invalid-utf8", f"Byte {err.start} of the body is not UTF-8.") from err
    if request.mimetype == "text/plain":
        return Batch((_documents([{"text": body}], [""], settings))[:1], single=True)
    return _batch(_parse_json(body), settings)


def _batch(value: Any, settings: Settings) -> Batch:
    if not isinstance(value, dict):
        raise _invalid([FieldError("", "an object expected")])
    if "documents" not in value:
        return Batch(_documents([value], [""], settings), single=True)
    documents = value["documents"]
    if not isinstance(documents, list) or len(value) > 1:
        raise _invalid([FieldError("/documents", "a list of documents, and nothing beside it, expected")])
    if len(documents) > settings.max_documents:
        raise ProblemError(
            413, "too-many-documents", f"At most {settings.max_documents} documents a request; split it."
        )
    return Batch(_documents(documents, [f"/documents/{i}" for i in range(len(documents))], settings), single=False)


def _documents(values: list[Any], pointers: list[str], settings: Settings) -> tuple[Document, ...]:
    errors = [e for value, pointer in zip(values, pointers, strict=True) for e in _errors(value, pointer)]
    if errors:
        raise _invalid(errors[:_MAX_ERRORS])
    for value, pointer in zip(values, pointers, strict=True):
        for name in ("text", "title"):
            if len(value.get(name) or "") > settings.max_chars:
                long = FieldError(f"{pointer}/{name}", f"over {settings.max_chars} characters")
                raise ProblemError(413, "text-too-long", f"At most {settings.max_chars} characters a text.", (long,))
    return tuple(Document(**value) for value in values)


def _errors(value: Any, pointer: str) -> list[FieldError]:
    if not isinstance(value, dict):
        return [FieldError(pointer, "an object expected")]
    errors = [
        FieldError(f"{pointer}/{_escape(name)}", "unknown field") for name in value if name not in _DOCUMENT_FIELDS
    ]
    if not isinstance(value.get("text"), str):
        errors.append(FieldError(f"{pointer}/text", "a string expected"))
    for name in ("id", "title"):
        if not isinstance(value.get(name), str | None):
            errors.append(FieldError(f"{pointer}/{name}", "a string or null expected"))
    for name in ("explain", "paragraphs"):
        if not isinstance(value.get(name, False), bool):
            errors.append(FieldError(f"{pointer}/{name}", "true or false expected"))
    errors += [
        FieldError(f"{pointer}/{name}", "holds half a surrogate pair")
        for name in ("text", "id", "title")
        if isinstance(value.get(name), str) and _has_surrogate(value[name])
    ]
    return errors


def _escape(name: str) -> str:
    # A field's name comes from the request: shown cut and in printable ASCII, escaped as RFC 6901 says.
    shown = name[:40].encode("ascii", "backslashreplace").decode()
    return "".join(c if c.isprintable() else "?" for c in shown).replace("~", "~0").replace("/", "~1")


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text) if not text.isascii() else False


def _invalid(errors: list[FieldError]) -> ProblemError:
    return ProblemError(422, "invalid-document", "The body is JSON, but not a document; see errors.", tuple(errors))


def _parse_json(body: str) -> Any:
    if _depth(body) > _MAX_DEPTH:
        raise ProblemError(400, "too-deep", f"The JSON is nested deeper than {_MAX_DEPTH}.")
    try:
        return json.loads(
            body, object_pairs_hook=_object, parse_constant=_no_number, parse_float=_number, parse_int=_number
        )
    except json.JSONDecodeError as err:
        raise ProblemError(400, "malformed-json", f"Not JSON from character {err.pos} on.") from err


def _depth(body: str) -> int:
    """Return the deepest nesting of brackets outside strings."""
    depth = deepest = 0
    inside = escaped = False
    for character in body:
        if inside:
            inside = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            inside, escaped = True, False
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ProblemError(400, "duplicate-key", "An object has the same key twice.")
    return value


def _number(text: str) -> float:
    # No field takes a number: it only has to be one that JSON can hold and a client will not misread.
    value = float(text) if len(text) <= 32 else float("inf")
    return value if abs(value) < 1e300 else _no_number(text)


def _no_number(_: str) -> NoReturn:
    raise ProblemError(400, "bad-number", "NaN, Infinity and huge numbers are not JSON.")
