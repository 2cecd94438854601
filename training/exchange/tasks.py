"""The one shape of a labelled text between this project and other tools: a text, its readers' votes, a prediction."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

#: What was not taken over, or was taken in another sense than it was given: a line for people, and how often.
Losses = Counter[str]


@dataclass(frozen=True, slots=True)
class Vote:
    """What one reader said of one text.  No labels: it was read, and carries no theme.

    Attributes
    ----------
    annotator : str
        Who, by the name or number that the tool knows; empty where it tells none.
    labels : tuple of str
        Theme ids in the order of the codebook.
    boilerplate : bool
        Whether it is page furniture; it has no labels then.
    asked : tuple of str or None
        The outputs (theme ids, ``boilerplate``) that were put to the reader, `labels` among them; nothing is known of
        others.  None: all of them.
    gold : bool
        Whether it settles the matter, whatever others said.
    """

    annotator: str
    labels: tuple[str, ...] = ()
    boilerplate: bool = False
    asked: tuple[str, ...] | None = None
    gold: bool = False


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model says of a text: a pre-annotation, which is never a vote.

    Attributes
    ----------
    labels : tuple of str
        Theme ids that it answers yes, in the order of the codebook.
    boilerplate : bool
        Whether it holds the text for page furniture.
    model : str
        The model's hash; empty where it is not told.
    scores : mapping of str to float
        Probabilities in [0, 1] by theme id; empty where the format holds none.
    score : float or None
        The one number a prediction that tools sort by: certainty of the least certain theme, in [0, 1].
    """

    labels: tuple[str, ...] = ()
    boilerplate: bool = False
    model: str = ""
    scores: Mapping[str, float] = field(default_factory=dict)
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One text to be labelled, or labelled.

    Attributes
    ----------
    id : str
        Its name, within a file.
    text : str
        The paragraph.
    article : str
        The article it stands in; empty where unknown.
    votes : tuple of Vote
        In the order they were given; a reader votes once.
    prediction : Prediction or None
        What a model said before.
    meta : mapping of str to str
        What else is told of it and people want to see beside it: ``date``, ``outlet``, ``url``, and ``sample``, why it
        was picked.
    """

    id: str
    text: str
    article: str = ""
    votes: tuple[Vote, ...] = ()
    prediction: Prediction | None = None
    meta: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Loaded:
    """The tasks of a file, the kind it was found to be, and what of it they do not hold."""

    tasks: tuple[Task, ...]
    kind: str
    losses: Losses
