"""``POST /feedback``: corrections, stored for people to review; the model never learns from them by itself."""

import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app, request

from classifier.errors import KeyReusedError, QuotaUsedUpError, SettingError, StoreUnavailableError
from corrections import open_store as open_corrections
from corrections.correction import FIELDS, Correction, Receipt
from service import payload, routes
from service.front import GIVER
from service.problems import FieldError, ProblemError
from service.settings import MAX_NOTE_CHARS, Settings

if TYPE_CHECKING:
    from corrections.store import Store

blueprint = Blueprint("feedback", __name__)
_log = logging.getLogger("asn_themes.service")
_VERDICTS = ("yes", "no")
_KEY = re.compile(r"[!-~]{1,128}")
_MODEL = re.compile(r"[0-9a-f]{12,64}")


def open_store(settings: Settings) -> "Store | None":
    """Return the store that `settings` name, or None where feedback is off.

    A database that is down now may come later: it doesn't keep the service from classifying.

    Raises
    ------
    SettingError
        If the store is none, its schema is another release's, or there are no keys to give feedback with.
    """
    if not settings.feedback:
        return None
    if not settings.api_keys:
        raise SettingError("setting: ASN_THEMES_FEEDBACK needs ASN_THEMES_API_KEYS: who sends feedback must be known")
    store = open_corrections(settings.feedback)
    try:
        store.prepare()
    except StoreUnavailableError as err:
        _log.error("%s", err)
    return store


@blueprint.post("/feedback")
def give() -> Response:
    """Store a correction of one theme of one paragraph."""
    store: Store | None = current_app.extensions["feedback"]
    if store is None:
        raise ProblemError(403, "feedback-off", "Feedback is not taken here; see ASN_THEMES_FEEDBACK.")
    key = request.headers.get("Idempotency-Key", "")
    if not _KEY.fullmatch(key):
        detail = "Send an Idempotency-Key, 1 to 128 printable ASCII characters, new for each correction."
        raise ProblemError(400, "idempotency-key-required", detail)
    body = payload.read_json(request, routes.settings())
    correction = _correction(payload.read_object(body, "", FIELDS), routes.settings())
    receipt = _add(store, correction, key)
    return routes.answer({"id": receipt.id, "received": receipt.received}, 201)


def _add(store: "Store", correction: Correction, key: str) -> Receipt:
    try:
        receipt = store.add(correction, request.environ[GIVER], key, routes.settings().max_feedback)
    except KeyReusedError as err:
        detail = "This Idempotency-Key was used for another correction; make a new one."
        raise ProblemError(409, err.slug, detail) from err
    except QuotaUsedUpError as err:
        detail = f"{routes.settings().max_feedback} corrections a day and key are used up; go on tomorrow (UTC)."
        raise ProblemError(429, err.slug, detail, headers=(("Retry-After", str(_seconds_left())),)) from err
    except StoreUnavailableError as err:
        _log.error("%s", err)
        detail = "The correction is not stored for certain; send it again with the same Idempotency-Key."
        raise ProblemError(503, err.slug, detail, headers=(("Retry-After", "2"),)) from err
    if not receipt.again:
        routes.counters().correction(correction.theme, correction.verdict)
    return receipt


def _seconds_left() -> int:
    """Return how long the day (UTC), and with it the quota, still lasts."""
    now = datetime.now(UTC)
    return 86400 - (now.hour * 3600 + now.minute * 60 + now.second)


def _correction(body: dict[str, Any], settings: Settings) -> Correction:
    text = payload.read_text(body.get("text"), "/text", settings)
    note, article = (_remark(body.get(name), f"/{name}", settings) for name in ("note", "article"))
    errors = list(_errors(text, body))
    if errors:
        raise payload.invalid(*errors)
    return Correction(text, body["theme"], body["verdict"], body["model"], note, article)


def _remark(value: Any, pointer: str, settings: Settings) -> str:
    remark = payload.read_text("" if value is None else value, pointer, settings)
    if len(remark) > MAX_NOTE_CHARS:
        raise payload.invalid(FieldError(pointer, f"at most {MAX_NOTE_CHARS} characters expected"))
    return remark


def _errors(text: str, body: dict[str, Any]) -> Iterator[FieldError]:
    themes = routes.models().current.themes
    if not any(map(str.isalnum, text)):
        yield FieldError("/text", "a paragraph with words expected")
    if body.get("theme") not in themes:
        yield FieldError("/theme", f"{', '.join(themes)} expected")
    if body.get("verdict") not in _VERDICTS:
        yield FieldError("/verdict", "yes or no expected")
    if not isinstance(body.get("model"), str) or not _MODEL.fullmatch(body["model"]):
        yield FieldError("/model", "the model's version, as the answer named it, expected")
