"""Hugging Face datasets: Parquet with class labels, and JSON lines.

``labels`` is a list of classes, or ``label`` one class; null, and -1 for one class, say that nobody looked.  In
Parquet a class is a number whose name stands in the file; JSON lines have names, or numbers that nothing explains.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any

from classifier.errors import InputRejectedError
from classifier.model import BOILERPLATE
from training.archive.extras import needed
from training.exchange.containers import Fields, Record
from training.exchange.flat import Row, fields_used, gather, identity, outputs, scatter, told
from training.exchange.names import Names
from training.exchange.source import Source, names_of, plain
from training.exchange.tasks import Task, Vote
from training.strict import Number, decode

_KEY = b"huggingface"


def fits(records: Sequence[Fields]) -> bool:
    """Say whether records look like those of a dataset for text classification."""
    return all("text" in r and ("labels" in r or "label" in r) for r in records)


def read(records: Iterable[Record], source: Source) -> tuple[Task, ...]:
    """Read tasks; raises as `Source.text` does, and where a label is a number."""
    return gather(source.each(records, _row), source)


def _row(record: Record, source: Source) -> Row:
    fields = record.fields
    column = source.columns.label or ("labels" if "labels" in fields else "label")
    text = source.text(fields, "text")
    return Row(
        identity(fields, record.number),
        text,
        plain(fields.get("article")),
        _vote(fields, column, source),
        None,
        source.told(fields, fields_used("boilerplate", column, source.columns.text or "text")),
    )


def _vote(fields: Fields, column: str, source: Source) -> Vote | None:
    given = fields.get(column)
    if given is None:
        return None
    names = names_of(given)
    if any(isinstance(name, Number) for name in (given if isinstance(given, list) else [given])):
        raise InputRejectedError("labels are numbers without names; save the dataset as Parquet, which has them")
    if fields.get("boilerplate") is True:
        names.append(BOILERPLATE)
    return source.vote(plain(fields.get("annotator")), names)


def write(tasks: Iterable[Task]) -> Iterator[Fields]:
    """Write rows with labels by name."""
    for row in scatter(tasks):
        yield {"id": row.id, "text": row.text, "labels": outputs(row.vote) if row.vote else None, **told(row)}


def read_parquet(raw: bytes) -> list[Record]:
    """Read a Parquet file, its class numbers as names.

    Raises
    ------
    InputRejectedError
        If it is damaged, or a number has no name.
    SettingError
        If pyarrow is not installed.
    """
    pa = needed("pyarrow", "parquet")
    parquet = needed("pyarrow.parquet", "parquet")
    try:
        table = parquet.read_table(BytesIO(raw))
        rows = table.to_pylist()
    except (pa.ArrowException, OSError, UnicodeDecodeError) as err:
        raise InputRejectedError(f"damaged ({type(err).__name__}); export it again") from err
    classes = _classes(decode((table.schema.metadata or {}).get(_KEY, b"{}")))
    return [
        Record(number, {name: _named(value, classes.get(name)) for name, value in row.items()})
        for number, row in enumerate(rows, 1)
    ]


def _classes(stated: Any) -> dict[str, list[str]]:
    """Find the names of classes in what ``datasets`` states of the columns."""
    features = stated.get("info", {}).get("features", {}) if isinstance(stated, dict) else {}
    found = {}
    for column, feature in features.items():
        inner = feature[0] if isinstance(feature, list) and feature else feature
        inner = inner.get("feature", inner) if isinstance(inner, dict) else {}
        if isinstance(inner, dict) and inner.get("_type") == "ClassLabel":
            found[column] = [str(name) for name in inner.get("names", ())]
    return found


def _named(value: Any, classes: Sequence[str] | None) -> Any:
    if isinstance(value, list):
        return [_named(item, classes) for item in value]
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    if classes is None:
        return Number(value)
    if value == -1:
        return None
    if not 0 <= value < len(classes):
        raise InputRejectedError(f"class {value} of {len(classes)} has no name; export it again")
    return classes[value]


def write_parquet(records: Iterable[Fields], names: Names) -> bytes:
    """Write rows as ``datasets`` does: labels as numbers, with their names in the file."""
    pa = needed("pyarrow", "parquet")
    parquet = needed("pyarrow.parquet", "parquet")
    classes = list(names.outputs)
    rows = [dict(record) for record in records]
    for row in rows:
        row["labels"] = None if row["labels"] is None else [classes.index(name) for name in row["labels"]]
    columns = list(dict.fromkeys(name for row in rows for name in row)) or ["id", "text", "labels"]
    types = {name: pa.list_(pa.int64()) if name == "labels" else pa.string() for name in columns}
    info = json.dumps({"info": {"features": {name: _feature(name, classes) for name in columns}}})
    schema = pa.schema(list(types.items()), metadata={_KEY: info.encode()})
    file = BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows, schema=schema), file, compression="zstd")
    return file.getvalue()


def _feature(column: str, classes: Sequence[str]) -> Mapping[str, Any]:
    if column == "labels":
        return {"feature": {"names": classes, "_type": "ClassLabel"}, "_type": "Sequence"}
    return {"dtype": "string", "_type": "Value"}
