"""The classifier: texts in, scores, decisions and evidence out."""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import starmap

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifier import modelfile
from classifier.engine import Engine, fastest
from classifier.explanation import explain
from classifier.features import BLOCKS
from classifier.model import Model
from classifier.prior import at_prior
from classifier.results import ArticleResult, Contribution, ParagraphResult
from classifier.scale import sigmoids
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

    @classmethod
    def load(cls, path: "str | os.PathLike[str]", prior: Mapping[str, float] | None = None) -> "Classifier":
        """Load a model file; `prior` as above.

        Raises
        ------
        ModelRejectedError
            If the file is missing, damaged, foreign or of another format.
        """
        return cls(*modelfile.load(path), prior)

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.model.features.terms[BLOCKS.index("word")])

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
        return np.array(sigmoids(logits.ravel().tolist())).reshape(logits.shape)

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
        found = [
            ArticleResult(self.short_version, empty, rows, tuple(starmap(ParagraphResult, pieces)), self.prior)
            for empty, rows, pieces in self.engine.articles(fields, paragraphs)
        ]
        return list(map(self._explained, found, articles)) if explain else found

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

    def _explained(self, result: ArticleResult, article: tuple[str, str | None]) -> ArticleResult:
        text, title = article
        fields = {"text": text, "title": title or ""}
        found = tuple(p._replace(evidence=self._evidence(p, fields[p.field])) for p in result.paragraphs)
        return result._replace(paragraphs=found)

    def _evidence(self, paragraph: ParagraphResult, field: str) -> tuple[Contribution, ...]:
        piece = field[paragraph.start : paragraph.end]
        themes = [theme for theme, _, decision in paragraph.rows if decision != "no"]
        return explain(self.model, self.engine.walk(piece), piece, themes, paragraph.start) if themes else ()
