"""Bytes to records and back: JSON lines, a JSON array, a table."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from classifier.errors import InputRejectedError
from training.formulas import guard, unguard
from training.strict import BOM, decode

Fields = dict[str, Any]


class Record(NamedTuple):
    """A record, and its line or row in the file, from 1 as a person counts."""

    number: int
    fields: Fields


def read_jsonl(raw: bytes) -> list[Record]:
    """Read one object a line.

    Raises
    ------
    InputRejectedError
        Naming the first line that is none.
    """
    found = []
    # Only b"\n" ends a line: U+2028 and U+0085 may stand in a JSON string.
    for number, line in enumerate(raw.split(b"\n"), 1):
        if line.strip():
            try:
                found.append(Record(number, _fields(decode(line))))
            except InputRejectedError as err:
                raise InputRejectedError(f"row {number}: {err}") from err
    return found


def read_json(raw: bytes) -> list[Record]:
    """Read an array of objects.

    Raises
    ------
    InputRejectedError
        If it is anything else.
    """
    values = decode(raw)
    if not isinstance(values, list):
        raise InputRejectedError("an array expected")
    return [Record(number, _fields(value)) for number, value in enumerate(values, 1)]


def _fields(value: Any) -> Fields:
    if not isinstance(value, dict):
        raise InputRejectedError("an object expected")
    return value


def read_csv(raw: bytes) -> list[Record]:
    """Read a table with a header; its separator is the one of ``,`` ``;`` and tab that the header has most of.

    Raises
    ------
    InputRejectedError
        If it is no table in UTF-8, or a row is longer or shorter than the header.
    """
    try:
        text = raw.removeprefix(BOM).decode("utf-8")
    except UnicodeDecodeError as err:
        raise InputRejectedError(f"not UTF-8 at byte {err.start}; save the table as CSV in UTF-8") from err
    separator = max(",;\t", key=text.split("\n", 1)[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        header = next(reader, [])
        if len(set(header)) < len(header):
            raise InputRejectedError("a column stands twice in the header")
        return [Record(number, _cells(header, row, number)) for number, row in enumerate(reader, 2) if row]
    except csv.Error as err:
        raise InputRejectedError(f"line {reader.line_num}: not CSV") from err


def _cells(header: Sequence[str], row: Sequence[str], number: int) -> Fields:
    if len(row) != len(header):
        raise InputRejectedError(f"row {number}: {len(row)} fields, {len(header)} expected")
    return dict(zip(header, map(unguard, row), strict=True))


def write_jsonl(records: Iterable[Fields]) -> bytes:
    """Write one object a line."""
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()


def write_json(records: Iterable[Fields]) -> bytes:
    """Write an array, one object a line."""
    return ("[" + ",\n".join(json.dumps(record, ensure_ascii=False) for record in records) + "]\n").encode()


def write_csv(records: Iterable[Fields]) -> bytes:
    """Write a table with every cell quoted, and a quote before what a spreadsheet would take for a formula."""
    rows = list(records)
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([guard(str(row.get(name, ""))) for name in columns] for row in rows)
    return text.getvalue().encode()
