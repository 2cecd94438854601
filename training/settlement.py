"""Settlement: from the votes on one text to its one label."""

from collections.abc import Sequence
from dataclasses import dataclass

from classifier.model import BOILERPLATE
from training.exchange.tasks import Vote


@dataclass(frozen=True, slots=True)
class Settled:
    """The label that stands.

    Attributes
    ----------
    labels : tuple of str
        Theme ids, in order.
    boilerplate : bool
        Whether the text is page furniture.
    readers : tuple of str
        Whose votes it rests on.
    silent : tuple of str
        Outputs that nobody was asked about; they count as no.
    """

    labels: tuple[str, ...]
    boilerplate: bool
    readers: tuple[str, ...]
    silent: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether all themes were asked about; what nobody was asked whether it is furniture is content."""
        return set(self.silent) <= {BOILERPLATE}


def settle(votes: Sequence[Vote], themes: Sequence[str]) -> Settled:
    """Settle the votes on a text, output by output: the majority of those asked; in a tie whoever voted first.

    A gold vote stands alone, the last one where there are several.  Without votes all is silent.
    """
    gold = [vote for vote in votes if vote.gold]
    heard = gold[-1:] or votes
    answers = {output: _answers(heard, output) for output in (*themes, BOILERPLATE)}
    yes = {output for output, said in answers.items() if said and _majority(said)}
    labels = tuple(theme for theme in themes if theme in yes)
    return Settled(
        labels=labels,
        boilerplate=BOILERPLATE in yes and not labels,
        readers=tuple(vote.annotator for vote in heard),
        silent=tuple(output for output, said in answers.items() if not said),
    )


def _answers(votes: Sequence[Vote], output: str) -> list[bool]:
    asked = [vote for vote in votes if vote.asked is None or output in vote.asked]
    return [vote.boilerplate if output == BOILERPLATE else output in vote.labels for vote in asked]


def _majority(answers: Sequence[bool]) -> bool:
    yes = sum(answers)
    return answers[0] if 2 * yes == len(answers) else 2 * yes > len(answers)
