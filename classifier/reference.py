"""The engine in Python: the definition that the compiled one has to equal, and what serves where that is missing."""

from collections.abc import Sequence
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifier.article import paragraphs
from classifier.cut import Cut
from classifier.features import blocks, count
from classifier.furniture import find_repeated, furniture
from classifier.lexicon import Match
from classifier.model import Model
from classifier.text import Token, tokens


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
        rows = [self._logit(text) for text in texts]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(self._model.intercept))

    def logits_utf8(self, buffer: bytes, offsets: ArrayLike) -> NDArray[np.float64]:
        """Return the logits of the texts in `buffer`; see `Engine`."""
        return self.logits([bytes(buffer[a:b]).decode(errors="replace") for a, b in _spans(offsets, len(buffer))])

    def articles(self, fields: Sequence[str]) -> Cut:
        """Cut and score articles; see `Engine`."""
        cut = [paragraphs(field) for field in fields]
        found = list(chain.from_iterable(cut))
        ends = np.cumsum([*map(len, cut)], dtype=np.int64)
        logits, cuts = self.logits([p.text for p in found]), self._model.cuts[:, 1]
        spoken = np.array([any(map(str.isalnum, p.text)) for p in found], dtype=np.bool_)
        own, context = logits[:, -1], self._model.context
        is_repeated = find_repeated(own, ends, lambda line: found[line].text)
        content = spoken & ~furniture(own, ends, is_repeated, float(cuts[-1]), context)
        places = np.array([(p.start, p.end, c) for p, c in zip(found, content, strict=True)], dtype=np.int64)
        rows = [logits[a:b][content[a:b], :-1] for a, b in pairwise((0, *ends[1::2]))]
        shape = (len(rows), len(cuts) - 1)
        return Cut(
            ends=ends,
            places=places.reshape(-1, 3),
            logits=logits,
            strongest=np.array([r.max(axis=0, initial=-np.inf) for r in rows]).reshape(shape),
            yes=np.array([(r >= cuts[:-1]).sum(axis=0) for r in rows], dtype=np.int64).reshape(shape),
            n_content=np.array([*map(len, rows)], dtype=np.int64),
        )

    def walk(self, text: str) -> Walk:
        """Return the words and word classes of `text`."""
        found = tokens(text)
        return Walk(found, self._model.lexicon.matches([token.text for token in found]))

    def _logit(self, text: str) -> NDArray[np.float64]:
        row = self._model.features.row(blocks(count(text, self._model.lexicon), self._model.lexicon))
        # A sum row by row, not a matrix product: its bits don't depend on the BLAS at hand.
        addends = row.values[:, None] * self._model.coef[row.indices]
        return np.asarray(addends.sum(axis=0) + self._model.intercept)


def _spans(offsets: ArrayLike, size: int) -> list[tuple[int, int]]:
    places = np.asarray(offsets, dtype=np.int64).tolist()
    spans = list(pairwise(places))
    if not places or any(a < 0 or b < a or b > size for a, b in spans):
        raise ValueError("offsets must ascend within the buffer, n + 1 of them for n texts")
    return spans
