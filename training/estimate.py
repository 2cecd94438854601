"""The estimate: how common themes are in an archive and how well they are found, from its random share alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifier import Classifier
from classifier.errors import InputRejectedError
from training.choice import RANDOM
from training.codebook import Codebook
from training.exchange.kinds import load
from training.exchange.source import Columns
from training.exchange.tasks import Task
from training.judgements import Judgements
from training.metrics import Interval, Quality, measure
from training.sample import REASON
from training.settlement import Settled, settle
from training.wilson import interval


@dataclass(frozen=True)
class Estimate:
    """What the random share says of the whole archive.

    Attributes
    ----------
    shares : mapping of str to Interval
        The share of paragraphs that carry each output, with Wilson's interval: paragraphs are drawn one by one, and
        none found among a few does not mean that there are none.
    precisions, recalls : mapping of str to Interval
        How well the model finds them, with Wilson's interval too: six of six is no certainty, as a bootstrap would have
        it.  An output that the model never said yes to has no precision, one that was not met no recall.
    quality : Quality
        All figures, with bootstrap intervals.
    left_out : int
        Paragraphs drawn at random that were not judged for all themes.
    """

    shares: Mapping[str, Interval]
    precisions: Mapping[str, Interval]
    recalls: Mapping[str, Interval]
    quality: Quality
    left_out: int

    @classmethod
    def of(
        cls,
        classifier: Classifier,
        path: Path,
        codebook: Codebook,
        kind: str | None = None,
        columns: Columns | None = None,
    ) -> "Estimate":
        """Judge `classifier` on the paragraphs of a labelled sample that were drawn at random, read as `load` says.

        Their labels are those that `labels import` would store: votes are settled by `settle`, and a paragraph that was
        not judged for all themes is left out.

        Raises
        ------
        InputRejectedError
            If the file can't be read, or holds no paragraph that was drawn at random and judged for all themes.
        SettingError
            If the model has other themes than the codebook.
        """
        codebook.check_themes(classifier.themes)
        drawn = [task for task in load(path, codebook, kind, columns).tasks if task.meta.get(REASON) == RANDOM]
        settled = [(task, settle(task.votes, codebook.theme_ids)) for task in drawn]
        judged = [(task, label) for task, label in settled if label.complete]
        if not judged:
            raise InputRejectedError(
                f"input: {path} holds no paragraph marked {REASON}={RANDOM} that was judged for all themes; "
                "label what `labels sample` wrote, and export it"
            )
        judgements = _judge(classifier, judged)
        gold, yes = judgements.Y, judgements.decisions
        return cls(
            shares=_shares(judgements.names, gold, np.ones_like(gold)),
            precisions=_shares(judgements.names, gold & yes, yes),
            recalls=_shares(judgements.names, gold & yes, gold),
            quality=measure(judgements),
            left_out=len(drawn) - len(judged),
        )

    def table(self) -> str:
        """Render the estimate in Markdown, with a dash where nothing can be said."""
        lines = ["| output | share of paragraphs | precision | recall | F1 |", "|---|---|---|---|---|"]
        for name, share in self.shares.items():
            precision, recall = self.precisions.get(name, "–"), self.recalls.get(name, "–")
            f1 = self.quality[f"{name}_f1"] if name in {*self.precisions, *self.recalls} else "–"
            lines.append(f"| {name} | {share} | {precision} | {recall} | {f1} |")
        return "\n".join(lines)


def _shares(names: tuple[str, ...], counted: NDArray[np.bool_], among: NDArray[np.bool_]) -> dict[str, Interval]:
    """Return the share of the samples `among` that are `counted`, for each output that has such samples."""
    totals = zip(names, counted.sum(axis=0).tolist(), among.sum(axis=0).tolist(), strict=True)
    return {name: Interval(k / n, *interval(k / n, n)) for name, k, n in totals if n}


def _judge(classifier: Classifier, judged: list[tuple[Task, Settled]]) -> Judgements:
    return Judgements.of(
        classifier,
        texts=[task.text for task, _ in judged],
        ids=[task.id for task, _ in judged],
        articles=[task.article or task.id for task, _ in judged],
        labels=[[theme in label.labels for theme in classifier.themes] + [label.boilerplate] for _, label in judged],
    )
