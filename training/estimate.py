"""The estimate: how common themes are in an archive and how well they are found, from its random share alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scipy.stats import binomtest

from classifier import Classifier
from classifier.errors import InputRejectedError
from training.choice import RANDOM
from training.codebook import Codebook
from training.exchange.kinds import load
from training.exchange.tasks import Task, Vote
from training.judgements import Judgements
from training.metrics import Interval, Quality, measure
from training.sample import REASON


@dataclass(frozen=True)
class Estimate:
    """What the random share says of the whole archive.

    Attributes
    ----------
    shares : mapping of str to Interval
        The share of paragraphs that carry each output, with Wilson's interval: paragraphs are drawn one by one, and
        none found among a few does not mean that there are none.
    quality : Quality
        How well the model finds them.
    """

    shares: Mapping[str, Interval]
    quality: Quality

    @classmethod
    def of(cls, classifier: Classifier, path: Path, codebook: Codebook) -> "Estimate":
        """Judge `classifier` on the paragraphs of a labelled sample that were drawn at random.

        Raises
        ------
        InputRejectedError
            If the file can't be read, or holds no labelled paragraph that was drawn at random.
        """
        tasks = [task for task in load(path, codebook).tasks if task.meta.get(REASON) == RANDOM and task.votes]
        if not tasks:
            raise InputRejectedError(
                f"input: {path} holds no labelled paragraph marked {REASON}={RANDOM}; export what `labels sample` wrote"
            )
        judgements = _judge(classifier, tasks)
        shares = {name: _share(int(y.sum()), len(y)) for name, y in zip(judgements.names, judgements.Y.T, strict=True)}
        return cls(shares, measure(judgements))

    def table(self) -> str:
        """Render the estimate in Markdown; of what was not met nothing can be said."""
        lines = ["| output | share of paragraphs | precision | recall | F1 |", "|---|---|---|---|---|"]
        for name, share in self.shares.items():
            figures = (self.quality[f"{name}_{m}"] for m in ("precision", "recall", "f1"))
            shown = map(str, figures) if self.quality.supports[name] else ("–", "–", "–")
            lines.append(f"| {name} | {share} | {' | '.join(shown)} |")
        return "\n".join(lines)


def _share(k: int, n: int) -> Interval:
    low, high = binomtest(k, n).proportion_ci(method="wilson")
    return Interval(k / n, float(low), float(high))


def _judge(classifier: Classifier, tasks: list[Task]) -> Judgements:
    votes = [_answer(task) for task in tasks]
    return Judgements.of(
        classifier,
        texts=[task.text for task in tasks],
        ids=[task.id for task in tasks],
        articles=[task.article or task.id for task in tasks],
        labels=[[theme in vote.labels for theme in classifier.themes] + [vote.boilerplate] for vote in votes],
    )


def _answer(task: Task) -> Vote:
    """Return the vote that settles the matter, or else the last one."""
    return next((vote for vote in task.votes if vote.gold), task.votes[-1])
