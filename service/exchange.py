"""One request in bytes to one answer in bytes: gunicorn's parser before the application, its response behind it."""

from typing import Any

from gunicorn.config import Config
from gunicorn.http import get_parser, wsgi

from service import framing
from service.connection import Connection
from service.front import SECURITY_HEADERS, SINCE, WsgiApplication

_CONSTANT = frozenset(SECURITY_HEADERS)


class _Response(wsgi.Response):  # type: ignore[misc]  # gunicorn ships no types
    def process_headers(self, headers: list[tuple[str, str]]) -> None:
        # Checking seven constant fields again and again took a tenth of an answer.
        super().process_headers([field for field in headers if field not in _CONSTANT])
        self.headers += [field for field in headers if field in _CONSTANT]


class _Outbox:
    """What gunicorn's response takes for a socket: it keeps what is sent."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def sendall(self, data: bytes) -> None:
        self.parts.append(data)

    def send(self, data: bytes) -> int:
        # Only ``100 Continue`` comes this way, and the worker has sent it already.
        return len(data)


def answer(
    application: WsgiApplication, connection: Connection, place: Any, config: Config, stopping: bool
) -> tuple[bytes, bool]:
    """Let `application` answer the first request of `connection`, which is taken out of what has arrived.

    Parameters
    ----------
    application : callable
        The WSGI application.
    connection : Connection
        A client that has sent a whole request at least.
    place : tuple or str
        The listener's address.
    config : gunicorn's configuration
        Limits for the parser.
    stopping : bool
        Whether this answer is to be the last on its connection.

    Returns
    -------
    tuple of bytes and bool
        The answer, and whether the connection may go on.

    Raises
    ------
    ParseException, or another of gunicorn's errors
        If there is no well-formed request; see `service.refusals`.
    """
    outbox = _Outbox()
    rest = framing.rest(connection.arrived)
    request = next(get_parser(config, iter([bytes(connection.arrived)]), connection.address))
    response, environ = wsgi.create(request, outbox, connection.address, place, config, _Response)
    environ["asn_themes.draining"] = stopping
    environ[SINCE] = connection.since
    if stopping or rest is None:
        response.force_close()
    parts = application(environ, response.start_response)
    for part in parts:
        response.write(part)
    response.close()
    if hasattr(parts, "close"):
        parts.close()
    connection.arrived[:] = rest or b""
    return b"".join(outbox.parts), not response.should_close()
