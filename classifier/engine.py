"""Engines: what turns texts into logits, for one model.

`Reference` is the definition, in Python.  `Kernel` is its compiled twin (``_kernel.c``): the same words, classes and
sums, one walk over the text and no Python object a word.  It reads folds from `classifier.text` page by page, so that
there is one definition of them.  Where it could not be built, the reference serves.
"""

import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifier.article import MAX_WORDS
from classifier.errors import LabelsRejectedError, ModelRejectedError
from classifier.features import LENGTHS, Counts, Features, count
from classifier.lexicon import Lexicon, Match
from classifier.model import Model
from classifier.reference import Reference, Scored, Walk
from classifier.text import Token, fold

try:
    from classifier import _kernel
except ImportError:  # no compiler at install time: the extension is optional
    _kernel = None  # type: ignore[assignment]

_NONE = np.uint32(0xFFFFFFFF)


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
        self._classes = _classes(model.lexicon)
        self._n_outputs = len(model.intercept)
        self._themes = model.theme_ids
        self._cuts = model.cuts.astype(np.float64)
        self._context = tuple(model.context.tolist())
        terms = model.features.terms[0]
        # Frequent words first: what most texts need then lies close together.
        order = np.argsort(model.features.idf[: len(terms)], kind="stable")
        rows = np.concatenate([order, np.arange(len(terms), len(model.features))])
        try:
            self._kernel = _kernel.Kernel(
                fold_page=_fold_page,
                words=_bytes([terms[i] for i in order.tolist()]),
                n_words=len(terms),
                classes=_entries(model.lexicon, self._classes),
                n_coarse=len(model.lexicon.coarse),
                coef=model.coef[rows],
                idf=model.features.idf[rows],
                intercept=np.ascontiguousarray(model.intercept),
                class_rows=_class_rows(model.features, model.lexicon, self._classes),
                lengths=_length_rows(model.features),
            )
        except ValueError as err:
            raise ModelRejectedError(f"model: {err}") from err

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
    if _kernel is not None:
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


class Frequencies(NamedTuple):
    """How often terms occur in texts: a sparse matrix of shape (n_texts, n_terms), row after row.

    Attributes
    ----------
    terms : sequence of str
        The terms of the columns, sorted.
    starts : ndarray of int32, shape (n_texts + 1,)
        Where each row begins and, last, where the last one ends.
    columns, counts : ndarray of int32, shape (n_entries,)
        The terms that occur in a row, each once, ascending, and how often.
    """

    terms: Sequence[str]
    starts: NDArray[np.int32]
    columns: NDArray[np.int32]
    counts: NDArray[np.int32]

    def rows(self) -> list[dict[str, int]]:
        """Return the same as one mapping a text."""
        pairs = list(zip((self.terms[i] for i in self.columns.tolist()), self.counts.tolist(), strict=True))
        return [dict(pairs[start:end]) for start, end in pairwise(self.starts.tolist())]


def frequencies(texts: Sequence[str], lexicon: Lexicon) -> tuple[Frequencies, Frequencies]:
    """Count the words of `texts` and their word classes, as `classifier.features.count` does.

    The compiled kernel does it where there is one, so that training and serving have one definition of a feature.

    Raises
    ------
    LabelsRejectedError
        If the kernel has no room for the steps of `lexicon`.
    """
    if _kernel is None:
        counted = [count(text, lexicon) for text in texts]
        return lay_out([c.words for c in counted]), lay_out([c.classes for c in counted])
    names = _classes(lexicon)
    no_weights = np.empty(0, dtype=np.float32)
    try:
        kernel = _kernel.Kernel(
            fold_page=_fold_page,
            words=b"",
            n_words=0,
            classes=_entries(lexicon, names),
            n_coarse=len(lexicon.coarse),
            coef=no_weights,
            idf=no_weights,
            intercept=no_weights,
            class_rows=np.full((len(names), 3), _NONE, dtype=np.uint32),
            lengths=np.empty((0, 2), dtype=np.uint32),
        )
    except ValueError as err:
        raise LabelsRejectedError(f"lexicon: {err}") from err
    terms, word_ends, words, class_ends, classes = kernel.count(texts)
    return Frequencies(terms, *_numbers(word_ends, words)), _in_order(names, *_numbers(class_ends, classes))


def _numbers(ends: bytes, entries: bytes) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    columns, counts = np.frombuffer(entries, np.int32).reshape(2, -1)
    return np.concatenate([np.zeros(1, np.int32), np.frombuffer(ends, np.int32)]), columns, counts


def _in_order(
    terms: Sequence[str], starts: NDArray[np.int32], columns: NDArray[np.int32], counts: NDArray[np.int32]
) -> Frequencies:
    """Sort the terms, and the columns within each row."""
    order = sorted(range(len(terms)), key=terms.__getitem__)
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order))
    columns = rank[columns]
    within_rows = np.lexsort((columns, np.repeat(np.arange(len(starts) - 1), np.diff(starts))))
    return Frequencies([terms[i] for i in order], starts, columns[within_rows], counts[within_rows])


def count_all(texts: Sequence[str], lexicon: Lexicon) -> list[Counts]:
    """Count each of `texts` as `classifier.features.count` does, all at once."""
    words, classes = frequencies(texts, lexicon)
    return [Counts(*pair) for pair in zip(words.rows(), classes.rows(), strict=True)]


def lay_out(rows: Sequence[Mapping[str, int]]) -> Frequencies:
    """Lay rows that were counted before out as a matrix."""
    column: dict[str, int] = {}
    columns = [column.setdefault(term, len(column)) for row in rows for term in row]
    counts = [n for row in rows for n in row.values()]
    starts = np.cumsum([0, *map(len, rows)], dtype=np.int32)
    return _in_order(tuple(column), starts, np.array(columns, np.int32), np.array(counts, np.int32))


class Weighed(NamedTuple):
    """Rows of weights, each of length one: a sparse matrix as in `Frequencies`, its values float64."""

    starts: NDArray[np.int32]
    columns: NDArray[np.int32]
    values: NDArray[np.float64]


def weigh(
    starts: NDArray[np.int32],
    columns: NDArray[np.int32],
    counts: NDArray[np.float64],
    column_of: NDArray[np.int32],
    idf: NDArray[np.float64],
) -> Weighed:
    """Weigh rows of counts as `classifier.features` does: ``(1 + ln tf) · idf``, and the row of length one.

    Parameters
    ----------
    starts, columns : ndarray of int32
        As in `Frequencies`.
    counts : ndarray of float64, shape (n_entries,)
        Whole numbers from 1.
    column_of : ndarray of int32, shape (n_terms,)
        The new column of each, ascending, or -1 where it is left out.
    idf : ndarray of float64, shape (n_columns,)
        Of the new columns.
    """
    tf = 1 + np.log(np.maximum(np.arange(int(counts.max(initial=0)) + 1), 1))
    if _kernel is None:
        return _weigh(starts, columns, tf[counts.astype(np.intp)], column_of, idf)
    weighed = Weighed(np.empty(len(starts), np.int32), np.empty(len(columns), np.int32), np.empty(len(columns)))
    _kernel.weigh(starts, columns, counts, column_of, tf, idf, *weighed)
    n = weighed.starts[-1]
    return Weighed(weighed.starts, weighed.columns[:n], weighed.values[:n])


def _weigh(
    starts: NDArray[np.int32],
    columns: NDArray[np.int32],
    tf: NDArray[np.float64],
    column_of: NDArray[np.int32],
    idf: NDArray[np.float64],
) -> Weighed:
    column = column_of[columns]
    known = column >= 0
    kept = column[known]
    row = np.repeat(np.arange(len(starts) - 1), np.diff(starts))[known]
    values = tf[known] * idf[kept]
    values /= np.sqrt(np.bincount(row, weights=values * values, minlength=len(starts) - 1))[row]
    return Weighed(np.concatenate([[0], np.cumsum(known)])[starts].astype(np.int32), kept, values)


def _classes(lexicon: Lexicon) -> tuple[str, ...]:
    """Return the classes in the order of their numbers, the coarse ones first."""
    return tuple(dict.fromkeys((*lexicon.coarse, *lexicon.fine)))


def _entries(lexicon: Lexicon, classes: tuple[str, ...]) -> tuple[tuple[int, int, bytes], ...]:
    number = {name: i for i, name in enumerate(classes)}
    return tuple(
        (number[coarse], number[fine], _bytes(_spaced(entries)))
        for coarse, fines in lexicon.classes.items()
        for fine, entries in fines.items()
    )


def _spaced(entries: Sequence[str]) -> Sequence[str]:
    """Part the words of each entry by one space.  Asked of all at once: they nearly always are, and start-up waits."""
    found = f" {' '.join(entries)} "
    # Of all white space only the space is printable.
    if found.isprintable() and "  " not in found:
        return entries
    return [" ".join(entry.split()) for entry in entries]


def _bytes(lines: Sequence[str]) -> bytes:
    return "\n".join(lines).encode(errors="surrogatepass")


def _class_rows(features: Features, lexicon: Lexicon, classes: tuple[str, ...]) -> NDArray[np.uint32]:
    """Return the rows of each class as a coarse one, a fine one and an absent one, of shape (n_classes, 3)."""
    rows = np.full((len(classes), 3), _NONE, dtype=np.uint32)
    for column, (block, names) in enumerate(((1, lexicon.coarse), (2, lexicon.fine), (3, lexicon.coarse))):
        index, known = _index(features, block), set(names)
        for i, name in enumerate(classes):
            if name in known:
                rows[i, column] = index.get(name, _NONE)
    return rows


def _length_rows(features: Features) -> NDArray[np.uint32]:
    """Return where each class of length begins and its row, of shape (n_lengths, 2)."""
    index = _index(features, 4)
    return np.array([(start, index.get(str(start), _NONE)) for start in LENGTHS], dtype=np.uint32)


def _index(features: Features, block: int) -> dict[str, int]:
    start = sum(map(len, features.terms[:block]))
    return {term: start + i for i, term in enumerate(features.terms[block])}


@cache
def _fold_page(page: int) -> bytes:
    """Return the folds of a page of code points as the kernel keeps them: a length and 16 bytes of UTF-8 each."""
    first = page * _kernel.PAGE_SIZE
    return b"".join(map(_fold_bytes, range(first, first + _kernel.PAGE_SIZE)))


def _fold_bytes(code_point: int) -> bytes:
    # Whatever is no letter or digit parts words, for which the kernel has the NUL byte.
    folded = b"".join(c.encode() if c.isalnum() else b"\0" for c in fold(chr(code_point)))
    return bytes([len(folded)]) + folded.ljust(_kernel.FOLD_BYTES, b"\0")
