"""The plan of a run: its inputs cut into parts, the same ones each time, and the manifest that holds them."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

from classifier.errors import InputRejectedError, ResumeRefusedError
from classifier.extras import needed
from classifier.files import publish
from training.archive.documents import Document, fields_of
from training.archive.folder import RunFolder
from training.archive.options import Options
from training.archive.readers import Reject, Span, digest, read
from training.archive.records import MAX_ROW_BYTES, Record, delimiter, records
from training.archive.sources import Source


@dataclass(frozen=True, slots=True)
class Part:
    """What one worker does at a time: runs of rows, in order."""

    number: int
    spans: tuple[Span, ...]

    @property
    def bytes(self) -> int:
        """How much input it has."""
        return sum(span.end - span.start for span in self.spans)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that decides the bytes of the output: the model, the options and the inputs, cut into parts."""

    model: str
    options: Options
    parts: tuple[Part, ...]
    damage: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Rows in the inputs, before a sample is drawn."""
        return sum(span.rows for part in self.parts for span in part.spans)

    @property
    def bytes(self) -> int:
        """Bytes in the inputs, unpacked."""
        return sum(part.bytes for part in self.parts)

    def read(self) -> Iterator[Document | Reject]:
        """Read the rows of all parts, in order; raises as `readers.read` does."""
        spans = (span for part in self.parts for span in part.spans)
        return chain.from_iterable(read(span, self.options, Path()) for span in spans)

    def to_json(self) -> dict[str, Any]:
        """Return the manifest."""
        parts = [[asdict(span) | {"columns": list(span.columns)} for span in part.spans] for part in self.parts]
        return {
            "model": self.model,
            "options": self.options.to_json(),
            "parts": parts,
            "damage": list(self.damage),
        }


def make(model: str, options: Options, sources: list[Source]) -> Plan:
    """Read all inputs once and cut them into parts.

    Raises
    ------
    InputRejectedError
        If a source as a whole is not what it claims to be.
    """
    parts: list[Part] = []
    spans: list[Span] = []
    size = 0
    for span in _spans(sources, options):
        spans.append(span)
        size += span.end - span.start
        if size >= options.part_bytes:
            parts.append(Part(len(parts), tuple(spans)))
            spans, size = [], 0
    if spans:
        parts.append(Part(len(parts), tuple(spans)))
    damage = tuple(f"{source.file} {source.damage}" for source in sources if source.damage)
    return Plan(model, options, tuple(parts), damage)


def begin(plan: Plan, folder: RunFolder) -> None:
    """Write the manifest, or find the one that an earlier run of the same plan wrote.

    Raises
    ------
    ResumeRefusedError
        If the folder holds a run of another plan; what differs is named.
    """
    manifest = plan.to_json()
    if not folder.manifest.exists():
        publish(json.dumps(manifest, ensure_ascii=False, indent=1).encode(), folder.manifest)
        return
    try:
        earlier = json.loads(folder.manifest.read_bytes())
    except ValueError:
        earlier = {}
    if earlier != manifest:
        raise ResumeRefusedError(
            f"resume: {folder.path} holds a run with {_difference(earlier, manifest)}; "
            f"choose another output, or remove it to start anew"
        )


def _difference(earlier: dict[str, Any], now: dict[str, Any]) -> str:
    if earlier.get("model") != now["model"]:
        return "another model"
    options = earlier.get("options", {})
    differing = [name for name, value in now["options"].items() if options.get(name) != value]
    return f"another {differing[0].replace('_', ' ')}" if differing else "other inputs"


def _spans(sources: list[Source], options: Options) -> Iterator[Span]:
    left = options.limit
    for source in sources:
        try:
            for span in _CUTTERS[source.kind](source, options, left):
                yield span
                left = None if left is None else left - span.rows
        except OSError as err:
            raise InputRejectedError(
                f"input: cannot read {source.file} ({err.strerror or err}); name another file"
            ) from err
        if left == 0:
            return


def _text_spans(source: Source, options: Options, limit: int | None) -> Iterator[Span]:
    with Path(source.path).open("rb") as stream:
        if source.kind == "csv" and not options.kind:
            source = replace(source, kind=_parted(stream))
        found = records(stream, source.kind)
        columns: tuple[str, ...] = ()
        if source.kind != "jsonl":
            first = next(found, None)
            if first is None:
                return
            columns = _header(source, first.raw, options)
        found = islice(found, limit)
        for first in found:
            last, rows = first, 1
            while last.end - first.start < options.part_bytes and (record := next(found, None)):
                last, rows = record, rows + 1
            yield _text_span(source, columns, first, last, rows)


def _parted(stream: BinaryIO) -> str:
    """Tell by the header of a CSV what parts its cells: spreadsheets use semicolons where the comma is for decimals."""
    header = next(filter(bytes.strip, iter(lambda: stream.readline(MAX_ROW_BYTES), b"")), b"")
    stream.seek(0)
    names = re.sub(rb'"[^"]*"', b"", header)
    return "ssv" if names.count(b";") > names.count(b",") else "csv"


def _text_span(source: Source, columns: tuple[str, ...], first: Record, last: Record, rows: int) -> Span:
    sha256 = digest(Path(source.path), first.start, last.end)
    return Span(source.file, source.kind, source.path, first.start, last.end, first.line, rows, sha256, columns=columns)


def _header(source: Source, raw: bytes, options: Options) -> tuple[str, ...]:
    try:
        columns = tuple(fields_of(raw, delimiter(source.kind))) if raw else ()
    except InputRejectedError as err:
        raise InputRejectedError(f"input: {source.file}: the header is {err}; mend it") from err
    _check_columns(source, columns, options)
    return columns


def _check_columns(source: Source, columns: tuple[str, ...], options: Options) -> None:
    # A spreadsheet leaves columns without a name behind its table.
    for name, n in Counter(filter(None, columns)).items():
        if n > 1:
            raise InputRejectedError(f"input: {source.file}: {n} columns are called {name!r}; rename all but one")
    missing = [name for name in options.asked if name not in columns]
    if options.text not in columns and options.html not in columns:
        missing = [options.text]
    if missing:
        raise InputRejectedError(f"input: {source.file}: no column {missing[0]!r}; name the columns by options")


def _page_spans(source: Source, _: Options, __: int | None) -> Iterator[Span]:
    path = Path(source.path)
    size = path.stat().st_size
    yield Span(source.file, source.kind, source.path, 0, size, 1, 1, digest(path, 0, size))


def _parquet_spans(source: Source, options: Options, limit: int | None) -> Iterator[Span]:
    pa = needed("pyarrow", "parquet")
    parquet = needed("pyarrow.parquet", "parquet")
    path = Path(source.path)
    try:
        with parquet.ParquetFile(path) as file:
            metadata, schema = file.metadata, file.schema_arrow
    except (pa.ArrowException, OSError) as err:
        raise InputRejectedError(f"input: {source.file}: no whole Parquet file; copy it again") from err
    _check_columns(source, tuple(schema.names), options)
    _check_text(pa, source, schema, options)
    wanted = (options.id, options.text, options.title, options.html, *options.keep)
    columns = tuple(name for name in schema.names if name in wanted)
    row = 1
    for group in range(metadata.num_row_groups):
        rows = metadata.row_group(group).num_rows
        taken = rows if limit is None else min(rows, limit - row + 1)
        if taken > 0:
            start, end = _group_bytes(metadata.row_group(group))
            sha256 = digest(path, start, end)
            yield Span(source.file, source.kind, source.path, start, end, row, taken, sha256, group, columns)
        row += rows


def _check_text(pa: Any, source: Source, schema: Any, options: Options) -> None:
    texts = {pa.string(), pa.large_string(), pa.string_view(), pa.null()}
    texts |= {pa.binary(), pa.large_binary(), pa.binary_view()}
    for name in (options.text, options.title, options.html):
        if name not in schema.names:
            continue
        kind = schema.field(name).type
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        if kind not in texts:
            raise InputRejectedError(f"input: {source.file}: column {name!r} is {kind}, text expected; name another")


def _group_bytes(group: Any) -> tuple[int, int]:
    chunks = [group.column(i) for i in range(group.num_columns)]
    starts = [min(filter(None, (c.dictionary_page_offset, c.data_page_offset))) for c in chunks]
    return min(starts), max(s + c.total_compressed_size for s, c in zip(starts, chunks, strict=True))


_CUTTERS = {
    "jsonl": _text_spans,
    "csv": _text_spans,
    "ssv": _text_spans,
    "tsv": _text_spans,
    "txt": _page_spans,
    "html": _page_spans,
    "parquet": _parquet_spans,
}
