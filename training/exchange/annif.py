"""Annif: one document a line, with its subjects by uri or label (``schemas/document.json``)."""

from collections.abc import Iterable, Iterator, Sequence

from classifier.errors import InputRejectedError
from classifier.model import BOILERPLATE
from training.exchange.containers import Fields, Record
from training.exchange.flat import Row, fields_used, gather, scatter, told
from training.exchange.names import NONE
from training.exchange.source import Source, objects, plain
from training.exchange.tasks import Task, Vote

#: What theme ids stand behind, as in the service's vocabulary.
URI = "urn:asn-themes:theme:"
_EMPTY = "documents without a subject, which does not say whether anybody looked"


def fits(records: Sequence[Fields]) -> bool:
    """Say whether records look like Annif's."""
    return all("subjects" in r or "document_id" in r for r in records)


def read(records: Iterable[Record], source: Source) -> tuple[Task, ...]:
    """Read tasks; raises as `Source.text` does."""
    return gather(source.each(records, _row), source)


def _row(record: Record, source: Source) -> Row:
    fields, meta = record.fields, record.fields.get("metadata") or {}
    if not isinstance(meta, dict):
        raise InputRejectedError("`metadata` is no object")
    names = [_name(subject, source) for subject in objects(fields, "subjects")]
    names += [judged] if (judged := plain(meta.get("judged"))) else []
    source.losses[_EMPTY] += not names
    source.told(fields, ("text", "document_id", "subjects", "metadata"))
    return Row(
        plain(fields.get("document_id")) or str(record.number),
        source.text(fields, "text"),
        plain(meta.get("article")),
        source.vote(plain(meta.get("annotator")), names, asked=None if names else ()),
        None,
        source.told(meta, fields_used("judged")),
    )


def _name(subject: Fields, source: Source) -> str:
    """Return what a subject is called: by its uri where that is known, or else by its label."""
    uri, label = (plain(subject.get(key)) for key in ("uri", "label"))
    ours = uri.removeprefix(URI)
    return label if label and source.names.find(ours) is None else ours


def write(tasks: Iterable[Task]) -> Iterator[Fields]:
    """Write documents; what no subject can say, none or boilerplate, stands in their metadata."""
    for row in scatter(tasks):
        subjects = [{"uri": URI + theme, "label": theme} for theme in row.vote.labels] if row.vote else []
        meta = told(row) | ({"judged": _judged(row.vote)} if row.vote and not subjects else {})
        yield {"document_id": row.id, "text": row.text, "metadata": meta, "subjects": subjects}


def _judged(vote: Vote) -> str:
    return BOILERPLATE if vote.boilerplate else NONE
