"""What a format can hold, and tasks cut down to that, with every cut counted."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from training.exchange.tasks import Losses, Prediction, Task, Vote


@dataclass(frozen=True)
class Capacity:
    """What of a task a format holds.

    Attributes
    ----------
    readers : bool
        Who voted.
    asked : bool
        That a reader was asked about some outputs alone.
    gold : bool
        Which vote settles the matter.
    prediction, score : bool
        What a model answered, and the one number beside it.
    filled : bool
        Whether a prediction can only be shown as if it were a vote.
    unread : bool
        Texts that nobody labelled.
    """

    readers: bool = True
    asked: bool = False
    gold: bool = False
    prediction: bool = False
    score: bool = False
    filled: bool = False
    unread: bool = True

    def cut(self, tasks: Iterable[Task]) -> tuple[tuple[Task, ...], Losses]:
        """Return the tasks as the format holds them, and what was lost."""
        losses: Losses = Counter()
        cut = [self._task(task, losses) for task in tasks]
        kept = tuple(task for task in cut if task.votes or self.unread)
        losses["texts that nobody labelled"] = len(cut) - len(kept)
        return kept, +losses

    def _task(self, task: Task, losses: Losses) -> Task:
        votes = self._votes(task, losses)
        prediction = self._prediction(task.prediction, losses) if task.prediction else None
        if self.filled and prediction and not votes:
            losses["answers of a model that stand as labels, for people to correct"] += 1
            votes = (Vote("", prediction.labels, prediction.boilerplate),)
        return replace(task, votes=votes, prediction=prediction)

    def _votes(self, task: Task, losses: Losses) -> tuple[Vote, ...]:
        # A vote on nothing says nothing; no format has it.
        votes = [vote for vote in task.votes if vote.asked != ()]
        if not self.asked:
            losses["votes on some of the themes only"] += sum(vote.asked is not None for vote in votes)
            votes = [vote for vote in votes if vote.asked is None]
        if not self.gold:
            losses["marks that a vote settles the matter"] += sum(vote.gold for vote in votes)
            votes = [replace(vote, gold=False) for vote in votes]
        return tuple(votes) if self.readers else _nameless(votes, losses)

    def _prediction(self, prediction: Prediction, losses: Losses) -> Prediction | None:
        if not self.prediction:
            losses["answers of a model"] += 1
            return None
        losses["scores of single themes"] += bool(prediction.scores)
        losses["certainties of predictions"] += not self.score and prediction.score is not None
        return replace(prediction, scores={}, score=prediction.score if self.score else None)


def _nameless(votes: Sequence[Vote], losses: Losses) -> tuple[Vote, ...]:
    """Give numbers for names where there are several readers; a single one has no name."""
    names = map(str, range(1, len(votes) + 1)) if len(votes) > 1 else [""]
    numbered = [replace(vote, annotator=name) for vote, name in zip(votes, names, strict=False)]
    losses["names of readers"] += sum(a.annotator != b.annotator for a, b in zip(votes, numbered, strict=True))
    return tuple(numbered)
