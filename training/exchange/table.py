"""A plain table: one row a reader, one column a theme with 1, 0 or nothing; or one column with all labels."""

from collections.abc import Iterable, Iterator, Sequence

from classifier.errors import InputRejectedError
from classifier.model import BOILERPLATE
from training.exchange.containers import Fields, Record
from training.exchange.flat import Row, fields_used, gather, identity, scatter, told
from training.exchange.names import Names
from training.exchange.source import Source, plain
from training.exchange.tasks import Task, Vote

_YES = frozenset({"1", "1.0", "x", "y", "ya", "yes", "true", "benar"})
_NO = frozenset({"0", "0.0", "n", "t", "tidak", "no", "false", "salah"})
_LABELS = ("labels", "label", "theme", "themes", "tema")
_EMPTY = "rows without a label, which does not say whether anybody looked"


def fits(_: Sequence[Fields]) -> bool:
    """Take any table."""
    return True


def read(records: Iterable[Record], source: Source) -> tuple[Task, ...]:
    """Read tasks; raises as `Source.text` does, and where a cell is neither yes nor no."""
    return gather(source.each(records, _row), source)


def _row(record: Record, source: Source) -> Row:
    fields = record.fields
    columns = {name: output for name in fields if (output := source.names.find(name)) in source.names.outputs}
    vote, used = _wide(fields, columns, source) if columns else _narrow(fields, source)
    text = source.text(fields, "text", "teks")
    return Row(
        identity(fields, record.number),
        text,
        plain(fields.get("article")),
        vote,
        None,
        source.told(fields, fields_used("text", "teks", *used, source.columns.text or "text")),
    )


def _wide(fields: Fields, columns: dict[str, str], source: Source) -> tuple[Vote | None, Sequence[str]]:
    answers = {output: answer for name, output in columns.items() if (answer := _answer(name, fields[name]))}
    yes = [output for output, answer in answers.items() if answer == "yes"]
    asked = tuple(output for output in source.names.outputs if output in answers)
    vote = source.vote(plain(fields.get("annotator")), yes, asked=asked) if answers else None
    return vote, tuple(columns)


def _answer(column: str, cell: str) -> str:
    value = cell.strip().casefold()
    if value and value not in _YES | _NO:
        raise InputRejectedError(f"column {column} holds neither 1 nor 0 nor nothing")
    return "yes" if value in _YES else "no" if value else ""


def _narrow(fields: Fields, source: Source) -> tuple[Vote | None, Sequence[str]]:
    column = source.columns.label or next((name for name in _LABELS if name in fields), None)
    if column not in fields:
        raise InputRejectedError("no column of labels and none named for a theme; say where labels stand with --label")
    names = source.names.split(fields[column])
    source.losses[_EMPTY] += not names
    return source.vote(plain(fields.get("annotator")), names, asked=None if names else ()), (column,)


def write(tasks: Iterable[Task], names: Names) -> Iterator[Fields]:
    """Write records with a column for each output; what a reader was not asked about is left empty."""
    for row in scatter(tasks):
        cells = {output: _cell(row.vote, output) for output in names.outputs}
        yield {"id": row.id, "article": "", "annotator": "", "text": row.text, **cells, **told(row)}


def _cell(vote: Vote | None, output: str) -> str:
    if vote is None or (vote.asked is not None and output not in vote.asked):
        return ""
    return str(int(vote.boilerplate if output == BOILERPLATE else output in vote.labels))
