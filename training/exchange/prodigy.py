"""Prodigy: JSON lines of its ``choice`` interface, one a reader, and those of its binary interface, one a theme.

``accept`` answers, ``reject`` says an explicit no to one label, ``ignore`` skips.  A choice without an ``answer`` is
still to be made, and what it accepts is a suggestion.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from classifier.model import BOILERPLATE
from training.exchange.containers import Fields, Record
from training.exchange.flat import Row, gather, labels_of, outputs, predicted, scatter
from training.exchange.names import Names
from training.exchange.source import Source, names_of, objects, plain
from training.exchange.tasks import Prediction, Task, Vote

_OWN = ("text", "label", "options", "accept", "answer", "meta", "config")
_META = ("id", "article", "predicted", "model", "score")


def fits(records: Sequence[Fields]) -> bool:
    """Say whether records look like Prodigy's."""
    return all(r.keys() & {"answer", "options", "accept", "_input_hash"} for r in records)


def read(records: Iterable[Record], source: Source) -> tuple[Task, ...]:
    """Read tasks; raises as `Source.text` does."""
    ids: dict[str, str] = {}
    rows = source.each(records, partial(_row, ids))
    return gather(_joined(rows, source), source)


def _row(ids: dict[str, str], record: Record, source: Source) -> Row:
    fields = record.fields
    meta = fields["meta"] if isinstance(fields.get("meta"), dict) else {}
    text = source.text(fields, "text")
    source.told({name: value for name, value in fields.items() if not name.startswith("_")}, _OWN)
    # Rows on one text, as of several readers, are told by their words where nothing else names them.
    name = plain(meta.get("id")) or ids.setdefault(text, str(record.number))
    prediction = predicted(meta, source)
    told = source.told(meta, _META)
    return Row(name, text, plain(meta.get("article")), _vote(fields, source), prediction, told)


def _vote(fields: Fields, source: Source) -> Vote | None:
    answer = fields.get("answer")
    annotator = plain(fields.get("_annotator_id")) or plain(fields.get("_session_id"))
    if answer not in ("accept", "reject"):
        source.losses["texts ignored by a reader"] += answer is not None
        return None
    if "options" in fields or "accept" in fields:
        if answer == "reject":
            source.losses["choices rejected as a whole"] += 1
            return None
        return source.vote(annotator, names_of(fields.get("accept")), asked=_asked(fields, source))
    given = source.vote(annotator, names_of(fields.get("label")), asked=())
    if given is None:
        return None
    label = (*given.labels, *([BOILERPLATE] if given.boilerplate else ()))
    return Vote(annotator, *((given.labels, given.boilerplate) if answer == "accept" else ((), False)), asked=label)


def _asked(fields: Fields, source: Source) -> tuple[str, ...] | None:
    options = [plain(option.get("id")) for option in objects(fields, "options")]
    found = {source.names.find(option) for option in options}
    return tuple(output for output in source.names.outputs if output in found) if options else None


def _joined(rows: Iterable[Row], source: Source) -> Iterable[Row]:
    """Put the binary answers of one reader on one text together; other rows stay as they are."""
    joined: dict[object, Row] = {}
    for number, row in enumerate(rows):
        some = row.vote is not None and row.vote.asked is not None
        key = (row.id, row.text, row.vote.annotator) if row.vote and some else number
        joined[key] = _both(joined[key], row, source) if key in joined else row
    return joined.values()


def _both(before: Row, row: Row, source: Source) -> Row:
    old, new = before.vote, row.vote
    if old is None or new is None:
        return before
    said = {output: output in outputs(old) for output in old.asked or ()}
    said |= {output: output in outputs(new) for output in new.asked or ()}
    yes = [output for output in source.names.outputs if said.get(output)]
    asked = tuple(output for output in source.names.outputs if output in said)
    vote = source.vote(new.annotator, yes, asked=asked)
    return Row(before.id, before.text, before.article, vote or old, before.prediction, before.meta)


def write(tasks: Iterable[Task], names: Names) -> Iterator[Fields]:
    """Write choices: the options are what a reader was asked about."""
    for row in scatter(tasks):
        asked = names.outputs if row.vote is None or row.vote.asked is None else row.vote.asked
        yield {
            "text": row.text,
            "options": [{"id": output, "text": output} for output in asked],
            "config": {"choice_style": "multiple"},
            "meta": _meta(row),
            **_answer(row.vote, row.prediction),
        }


def _answer(vote: Vote | None, prediction: Prediction | None) -> dict[str, Any]:
    if vote is None:
        return {"accept": [] if prediction is None else outputs(prediction)}
    reader = {"_annotator_id": vote.annotator} if vote.annotator else {}
    return {"accept": outputs(vote), "answer": "accept", **reader}


def _meta(row: Row) -> dict[str, Any]:
    meta: dict[str, Any] = {"id": row.id, **({"article": row.article} if row.article else {}), **row.meta}
    if row.prediction is not None:
        meta |= {"predicted": labels_of(row.prediction)}
        meta |= {"model": row.prediction.model} if row.prediction.model else {}
        meta |= {"score": row.prediction.score} if row.prediction.score is not None else {}
    return meta
