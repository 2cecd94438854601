"""Retraining: annotations in, a candidate model, and the model at work replaced where the candidate is better."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from classifier import Classifier, modelfile
from classifier.errors import InputRejectedError
from classifier.files import held, publish, writing
from classifier.text import words
from training.fit import Recipe
from training.gate import Verdict, judge_on_gold, judge_out_of_fold
from training.intake import Importer
from training.labels import read_jsonl
from training.train import Trained, is_current, train


@dataclass(frozen=True)
class Workshop:
    """Where retraining works.

    Attributes
    ----------
    folder : Path
        Holds jobs, and what retraining makes: ``base`` and ``candidate``, copies of the labels; ``candidate.npz``;
        ``accepted``, by model version, the records that it was trained on besides the labels.
    labels : Path
        The labels folder; it is only read.
    model : Path
        The model at work.
    gold : Path or None
        Held-out paragraphs to judge on; None: real ones out of fold.
    say : callable
        Takes one line of progress at a time.
    """

    folder: Path
    labels: Path
    model: Path
    gold: Path | None
    say: Callable[[str], None]

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Hold the folder, made where it is missing, against other runs.

        Raises
        ------
        ResumeRefusedError
            If another run holds it.
        OutputFailedError
            If it can't be made.
        """
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        with held(self.folder):
            yield

    def retrain(self, export: Path, name: str) -> Verdict:
        """Train a candidate with the annotations of an export, and publish it where the gate lets it pass.

        Parameters
        ----------
        export : Path
            What a labelling tool wrote.
        name : str
            Of the records; those accepted under it before are replaced.

        Raises
        ------
        InputRejectedError
            If nothing can be learnt from the export, or there is nothing to judge the candidate on.
        """
        current = Classifier.load(self.model)
        before, after = self._copies(current)
        precision = dict(current.model.metadata.get("yes_precision") or {})
        if self.gold is None and not is_current(self.model, before, precision):
            raise InputRejectedError(
                f"input: {self.model} was not made of the labels in {before}; make it so with `asn-themes train "
                f"--labels {before} -o {self.model}`, or name held-out paragraphs with --gold"
            )
        records = self._import(export, name, after)
        trained = train(after, Recipe(), self.say, precision)
        candidate = self.folder / "candidate.npz"
        version = modelfile.save(trained.model, candidate)
        verdict = self._judge(current, trained, records)
        if not verdict.reasons:
            self._accept(version, records)
            publish(modelfile.read(candidate), self.model)
            self.say(f"wrote {self.model}, version {version[:12]}, {current.short_version} before")
        return verdict

    def _copies(self, current: Classifier) -> tuple[Path, Path]:
        """Copy the labels twice, with what `current` was trained on besides: one stays so, one is added to."""
        copies = (self.folder / "base", self.folder / "candidate")
        with writing(self.folder):
            for copy in copies:
                shutil.rmtree(copy, ignore_errors=True)
                shutil.copytree(self.labels, copy)
                for records in self._accepted(current.version).glob("*.jsonl"):
                    shutil.copy(records, copy / "paragraphs")
        return copies

    def _accepted(self, version: str) -> Path:
        # By version, so that the rename that publishes a model switches its records too.
        return self.folder / "accepted" / version[:12]

    def _import(self, export: Path, name: str, folder: Path) -> Path:
        importer = Importer(folder, name, replace=True)
        intake = importer.take({name: export})
        for line in (*intake.refused, *(f"{n} {what}" for what, n in intake.losses.items())):
            self.say(f"  {line}")
        if not intake.records:
            raise InputRejectedError(f"input: {export} holds nothing new to learn from; label more")
        self.say(f"{len(intake.records)} labelled paragraphs from {export}")
        return importer.paragraphs

    def _judge(self, current: Classifier, trained: Trained, records: Path) -> Verdict:
        if self.gold:
            self._refuse_seen(self.gold, trained)
            return judge_on_gold(current, Classifier.load(self.folder / "candidate.npz"), self.gold)
        self.say("judging both on real paragraphs that neither was trained on")
        before = self.folder / "base" / "paragraphs" / records.name
        known = [row for row, _ in read_jsonl(before)] if before.exists() else []
        new = {row["id"] for row, _ in read_jsonl(records) if row not in known}
        return judge_out_of_fold(trained.experiment, trained.judgements, new)

    def _refuse_seen(self, gold: Path, trained: Trained) -> None:
        """Refuse paragraphs to judge on that the candidate was trained on; of counted texts nobody can tell."""
        examples = trained.experiment.labels.examples
        seen = {tuple(words(example.text)) for example in examples if example.text is not None}
        known = [where for row, where in read_jsonl(gold) if tuple(words(str(row.get("text")))) in seen]
        if known:
            raise InputRejectedError(
                f"input: {known[0]} and {len(known) - 1} more paragraphs to judge on are labels to learn from; "
                "leave them out of one"
            )

    def _accept(self, version: str, records: Path) -> None:
        """Keep all imported records that the candidate of `version` was trained on."""
        accepted = self._accepted(version)
        with writing(accepted):
            accepted.mkdir(parents=True, exist_ok=True)
        for path in records.parent.glob("*.jsonl"):
            if not (self.labels / "paragraphs" / path.name).exists():
                publish(path.read_bytes(), accepted / path.name)


def name_of(project: int) -> str:
    """Return the name of the records that come from a project."""
    return f"label-studio-{project}"
