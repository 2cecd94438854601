"""The classifier: texts in, scores, decisions and evidence out."""

import math
import os
from collections.abc import Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from classifier import modelfile
from classifier.article import Paragraph, paragraphs
from classifier.explanation import explain
from classifier.features import blocks, count
from classifier.model import Model
from classifier.results import ArticleResult, Contribution, Decision, ParagraphResult, ThemeLabel

_SHOWN_VERSION_CHARS = 12


class Classifier:
    """Scores texts with one model.  It keeps no state between calls and may be shared by threads.

    Parameters
    ----------
    model : Model
        The model to score with.
    version : str
        Its version, the SHA-256 of its file in hex.
    """

    def __init__(self, model: Model, version: str) -> None:
        self.model = model
        self.version = version
        self._cuts = model.cuts.tolist()

    @classmethod
    def load(cls, path: "str | os.PathLike[str]") -> "Classifier":
        """Load a model file.

        Raises
        ------
        ModelRejectedError
            If the file is missing, damaged, foreign or of another format.
        """
        return cls(*modelfile.load(path))

    @property
    def themes(self) -> tuple[str, ...]:
        """Theme ids, in the order of all columns below."""
        return self.model.theme_ids

    @property
    def short_version(self) -> str:
        """The version as answers show it: its first 12 hex digits."""
        return self.version[:_SHOWN_VERSION_CHARS]

    def decision_function(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the logits of `texts`, each taken as one paragraph, of shape (n_texts, n_themes)."""
        return self.logits(texts)[:, :-1]

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the scores of `texts` in [0, 1], of shape (n_texts, n_themes); rows need not sum to 1."""
        logits = self.decision_function(texts)
        scores = [[sigmoid(logit) for logit in row] for row in logits.tolist()]
        return np.array(scores, dtype=np.float64).reshape(logits.shape)

    def predict(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        """Return which themes each of `texts` has at the shipped thresholds, of shape (n_texts, n_themes)."""
        return np.asarray(self.decision_function(texts) >= self.model.cuts[:-1, 1])

    def is_boilerplate(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        """Return which of `texts` are page furniture, of shape (n_texts,)."""
        return np.asarray(self.logits(texts)[:, -1] >= self.model.cuts[-1, 1])

    def explain(self, text: str) -> tuple[Contribution, ...]:
        """Return the addends of every theme's logit on `text`, taken as one paragraph."""
        return explain(self.model, text, self.themes)

    def classify(self, text: str, *, title: str | None = None, explain: bool = False) -> ArticleResult:
        """Score an article: its title, where given, and each of its paragraphs.

        Parameters
        ----------
        text : str
            The article; see `classifier.article` for how it is cut into paragraphs.
        title : str, optional
            Scored as a paragraph of its own.
        explain : bool
            Whether paragraphs carry the evidence for the themes that are not ruled out.
        """
        return self.classify_many([(text, title)], explain=explain)[0]

    def classify_many(
        self, articles: Sequence[tuple[str, str | None]], *, explain: bool = False, paragraphs: bool = True
    ) -> list[ArticleResult]:
        """Score articles, each a text and its title or None; the answers are those of `classify`, bit for bit.

        Without `paragraphs`, results carry none, and an archive is scored in half the time.
        """
        cut = [_fields(text, title) for text, title in articles]
        rows = iter(self.logits([paragraph.text for fields in cut for _, paragraph in fields]).tolist())
        return [self._article(fields, list(islice(rows, len(fields))), explain, paragraphs) for fields in cut]

    def logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the logits of `texts`, themes first and boilerplate last, of shape (n_texts, n_themes + 1)."""
        rows = [self._logit(text) for text in texts]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(self.themes) + 1)

    def _logit(self, text: str) -> NDArray[np.float64]:
        row = self.model.features.row(blocks(count(text, self.model.lexicon), self.model.lexicon))
        # A sum row by row, not a matrix product: its bits don't depend on the BLAS at hand.
        addends = row.values[:, None] * self.model.coef[row.indices]
        return np.asarray(addends.sum(axis=0) + self.model.intercept)

    def _article(
        self, fields: list[tuple[str, Paragraph]], rows: list[list[float]], explain: bool, paragraphs: bool
    ) -> ArticleResult:
        furniture = [self._is_furniture(paragraph, row) for (_, paragraph), row in zip(fields, rows, strict=True)]
        content = [row for row, is_furniture in zip(rows, furniture, strict=True) if not is_furniture]
        results = tuple(
            self._paragraph(field, paragraph, row, is_furniture, explain)
            for (field, paragraph), row, is_furniture in zip(fields, rows, furniture, strict=True)
            if paragraphs
        )
        return ArticleResult(self.short_version, not content, self._labels(content), results)

    def _is_furniture(self, place: Paragraph, row: list[float]) -> bool:
        # A line without a letter or digit has no words to judge; nothing in it can be content.
        return row[-1] >= self._cuts[-1][1] or not any(map(str.isalnum, place.text))

    def _labels(self, content: list[list[float]]) -> tuple[ThemeLabel, ...]:
        """Say what the logits of an article's content mean for it: the strongest paragraph speaks for a theme."""
        if not content:
            return tuple(ThemeLabel(theme, 0.0, "no", 0.0) for theme in self.themes)
        labels = []
        for theme, column, (low, high) in zip(self.themes, zip(*content, strict=True), self._cuts, strict=False):
            strongest = max(column)
            share = sum(logit >= high for logit in column) / len(column)
            labels.append(ThemeLabel(theme, sigmoid(strongest), _decide(strongest, low, high), share))
        return tuple(labels)

    def _paragraph(
        self, field: str, place: Paragraph, row: list[float], boilerplate: bool, asked: bool
    ) -> ParagraphResult:
        decisions: list[Decision] = [
            "no" if boilerplate else _decide(x, low, high)
            for x, (low, high) in zip(row[:-1], self._cuts[:-1], strict=True)
        ]
        by_theme = dict(zip(self.themes, decisions, strict=True))
        evidence = None
        if asked:
            open_themes = [theme for theme, decision in by_theme.items() if decision != "no"]
            evidence = explain(self.model, place.text, open_themes, place.start)
        scores = {theme: sigmoid(x) for theme, x in zip(self.themes, row[:-1], strict=True)}
        return ParagraphResult(place.start, place.end, field, boilerplate, scores, by_theme, evidence)


def _fields(text: str, title: str | None) -> list[tuple[str, Paragraph]]:
    return [("title", p) for p in paragraphs(title or "")] + [("text", p) for p in paragraphs(text)]


def sigmoid(logit: float) -> float:
    """Return the score of a logit; math.exp gives the same bits on every processor, numpy's vectorised one does not."""
    if logit >= 0:
        return 1.0 / (1.0 + math.exp(-logit))
    e = math.exp(logit)
    return e / (1.0 + e)


def _decide(logit: float, low: float, high: float) -> Decision:
    if logit >= high:
        return "yes"
    return "no" if logit < low else "review"
