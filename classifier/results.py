"""What scoring answers: small frozen records, each with the JSON that every interface shares."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any, NamedTuple

from classifier.scale import ArticleRows, Decision, Rows

_SCORE = itemgetter("score")


class Contribution(NamedTuple):
    """One addend of a logit.

    Attributes
    ----------
    theme : str
        The theme whose logit it is part of.
    term : str
        What it comes from: ``word:promosi``, ``fine:rank``, ``coarse:career``, ``absent`` (all classes that do not
        occur, together) or ``bias``.
    weight : float
        How much it adds to the logit; the weights of a theme add up to it.
    start, end : int or None
        Code-point offsets into the field as given; None where no place in the text raised it.
    text : str
        The words that raised it, as written.
    """

    theme: str
    term: str
    weight: float
    start: int | None = None
    end: int | None = None
    text: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the object that answers carry under ``evidence``."""
        return {
            "theme": self.theme,
            "term": self.term,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "weight": self.weight,
        }


class ThemeLabel(NamedTuple):
    """What an article's paragraphs say of one theme, together.

    Attributes
    ----------
    score : float
        Calibrated probability in [0, 1]: that of the strongest paragraph.
    share : float
        Fraction in [0, 1] of the paragraphs of content that are decided ``yes``.
    """

    label: str
    score: float
    decision: Decision
    share: float


class ParagraphResult(NamedTuple):
    """Scores of one paragraph.

    Attributes
    ----------
    start, end : int
        Code-point offsets into the field as given.
    field : str
        ``text`` or ``title``: what `start` and `end` are offsets into.
    boilerplate : bool
        Whether the model holds it for page furniture; such paragraphs have no themes and do not count.
    rows : tuple of tuples
        Theme, score and decision of every theme, in theme order.
    evidence : tuple of Contribution or None
        For every theme decided ``yes`` or ``review``, the addends of its logit; None unless asked for.
    """

    start: int
    end: int
    field: str
    boilerplate: bool
    rows: Rows
    evidence: tuple[Contribution, ...] | None = None

    @property
    def scores(self) -> dict[str, float]:
        """Calibrated probability in [0, 1] per theme."""
        return {theme: score for theme, score, _ in self.rows}

    @property
    def decisions(self) -> dict[str, Decision]:
        """``yes``, ``review`` or ``no`` per theme."""
        return {theme: decision for theme, _, decision in self.rows}

    @property
    def themes(self) -> list[str]:
        """Themes decided ``yes``, in theme order."""
        return [theme for theme, _, decision in self.rows if decision == "yes"]

    def to_json(self) -> dict[str, Any]:
        """Return the object that answers carry under ``paragraphs``."""
        # One walk over the rows, in two thirds of the time of two: an answer has dozens.
        scores, themes = {}, []
        for theme, score, decision in self.rows:
            scores[theme] = score
            if decision == "yes":
                themes.append(theme)
        answer: dict[str, Any] = {
            "start": self.start,
            "end": self.end,
            "field": self.field,
            "boilerplate": self.boilerplate,
            "themes": themes,
            "scores": scores,
        }
        if self.evidence is not None:
            answer["evidence"] = [contribution.to_json() for contribution in self.evidence]
        return answer


class ArticleResult(NamedTuple):
    """Scores of an article.

    Attributes
    ----------
    model : str
        The first 12 hex digits of the model's version.
    empty : bool
        Whether no paragraph of content was found; then all scores are 0 and all decisions ``no``.
    rows : tuple of tuples
        What `labels` names, a tuple a theme, in theme order.
    paragraphs : tuple of ParagraphResult
        Title first, then the paragraphs of the text, in order; none where they were not asked for.
    prior : mapping of str to float or None
        The shares of themes that scores were moved to, where any were stated.
    """

    model: str
    empty: bool
    rows: ArticleRows
    paragraphs: tuple[ParagraphResult, ...]
    prior: Mapping[str, float] | None = None

    @property
    def labels(self) -> tuple[ThemeLabel, ...]:
        """All themes, in theme order."""
        return tuple(map(ThemeLabel._make, self.rows))

    @property
    def scores(self) -> dict[str, float]:
        """Calibrated probability in [0, 1] per theme, in theme order."""
        return {theme: score for theme, score, _, _ in self.rows}

    @property
    def decisions(self) -> dict[str, Decision]:
        """``yes``, ``review`` or ``no`` per theme, in theme order."""
        return {theme: decision for theme, _, decision, _ in self.rows}

    @property
    def themes(self) -> list[str]:
        """Themes decided ``yes``, in theme order."""
        return [theme for theme, _, decision, _ in self.rows if decision == "yes"]

    def to_json(self, *, document_id: str | None = None, paragraphs: bool = True) -> dict[str, Any]:
        """Return the answer for one document, as ``POST /classify`` and a row of batch output give it."""
        # One walk over the rows, in two thirds of the time of three: an archive has millions.
        scores, themes, labels = {}, [], []
        for theme, score, decision, share in self.rows:
            scores[theme] = score
            labels.append({"label": theme, "score": score, "decision": decision, "share": share})
            if decision == "yes":
                themes.append(theme)
        labels.sort(key=_SCORE, reverse=True)
        answer: dict[str, Any] = {
            "model": self.model,
            "id": document_id,
            "empty": self.empty,
            "themes": themes,
            "scores": scores,
            "labels": labels,
        }
        if self.prior is not None:
            answer["prior"] = self.prior
        if paragraphs:
            answer["paragraphs"] = [paragraph.to_json() for paragraph in self.paragraphs]
        return answer
