"""The training matrix: examples as rows of weighted features, any subset of them fitted at a time.

Counting is done once; a fold then only weighs, as scikit-learn's TfidfTransformer does, which both this and
`classifier.features` equal to 1e-6 (tests/training/test_matrix.py) in a fraction of its time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from classifier.features import BLOCKS, LENGTHS, Features
from classifier.frequencies import Frequencies, Rows, frequencies, lay_out, weigh
from classifier.lexicon import Lexicon
from training.labels import Example


@dataclass(frozen=True)
class Block:
    """Term frequencies of all examples in one block of features.

    Attributes
    ----------
    frequencies : csr_matrix of shape (n_examples, n_terms)
        Its columns ascend within a row: sums run in this order, here and in the solver.
    terms : tuple of str
        The terms of its columns, sorted.
    """

    frequencies: sp.csr_matrix
    terms: tuple[str, ...]

    def weigh(self, rows: NDArray[np.intp], min_df: int) -> tuple[tuple[str, ...], NDArray[np.float64], sp.csr_matrix]:
        """Return the terms in at least `min_df` of `rows`, sorted, their idf, and the weights of all examples."""
        df = self._occurs.T @ np.bincount(rows, minlength=len(self.frequencies.indptr) - 1)
        kept = np.flatnonzero(df >= min_df)
        idf = np.log((1 + len(rows)) / (1 + df[kept])) + 1
        column_of = np.full(len(self.terms), -1, np.int32)
        column_of[kept] = np.arange(len(kept))
        counts = self.frequencies
        starts, columns, values = weigh(Rows(counts.indptr, counts.indices, counts.data), column_of, idf)
        X = sp.csr_matrix((values, columns, starts), shape=(len(starts) - 1, len(kept)))
        return tuple(map(self.terms.__getitem__, kept.tolist())), idf, X

    @cached_property
    def _occurs(self) -> sp.csr_matrix:
        counts = self.frequencies
        return sp.csr_matrix((np.ones_like(counts.data), counts.indices, counts.indptr), shape=counts.shape)


@dataclass(frozen=True)
class Matrix:
    """All examples, block by block in the order of `classifier.features.BLOCKS`."""

    blocks: tuple[Block, ...]

    @classmethod
    def count(cls, examples: Sequence[Example], lexicon: Lexicon) -> "Matrix":
        """Count examples: texts by the engine that serves, records as they were counted before."""
        texts = [i for i, example in enumerate(examples) if example.text is not None]
        records = [i for i, example in enumerate(examples) if example.text is None]
        order = np.argsort([*texts, *records])
        counted = frequencies([examples[i].text or "" for i in texts], lexicon)
        recorded = (
            lay_out([examples[i].counts.words for i in records]),
            lay_out([examples[i].counts.classes for i in records]),
        )
        words, classes = (_join(a, b, order) for a, b in zip(counted, recorded, strict=True))
        return cls(_blocks(words, classes, lexicon))

    def weigh(self, rows: NDArray[np.intp], min_df: int) -> tuple[Features, sp.csr_matrix]:
        """Learn features from `rows` alone and weigh every example with them.

        Returns
        -------
        features : Features
            The terms that occur in `rows` (words: in at least `min_df` of them) and their idf.
        X : csr_matrix of shape (n_examples, n_features)
            All examples, those outside `rows` included.
        """
        least = [min_df if name == "word" else 1 for name in BLOCKS]
        weighed = [block.weigh(rows, n) for block, n in zip(self.blocks, least, strict=True)]
        terms, idfs, parts = zip(*weighed, strict=True)
        return Features(terms, np.concatenate(idfs).astype(np.float32)), sp.hstack(parts, format="csr")


def _join(a: Frequencies, b: Frequencies, order: NDArray[np.intp]) -> Block:
    """Put one matrix under the other, with the columns of both, and its rows into `order`."""
    terms = sorted({*a.terms, *b.terms})
    column = {term: i for i, term in enumerate(terms)}
    both = sp.vstack([_spread(frequencies, column) for frequencies in (a, b)], format="csr")
    return Block(both[order], tuple(terms))


def _spread(frequencies: Frequencies, column: Mapping[str, int]) -> sp.csr_matrix:
    place = np.array([column[term] for term in frequencies.terms], dtype=np.int32)
    shape = (len(frequencies.starts) - 1, len(column))
    return sp.csr_matrix((frequencies.counts.astype(np.float64), place[frequencies.columns], frequencies.starts), shape)


def _blocks(words: Block, classes: Block, lexicon: Lexicon) -> tuple[Block, ...]:
    """Sort counts into the blocks of features, as `classifier.features.blocks` does for one paragraph."""
    column = {name: i for i, name in enumerate(classes.terms)}
    coarse, fine = ([name for name in names if name in column] for names in (lexicon.coarse, lexicon.fine))
    by_coarse, by_fine = (classes.frequencies[:, [column[name] for name in names]] for names in (coarse, fine))
    absent = np.ones((len(by_coarse.indptr) - 1, len(lexicon.coarse)))
    absent[:, [lexicon.coarse.index(name) for name in coarse]] = by_coarse.toarray() == 0
    n_words = words.frequencies.sum(axis=1).A1
    lengths = sorted(map(str, LENGTHS))
    length = np.array([lengths.index(str(n)) for n in LENGTHS])[np.searchsorted(LENGTHS, n_words, side="right") - 1]
    one_hot = sp.csr_matrix((np.ones(len(length)), length, np.arange(len(length) + 1)), (len(length), len(LENGTHS)))
    return (
        words,
        Block(by_coarse, tuple(coarse)),
        Block(by_fine, tuple(fine)),
        Block(sp.csr_matrix(absent), lexicon.coarse),
        Block(one_hot, tuple(lengths)),
    )
