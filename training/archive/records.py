"""From bytes to raw records, each with its line and byte offset; what is no record is named and passed over."""

import csv
import re
from collections.abc import Generator, Iterator
from typing import BinaryIO, NamedTuple

#: A longer row is rejected unread.  The longest article in a year of news has about 100 kB.
MAX_ROW_BYTES = 4 << 20
_TOO_LONG = f"over {MAX_ROW_BYTES >> 20} MiB"
_STRAY_QUOTE = "a quote is left open, or stands inside a field"
_STRAY_RETURN = "a carriage return that ends no line stands outside quotes"
_BLOCK_BYTES = 4 << 20
# csv has a limit of its own, 131,072 characters a field; ours is on the row.
csv.field_size_limit(MAX_ROW_BYTES)


class Record(NamedTuple):
    """A row as it stands in its file.

    Attributes
    ----------
    line : int
        Its first line, from 1.
    start, end : int
        Its bytes in the file, line end included.
    raw : bytes
        What it holds; empty where it is rejected.
    reason : str
        Why it is rejected, or nothing.
    """

    line: int
    start: int
    end: int
    raw: bytes
    reason: str = ""


def records(stream: BinaryIO, kind: str, line: int = 1, offset: int = 0) -> Iterator[Record]:
    """Cut a stream of JSON lines, CSV or TSV into records; lines without content are none.

    `line` and `offset` say where in its file the stream begins.  Memory stays within a few `MAX_ROW_BYTES`.
    """
    return _lines(stream, line, offset) if kind == "jsonl" else _rows(stream, delimiter(kind), line, offset)


def delimiter(kind: str) -> str:
    """Return what stands between the fields of a table of this kind."""
    return {"csv": ",", "ssv": ";", "tsv": "\t"}[kind]


def _lines(stream: BinaryIO, line: int, offset: int) -> Iterator[Record]:
    # Only b"\n" ends a line: U+2028 and U+0085 may stand in a JSON string.
    while raw := stream.readline(MAX_ROW_BYTES + 1):
        end = offset + len(raw)
        if len(raw) > MAX_ROW_BYTES:
            while not raw.endswith(b"\n") and (raw := stream.readline(_BLOCK_BYTES)):
                end += len(raw)
            yield Record(line, offset, end, b"", _TOO_LONG)
        elif not raw.isspace():
            # In half the time of Record(...), for each row of an archive, twice.
            yield tuple.__new__(Record, (line, offset, end, raw, ""))
        line += 1
        offset = end


def _pattern(separator: str, end: str) -> re.Pattern[bytes]:
    """Compile RFC 4180's record up to `end`, behind a byte order mark or not.

    Possessive, so that a quote left open costs one look and no search.
    """
    field = rf'(?:"(?:[^"]++|"")*+"|[^"{separator}\r\n]*+)'
    return re.compile(rf"(?:\xef\xbb\xbf)?+{field}(?:{separator}{field})*+{end}".encode())


def _rows(stream: BinaryIO, separator: str, line: int, offset: int) -> Iterator[Record]:
    """Cut a table at the ends of its records.

    Where no record within `MAX_ROW_BYTES` begins, because a quote is left open, or it or a carriage return stands where
    none may, the line is rejected and the next line tried: one bad row costs one row, and where it ends does not depend
    on what is read ahead.
    """
    pattern, stray = _pattern(separator, r"\r?\n"), _pattern(separator, r"\r")
    buffer, position, ended = b"", 0, False
    while True:
        if not ended and len(buffer) - position <= MAX_ROW_BYTES:
            block = stream.read(_BLOCK_BYTES)
            ended = not block
            # A last line without its end is whole all the same.
            tail = b"\n" if ended and buffer[-1:] not in (b"", b"\n") else b""
            buffer, position = buffer[position:] + block + tail, 0
            continue
        if position == len(buffer):
            return
        match = pattern.match(buffer, position, position + MAX_ROW_BYTES)
        end = match.end() if match else buffer.find(b"\n", position) + 1
        if not end:
            offset, buffer, position = yield from _pass_over(stream, line, offset, buffer, position)
            line += 1
            continue
        raw = buffer[position:end] if match else b""
        if raw not in (b"\n", b"\r\n"):
            reason = "" if match else _reason(buffer[position:end], stray)
            yield Record(line, offset, offset + end - position, raw, reason)
        line += buffer.count(b"\n", position, end) if match else 1
        offset += end - position
        position = end


def _reason(raw: bytes, stray: re.Pattern[bytes]) -> str:
    """Say why no record begins with a line, by that line alone: the next one may stand in another part."""
    if len(raw) > MAX_ROW_BYTES:
        return _TOO_LONG
    return _STRAY_RETURN if stray.match(raw) else _STRAY_QUOTE


def _pass_over(
    stream: BinaryIO, line: int, start: int, buffer: bytes, position: int
) -> Generator[Record, None, tuple[int, bytes, int]]:
    """Reject a line whose end is not in sight without holding it; return the offset, buffer and position after it."""
    size = len(buffer) - position
    rest = b""
    while block := stream.read(_BLOCK_BYTES):
        cut = block.find(b"\n") + 1
        size += cut or len(block)
        if cut:
            rest = block[cut:]
            break
    yield Record(line, start, start + size, b"", _TOO_LONG)
    return start + size, rest, 0
