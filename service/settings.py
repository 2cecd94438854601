"""Settings of the service: read once, checked, frozen."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from classifier.errors import SettingError

PREFIX = "ASN_THEMES_"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the service may be told; each field is also ``ASN_THEMES_`` + its name in capitals.

    Attributes
    ----------
    model : Path
        The model file.
    host, port : str, int
        Where to listen.
    workers : int
        Worker processes.
    prior : str
        How common themes are in what is sent, ``theme=share,…``; empty: as in the labelled sample.
    max_body_bytes : int
        Longest request body.
    max_documents : int
        Most documents in one request.
    max_chars : int
        Longest text or title, in code points.
    """

    model: Path = Path("model.npz")
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    prior: str = ""
    max_body_bytes: int = 2 << 20
    max_documents: int = 256
    max_chars: int = 50_000

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ, **given: Any) -> "Settings":
        """Read the settings from the environment; what is `given` goes before.

        Raises
        ------
        SettingError
            If a value is not of its field's kind.
        """
        values: dict[str, Any] = {}
        for field in fields(cls):
            text = environment.get(PREFIX + field.name.upper())
            value = given.get(field.name, text)
            if value is not None:
                values[field.name] = _convert(field.name, type(field.default), value)
        return cls(**values)


def _convert(name: str, kind: type, value: Any) -> Any:
    try:
        converted = kind(value)
    except ValueError as err:
        raise SettingError(f"setting: {PREFIX}{name.upper()} is {value!r}, a whole number expected") from err
    if kind is int and converted < (0 if name == "port" else 1):
        raise SettingError(f"setting: {PREFIX}{name.upper()} is {converted}, at least 1 expected")
    return converted
