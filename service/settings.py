"""Settings of the service: read once, checked, frozen."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from classifier.errors import SettingError

PREFIX = "ASN_THEMES_"
#: Deepest nesting of a JSON body.
MAX_DEPTH = 16
#: Longest note, or name of an article, beside a correction.
MAX_NOTE_CHARS = 1000
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NO_KEY = sha256(b"").hexdigest()


class _Number(NamedTuple):
    """How a number is written, in digits alone, for `int` and `float` take much more, and where it lies."""

    written: re.Pattern[str]
    least: int
    most: int
    what: str


_WHOLE = re.compile(r"[0-9]{1,15}")
_COUNT = _Number(_WHOLE, 1, 10**15, "a whole number from 1")
_PORT = _Number(_WHOLE, 0, 65535, "a whole number from 0 to 65535")
_SECONDS = _Number(re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?"), 0, 3600, "a number of seconds from 0 to 3600")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the service may be told; each field is also ``ASN_THEMES_`` + its name in capitals.

    Attributes
    ----------
    model : Path
        The model file; a new one published there by rename is taken up while serving.
    host, port : str, int
        Where to listen.
    workers : int
        Worker processes.
    prior : str
        How common themes are in what is sent, ``theme=share,…``; empty: as in the labelled sample.
    allowed_hosts : tuple of str
        Host names that requests may name; ``*`` allows all.  Loopback names and `host` are always allowed.
    api_keys : tuple of str
        SHA-256 in hex of each key that may ask; nobody is asked for one where this is empty.
    max_body_bytes : int
        Longest request body.
    max_documents : int
        Most documents in one request.
    max_chars : int
        Longest text or title, in code points.
    max_waiting : int
        Most requests that wait in a worker; the next is shed with 503.
    body_deadline_s : float
        Time for a whole request to arrive, from its first byte.
    request_deadline_s : float
        Time for an answer, from the last byte of its request on.
    drain_s : float
        Time between the signal to stop and the close of the listener.
    seeds : Path
        Folder of the articles that the page offers to try; may be absent.
    feedback : str
        URL of the store that takes corrections, SQLite's or PostgreSQL's; none are taken where it is empty.
    max_feedback : int
        Most corrections from one key in a day.
    jobs : str
        Folder where calls for training are left for `asn-themes labels retrain`; none are taken where it is empty.
    """

    model: Path = Path("model.npz")
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    prior: str = ""
    allowed_hosts: tuple[str, ...] = ()
    api_keys: tuple[str, ...] = ()
    max_body_bytes: int = 2 << 20
    max_documents: int = 256
    max_chars: int = 50_000
    max_waiting: int = 64
    body_deadline_s: float = 10.0
    request_deadline_s: float = 15.0
    drain_s: float = 0.5
    seeds: Path = Path("seeds")
    # Its password belongs in no message.
    feedback: str = field(default="", repr=False)
    max_feedback: int = 1000
    jobs: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ, **given: Any) -> "Settings":
        """Read the settings from the environment; what is `given` goes before, and an empty value counts as none.

        Raises
        ------
        SettingError
            If a value is not of its field's kind.
        """
        values: dict[str, Any] = {}
        for known in fields(cls):
            value = given.get(known.name, environment.get(PREFIX + known.name.upper()))
            if value not in (None, ""):
                values[known.name] = _convert(known.name, type(known.default), value)
        return cls(**values)


def _convert(name: str, kind: type, value: Any) -> Any:
    if kind is tuple:
        return _list(name, value)
    if kind in (int, float):
        return _number(name, kind, value)
    return _bracketed(value) if name == "host" else kind(value)


def _bracketed(host: str) -> str:
    """Put an address of IPv6 into brackets, as it stands wherever a port may follow."""
    return f"[{host}]" if host.count(":") > 1 and not host.startswith("[") else host


def _number(name: str, kind: type, value: Any) -> Any:
    expected = _SECONDS if kind is float else _PORT if name == "port" else _COUNT
    value = value.strip() if isinstance(value, str) else value
    written = not isinstance(value, str) or expected.written.fullmatch(value)
    if not written or not expected.least <= kind(value) <= expected.most:
        raise SettingError(f"setting: {PREFIX}{name.upper()} is {value!r}, {expected.what} expected, in plain digits")
    return kind(value)


def _list(name: str, value: str) -> tuple[str, ...]:
    items = tuple(item.strip().lower() for item in value.split(",") if item.strip())
    if name == "api_keys":
        _check_keys(items)
        return items
    return tuple(map(_bracketed, items))


def _check_keys(hashes: tuple[str, ...]) -> None:
    # A value may be a key itself, written where its hash belongs: it is not shown.
    if not hashes or not all(map(_SHA256.fullmatch, hashes)):
        raise SettingError(f"setting: {PREFIX}API_KEYS holds no SHA-256 in hex; make one with `sha256sum`")
    if _NO_KEY in hashes:
        raise SettingError(f"setting: {PREFIX}API_KEYS holds the SHA-256 of nothing; hash a key that is not empty")
