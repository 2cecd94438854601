"""What every request passes before the application and every answer after it: who may ask, headers, log, metrics."""

import hmac
import re
import secrets
from base64 import b64decode
from collections.abc import Callable, Iterable
from contextlib import suppress
from hashlib import sha256
from http import HTTPStatus
from time import monotonic
from typing import Any, TextIO
from urllib.parse import urlsplit

from service import logs, problems
from service.metrics import Metrics
from service.problems import ProblemError
from service.settings import Settings

#: On every answer.  The page needs no more than its own script and style; an answer in JSON needs nothing at all.
SECURITY_HEADERS = [
    (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ("Cache-Control", "no-store"),
]
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
#: Asked by machines that know neither name nor key.
PROBES = frozenset({"/livez", "/readyz"})
_OPEN = PROBES | {"/", "/openapi.json", "/limits", "/seeds"}
_OPEN_FOLDERS = ("/static/", "/seeds/")
#: Where the environment of a request holds who asks: the first 12 hex digits of the key's SHA-256.
GIVER = "asn_themes.giver"
#: Where it holds the time, of the monotonic clock, at which the request was whole: waiting counts too.
SINCE = "asn_themes.since"
# The port is whatever the client reached us by.
_HOST = re.compile(r"(\[[^]]*\]|[^:]*)(?::[0-9]*)?")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})

StartResponse = Callable[..., Any]
WsgiApplication = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class Front:
    """A WSGI application around `application`.

    Parameters
    ----------
    application : callable
        The application that answers.
    classify : callable
        What answers ``POST /classify``, past the application: routing and contexts cost more than the classifier.
    settings : Settings
        Allowed hosts and keys.
    metrics : Metrics
        Where requests are counted.
    log : text stream, optional
        Where the line of each request goes.
    """

    def __init__(
        self,
        application: WsgiApplication,
        classify: Callable[[dict[str, Any]], bytes],
        settings: Settings,
        metrics: Metrics,
        log: TextIO | None = None,
    ) -> None:
        self._application = application
        self._classify = classify
        self._metrics = metrics
        self._log = log
        self._keys = [bytes.fromhex(key) for key in settings.api_keys]
        self._hosts = _LOOPBACK | {settings.host.lower(), *settings.allowed_hosts}

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        since = environ.setdefault(SINCE, monotonic())
        request_id = _request_id(environ.get("HTTP_X_REQUEST_ID", ""))
        environ["asn_themes.request_id"] = request_id
        status = 500

        def start(line: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            nonlocal status
            status = int(line[:3])
            return start_response(line, [*headers, *SECURITY_HEADERS, ("X-Request-Id", request_id)], exc_info)

        try:
            self._check(environ)
            answer = self._answer(environ, start)
        except ProblemError as problem:
            answer = problems.render(problem, request_id)(environ, start)
        # Flask turns its own bugs into problems; this is for those on the straight way.
        except Exception as bug:
            answer = problems.render(problems.of_bug(bug), request_id)(environ, start)
        self._note(environ.get("asn_themes.endpoint", "none"), environ["REQUEST_METHOD"], status, since, request_id)
        return answer

    def _answer(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/classify" or environ["REQUEST_METHOD"] != "POST":
            return self._application(environ, start)
        environ["asn_themes.endpoint"] = "/classify"
        body = self._classify(environ)
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    def refuse(self, status: int, slug: str, detail: str) -> bytes:
        """Return a whole HTTP response, the last on its connection, for what never gets to be a request."""
        since = monotonic()
        request_id = _request_id("")
        again = [("Retry-After", "1")] if status == 503 else []
        # Bytes, not a response object: what sheds load has to cost much less than an answer.
        body = problems.body(ProblemError(status, slug, detail), request_id)
        headers = [
            ("Content-Type", problems.MEDIA_TYPE),
            ("Content-Length", str(len(body))),
            ("Connection", "close"),
            ("X-Request-Id", request_id),
            *again,
            *SECURITY_HEADERS,
        ]
        self._note("none", "-", status, since, request_id)
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
        return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n{lines}\r\n".encode("latin-1") + body

    def _check(self, environ: dict[str, Any]) -> None:
        path = environ.get("PATH_INFO", "")
        if path in PROBES:
            return
        host = _HOST.fullmatch(_named_host(environ).lower())
        if "*" not in self._hosts and (host is None or host[1] not in self._hosts):
            raise ProblemError(400, "host-not-allowed", "This host name is not served; see ASN_THEMES_ALLOWED_HOSTS.")
        if environ.get("HTTP_SEC_FETCH_SITE") == "cross-site" and environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            raise ProblemError(403, "cross-site", "Pages of other sites may not send requests here.")
        if self._keys and path not in _OPEN and not path.startswith(_OPEN_FOLDERS):
            self._check_key(environ)

    def _check_key(self, environ: dict[str, Any]) -> None:
        given = _given_key(environ)
        digest = sha256(given).digest()
        # Every key is compared, in constant time, so that the time tells nothing.  Nothing is no key, whatever is set.
        if not sum([hmac.compare_digest(digest, key) for key in self._keys]) or not given:
            detail = "Send a key as `Authorization: Bearer …`."
            raise ProblemError(401, "key-required", detail, headers=(("WWW-Authenticate", "Bearer"),))
        environ[GIVER] = digest.hex()[:12]

    def _note(self, endpoint: str, method: str, status: int, since: float, request_id: str) -> None:
        seconds = monotonic() - since
        self._metrics.request(endpoint, status, seconds)
        if self._log is not None:
            logs.request(
                self._log,
                id=request_id,
                method=method if method in _METHODS else "-",
                endpoint=endpoint,
                status=status,
                ms=round(seconds * 1000, 2),
            )


def _named_host(environ: dict[str, Any]) -> str:
    target: str = environ.get("RAW_URI", "/")
    # A host in the target counts, and then the field does not (RFC 9112, 3.2.2).
    named = "" if target.startswith("/") else urlsplit(target).netloc
    return named or environ.get("HTTP_HOST", "")


def _given_key(environ: dict[str, Any]) -> bytes:
    header: str = environ.get("HTTP_AUTHORIZATION", "")
    scheme, _, given = header.partition(" ")
    if scheme.lower() == "basic":
        # What only knows Basic, as Label Studio does, sends the key as the password, of any user.
        with suppress(ValueError):
            return b64decode(given.strip(), validate=True).partition(b":")[2]
    key: str = given.strip() if scheme.lower() == "bearer" else environ.get("HTTP_X_API_KEY", "")
    return key.encode("latin-1", "replace")


def _request_id(given: str) -> str:
    return given if given and _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
