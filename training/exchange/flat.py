"""Formats with one row a reader: the columns they share, and the tasks that their rows make up."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from classifier.model import BOILERPLATE
from training.exchange.names import NONE
from training.exchange.source import Source, names_of, plain
from training.exchange.tasks import Prediction, Task, Vote

#: Columns beside those of a format; `task` is our id where a tool gives its own.
COLUMNS = ("id", "task", "article", "annotator", "predicted", "model")


@dataclass(frozen=True, slots=True)
class Row:
    """One text with the vote of one reader, or of none."""

    id: str
    text: str
    article: str = ""
    vote: Vote | None = None
    prediction: Prediction | None = None
    meta: Mapping[str, str] = field(default_factory=dict)


def gather(rows: Iterable[Row], source: Source) -> tuple[Task, ...]:
    """Put the rows of one text (the same id and words) together; the last answer of a reader is the one that counts."""
    tasks: dict[tuple[str, str], Task] = {}
    for row in rows:
        task = tasks.setdefault(
            (row.id, row.text), Task(row.id, row.text, row.article, (), row.prediction, dict(row.meta))
        )
        if row.vote is None:
            continue
        others = tuple(vote for vote in task.votes if vote.annotator != row.vote.annotator)
        if len(others) < len(task.votes):
            source.losses["earlier answers of the same reader to the same text"] += 1
        tasks[row.id, row.text] = replace(task, votes=(*others, row.vote))
    return tuple(tasks.values())


def scatter(tasks: Iterable[Task]) -> Iterator[Row]:
    """Give every vote a row of its own, and a text without votes one too."""
    for task in tasks:
        for vote in task.votes or (None,):
            yield Row(task.id, task.text, task.article, vote, task.prediction, task.meta)


def identity(record: Mapping[str, Any], number: int) -> str:
    """Return the id of a record: ours, the tool's, or its number in the file."""
    return next((name for key in ("task", "id") if (name := plain(record.get(key)))), str(number))


def predicted(record: Mapping[str, Any], source: Source) -> Prediction | None:
    """Read the columns that say what a model had answered."""
    if "predicted" not in record or not record["predicted"]:
        return None
    names = [name for cell in names_of(record["predicted"]) for name in source.names.split(cell)]
    return source.prediction(names, record.get("model"), record.get("score"))


def outputs(answer: Vote | Prediction) -> list[str]:
    """Name what an answer says yes to."""
    return [BOILERPLATE] if answer.boilerplate else list(answer.labels)


def labels_of(answer: Vote | Prediction) -> list[str]:
    """Name what an answer says; where that is nothing, there is a name for it too."""
    return outputs(answer) or [NONE]


def told(row: Row, annotator: str = "annotator") -> dict[str, str]:
    """Return the columns that all flat formats add for us, those with something in them."""
    reader = row.vote.annotator if row.vote else ""
    return {name: value for name, value in {"article": row.article, annotator: reader, **row.meta}.items() if value}


def foretold(prediction: Prediction | None) -> dict[str, str]:
    """Return the columns that say what a model answers."""
    if prediction is None:
        return {}
    return {"predicted": "#".join(labels_of(prediction)), **({"model": prediction.model} if prediction.model else {})}


def fields_used(*names: str) -> Sequence[str]:
    """Return the columns that a format reads, its own and the shared ones."""
    return (*COLUMNS, *names)
