"""The classifier: texts in, scores, decisions and evidence out."""

import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import repeat

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifier import modelfile
from classifier.cut import Cut
from classifier.engine import Engine, fastest
from classifier.explanation import explain
from classifier.features import BLOCKS
from classifier.model import Model
from classifier.prior import at_prior
from classifier.results import ArticleResult, Contribution, Decision, ParagraphResult
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
    prior : mapping of str to float, optional
        The share of paragraphs that carry a theme where the texts come from, for some themes or all.  Scores are then
        probabilities there; decisions stay what they are.
    engine : callable, optional
        Makes what scores from a model; the compiled kernel where there is one.

    Raises
    ------
    SettingError
        If `prior` names an unknown theme or a share that does not lie between 0 and 1.
    """

    def __init__(
        self,
        model: Model,
        version: str,
        prior: Mapping[str, float] | None = None,
        engine: Callable[[Model], Engine] = fastest,
    ) -> None:
        self.model = at_prior(model, prior) if prior else model
        self.version = version
        #: The version as answers show it: its first 12 hex digits.
        self.short_version = version[:_SHOWN_VERSION_CHARS]
        self.prior = dict(prior) if prior else None
        self.engine = engine(self.model)
        #: Theme ids, in the order of all columns below.
        self.themes = self.model.theme_ids
        self._lows, self._highs = self.model.cuts[:-1].T.tolist()
        self._known = frozenset(model.features.terms[BLOCKS.index("word")])

    @classmethod
    def load(cls, path: "str | os.PathLike[str]", prior: Mapping[str, float] | None = None) -> "Classifier":
        """Load a model file; `prior` as above.

        Raises
        ------
        ModelRejectedError
            If the file is missing, damaged, foreign or of another format.
        """
        return cls(*modelfile.load(path), prior)

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
        return explain(self.model, self.engine.walk(text), text, self.themes)

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

        Without `paragraphs`, results carry none, and an archive is scored in a third of the time.
        """
        fields = [field or "" for text, title in articles for field in (title, text)]
        cut = self.engine.articles(fields)
        found = self._paragraphs(fields, cut, explain) if paragraphs else repeat(())
        rows = zip(cut.strongest.tolist(), cut.yes.tolist(), cut.n_content.tolist(), found, strict=False)
        return [self._article(*row) for row in rows]

    def logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the logits of `texts`, themes first and boilerplate last, of shape (n_texts, n_themes + 1)."""
        return self.engine.logits(texts)

    def logits_utf8(self, buffer: bytes, offsets: ArrayLike) -> NDArray[np.float64]:
        """Return the logits of the texts ``buffer[offsets[i]:offsets[i + 1]]``, columns as in `logits`.

        For archives: the buffer is read where it stands, and neither this nor `logits` holds the interpreter lock.

        Parameters
        ----------
        buffer : bytes or any contiguous buffer
            Texts in UTF-8; damaged bytes part words.
        offsets : array_like of int64, shape (n_texts + 1,)
            Where texts begin and, last, where the last one ends; ascending.

        Raises
        ------
        ValueError
            If the offsets leave the buffer or descend.
        """
        return self.engine.logits_utf8(buffer, offsets)

    def _article(
        self, logits: list[float], yes: list[int], n_content: int, paragraphs: tuple[ParagraphResult, ...]
    ) -> ArticleResult:
        """Say what an article's content means for it: the strongest paragraph speaks for a theme.

        Without content all logits are -inf: the score is 0 and the decision ``no``.
        """
        scores = dict(zip(self.themes, map(sigmoid, logits), strict=True))
        decisions = dict(zip(self.themes, map(_decide, logits, self._lows, self._highs), strict=True))
        shares = {theme: n / (n_content or 1) for theme, n in zip(self.themes, yes, strict=True)}
        return ArticleResult(self.short_version, not n_content, scores, decisions, shares, paragraphs, self.prior)

    def _paragraphs(self, fields: list[str], cut: Cut, asked: bool) -> Iterator[tuple[ParagraphResult, ...]]:
        rows = list(zip(cut.places.tolist(), cut.logits.tolist(), strict=True))
        ends = [0, *cut.ends.tolist()]
        for i in range(0, len(fields), 2):
            title = [self._paragraph("title", fields[i], *row, asked) for row in rows[ends[i] : ends[i + 1]]]
            text = [self._paragraph("text", fields[i + 1], *row, asked) for row in rows[ends[i + 1] : ends[i + 2]]]
            yield (*title, *text)

    def _paragraph(self, field: str, text: str, place: list[int], logits: list[float], asked: bool) -> ParagraphResult:
        start, end, content = place
        # There are themes and cuts for every column but the last, which is boilerplate's.
        scores = dict(zip(self.themes, map(sigmoid, logits), strict=False))
        decided: Iterable[Decision] = map(_decide, logits, self._lows, self._highs) if content else repeat("no")
        decisions = dict(zip(self.themes, decided, strict=False))
        evidence = None
        if asked:
            piece = text[start:end]
            themes = [theme for theme, decision in decisions.items() if decision != "no"]
            evidence = explain(self.model, self.engine.walk(piece), piece, themes, start)
        return ParagraphResult(start, end, field, not content, scores, decisions, evidence)


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
