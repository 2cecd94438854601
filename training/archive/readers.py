"""From a span of a source to its articles and rejected rows, checked against what was planned."""

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from classifier.errors import InputRejectedError
from classifier.extras import needed
from training.archive.documents import Document, document, from_json, from_table
from training.archive.options import Options
from training.archive.records import MAX_ROW_BYTES, Record, delimiter, records

_BUFFER_BYTES = 1 << 20
_PARQUET_ROWS = 256
_CHANGED = "changed while it was read; leave it alone and score it into a new output"


class Reject(NamedTuple):
    """A row that was not scored: where it stands and why.

    `offset` is in bytes; None in Parquet, where `line` is the row, from 1.
    """

    file: str
    line: int
    offset: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Span:
    """A run of whole rows in one file.

    Attributes
    ----------
    file, kind, path : str
        As in `Source`.
    start, end : int
        Its bytes.
    line, rows : int
        The line, or in Parquet the row, that it begins at, from 1, and how many rows it has.
    sha256 : str
        Of its bytes.
    group : int
        The row group, in Parquet.
    columns : tuple of str
        The header, in a table.
    """

    file: str
    kind: str
    path: str
    start: int
    end: int
    line: int
    rows: int
    sha256: str
    group: int = 0
    columns: tuple[str, ...] = ()


#: Told of each row before it is touched, by file and line; a reason for leaving it alone, or nothing.
Watch = Callable[[str, int], str]


def unwatched(_file: str, _line: int) -> str:
    """Let every row pass."""
    return ""


def read(span: Span, options: Options, root: Path, watch: Watch = unwatched) -> Iterator[Document | Reject]:
    """Read the rows of a span, in order; relative paths are taken from `root`.

    Raises
    ------
    InputRejectedError
        If the file is gone, can't be read, or is no longer what was planned.
    """
    try:
        yield from _READERS[span.kind](span, options, root / span.path, watch)
    except OSError as err:
        raise InputRejectedError(f"input: cannot read {span.file} ({err.strerror or err}); bring it back") from err


class _Window(io.RawIOBase):
    """The bytes of a file from one place to another, hashed as they are read."""

    def __init__(self, path: Path, start: int, end: int) -> None:
        # Unbuffered: what is hashed here is what the caller gets.
        self._file = path.open("rb", buffering=0)
        self._file.seek(start)
        self._left = end - start
        self._digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)[: self._left]
        size = self._file.readinto(view) or 0
        self._left -= size
        self._digest.update(view[:size])
        return size

    def hexdigest(self) -> str:
        return self._digest.hexdigest()

    def close(self) -> None:
        self._file.close()
        super().close()


def digest(path: Path, start: int, end: int) -> str:
    """Return the SHA-256 of the bytes of a file from `start` to `end`."""
    with _Window(path, start, end) as window:
        buffer = bytearray(_BUFFER_BYTES)
        while window.readinto(buffer):
            pass
        return window.hexdigest()


def opened(path: Path, start: int, end: int) -> io.BufferedReader:
    """Open a part of a file for reading; its `raw` knows the hash of what was read."""
    return io.BufferedReader(_Window(path, start, end), _BUFFER_BYTES)


def _unchanged(span: Span, found: str) -> None:
    if found != span.sha256:
        raise InputRejectedError(f"input: {span.file} {_CHANGED}")


def _chosen(span: Span, line: int, options: Options) -> bool:
    """Say whether a row is in the sample: by its place alone, so that no cut into parts changes it."""
    if options.sample is None:
        return True
    place = f"{span.file}:{line}".encode()
    # No CRC: it is linear, so that neighbouring lines are drawn together.
    return int.from_bytes(hashlib.blake2b(place, digest_size=8).digest()) < options.sample * 2**64


def _text(span: Span, options: Options, path: Path, watch: Watch) -> Iterator[Document | Reject]:
    parse = _parser(span, options)
    with opened(path, span.start, span.end) as stream:
        for record in records(stream, span.kind, span.line, span.start):
            if _chosen(span, record.line, options):
                yield _row(span.file, record, parse, watch)
        _unchanged(span, stream.raw.hexdigest())  # type: ignore[attr-defined]


def _parser(span: Span, options: Options) -> Callable[[bytes], Document]:
    if span.kind == "jsonl":
        return lambda raw: from_json(raw, options)
    separator = delimiter(span.kind)
    return lambda raw: from_table(raw, separator, span.columns, options)


def _row(file: str, record: Record, parse: Callable[[bytes], Document], watch: Watch) -> Document | Reject:
    reason = record.reason or watch(file, record.line)
    if reason:
        return Reject(file, record.line, record.start, reason)
    try:
        found = parse(record.raw)
    except InputRejectedError as err:
        return Reject(file, record.line, record.start, str(err))
    found.file, found.line = file, record.line
    return found


def _page(span: Span, options: Options, path: Path, watch: Watch) -> Iterator[Document | Reject]:
    """Read a file that is one article; its name is its id."""
    if not _chosen(span, span.line, options):
        return
    with opened(path, span.start, span.end) as stream:
        raw = stream.read(MAX_ROW_BYTES + 1)
        while stream.read(_BUFFER_BYTES):
            pass
        _unchanged(span, stream.raw.hexdigest())  # type: ignore[attr-defined]
    field = options.html if span.kind == "html" else options.text
    reason = f"over {MAX_ROW_BYTES >> 20} MiB" if len(raw) > MAX_ROW_BYTES else ""
    record = Record(span.line, span.start, span.end, raw, reason)
    yield _row(span.file, record, lambda raw: document({field: _decode(raw), options.id: span.file}, options), watch)


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise InputRejectedError(f"not UTF-8 at byte {err.start}") from err


def _parquet(span: Span, options: Options, path: Path, watch: Watch) -> Iterator[Document | Reject]:
    # The range first: the row after the last one is not asked for.
    for row, fields in zip(range(span.line, span.line + span.rows), _cells(span, path), strict=False):
        if _chosen(span, row, options):
            yield _parquet_row(span, row, fields, options, watch)
    # Pages carry checksums, but only of themselves: this also finds a file that was replaced.
    _unchanged(span, digest(path, span.start, span.end))


def _cells(span: Span, path: Path) -> Iterator[dict[str, Any]]:
    pa = needed("pyarrow", "parquet")
    try:
        for batch in _batches(span, path):
            yield from _fields(pa, batch, span.columns)
    except (pa.ArrowException, KeyError, ValueError, OverflowError, OSError) as err:
        raise InputRejectedError(
            f"input: {span.file}, row group {span.group}: damaged, or with values that can't be read "
            f"({type(err).__name__}); copy the file again, or write the column as text"
        ) from err


def _batches(span: Span, path: Path) -> Iterator[Any]:
    parquet = needed("pyarrow.parquet", "parquet")
    with parquet.ParquetFile(path, page_checksum_verification=True, buffer_size=_BUFFER_BYTES) as file:
        yield from file.iter_batches(
            _PARQUET_ROWS, row_groups=[span.group], columns=list(span.columns), use_threads=False
        )


def _fields(pa: Any, batch: Any, columns: tuple[str, ...]) -> Iterable[dict[str, Any]]:
    """List the rows of a batch."""
    values = [_as_text(pa.types, batch.column(name)).to_pylist() for name in columns]
    return (dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True))


def _as_text(types: Any, column: Any) -> Any:
    """Take text as bytes, since pyarrow does not check that it is UTF-8, and times as text: Python's are coarser."""
    if types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if types.is_string(column.type) or types.is_large_string(column.type) or types.is_string_view(column.type):
        return column.cast("large_binary")
    if types.is_timestamp(column.type) or types.is_date(column.type) or types.is_time(column.type):
        return column.cast("string")
    return column


def _parquet_row(span: Span, row: int, fields: dict[str, Any], options: Options, watch: Watch) -> Document | Reject:
    try:
        if reason := watch(span.file, row):
            raise InputRejectedError(reason)
        sizes = [len(value) for value in fields.values() if isinstance(value, bytes)]
        if sum(sizes) > MAX_ROW_BYTES:
            raise InputRejectedError(f"over {MAX_ROW_BYTES >> 20} MiB")
        found = document({name: _plain(value) for name, value in fields.items()}, options)
    except InputRejectedError as err:
        return Reject(span.file, row, None, str(err))
    found.file, found.line = span.file, row
    return found


def _plain(value: Any) -> Any:
    """Turn a cell into what a JSON row would hold: text, null, whole numbers; dates and the like as text."""
    if isinstance(value, bytes):
        return _decode(value)
    return value if value is None or isinstance(value, int) else str(value)


_READERS: dict[str, Callable[[Span, Options, Path, Watch], Iterator[Document | Reject]]] = {
    "jsonl": _text,
    "csv": _text,
    "ssv": _text,
    "tsv": _text,
    "txt": _page,
    "html": _page,
    "parquet": _parquet,
}
