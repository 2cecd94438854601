"""Intake: from the files of a labelling tool to records in a labels folder, with all that is not taken told."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from classifier.article import paragraphs
from classifier.errors import SettingError
from training.duplicates import Duplicates, shingles
from training.exchange.kinds import load
from training.exchange.source import Columns
from training.exchange.tasks import Losses, Task, Vote
from training.labels import FEEDBACK_PREFIX, Example, Labels, paragraph, read_jsonl, read_labels, write_jsonl
from training.lint import example_problems
from training.settlement import Settled, settle


@dataclass(frozen=True)
class Intake:
    """What becomes of imported texts.

    Attributes
    ----------
    kinds : tuple of str
        The format of each file.
    records : list of dict
        New label records.
    changes : mapping of str to Settled
        New labels for paragraphs that are in the labels already, by id.
    readings : list of dict
        Every vote on the texts that several readers labelled.
    losses : Counter
        What was not taken, or was assumed.
    refused : tuple of str
        Texts that break a rule of the linter, each with its id and the rule.
    """

    kinds: tuple[str, ...]
    records: list[dict[str, Any]] = field(default_factory=list)
    changes: dict[str, Settled] = field(default_factory=dict)
    readings: list[dict[str, Any]] = field(default_factory=list)
    losses: Losses = field(default_factory=Counter)
    refused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Importer:
    """How to import.

    Attributes
    ----------
    folder : Path
        The labels folder.
    name : str
        Of the files of records and readings, and before ids that are mere numbers.
    kind : str, optional
        The format; by default it is told from each file.
    columns : Columns
        Where text and labels stand, if not where the format has them.
    absent_means_no : bool
        Whether a theme that nobody was asked about, or an empty label, counts as no.
    update : bool
        Whether texts that are in the labels already get the labels that come in.
    replace : bool
        Whether to import anew what was imported under this name.
    """

    folder: Path
    name: str
    kind: str | None = None
    columns: Columns = field(default_factory=Columns)
    absent_means_no: bool = False
    update: bool = False
    replace: bool = False

    @property
    def paragraphs(self) -> Path:
        """Where new records go."""
        return self.folder / "paragraphs" / f"{self.name}.jsonl"

    @property
    def readings(self) -> Path:
        """Where the votes of several readers go."""
        return self.folder / "readings" / f"{self.name}.jsonl"

    def take(self, files: Mapping[str, Path]) -> Intake:
        """Read `files`, by the reader whose they are where the format does not tell, and write what can be taken.

        Raises
        ------
        InputRejectedError
            If a file can't be read, or names a theme that the codebook has not.
        SettingError
            If records of this name exist already and are not to be replaced.
        """
        if self.paragraphs.exists() and not self.replace:
            raise SettingError(f"setting: {self.paragraphs} exists; choose another --name, or say --replace")
        intake = self.judge(files)
        for path, rows in ((self.paragraphs, intake.records), (self.readings, intake.readings)):
            if rows:
                path.parent.mkdir(exist_ok=True)
                write_jsonl(path, rows)
            elif self.replace:
                path.unlink(missing_ok=True)
        _relabel(self.folder, intake.changes)
        return intake

    def judge(self, files: Mapping[str, Path]) -> Intake:
        """Say what `take` would write; raises as it does but for what exists."""
        labels = read_labels(self.folder)
        loaded = {reader: load(path, labels.codebook, self.kind, self.columns) for reader, path in files.items()}
        intake = Intake(tuple(found.kind for found in loaded.values()))
        for found in loaded.values():
            intake.losses.update(found.losses)
        tasks = _merged({reader: found.tasks for reader, found in loaded.items()}, intake.losses)
        kept = [example for example in labels.examples if not example.where.startswith(f"{self.paragraphs}:")]
        refused = tuple(self._refusals(tasks, replace(labels, examples=tuple(kept)), intake))
        return replace(intake, losses=+intake.losses, refused=refused)

    def _refusals(self, tasks: Iterable[Task], labels: Labels, intake: Intake) -> Iterator[str]:
        """Sort `tasks` into `intake`; yield those that break a rule of the linter."""
        held = {example.text: example for example in labels.examples if example.text is not None}
        ids = {example.id for example in labels.examples}
        known = Duplicates()
        for example in held.values():
            known.add(example.id, shingles(example.text or ""))
        for task in tasks:
            settled = self._settled(task, labels, intake.losses)
            if settled is None:
                continue
            old = held.get(task.text)
            if old is not None:
                self._again(task, settled, old, labels, intake)
                continue
            record = self._record(task, settled, labels)
            problems = _problems(record, labels, ids, known)
            yield from (f"{record['id']}: {problem}" for problem in problems[:1])
            if not problems:
                ids.add(record["id"])
                known.add(record["id"], shingles(task.text))
                intake.records.append(record)
                intake.readings.extend(_readings(record["id"], task.votes, labels))
                _assumptions(task, intake.losses)

    def _settled(self, task: Task, labels: Labels, losses: Losses) -> Settled | None:
        if not task.votes:
            losses["texts that nobody labelled"] += 1
            return None
        settled = settle(task.votes, labels.codebook.theme_ids)
        if not settled.complete and not self.absent_means_no:
            losses["texts not judged for all themes: left out; --absent-means-no takes silence for no"] += 1
            return None
        losses["texts where silence on a theme was taken for no"] += not settled.complete
        losses["texts nobody was asked whether they are boilerplate: taken for content"] += (
            bool(settled.silent) and settled.complete
        )
        return settled

    def _again(self, task: Task, settled: Settled, old: Example, labels: Labels, intake: Intake) -> None:
        """Deal with a text that is in the labels already."""
        if (settled.labels, settled.boilerplate) == (old.labels, old.boilerplate):
            intake.losses["texts that are in the labels already, with these labels"] += 1
        elif not self.update:
            intake.losses["texts in the labels with other labels: left as they are; --update takes these"] += 1
            return
        else:
            intake.changes[old.id] = settled
        intake.readings.extend(_readings(old.id, task.votes, labels))

    def _record(self, task: Task, settled: Settled, labels: Labels) -> dict[str, Any]:
        name = f"{self.name}-{task.id}" if task.id.isdigit() else task.id
        return {
            "id": name,
            **({"article": task.article} if task.article else {}),
            "text": task.text,
            "labels": list(settled.labels),
            "boilerplate": settled.boilerplate,
            "source": "feedback" if name.startswith(FEEDBACK_PREFIX) else "imported",
            "annotator": ", ".join(settled.readers),
            **({"readers": len(settled.readers)} if len(settled.readers) > 1 else {}),
            "guide": labels.codebook.guide,
        }


def _merged(tasks: Mapping[str, Sequence[Task]], losses: Losses) -> tuple[Task, ...]:
    """Put the votes of all files on one text together; a vote without a name is its file's reader's."""
    merged: dict[str, Task] = {}
    for reader, found in tasks.items():
        for task in found:
            votes = {vote.annotator: vote for vote in merged[task.text].votes} if task.text in merged else {}
            for vote in task.votes:
                name = vote.annotator or reader
                losses["earlier answers of the same reader to the same text"] += name in votes
                votes[name] = replace(vote, annotator=name)
            merged[task.text] = replace(merged.get(task.text, task), votes=tuple(votes.values()))
    return tuple(merged.values())


def _problems(record: dict[str, Any], labels: Labels, ids: set[str], known: Duplicates) -> list[str]:
    example = paragraph(record, record["id"], labels.codebook.lexicon)
    problems = list(example_problems(example, labels.codebook))
    if example.id in ids:
        problems.append("another text has this id already")
    return problems + [f"nearly the text of {other}" for other in known.like(shingles(record["text"]))]


def _assumptions(task: Task, losses: Losses) -> None:
    losses["texts whose article is not told: each is taken for an article of its own"] += not task.article
    losses["texts of several paragraphs: taken as one"] += len(paragraphs(task.text)) > 1
    losses["answers of a model: never taken for labels"] += task.prediction is not None
    losses["dates, outlets, addresses and reasons: label records hold none"] += len(task.meta)


def _readings(name: str, votes: Sequence[Vote], labels: Labels) -> list[dict[str, Any]]:
    """Return the votes of those who were asked about everything, where there are several."""
    whole = [vote for vote in votes if vote.asked is None or set(labels.codebook.theme_ids) <= set(vote.asked)]
    return [
        {"id": name, "annotator": vote.annotator, "labels": list(vote.labels), "boilerplate": vote.boilerplate}
        for vote in (whole if len(whole) > 1 else ())
    ]


def _relabel(folder: Path, changes: Mapping[str, Settled]) -> None:
    """Write new labels into the records of these ids, wherever they stand."""
    for path in sorted((folder / "paragraphs").glob("*.jsonl")):
        rows = [row for row, _ in read_jsonl(path)]
        changed = [row for row in rows if row["id"] in changes]
        for row in changed:
            settled = changes[row["id"]]
            row |= {"labels": list(settled.labels), "boilerplate": settled.boilerplate}
            row |= {"annotator": ", ".join(settled.readers), "readers": len(settled.readers)}
        if changed:
            write_jsonl(path, rows)
