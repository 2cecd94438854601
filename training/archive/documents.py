"""From a record to an article, strictly: a row that is not understood is rejected with its reason."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from classifier.errors import InputRejectedError
from classifier.html import article_text
from training import strict
from training.archive.options import Options
from training.strict import BOM, Number, decode


@dataclass(slots=True)
class Document:
    """An article to score, what is passed through beside it, and where it stood."""

    text: str
    id: str | None
    title: str | None
    kept: dict[str, str | None]
    file: str = ""
    line: int = 0


def from_json(raw: bytes, options: Options) -> Document:
    """Make an article of one JSON line.

    Raises
    ------
    InputRejectedError
        With the reason alone; it never holds a word of the row.
    """
    fields = _plain(raw)
    return document(_strict(raw), options) if fields is None else document(fields, options, sound=True)


def _plain(raw: bytes) -> dict[str, Any] | None:
    """Read a row fast, or give None where the strict way has to decide.

    orjson refuses what is no JSON and halves of surrogate pairs, but it rounds numbers and takes the last of equal
    keys.  The colon after a key stands behind a quote or white space: where no more such colons are there than keys
    were found, no key came twice.
    """
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    if type(value) is not dict or not _EXACT.issuperset(map(type, value.values())) or 0 in value.values():
        return None
    # Searched from its end: the backslash it begins with is rarer than its zeros: in two thirds of the time.
    return value if _n_keys(raw) == len(value) and raw.rfind(b"\\u0000") < 0 else None


def _n_keys(raw: bytes) -> int:
    """Return how many keys a row has at most."""
    found, at = 0, raw.find(b":")
    while at >= 0:
        found += raw[at - 1] in b'" \t\r\n'
        at = raw.find(b":", at + 1)
    return found


def _strict(raw: bytes) -> dict[str, Any]:
    """Read a row as it was written, numbers too, and say what is wrong with it."""
    value = decode(raw)
    if not isinstance(value, dict):
        raise InputRejectedError("not an object")
    return value


def fields_of(raw: bytes, separator: str) -> list[str]:
    """Read the fields of one record of a table.

    Raises
    ------
    InputRejectedError
        If it is not UTF-8.
    """
    try:
        return next(csv.reader([raw.removeprefix(BOM).decode("utf-8")], delimiter=separator, strict=True))
    except UnicodeDecodeError as err:
        raise InputRejectedError(f"not UTF-8 at byte {err.start}") from err
    except csv.Error as err:
        raise InputRejectedError("not CSV") from err


def from_table(raw: bytes, separator: str, columns: tuple[str, ...], options: Options) -> Document:
    """Make an article of one record of a table with these columns; raises as `from_json` does."""
    fields = fields_of(raw, separator)
    if len(fields) != len(columns):
        raise InputRejectedError(f"{len(fields)} fields, {len(columns)} expected")
    return document(dict(zip(columns, fields, strict=True)), options)


def document(fields: Mapping[str, Any], options: Options, *, sound: bool = False) -> Document:
    """Check the fields of a row, whose strings are `sound` where they were checked; raises as `from_json` does."""
    text, name, title = fields.get(options.text), fields.get(options.id), fields.get(options.title)
    # A cell of a table can't be null.
    if text in (None, "") and fields.get(options.html) is not None:
        page = _string("html", fields[options.html], sound)
        text = article_text(page) if page else ""
    if type(name) in (Number, int):
        name = str(name)
    # In their order: named, they took twice the time.
    return Document(
        _string("text", text, sound),
        None if name is None else _string("id", name, sound),
        None if title is None else _string("title", title, sound),
        {name: _kept(fields[name], sound) for name in options.keep if name in fields},
    )


def _string(name: str, value: Any, sound: bool) -> str:
    if value is None:
        raise InputRejectedError(f"no `{name}`")
    if type(value) is not str:
        raise InputRejectedError(f"`{name}` is not a string")
    return value if sound else strict.sound(name, value)


def _kept(value: Any, sound: bool) -> str | None:
    if value is None or (sound and type(value) is str):
        return value
    try:
        shown = str(value) if isinstance(value, str) else _json(value)
    except RecursionError as err:
        raise InputRejectedError("nested too deeply") from err
    return strict.sound("a kept column", shown)


def _json(value: Any) -> str:
    """Write JSON as `json.dumps` does, but numbers as they were: to it they are strings."""
    if isinstance(value, Number):
        return value
    if isinstance(value, list):
        return f"[{', '.join(map(_json, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_json(key)}: {_json(item)}' for key, item in value.items())}}}"
    return json.dumps(value, ensure_ascii=False)


# What orjson reads without loss, but for -0.
_EXACT = {str, int, bool, type(None)}
