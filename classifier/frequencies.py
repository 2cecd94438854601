"""How often words and word classes occur in texts, and what that weighs: rows of the training matrix.

The compiled kernel counts and weighs where there is one, so that training and serving have one definition of a feature.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier import tables
from classifier.features import Counts, count
from classifier.lexicon import Lexicon


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
    if tables.compiled is None:
        counted = [count(text, lexicon) for text in texts]
        return lay_out([c.words for c in counted]), lay_out([c.classes for c in counted])
    terms, word_starts, words, class_starts, classes = tables.of_lexicon(lexicon).count(texts)
    names = tables.classes(lexicon)
    return Frequencies(terms, *_numbers(word_starts, words)), _in_order(names, *_numbers(class_starts, classes))


def _numbers(starts: bytes, entries: bytes) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    columns, counts = np.frombuffer(entries, np.int32).reshape(2, -1)
    return np.frombuffer(starts, np.int32), columns, counts


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


class Rows(NamedTuple):
    """Rows of a sparse matrix, as in `Frequencies`; their values, counts or weights, are float64."""

    starts: NDArray[np.int32]
    columns: NDArray[np.int32]
    values: NDArray[np.float64]


def weigh(counts: Rows, column_of: NDArray[np.int32], idf: NDArray[np.float64]) -> Rows:
    """Weigh rows of counts as `classifier.features` does: ``(1 + ln tf) · idf``, and the row of length one.

    Parameters
    ----------
    counts : Rows
        Whole numbers from 1.
    column_of : ndarray of int32, shape (n_terms,)
        The new column of each, ascending, or -1 where it is left out.
    idf : ndarray of float64, shape (n_columns,)
        Of the new columns.
    """
    # By numpy's logarithm for both, so that they weigh alike to the bit.
    tf = 1 + np.log(np.maximum(np.arange(int(counts.values.max(initial=0)) + 1), 1))
    if tables.compiled is None:
        return _weigh(counts, column_of, tf, idf)
    n = len(counts.columns)
    out = Rows(np.empty(len(counts.starts), np.int32), np.empty(n, np.int32), np.empty(n))
    tables.compiled.weigh(*counts, column_of, tf, idf, *out)
    kept = out.starts[-1]
    return Rows(out.starts, out.columns[:kept], out.values[:kept])


def _weigh(counts: Rows, column_of: NDArray[np.int32], tf: NDArray[np.float64], idf: NDArray[np.float64]) -> Rows:
    n_rows = len(counts.starts) - 1
    column = column_of[counts.columns]
    known = column >= 0
    kept = column[known]
    row = np.repeat(np.arange(n_rows), np.diff(counts.starts))[known]
    values = tf[counts.values[known].astype(np.intp)] * idf[kept]
    values /= np.sqrt(np.bincount(row, weights=values * values, minlength=n_rows))[row]
    return Rows(np.concatenate([[0], np.cumsum(known)])[counts.starts].astype(np.int32), kept, values)
