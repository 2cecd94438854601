"""Engines: what turns texts into logits, for one model.

`Reference` is the definition, in Python.  `Kernel` is its compiled twin (``_kernel.c``): the same words, classes and
sums, one walk over the text and no Python object a word.  Where it could not be built, the reference serves.
"""

import warnings
from collections.abc import Sequence
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifier import tables
from classifier.article import MAX_WORDS
from classifier.lexicon import Match
from classifier.model import Model
from classifier.reference import Reference, Scored, Walk
from classifier.text import Token


class Engine(Protocol):
    """Scores texts with one model; may be shared by threads."""

    #: As ``/readyz`` shows it.
    name: str

    def logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the logits of `texts`, of shape (n_texts, n_outputs)."""

    def logits_utf8(self, buffer: bytes, offsets: ArrayLike) -> NDArray[np.float64]:
        """Return the logits of ``buffer[offsets[i]:offsets[i + 1]]`` for every i, of shape (n_texts, n_outputs).

        Damaged UTF-8 parts words, as ``bytes.decode(errors="replace")`` does.
        """

    def articles(self, fields: Sequence[str], with_paragraphs: bool) -> list[Scored]:
        """Cut articles, each a title and a text in `fields`, as `classifier.article` does, and score them.

        The paragraphs are left out unless `with_paragraphs` asks for them.
        """

    def walk(self, text: str) -> Walk:
        """Return the words and word classes of `text`."""


class Kernel:
    """The compiled engine."""

    name = "c"

    def __init__(self, model: Model) -> None:
        self._classes = tables.classes(model.lexicon)
        self._n_outputs = len(model.intercept)
        self._themes = model.theme_ids
        self._cuts = model.cuts.astype(np.float64)
        self._context = tuple(model.context.tolist())
        self._kernel = tables.of_model(model)

    def logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the logits of `texts`, of shape (n_texts, n_outputs)."""
        out = np.empty((len(texts), self._n_outputs))
        self._kernel.logits(texts, out)
        return out

    def logits_utf8(self, buffer: bytes, offsets: ArrayLike) -> NDArray[np.float64]:
        """Return the logits of the texts in `buffer`, which is read where it stands; see `Engine`."""
        offsets = np.ascontiguousarray(offsets, dtype=np.int64)
        out = np.empty((max(len(offsets) - 1, 0), self._n_outputs))
        self._kernel.logits_utf8(buffer, offsets, out)
        return out

    def articles(self, fields: Sequence[str], with_paragraphs: bool) -> list[Scored]:
        """Cut and score articles; see `Engine`."""
        return self._kernel.articles(fields, MAX_WORDS, self._themes, self._cuts, self._context, with_paragraphs)

    def walk(self, text: str) -> Walk:
        """Return the words and word classes of `text`."""
        words, matches = self._kernel.walk(text)
        return Walk([Token(*word) for word in words], [Match(self._classes[c], a, b) for c, a, b in matches])


def fastest(model: Model) -> Engine:
    """Return the fastest engine at hand for `model`."""
    if tables.compiled is not None:
        return Kernel(model)
    _warn_once()
    return Reference(model)


@cache
def _warn_once() -> None:
    warnings.warn(
        "the compiled kernel is missing, the Python reference serves: same answers, slower; "
        "install a C compiler and run `make install` again",
        RuntimeWarning,
        stacklevel=4,
    )
