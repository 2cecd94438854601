"""The classifier: texts in, scores, decisions and evidence out."""

import math
import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classifier import modelfile
from classifier.article import Paragraph, paragraphs
from classifier.explanation import explain
from classifier.features import BLOCKS, blocks, count
from classifier.model import Model
from classifier.results import ArticleResult, Contribution, Decision, ParagraphResult, ThemeLabel
from classifier.text import words

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
        self._known = frozenset(model.features.terms[BLOCKS.index("word")])

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

    @property
    def kernel(self) -> str:
        """What counts words and sums weights: ``python`` or ``compiled``."""
        return "python"

    def unknown_share(self, text: str) -> float:
        """Return which share of the words of `text` training never met, in [0, 1]; 0 where there are no words."""
        found = words(text)
        return sum(word not in self._known for word in found) / len(found) if found else 0.0

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
        fields = [("title", p) for p in paragraphs(title or "")] + [("text", p) for p in paragraphs(text)]
        logits = self.logits([paragraph.text for _, paragraph in fields])
        results = tuple(
            self._paragraph(field, paragraph, row, explain)
            for (field, paragraph), row in zip(fields, logits, strict=True)
        )
        content = [result for result in results if not result.boilerplate]
        labels = tuple(_theme_label(theme, content) for theme in self.themes)
        return ArticleResult(self.short_version, not content, labels, results)

    def logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the logits of `texts`, themes first and boilerplate last, of shape (n_texts, n_themes + 1)."""
        rows = [self._logit(text) for text in texts]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(self.themes) + 1)

    def _logit(self, text: str) -> NDArray[np.float64]:
        row = self.model.features.row(blocks(count(text, self.model.lexicon), self.model.lexicon))
        # A sum row by row, not a matrix product: its bits don't depend on the BLAS at hand.
        addends = row.values[:, None] * self.model.coef[row.indices]
        return np.asarray(addends.sum(axis=0) + self.model.intercept)

    def _paragraph(self, field: str, place: Paragraph, logits: NDArray[np.float64], asked: bool) -> ParagraphResult:
        decisions = [_decide(x, low, high) for x, (low, high) in zip(logits.tolist(), self._cuts, strict=True)]
        # A line without a letter or digit has no words to judge; nothing in it can be content.
        boilerplate = decisions.pop() == "yes" or not any(map(str.isalnum, place.text))
        if boilerplate:
            decisions = ["no"] * len(self.themes)
        by_theme = dict(zip(self.themes, decisions, strict=True))
        evidence = None
        if asked:
            open_themes = [theme for theme, decision in by_theme.items() if decision != "no"]
            evidence = explain(self.model, place.text, open_themes, place.start)
        scores = {theme: sigmoid(x) for theme, x in zip(self.themes, logits.tolist(), strict=False)}
        return ParagraphResult(place.start, place.end, field, boilerplate, scores, by_theme, evidence)


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


def _theme_label(theme: str, content: Sequence[ParagraphResult]) -> ThemeLabel:
    if not content:
        return ThemeLabel(theme, 0.0, "no", 0.0)
    strongest = max(content, key=lambda paragraph: paragraph.scores[theme])
    share = sum(paragraph.decisions[theme] == "yes" for paragraph in content) / len(content)
    return ThemeLabel(theme, strongest.scores[theme], strongest.decisions[theme], share)
