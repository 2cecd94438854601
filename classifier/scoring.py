"""The classifier: texts in, scores, decisions and evidence out."""

import math
import os
from collections.abc import Callable, Mapping, Sequence
from itertools import islice

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifier import modelfile
from classifier.article import Paragraph, paragraphs
from classifier.engine import Engine, fastest
from classifier.explanation import explain
from classifier.features import BLOCKS
from classifier.furniture import find_repeated, furniture
from classifier.model import Model
from classifier.prior import at_prior
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
        self.prior = dict(prior) if prior else None
        self.engine = engine(self.model)
        self._cuts = self.model.cuts.tolist()
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

    @property
    def themes(self) -> tuple[str, ...]:
        """Theme ids, in the order of all columns below."""
        return self.model.theme_ids

    @property
    def short_version(self) -> str:
        """The version as answers show it: its first 12 hex digits."""
        return self.version[:_SHOWN_VERSION_CHARS]

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

        Without `paragraphs`, results carry none, and an archive is scored in half the time.
        """
        cut = [_fields(text, title) for text, title in articles]
        flat = [paragraph.text for fields in cut for _, paragraph in fields]
        logits = self.logits(flat)
        sizes = [sum(f == name for f, _ in fields) for fields in cut for name in ("title", "text")]
        ends = np.cumsum(sizes, dtype=np.int64)
        rows = zip(logits.tolist(), self._furniture(flat, logits[:, -1], ends).tolist(), strict=True)
        return [self._article(fields, list(islice(rows, len(fields))), explain, paragraphs) for fields in cut]

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

    def _furniture(self, lines: list[str], logits: NDArray[np.float64], ends: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Say which lines are furniture; those of each title and text end at `ends`."""
        is_repeated = find_repeated(logits, ends, lines.__getitem__)
        found = furniture(logits, ends, is_repeated, self._cuts[-1][1], self.model.context)
        # A line without a letter or digit has no words to judge; nothing in it can be content.
        return found | np.array([not any(map(str.isalnum, line)) for line in lines], dtype=np.bool_)

    def _article(
        self, fields: list[tuple[str, Paragraph]], rows: list[tuple[list[float], bool]], explain: bool, paragraphs: bool
    ) -> ArticleResult:
        content = [row for row, is_furniture in rows if not is_furniture]
        results = tuple(
            self._paragraph(field, paragraph, *row, explain)
            for (field, paragraph), row in zip(fields, rows, strict=True)
            if paragraphs
        )
        return ArticleResult(self.short_version, not content, self._labels(content), results, self.prior)

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
            evidence = explain(self.model, self.engine.walk(place.text), place.text, open_themes, place.start)
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
