"""From a request body to documents, strictly: what is not understood is refused, with a pointer to the field."""

import json
from collections.abc import Mapping, Set
from functools import lru_cache
from math import inf, isfinite
from types import NoneType, UnionType
from typing import Any, NamedTuple, NoReturn

from werkzeug.http import parse_options_header
from werkzeug.wrappers import Request

from classifier.text import unsound
from service.problems import FieldError, ProblemError
from service.settings import MAX_DEPTH, Settings

MEDIA_TYPES = ("application/json", "text/plain", "text/html")
_FIELDS: dict[str, tuple[type | tuple[type, ...], str]] = {
    "text": (str, "a string"),
    "html": (str, "a string"),
    "id": ((str, NoneType), "a string or null"),
    "title": ((str, NoneType), "a string or null"),
    "explain": (bool, "true or false"),
    "paragraphs": (bool, "true or false"),
}
_MAX_ERRORS = 20
_MAX_DIGITS = 18
# The largest double, written out, has 309 digits.
_MAX_NUMBER_CHARS = 400


class Document(NamedTuple):
    """An article to classify and how to answer; `html` is a page whose article is yet to be found."""

    text: str = ""
    html: str | None = None
    id: str | None = None
    title: str | None = None
    explain: bool = False
    paragraphs: bool = True


class Batch(NamedTuple):
    """The documents of a request; `single` where it was one document and not a list."""

    documents: tuple[Document, ...]
    single: bool


def read(environ: Mapping[str, Any], settings: Settings) -> Batch:
    """Read the documents of a request, given by its WSGI environment.

    Raises
    ------
    ProblemError
        With 400, 411, 413, 415 or 422 where the body is not what the contract says.
    """
    body = _body(environ, settings, MEDIA_TYPES)
    media_type, _ = _content_type(environ.get("CONTENT_TYPE", ""))
    if media_type == "application/json":
        return _batch(parse_json(body), settings)
    field = "text" if media_type == "text/plain" else "html"
    return Batch(_documents([{field: body}], [""], settings), single=True)


def read_body(request: Request, settings: Settings, media_types: tuple[str, ...]) -> str:
    """Read the body as text.

    Raises
    ------
    ProblemError
        With 400, 411, 413 or 415.
    """
    return _body(request.environ, settings, media_types)


def read_json(request: Request, settings: Settings) -> Any:
    """Read the body as JSON; raises as `read_body` and `parse_json` do."""
    return parse_json(read_body(request, settings, ("application/json",)))


def _body(environ: Mapping[str, Any], settings: Settings, media_types: tuple[str, ...]) -> str:
    # Straight from the environment: a request's own properties for this cost as much as scoring a paragraph each.
    length = environ.get("CONTENT_LENGTH", "")
    # A chunked body over the limit would be cut there and could still be valid JSON: refuse it unread.
    if not (length.isascii() and length.isdecimal()) or "HTTP_TRANSFER_ENCODING" in environ:
        raise ProblemError(411, "length-required", "Send the body with a Content-Length; chunked bodies are refused.")
    if len(length) > _MAX_DIGITS or int(length) > settings.max_body_bytes:
        raise ProblemError(413, "body-too-large", f"The body is over {settings.max_body_bytes} bytes; split it.")
    media_type, charset = _content_type(environ.get("CONTENT_TYPE", ""))
    if media_type not in media_types:
        raise unsupported(f"Send {' or '.join(media_types)}, in UTF-8.", media_types)
    if charset != "utf-8":
        raise ProblemError(415, "unsupported-charset", "Send the body in UTF-8.")
    if environ.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        raise ProblemError(415, "unsupported-encoding", "Send the body as it is, not compressed.")
    try:
        # The server hands over whole bodies, of a length that was checked above.
        return environ["wsgi.input"].read(int(length)).decode("utf-8")  # type: ignore[no-any-return]
    except UnicodeDecodeError as err:
        raise ProblemError(400, "invalid-utf8", f"Byte {err.start} of the body is not UTF-8.") from err


@lru_cache(maxsize=64)
def _content_type(field: str) -> tuple[str, str]:
    """Return the media type and the charset of a Content-Type; clients send the same few again and again."""
    media_type, parameters = parse_options_header(field)
    return media_type.lower(), parameters.get("charset", "utf-8").lower()


def unsupported(detail: str, media_types: tuple[str, ...]) -> ProblemError:
    """Return the problem of a body that is of none of `media_types`."""
    return ProblemError(415, "unsupported-media-type", detail, headers=(("Accept-Post", ", ".join(media_types)),))


def _batch(value: Any, settings: Settings) -> Batch:
    if not isinstance(value, dict):
        raise invalid(FieldError("", "an object expected"))
    if "documents" not in value:
        return Batch(_documents([value], [""], settings), single=True)
    if not isinstance(value["documents"], list) or len(value) > 1:
        raise invalid(FieldError("/documents", "a list of documents, and nothing beside it, expected"))
    documents = read_list(value["documents"], "/documents", settings.max_documents)
    return Batch(_documents(documents, [f"/documents/{i}" for i in range(len(documents))], settings), single=False)


def _documents(values: list[Any], pointers: list[str], settings: Settings) -> tuple[Document, ...]:
    errors = [e for value, pointer in zip(values, pointers, strict=True) for e in _errors(value, pointer)]
    if errors:
        raise invalid(*errors[:_MAX_ERRORS])
    for value, pointer in zip(values, pointers, strict=True):
        for name in ("text", "title"):
            if len(value.get(name) or "") > settings.max_chars:
                long = FieldError(f"{pointer}/{name}", f"over {settings.max_chars} characters")
                raise ProblemError(413, "text-too-long", f"At most {settings.max_chars} characters a text.", (long,))
    return tuple(Document(**value) for value in values)


def _errors(value: Any, pointer: str) -> list[FieldError]:
    if not isinstance(value, dict):
        return [FieldError(pointer, "an object expected")]
    errors = _missing(value, pointer)
    for name, item in value.items():
        if wrong := _wrong(name, item):
            errors.append(FieldError(f"{pointer}/{escape(name)}", wrong))
    return errors


def _missing(value: dict[str, Any], pointer: str) -> list[FieldError]:
    if "text" in value and "html" in value:
        return [FieldError(f"{pointer}/html", "text or html expected, not both")]
    return [] if "text" in value or "html" in value else [FieldError(f"{pointer}/text", "a string expected")]


def _wrong(name: str, item: Any) -> str | None:
    if name not in _FIELDS:
        return "unknown field"
    kind, expected = _FIELDS[name]
    if not isinstance(item, kind):
        return f"{expected} expected"
    return unsound(item) if isinstance(item, str) else None


def escape(name: str) -> str:
    """Return the name of a field as a pointer shows it."""
    # A field's name comes from the request: shown cut and in printable ASCII, escaped as RFC 6901 says.
    shown = name[:40].encode("ascii", "backslashreplace").decode()
    return "".join(c if c.isprintable() else "?" for c in shown).replace("~", "~0").replace("/", "~1")


def read_text(value: Any, pointer: str, settings: Settings) -> str:
    """Return `value` where it is a text of a reasonable length.

    Raises
    ------
    ProblemError
        With 413 or 422.
    """
    if not isinstance(value, str):
        raise invalid(FieldError(pointer, "a string expected"))
    if wrong := unsound(value):
        raise invalid(FieldError(pointer, wrong))
    if len(value) > settings.max_chars:
        raise ProblemError(413, "text-too-long", f"At most {settings.max_chars} characters a text.")
    return value


def read_list(value: Any, pointer: str, most: int) -> list[Any]:
    """Return `value` where it is a list of at most `most` items.

    Raises
    ------
    ProblemError
        With 413 or 422.
    """
    if not isinstance(value, list):
        raise invalid(FieldError(pointer, "a list expected"))
    if len(value) > most:
        raise ProblemError(413, "too-many-documents", f"At most {most} documents a request; split it.")
    return value


def read_object(value: Any, pointer: str, fields: Set[str]) -> dict[str, Any]:
    """Return `value` where it is an object with no other fields than `fields`.

    Raises
    ------
    ProblemError
        With 422.
    """
    if not isinstance(value, dict):
        raise invalid(FieldError(pointer, "an object expected"))
    unknown = [FieldError(f"{pointer}/{escape(name)}", "unknown field") for name in value if name not in fields]
    if unknown:
        raise invalid(*unknown[:_MAX_ERRORS])
    return value


def check_values(value: Any, pointer: str, kind: type | UnionType) -> None:
    """Refuse `value` where it is not an object whose values are of `kind`.

    Raises
    ------
    ProblemError
        With 422.
    """
    if not isinstance(value, dict) or not all(isinstance(item, kind) for item in value.values()):
        raise invalid(FieldError(pointer, "an object of plain values expected"))


def invalid(*errors: FieldError) -> ProblemError:
    """Return the problem of a body that can be read but is not what the contract says."""
    return ProblemError(422, "invalid-document", "The body is well-formed, but not a document; see errors.", errors)


def parse_json(body: str) -> Any:
    """Parse JSON strictly: no duplicate keys, no numbers that clients misread, no deep nesting.

    Raises
    ------
    ProblemError
        With 400.
    """
    try:
        value = _decode(body)
    except json.JSONDecodeError as err:
        raise ProblemError(400, "malformed-json", f"Not JSON from character {err.pos} on.") from err
    except RecursionError as err:
        raise _too_deep() from err
    # Brackets are counted in strings too, so this only says when there is nothing to walk through.
    if body.count("{") + body.count("[") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise _too_deep()
    return value


def _too_deep() -> ProblemError:
    return ProblemError(400, "too-deep", f"The JSON is nested deeper than {MAX_DEPTH}.")


def _depth(value: Any) -> int:
    """Return how deep `value` is nested, or `MAX_DEPTH` + 1 where it is deeper than that."""
    level, depth = [value], 0
    while depth <= MAX_DEPTH:
        level = [item for item in level if isinstance(item, dict | list)]
        if not level:
            break
        depth += 1
        level = [child for item in level for child in (item.values() if isinstance(item, dict) else item)]
    return depth


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ProblemError(400, "duplicate-key", "An object has the same key twice.")
    return value


def _number(text: str) -> float:
    # One that every client can hold: a double.  Reading it takes quadratic time, so a longer text is not even tried.
    value = float(text) if len(text) <= _MAX_NUMBER_CHARS else inf
    return value if isfinite(value) else _no_number(text)


def _no_number(_: str) -> NoReturn:
    raise ProblemError(400, "bad-number", "NaN, Infinity and numbers beyond a double are refused.")


# Made once: json.loads makes a decoder for every call with hooks.  orjson would take duplicate keys.
_decode = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_no_number, parse_float=_number, parse_int=_number
).decode
