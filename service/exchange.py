"""One request in bytes to one answer in bytes: gunicorn's parser before the application, its response behind it."""

from typing import Any

from gunicorn.config import Config
from gunicorn.http import get_parser, wsgi

from service import framing
from service.front import SECURITY_HEADERS, WsgiApplication

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
    application: WsgiApplication, arrived: bytearray, address: Any, place: Any, config: Config, stopping: bool
) -> tuple[bytes, bool]:
    """Let `application` answer the first request in `arrived`, which is taken out of it.

    Parameters
    ----------
    application : callable
        The WSGI application.
    arrived : bytearray
        What a client has sent, a whole request at least.
    address, place : tuple or str
        The client's address and that of the listener.
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
    rest = framing.rest(arrived)
    request = next(get_parser(config, iter([bytes(arrived)]), address))
    response, environ = wsgi.create(request, outbox, address, place, config, _Response)
    environ["asn_themes.draining"] = stopping
    if stopping or rest is None:
        response.force_close()
    parts = application(environ, response.start_response)
    for part in parts:
        response.write(part)
    response.close()
    if hasattr(parts, "close"):
        parts.close()
    arrived[:] = rest or b""
    return b"".join(outbox.parts), not response.should_close()
