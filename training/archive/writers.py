"""From results to the bytes of a part, and from parts to one file."""

import csv
import io
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import orjson

from classifier.extras import needed
from classifier.results import ArticleResult
from training.archive.documents import Document
from training.archive.options import SCHEMA, Options
from training.archive.rows import columns, flat, objects
from training.formulas import guard

Scored = tuple[Document, ArticleResult]
_COPY_BYTES = 1 << 20


class Writer(Protocol):
    """Writes scored articles into a file."""

    def write(self, scored: Iterable[Scored]) -> None:
        """Write the rows of some articles."""

    def close(self) -> None:
        """Write what is still to be written."""


def writer(file: BinaryIO, options: Options, themes: tuple[str, ...]) -> Writer:
    """Make the writer of the output that `options` ask for."""
    return _WRITERS[options.output](file, options, themes)


class _JsonLines:
    def __init__(self, file: BinaryIO, options: Options, _: tuple[str, ...]) -> None:
        self._file, self._options = file, options

    def write(self, scored: Iterable[Scored]) -> None:
        self._file.writelines(
            orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
            for document, result in scored
            for row in objects(document, result, self._options)
        )

    def close(self) -> None:
        pass


class _Csv:
    """Every cell quoted, so that no other separator cuts it, and text that looks like a formula behind a quote."""

    def __init__(self, file: BinaryIO, options: Options, themes: tuple[str, ...]) -> None:
        self._file, self._options = file, options
        self._columns = columns(options, themes)
        self._put([list(self._columns)])

    def write(self, scored: Iterable[Scored]) -> None:
        self._put(
            [self._cell(row[name]) for name in self._columns]
            for document, result in scored
            for row in flat(document, result, self._options)
        )

    def _put(self, rows: Iterable[Sequence[Any]]) -> None:
        text = io.StringIO()
        csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
        self._file.write(text.getvalue().encode())

    def _cell(self, value: Any) -> Any:
        if isinstance(value, bool):
            return "true" if value else "false"
        return guard(value) if isinstance(value, str) and not self._options.csv_raw else value

    def close(self) -> None:
        pass


class _Parquet:
    def __init__(self, file: BinaryIO, options: Options, themes: tuple[str, ...]) -> None:
        self._options = options
        self._pa = needed("pyarrow", "parquet")
        types = {str: self._pa.string(), float: self._pa.float64(), int: self._pa.int64(), bool: self._pa.bool_()}
        names = columns(options, themes).items()
        self._schema = self._pa.schema(
            [(name, types[kind]) for name, kind in names], metadata={"asn-themes": f"schema {SCHEMA}"}
        )
        self._file = _parquet_file(file, self._schema)
        self._rows: list[dict[str, Any]] = []

    def write(self, scored: Iterable[Scored]) -> None:
        self._rows += [row for document, result in scored for row in flat(document, result, self._options)]

    def close(self) -> None:
        # One row group a part: a part has a few thousand rows.
        if self._rows:
            self._file.write_table(self._pa.Table.from_pylist(self._rows, schema=self._schema))
        self._file.close()


def _parquet_file(file: BinaryIO, schema: Any) -> Any:
    parquet = needed("pyarrow.parquet", "parquet")
    return parquet.ParquetWriter(file, schema, compression="zstd", write_page_checksum=True)


_WRITERS: dict[str, Callable[[BinaryIO, Options, tuple[str, ...]], Writer]] = {
    "jsonl": _JsonLines,
    "csv": _Csv,
    "parquet": _Parquet,
}


def join(parts: Sequence[Path], file: BinaryIO, options: Options, themes: tuple[str, ...]) -> None:
    """Write all parts, in order, into one file."""
    if options.output == "parquet":
        _join_parquet(parts, file, options, themes)
        return
    if options.output == "csv":
        writer(file, options, themes)
    for part in parts:
        append(part, file, options)


def append(part: Path, file: BinaryIO, options: Options) -> None:
    """Write the rows of one part of lines, without its header, to a file."""
    with part.open("rb") as rows:
        if options.output == "csv":
            rows.readline()
        shutil.copyfileobj(rows, file, _COPY_BYTES)


def _join_parquet(parts: Sequence[Path], file: BinaryIO, options: Options, themes: tuple[str, ...]) -> None:
    parquet = needed("pyarrow.parquet", "parquet")
    empty = _Parquet(io.BytesIO(), options, themes)
    target = _parquet_file(file, empty._schema)
    for part in parts:
        with parquet.ParquetFile(part, page_checksum_verification=True) as source:
            for group in range(source.num_row_groups):
                target.write_table(source.read_row_group(group, use_threads=False))
    target.close()
