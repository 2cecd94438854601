"""The engine in Python: the definition that the compiled one has to equal, and what serves where that is missing."""

from collections.abc import Sequence
from itertools import chain, cycle, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifier.article import Paragraph, paragraphs
from classifier.features import blocks, count
from classifier.furniture import find_repeated, furniture
from classifier.lexicon import Match
from classifier.model import Model
from classifier.scale import ArticleRows, Rows, rows, sum_up
from classifier.text import Token, tokens

#: What an engine says of an article: whether it has no content, its rows, and its paragraphs where asked for, each a
#: start, an end, ``title`` or ``text``, whether it is furniture, and rows.
Scored = tuple[bool, ArticleRows, tuple[tuple[int, int, str, bool, Rows], ...]]


class Walk(NamedTuple):
    """What an engine meets in a text.

    Attributes
    ----------
    tokens : sequence of Token
        Its words, single characters included.
    matches : sequence of Match
        The occurrences of word classes, their places counted in `tokens`.
    """

    tokens: Sequence[Token]
    matches: Sequence[Match]


class Reference:
    """The engine in Python: what every other has to equal to 1e-5."""

    name = "python"

    def __init__(self, model: Model) -> None:
        self._model = model

    def logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the logits of `texts`, of shape (n_texts, n_outputs)."""
        logits = [self._logit(text) for text in texts]
        return np.array(logits, dtype=np.float64).reshape(len(logits), len(self._model.intercept))

    def logits_utf8(self, buffer: bytes, offsets: ArrayLike) -> NDArray[np.float64]:
        """Return the logits of the texts in `buffer`; see `Engine`."""
        return self.logits([bytes(buffer[a:b]).decode(errors="replace") for a, b in _spans(offsets, len(buffer))])

    def articles(self, fields: Sequence[str], with_paragraphs: bool) -> list[Scored]:
        """Cut and score articles; see `Engine`."""
        cut = [paragraphs(field) for field in fields]
        found = list(chain.from_iterable(cut))
        ends = np.cumsum([*map(len, cut)], dtype=np.int64)
        logits = self.logits([p.text for p in found])
        content = self._content(found, logits[:, -1], ends)
        names = [name for name, field in zip(cycle(("title", "text")), cut, strict=False) for _ in field]
        pieces = list(zip(found, names, content.tolist(), logits[:, :-1].tolist(), strict=True))
        return [self._sum_up(pieces[start:end], with_paragraphs) for start, end in pairwise([0, *ends[1::2].tolist()])]

    def walk(self, text: str) -> Walk:
        """Return the words and word classes of `text`."""
        found = tokens(text)
        return Walk(found, self._model.lexicon.matches([token.text for token in found]))

    def _logit(self, text: str) -> NDArray[np.float64]:
        row = self._model.features.row(blocks(count(text, self._model.lexicon), self._model.lexicon))
        # A sum row by row, not a matrix product: its bits don't depend on the BLAS at hand.
        addends = row.values[:, None] * self._model.coef[row.indices]
        return np.asarray(addends.sum(axis=0) + self._model.intercept)

    def _content(self, found: list[Paragraph], own: NDArray[np.float64], ends: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Say which paragraphs are content: those with a letter or a digit that are no furniture."""
        spoken = np.array([any(map(str.isalnum, p.text)) for p in found], dtype=np.bool_)
        is_repeated = find_repeated(own, ends, lambda line: found[line].text)
        cut = float(self._model.cuts[-1, 1])
        return spoken & ~furniture(own, ends, is_repeated, cut, self._model.context)

    def _sum_up(self, pieces: list[tuple[Paragraph, str, bool, list[float]]], with_paragraphs: bool) -> Scored:
        themes, cuts = self._model.theme_ids, self._model.cuts[:-1].tolist()
        content = [logits for _, _, is_content, logits in pieces if is_content]
        spoken = [
            (place.start, place.end, name, not is_content, rows(themes, logits, cuts, is_content))
            for place, name, is_content, logits in (pieces if with_paragraphs else ())
        ]
        return not content, sum_up(themes, content, cuts), tuple(spoken)


def _spans(offsets: ArrayLike, size: int) -> list[tuple[int, int]]:
    places = np.asarray(offsets, dtype=np.int64).tolist()
    spans = list(pairwise(places))
    if not places or any(a < 0 or b < a or b > size for a, b in spans):
        raise ValueError("offsets must ascend within the buffer, n + 1 of them for n texts")
    return spans
