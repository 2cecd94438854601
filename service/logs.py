"""Logs: one JSON object a line, on stderr, with no text of anyone's in it."""

import json
import logging
import sys
import time
from typing import Any

import orjson

_log = logging.getLogger("asn_themes.service")


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON object; of an exception it shows the type and the place, never the message."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "time": round(record.created, 3),
            "level": record.levelname.lower(),
            "event": "log",
            "logger": record.name,
            "message": record.getMessage()[:500],
        }
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__name__
            line["at"] = _place(record.exc_info[2])
        return json.dumps(line)


def _place(trace: Any) -> str:
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace is not None else ""


def configure() -> None:
    """Send the service's own log to stderr as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    _log.handlers = [handler]
    _log.setLevel(logging.INFO)
    _log.propagate = False
    # The extractor's messages may quote the page, a database's what it was given.
    for name in ("trafilatura", "htmldate", "courlan", "justext", "sqlalchemy", "psycopg"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def request(stream: Any, **fields: Any) -> None:
    """Write the line of one request; `fields` hold numbers, ids and names of ours alone."""
    if stream is not None:
        line = {"time": round(time.time(), 3), "level": "info", "event": "request", **fields}
        stream.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE).decode())
