"""From a record to an article, strictly: a row that is not understood is rejected with its reason."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from classifier.errors import InputRejectedError
from training.archive.options import Options
from training.strict import BOM, Number, decode, sound


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
    value = decode(raw)
    if not isinstance(value, dict):
        raise InputRejectedError("not an object")
    return document(value, options)


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


def document(fields: Mapping[str, Any], options: Options) -> Document:
    """Check the fields of a row; raises as `from_json` does."""
    text = fields.get(options.text)
    if text is None and fields.get(options.html) is not None:
        text = _article_text(_string("html", fields[options.html]))
    name = fields.get(options.id)
    return Document(
        text=_string("text", text),
        id=None if name is None else _string("id", str(name) if type(name) in (Number, int) else name),
        title=None if fields.get(options.title) is None else _string("title", fields[options.title]),
        kept={name: _kept(fields[name]) for name in options.keep if name in fields},
    )


def _article_text(page: str) -> str:
    try:
        reader = import_module("classifier.html")
    except ImportError as err:
        raise InputRejectedError("HTML, and this release has no reader of HTML; give `text`") from err
    return str(reader.article_text(page))


def _string(name: str, value: Any) -> str:
    if value is None:
        raise InputRejectedError(f"no `{name}`")
    if type(value) is not str:
        raise InputRejectedError(f"`{name}` is not a string")
    return sound(name, value)


def _kept(value: Any) -> str | None:
    if value is None:
        return None
    return sound("a kept column", str(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
