"""Label Studio: its JSON, with every annotation of a task, and JSON-MIN, with one row an annotation.

Labels are ``choices``.  An annotation that was cancelled is a reader who skipped; one with no choice says that the text
carries no theme.  `predictions` are what a model said.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from classifier.errors import InputRejectedError
from training.exchange.containers import Fields, Record
from training.exchange.flat import Row, fields_used, gather, identity, outputs, scatter, told
from training.exchange.source import META, Source, names_of, objects, plain
from training.exchange.tasks import Prediction, Task, Vote
from training.strict import Number

#: Names of the control and of the text in our own labelling configuration.
CONTROL, TEXT = "label", "text"
_MIN_USED = ("annotation_id", "created_at", "updated_at", "lead_time")


def fits(records: Sequence[Fields]) -> bool:
    """Say whether records look like Label Studio's JSON."""
    return all(isinstance(r.get("data"), dict) for r in records)


def read(records: Iterable[Record], source: Source) -> tuple[Task, ...]:
    """Read tasks; raises as `Source.text` does, and where one is not of Label Studio's shape."""
    return tuple(source.each(records, _task))


def _task(record: Record, source: Source) -> Task:
    fields, data = record.fields, record.fields.get("data")
    if not isinstance(data, dict):
        raise InputRejectedError("`data` is no object")
    column = source.columns.text or _text_column(data)
    votes = _votes(objects(fields, "annotations"), source)
    source.losses["drafts that were not submitted"] += len(objects(fields, "drafts"))
    # An export of annotations names predictions by their numbers alone.
    said = [] if _are_numbers(fields.get("predictions")) else objects(fields, "predictions")
    source.losses["predictions of other models than the last"] += max(len(said) - 1, 0)
    last = said[-1] if said else None
    return Task(
        plain(data.get("task")) or plain(fields.get("id")) or str(record.number),
        source.text(data, column),
        plain(data.get("article")),
        votes,
        source.prediction(_choices(last, source), last.get("model_version"), last.get("score")) if last else None,
        source.told(data, fields_used(column)),
    )


def _text_column(data: Mapping[str, Any]) -> str:
    """Return where the text stands: under ``text``, or else in the one value that is text."""
    texts = [name for name, value in data.items() if type(value) is str and name not in (*META, "task", "article")]
    return texts[0] if TEXT not in data and len(texts) == 1 else TEXT


def _are_numbers(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, Number) for item in value)


def _votes(annotations: Sequence[Mapping[str, Any]], source: Source) -> tuple[Vote, ...]:
    kept = [annotation for annotation in annotations if not annotation.get("was_cancelled")]
    source.losses["texts skipped by a reader"] += len(annotations) - len(kept)
    readers = [_reader(annotation) or (str(n) if len(kept) > 1 else "") for n, annotation in enumerate(kept, 1)]
    votes = {}
    for reader, annotation in zip(readers, kept, strict=True):
        vote = source.vote(reader, _choices(annotation, source), gold=annotation.get("ground_truth") is True)
        if vote:
            source.losses["earlier answers of the same reader to the same text"] += reader in votes
            votes[reader] = vote
    return tuple(votes.values())


def _reader(annotation: Mapping[str, Any]) -> str:
    """Return the number of a reader; an e-mail address only where there is nothing else."""
    given = annotation.get("completed_by")
    return (plain(given.get("id")) or plain(given.get("email"))) if isinstance(given, dict) else plain(given)


def _choices(answer: Mapping[str, Any], source: Source) -> list[str]:
    items = objects(answer, "result")
    chosen = [item["value"] for item in items if _is_choice(item, source.columns.label)]
    source.losses["marks within texts, and answers to other questions"] += len(items) - len(chosen)
    return [name for value in chosen for name in names_of(value.get("choices"))]


def _is_choice(item: Mapping[str, Any], control: str | None) -> bool:
    ours = control in (None, item.get("from_name"))
    return ours and item.get("type") == "choices" and isinstance(item.get("value"), dict)


def fits_min(records: Sequence[Fields]) -> bool:
    """Say whether records look like Label Studio's JSON-MIN."""
    return any("annotation_id" in record for record in records) or bool(_min_columns(records))


def read_min(records: Sequence[Record], source: Source) -> tuple[Task, ...]:
    """Read tasks; raises as `Source.text` does, and where it is not plain which column holds the labels."""
    fields = [record.fields for record in records]
    found = _min_columns(fields) or {CONTROL for record in fields if CONTROL in record}
    if records and source.columns.label is None and len(found) != 1:
        raise InputRejectedError(f"{len(found)} columns could hold the labels; say which with --label")
    column = source.columns.label or next(iter(found), CONTROL)
    return gather(source.each(records, partial(_min_row, column)), source)


def _min_row(column: str, record: Record, source: Source) -> Row:
    fields = record.fields
    given = fields.get(column)
    names = names_of(given.get("choices") if isinstance(given, dict) else given)
    return Row(
        identity(fields, record.number),
        source.text(fields, TEXT),
        plain(fields.get("article")),
        source.vote(plain(fields.get("annotator")), names),
        None,
        source.told(fields, fields_used(*_MIN_USED, column, source.columns.text or TEXT)),
    )


def _min_columns(records: Sequence[Fields]) -> set[str]:
    """Find the columns that hold several choices in any row; a single one is a bare string, as other columns are."""
    return {name for fields in records for name, value in fields.items()
            if isinstance(value, dict) and "choices" in value}  # fmt: skip


def write(tasks: Iterable[Task]) -> Iterator[Fields]:
    """Write tasks as Label Studio imports them, without readers: it refuses those that are not its users."""
    for task in tasks:
        yield {
            "data": {"text": task.text, "task": task.id, **told(Row(task.id, task.text, task.article, meta=task.meta))},
            "annotations": [
                {"result": result(vote), "was_cancelled": False, "ground_truth": vote.gold} for vote in task.votes
            ],
            "predictions": [] if task.prediction is None else [_prediction(task.prediction)],
        }


def result(answer: Vote | Prediction, control: str = CONTROL, text: str = TEXT) -> list[Fields]:
    """Write what an answer chose, as Label Studio does; an empty list where it chose nothing."""
    names = outputs(answer)
    chosen = {"from_name": control, "to_name": text, "type": "choices", "value": {"choices": names}}
    return [chosen] if names else []


def _prediction(prediction: Prediction) -> Fields:
    version = {"model_version": prediction.model} if prediction.model else {}
    score = {"score": prediction.score} if prediction.score is not None else {}
    return {**version, **score, "result": result(prediction)}


def write_min(tasks: Iterable[Task]) -> Iterator[Fields]:
    """Write one row a vote; one choice as a string, several or none as Label Studio groups several."""
    for row in scatter(tasks):
        if row.vote is None:
            continue
        names = outputs(row.vote)
        label = names[0] if len(names) == 1 else {"choices": names}
        yield {"id": row.id, "text": row.text, CONTROL: label, **told(row)}
