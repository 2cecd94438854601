"""doccano: JSON lines, a JSON array of the same, and CSV, for its task "text classification".

One row a text, ``label`` a list (CSV: joined by ``#``), what was imported beside the text flattened into the row, and
in JSON ``Comments``.  With collaboration off, doccano exports one file a reader, named for the reader.
"""

from collections.abc import Iterable, Iterator, Sequence

from training.exchange.containers import Fields, Record
from training.exchange.flat import Row, fields_used, foretold, gather, identity, labels_of, predicted, scatter, told
from training.exchange.source import Source, names_of, plain
from training.exchange.tasks import Task

_EMPTY = "texts without a label, which does not say whether anybody looked"
_CONFIRMED = "labels equal to what the model had filled in, taken for a reader's: export approved texts alone"


def fits(records: Sequence[Fields]) -> bool:
    """Say whether records look like doccano's."""
    return all("label" in r and ("text" in r or "data" in r) for r in records) and not any(
        {"annotator", "annotation_id"} <= r.keys() for r in records
    )


def read(records: Iterable[Record], source: Source) -> tuple[Task, ...]:
    """Read tasks; raises as `Source.text` does."""
    return gather(source.each(records, _row), source)


def _row(record: Record, source: Source) -> Row:
    fields = record.fields
    column = source.columns.label or "label"
    given = fields.get(column)
    names = source.names.split(given) if isinstance(given, str) else names_of(given)
    prediction = predicted(fields, source)
    source.losses[_EMPTY] += not names
    vote = source.vote(plain(fields.get("annotator")), names, asked=None if names else ())
    if vote and prediction and names and (vote.labels, vote.boilerplate) == (prediction.labels, prediction.boilerplate):
        source.losses[_CONFIRMED] += 1
    return Row(
        identity(fields, record.number),
        source.text(fields, "text", "data"),
        plain(fields.get("article")),
        vote,
        prediction,
        source.told(fields, fields_used("text", "data", column, source.columns.text or "text")),
    )


def write_json(tasks: Iterable[Task]) -> Iterator[Fields]:
    """Write records for JSON."""
    for row in scatter(tasks):
        label = [] if row.vote is None else labels_of(row.vote)
        yield {"text": row.text, "label": label, "task": row.id, **told(row), **foretold(row.prediction)}


def write_csv(tasks: Iterable[Task]) -> Iterator[Fields]:
    """Write records for CSV."""
    return ({**record, "label": "#".join(record["label"])} for record in write_json(tasks))
