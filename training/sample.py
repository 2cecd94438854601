"""The sample: what to label next of an archive, as tasks for a labelling tool."""

import tempfile
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from classifier import Classifier
from classifier.errors import InputRejectedError
from training.archive.documents import Document
from training.archive.options import Options
from training.archive.plan import make
from training.archive.readers import Reject
from training.archive.sources import find
from training.archive.target import STDOUT, refuse_overlap
from training.candidates import Candidates
from training.choice import RANDOM_SHARE, choose
from training.duplicates import shingles
from training.exchange.tasks import Task
from training.labels import Labels
from training.preannotation import prediction

#: Where a task says why it was picked: the theme in doubt, or ``random``.
REASON = "sample"
# Rows of the archive scored by one call.
_BATCH_ROWS = 256


@dataclass(frozen=True)
class Sample:
    """What was chosen, and of how much.

    Attributes
    ----------
    tasks : tuple of Task
        In random order: whatever is labelled first stands for all.
    seen : int
        Paragraphs in the archive that have no label yet.
    rejects : tuple of Reject
        Rows that could not be read.
    damage : tuple of str
        Files whose end is missing.
    """

    tasks: tuple[Task, ...]
    seen: int
    rejects: tuple[Reject, ...]
    damage: tuple[str, ...]

    @property
    def reasons(self) -> Counter[str]:
        """How many were picked for which reason."""
        return Counter(task.meta[REASON] for task in self.tasks)


@dataclass(frozen=True)
class Sampler:
    """How to sample.

    Attributes
    ----------
    classifier : Classifier
        The model at hand.
    labels : Labels
        What is labelled is not asked for again, nor what is nearly the same.
    n : int
        Paragraphs wanted.
    random_share : float
        The share of them, in [0, 1], that is drawn from the whole archive by chance alone.
    seed : int
        Another one draws others.
    """

    classifier: Classifier
    labels: Labels
    n: int
    random_share: float = RANDOM_SHARE
    seed: int = 0

    def sample(self, inputs: tuple[str, ...], options: Options, output: str = STDOUT) -> Sample:
        """Choose from the archive that `inputs` name.

        Raises
        ------
        InputRejectedError
            If a file is not what it claims to be, or no paragraph without a label is found.
        SettingError
            If the model has other themes than the labels, or `output`, where the tasks will go, is read or stands in
            what is read.
        """
        self.labels.codebook.check_themes(self.classifier.themes)
        texts = {example.text for example in self.labels.examples if example.text is not None}
        ids = {example.id for example in self.labels.examples}
        candidates = Candidates(self.classifier, self.n, self.seed, ids, texts)
        rejects: list[Reject] = []
        with tempfile.TemporaryDirectory(prefix="asn-themes-") as scratch:
            sources = list(find(inputs, options.kind, Path(scratch), options.max_unpacked_bytes))
            refuse_overlap([*inputs, *(source.file for source in sources)], output)
            plan = make("", options, sources)
            rows = plan.read()
            while batch := list(islice(rows, _BATCH_ROWS)):
                candidates.add([row for row in batch if isinstance(row, Document)])
                rejects += [row for row in batch if isinstance(row, Reject)]
        if not candidates.seen:
            raise InputRejectedError("input: no paragraph without a label in the archive; name another one")
        return Sample(self._tasks(candidates, texts), candidates.seen, tuple(rejects), plan.damage)

    def _tasks(self, candidates: Candidates, known: set[str]) -> tuple[Task, ...]:
        held, pool = candidates.pool()
        picks = choose(pool, self.n, self.random_share, map(shingles, sorted(known)))
        order = np.random.default_rng(self.seed).permutation(len(picks)).tolist()
        version = self.classifier.short_version
        return tuple(
            Task(
                id=held[pick.row].id,
                text=held[pick.row].text,
                article=held[pick.row].article,
                prediction=prediction(pool.themes, pool.logits[pick.row], pool.cuts, version),
                meta=held[pick.row].meta | {REASON: pick.reason},
            )
            for pick in (picks[i] for i in order)
        )
