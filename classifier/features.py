"""From a paragraph, or from what was counted in one, to a row of weighted features.

Blocks: words, coarse and fine word classes, the coarse classes that are absent, and how long the paragraph is.  Within
a block a feature weighs ``(1 + ln tf) · idf`` and the block has length one, so that the classes aren't drowned by the
words.  A feature
that training never had contributes nothing, not even to the length.  docs/training.md says what each block brought.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.lexicon import Lexicon
from classifier.text import words

#: Single characters are matched in phrases of the lexicon ("eselon I"), but are no words of their own.
MIN_WORD_CHARS = 2

BLOCKS = ("word", "coarse", "fine", "no_coarse", "length")

#: Where the classes of length begin, in words of `MIN_WORD_CHARS` or more.
LENGTHS = (0, 1, 2, 3, 6, 10, 15, 25, 40, 63)


class Counts(NamedTuple):
    """What is counted in a paragraph; all that features are made of.

    Attributes
    ----------
    words : mapping of str to int
        How often each folded word of at least `MIN_WORD_CHARS` characters occurs.
    classes : mapping of str to int
        How often each word class, coarse or fine, occurs; classes that don't occur are left out.
    """

    words: Mapping[str, int]
    classes: Mapping[str, int]


def count(text: str, lexicon: Lexicon) -> Counts:
    """Count the words of `text` and its word classes."""
    found = words(text)
    return Counts(Counter(word for word in found if len(word) >= MIN_WORD_CHARS), lexicon.count(found))


def blocks(counts: Counts, lexicon: Lexicon) -> tuple[Mapping[str, int], ...]:
    """Sort counts into the blocks of `BLOCKS`: term → frequency."""
    return (
        counts.words,
        {name: n for name in lexicon.coarse if (n := counts.classes.get(name))},
        {name: n for name in lexicon.fine if (n := counts.classes.get(name))},
        {name: 1 for name in lexicon.coarse if name not in counts.classes},
        {_length(counts): 1},
    )


def _length(counts: Counts) -> str:
    return str(LENGTHS[bisect_right(LENGTHS, sum(counts.words.values())) - 1])


class Row(NamedTuple):
    """The features of one paragraph.

    Attributes
    ----------
    indices : ndarray of int64, shape (n_terms,)
        Which features, ascending.
    values : ndarray of float64, shape (n_terms,)
        Their weighted, normalised values.
    """

    indices: NDArray[np.int64]
    values: NDArray[np.float64]


@dataclass(frozen=True)
class Features:
    """The features a model knows, and how rows are made of them.

    Parameters
    ----------
    terms : tuple of tuple of str
        One sorted tuple a block, in the order of `BLOCKS`.
    idf : ndarray of float32, shape (n_features,)
        Inverse document frequency of every term, block after block: ``ln((1 + n) / (1 + df)) + 1``, as in
        scikit-learn's TfidfTransformer with ``smooth_idf``.
    """

    terms: tuple[tuple[str, ...], ...]
    idf: NDArray[np.float32]

    def __len__(self) -> int:
        return sum(len(block) for block in self.terms)

    @cached_property
    def _index(self) -> tuple[dict[str, int], ...]:
        start = 0
        index = []
        for block in self.terms:
            index.append({term: start + i for i, term in enumerate(block)})
            start += len(block)
        return tuple(index)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Readable names, ``block:term``, in the order of the features."""
        return tuple(f"{name}:{term}" for name, block in zip(BLOCKS, self.terms, strict=True) for term in block)

    def row(self, counted: Sequence[Mapping[str, int]]) -> Row:
        """Weigh one paragraph, given as `blocks`."""
        indices: list[int] = []
        values: list[float] = []
        for index, block in zip(self._index, counted, strict=True):
            known = sorted((index[term], n) for term, n in block.items() if term in index)
            weights = [(1.0 + math.log(n)) * float(self.idf[i]) for i, n in known]
            norm = math.sqrt(math.fsum(w * w for w in weights)) or 1.0
            indices += [i for i, _ in known]
            values += [w / norm for w in weights]
        return Row(np.array(indices, dtype=np.int64), np.array(values, dtype=np.float64))
