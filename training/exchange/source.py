"""A file of labelled texts while it is read: how its columns are called, and what is lost on the way."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from classifier.errors import InputRejectedError
from classifier.model import BOILERPLATE
from training.exchange.containers import Record
from training.exchange.names import NONE, Names
from training.exchange.tasks import Losses, Prediction, Vote
from training.strict import Number, sound

T = TypeVar("T")
#: What is kept of what tools tell besides: where a text comes from, and why it was asked for.
META = ("date", "outlet", "url", "sample", "doubt")


@dataclass(frozen=True)
class Columns:
    """Where text and labels stand, if not where the format has them by itself; and labels that are not for us."""

    text: str | None = None
    label: str | None = None
    drop: tuple[str, ...] = ()


@dataclass
class Source:
    """What a reader of a format is given besides the records.

    Attributes
    ----------
    names : Names
        The names of labels.
    columns : Columns
        As the person says.
    losses : Losses
        Counts what is not taken over.
    unknown : Counter
        Counts names of labels that are none here.
    """

    names: Names
    columns: Columns = field(default_factory=Columns)
    losses: Losses = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)

    def each(self, records: Iterable[Record], make: Callable[[Record, "Source"], T]) -> Iterator[T]:
        """Make something of every record; what is refused is refused with its place."""
        for record in records:
            try:
                yield make(record, self)
            except InputRejectedError as err:
                raise InputRejectedError(f"row {record.number}: {err}") from err

    def vote(
        self, annotator: str, labels: Iterable[str], *, asked: tuple[str, ...] | None = None, gold: bool = False
    ) -> Vote | None:
        """Make a vote of the names for a text; None, and counted, where they contradict each other or say nothing."""
        found = self._outputs(labels)
        if found is None:
            return None
        asked = None if asked is None or set(asked) >= set(self.names.outputs) else asked
        return Vote(annotator, self.names.ordered(tuple(found)), BOILERPLATE in found, asked, gold)

    def prediction(self, labels: Iterable[str], model: Any, score: Any = None) -> Prediction | None:
        """Make a prediction of the names given; None, and counted, as in `vote`."""
        found = self._outputs(labels)
        if found is None:
            return None
        number = float(score) if isinstance(score, Number | int | float) else None
        return Prediction(self.names.ordered(tuple(found)), BOILERPLATE in found, plain(model), score=number)

    def _outputs(self, labels: Iterable[str]) -> set[str] | None:
        said = list(labels)
        given = [label for label in said if label not in self.columns.drop]
        self.losses["labels left out, as --drop says"] += len(said) - len(given)
        if said and not given:
            # What is left says nothing: it is not that the reader found no theme.
            self.losses["answers of nothing but such labels"] += 1
            return None
        self.unknown.update(label for label in given if self.names.find(label) is None)
        found = {self.names.find(label) or "" for label in given}
        if len(found) > 1 and found & {NONE, BOILERPLATE}:
            self.losses["answers that name a theme beside none or boilerplate"] += 1
            return None
        return found - {NONE}

    def text(self, record: Mapping[str, Any], *fallbacks: str) -> str:
        """Return the text of a record, from the column that the person names or the first there is of `fallbacks`.

        Raises
        ------
        InputRejectedError
            If there is none, or it is no text.
        """
        name = self.columns.text or next((name for name in fallbacks if name in record), fallbacks[0])
        if name not in record:
            raise InputRejectedError(f"no `{name}`; say where the text stands with --text")
        value = record[name]
        if type(value) is not str:
            raise InputRejectedError(f"`{name}` is not a string")
        return sound(name, value)

    def told(self, record: Mapping[str, Any], used: Sequence[str]) -> dict[str, str]:
        """Return what of `META` a record tells, and count other columns than those `used` as lost."""
        for name in record.keys() - {*META, *used}:
            if record[name] not in (None, "", [], {}):
                self.losses[f"values of the column {name}"] += 1
        return {name: value for name in META if (value := plain(record.get(name)))}


def names_of(value: Any) -> list[str]:
    """Return a value that holds one label or a list of them as a list.

    Raises
    ------
    InputRejectedError
        If it holds anything but names.
    """
    values = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(name, str) for name in values):
        raise InputRejectedError("labels are not names; only labels of whole texts are read")
    return [str(name) for name in values if name]


def objects(fields: Mapping[str, Any], name: str) -> list[Any]:
    """Return the objects that a field lists; none where it is empty or not there.

    Raises
    ------
    InputRejectedError
        If it holds anything but objects.
    """
    values = fields.get(name) or []
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise InputRejectedError(f"`{name}` is no list of objects; export the texts again")
    return values


def plain(value: Any) -> str:
    """Return text or a number as text, anything else as nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return sound("a field", str(value))
