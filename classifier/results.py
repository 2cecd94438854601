"""What scoring answers: small frozen records, each with the JSON that every interface shares."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Decision = Literal["yes", "review", "no"]


@dataclass(frozen=True, slots=True)
class Contribution:
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
    """What an article's paragraphs say of one theme, together."""

    label: str
    score: float
    decision: Decision
    share: float


@dataclass(frozen=True, slots=True)
class ParagraphResult:
    """Scores of one paragraph.

    Attributes
    ----------
    field : str
        ``text`` or ``title``: what `start` and `end` are offsets into.
    boilerplate : bool
        Whether the model holds it for page furniture; such paragraphs have no themes and do not count.
    scores : mapping of str to float
        Calibrated probability in [0, 1] per theme.
    decisions : mapping of str to Decision
        ``yes``, ``review`` or ``no`` per theme.
    evidence : tuple of Contribution or None
        For every theme decided ``yes`` or ``review``, the addends of its logit; None unless asked for.
    """

    start: int
    end: int
    field: str
    boilerplate: bool
    scores: Mapping[str, float]
    decisions: Mapping[str, Decision]
    evidence: tuple[Contribution, ...] | None = None

    @property
    def themes(self) -> list[str]:
        """Themes decided ``yes``, in theme order."""
        return [theme for theme, decision in self.decisions.items() if decision == "yes"]

    def to_json(self) -> dict[str, Any]:
        """Return the object that answers carry under ``paragraphs``."""
        answer: dict[str, Any] = {
            "start": self.start,
            "end": self.end,
            "field": self.field,
            "boilerplate": self.boilerplate,
            "themes": self.themes,
            "scores": dict(self.scores),
        }
        if self.evidence is not None:
            answer["evidence"] = [contribution.to_json() for contribution in self.evidence]
        return answer


@dataclass(frozen=True, slots=True)
class ArticleResult:
    """Scores of an article.

    Attributes
    ----------
    model : str
        The first 12 hex digits of the model's version.
    empty : bool
        Whether no paragraph of content was found; then all scores are 0 and all decisions ``no``.
    scores : mapping of str to float
        Calibrated probability in [0, 1] per theme, in theme order: that of the strongest paragraph.
    decisions : mapping of str to Decision
        ``yes``, ``review`` or ``no`` per theme.
    shares : mapping of str to float
        Fraction in [0, 1] of the paragraphs of content that are decided ``yes``, per theme.
    paragraphs : tuple of ParagraphResult
        Title first, then the paragraphs of the text, in order; none where they were not asked for.
    prior : mapping of str to float or None
        The shares of themes that scores were moved to, where any were stated.
    """

    model: str
    empty: bool
    scores: Mapping[str, float]
    decisions: Mapping[str, Decision]
    shares: Mapping[str, float]
    paragraphs: tuple[ParagraphResult, ...]
    prior: Mapping[str, float] | None = None

    @property
    def themes(self) -> list[str]:
        """Themes decided ``yes``, in theme order."""
        return [theme for theme, decision in self.decisions.items() if decision == "yes"]

    @property
    def labels(self) -> tuple[ThemeLabel, ...]:
        """All themes, in theme order."""
        return tuple(map(ThemeLabel, self.scores, self.scores.values(), self.decisions.values(), self.shares.values()))

    def to_json(self, *, document_id: str | None = None, paragraphs: bool = True) -> dict[str, Any]:
        """Return the answer for one document, as ``POST /classify`` and a row of batch output give it."""
        scores, decisions, shares = self.scores, self.decisions, self.shares
        answer: dict[str, Any] = {
            "model": self.model,
            "id": document_id,
            "empty": self.empty,
            "themes": self.themes,
            "scores": scores,
            "labels": [
                {"label": theme, "score": scores[theme], "decision": decisions[theme], "share": shares[theme]}
                for theme in sorted(scores, key=scores.__getitem__, reverse=True)
            ],
        }
        if self.prior is not None:
            answer["prior"] = self.prior
        if paragraphs:
            answer["paragraphs"] = [paragraph.to_json() for paragraph in self.paragraphs]
        return answer
