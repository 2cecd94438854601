"""Errors over HTTP: problem+json (RFC 9457) for everything that is not an answer, never with the user's text in it."""

import logging
from typing import NamedTuple

import orjson
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

_log = logging.getLogger("asn_themes.service")
MEDIA_TYPE = "application/problem+json"


class FieldError(NamedTuple):
    """What is wrong with one field, by its JSON pointer (RFC 6901)."""

    pointer: str
    detail: str


class ProblemError(Exception):
    """A request that can't be answered; raised deep, rendered once here.

    Parameters
    ----------
    status : int
        HTTP status.
    slug : str
        Last part of the problem's type.
    detail : str
        What is wrong and what to do.
    errors : tuple of FieldError
        The fields at fault, if any.
    headers : tuple of pairs
        Header fields that belong to the answer.
    """

    def __init__(
        self,
        status: int,
        slug: str,
        detail: str,
        errors: tuple[FieldError, ...] = (),
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.slug = slug
        self.detail = detail
        self.errors = errors
        self.headers = headers


def register(app: Flask) -> None:
    """Make `app` answer every error with a problem body."""
    app.register_error_handler(ProblemError, _render)
    app.register_error_handler(HTTPException, _render_http)
    app.register_error_handler(Exception, _render_bug)


def render(problem: ProblemError, instance: str) -> Response:
    """Return the answer for `problem`; `instance` is the id of the request."""
    return Response(body(problem, instance), problem.status, problem.headers, mimetype=MEDIA_TYPE)


def body(problem: ProblemError, instance: str) -> bytes:
    """Return the body of the answer for `problem`."""
    members: dict[str, object] = {
        "type": f"urn:asn-themes:problem:{problem.slug}",
        "title": problem.slug.replace("-", " ").capitalize(),
        "status": problem.status,
        "detail": problem.detail,
        "instance": instance,
    }
    if problem.errors:
        members["errors"] = [{"pointer": error.pointer, "detail": error.detail} for error in problem.errors]
    return orjson.dumps(members)


def _render(problem: ProblemError) -> Response:
    return render(problem, request.environ.get("asn_themes.request_id", ""))


def _render_http(error: HTTPException) -> Response:
    status = error.code or 500
    response = _render(ProblemError(status, error.name.lower().replace(" ", "-"), error.description or error.name))
    # Headers such as Allow belong to the answer; its HTML body does not.
    for name, value in error.get_headers():
        if name not in {"Content-Type", "Content-Length"}:
            response.headers[name] = value
    return response


def _render_bug(error: Exception) -> Response:
    return _render(of_bug(error))


def of_bug(error: Exception) -> ProblemError:
    """Log an error that nobody foresaw and return the problem that the client sees."""
    # Type and place alone: a message could quote the user's text.
    _log.error("unexpected error", exc_info=error)
    return ProblemError(500, "internal-error", "An error on our side; try again, and report it if it stays.")
