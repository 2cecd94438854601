"""The audit: all that a program can doubt about labels, and the queue of what to read again, the worst first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classifier.files import publish
from training.agreement import Agreement, read_agreements, table
from training.crossval import N_FOLDS
from training.doubts import Doubt, Everything, doubts
from training.exchange.tasks import Prediction, Task, Vote
from training.fit import Recipe
from training.labels import Example, Labels
from training.pages import render
from training.repeats import Repeat, count_repeats, text_repeats

#: With fewer real positives the 95 % interval of a recall of 0.8 alone is wider than ± 0.11.
THIN = 50
_LEAKS_SHOWN = 20


@dataclass(frozen=True)
class Support:
    """How many paragraphs carry an output, how many of them are real, and of how many articles those are."""

    name: str
    positives: int
    real: int
    articles: int

    @property
    def thin(self) -> bool:
        """Whether real positives are too few to say how well it is found."""
        return self.real < THIN


@dataclass(frozen=True)
class Entry:
    """A paragraph to read again, and why, in a few words."""

    example: Example
    why: str
    said: Prediction


@dataclass(frozen=True)
class Audit:
    """What was found.

    Attributes
    ----------
    labels : Labels
        What was audited.
    doubts : tuple of Doubt
        Every example, the most doubtful first.
    repeats : tuple of Repeat
        Texts that stand twice.
    leaks : tuple of Repeat
        Those of two articles that cross-validation parts: one trains, the other is judged.
    agreement : mapping of str to tuple of Agreement
        By file of readings.
    supports : tuple of Support
        One an output.
    """

    labels: Labels
    doubts: tuple[Doubt, ...]
    repeats: tuple[Repeat, ...]
    leaks: tuple[Repeat, ...]
    agreement: Mapping[str, tuple[Agreement, ...]]
    supports: tuple[Support, ...]

    @property
    def contrary(self) -> tuple[Repeat, ...]:
        """Texts that stand twice with different labels: one of them is wrong."""
        return tuple(repeat for repeat in self.repeats if repeat.contrary)

    def queue(self) -> list[Entry]:
        """Return every paragraph once: contradictions first, then by doubt."""
        examples = self.labels.examples
        doubt_of = {examples[doubt.row].id: doubt for doubt in self.doubts}
        entries = {entry.example.id: entry for entry in _contradictions(self.contrary, doubt_of)}
        for doubt in self.doubts:
            example = examples[doubt.row]
            entries.setdefault(example.id, Entry(example, _reason(doubt), doubt.said))
        return list(entries.values())


def audit(folder: Path, labels: Labels) -> Audit:
    """Audit `labels`, and the readings in their `folder`.

    Raises
    ------
    LabelsRejectedError
        If an output has too few examples to be learnt in a fold, or a file of readings breaks a rule.
    """
    experiment = Everything(labels, Recipe())
    repeats = repeats_of(labels)
    return Audit(
        labels=labels,
        doubts=doubts(experiment),
        repeats=repeats,
        leaks=_leaks(experiment, repeats),
        agreement=read_agreements(folder, labels.codebook.theme_ids),
        supports=tuple(_support(experiment, column) for column in range(len(experiment.names))),
    )


def repeats_of(labels: Labels) -> tuple[Repeat, ...]:
    """Return the pairs that stand in `labels` twice: texts with texts, counts with counts."""
    return (*text_repeats(labels.examples), *count_repeats(labels.examples))


def _leaks(experiment: Everything, repeats: tuple[Repeat, ...]) -> tuple[Repeat, ...]:
    fold_of = np.zeros(len(experiment.articles), dtype=np.intp)
    for number, fold in enumerate(experiment.folds(experiment.judged, N_FOLDS)):
        fold_of[fold.test] = number
    row_of = {example.id: row for row, example in enumerate(experiment.labels.examples)}
    return tuple(r for r in repeats if fold_of[row_of[r.first.id]] != fold_of[row_of[r.second.id]])


def _support(experiment: Everything, column: int) -> Support:
    carrying = np.flatnonzero(experiment.Y[:, column])
    real = [row for row in carrying if experiment.labels.examples[row].real]
    return Support(
        experiment.names[column], len(carrying), len(real), len({str(experiment.articles[row]) for row in real})
    )


def _contradictions(repeats: tuple[Repeat, ...], doubt_of: Mapping[str, Doubt]) -> Iterator[Entry]:
    for repeat in repeats:
        for mine, other in ((repeat.first, repeat.second), (repeat.second, repeat.first)):
            yield Entry(mine, f"the same text is {answer(other)} as {other.id}", doubt_of[mine.id].said)


def answer(example: Example) -> str:
    """Name what an example is labelled as."""
    return "boilerplate" if example.boilerplate else ", ".join(example.labels) or "no theme"


def _reason(doubt: Doubt) -> str:
    return f"{doubt.output}: labelled {'yes' if doubt.given else 'no'}, scored {doubt.score:.2f}"


def summary(found: Audit) -> str:
    """Render what was found in Markdown, all but the queue."""
    lines = ["| output | positives | real ones | in articles | |", "|---|---|---|---|---|"]
    lines += [
        f"| {s.name} | {s.positives} | {s.real} | {s.articles} | {'thin' if s.thin else ''} |" for s in found.supports
    ]
    for name, rows in found.agreement.items():
        lines += ["", table(name, rows)]
    counts = f"{len(found.repeats)} pairs of paragraphs are nearly the same"
    return "\n".join([*lines, "", f"{counts}; {len(found.contrary)} contradict each other; {len(found.leaks)} leak"])


def write_page(path: Path, found: Audit, queue: list[Entry], texts: Mapping[str, str]) -> None:
    """Write the audit as a page to read, whole or not at all.

    Raises
    ------
    OutputFailedError
        If the page cannot be written.
    """
    page = render("audit.html", audit=found, queue=queue, texts=texts, thin=THIN, shown=_LEAKS_SHOWN)
    publish(page.encode(), path)


def tasks(entries: list[Entry], texts: Mapping[str, str]) -> Iterator[Task]:
    """Make tasks of those entries whose text is kept or among `texts`, by id."""
    for entry in entries:
        example = entry.example
        text = example.text if example.text is not None else texts.get(example.id)
        if text is not None:
            vote = Vote("", example.labels, example.boilerplate)
            yield Task(example.id, text, example.article, (vote,), entry.said, {"doubt": entry.why})
