"""The training matrix: examples as rows of weighted features, any subset of them fitted at a time.

Counting is done once; a fold then only weighs.  Weighing is scikit-learn's TfidfTransformer, block by block, which
`classifier.features` equals to 1e-6 (tests/training/test_matrix.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfTransformer

from classifier.features import BLOCKS, Counts, Features, blocks
from classifier.lexicon import Lexicon


@dataclass(frozen=True)
class Matrix:
    """Term frequencies of all examples, one sparse matrix a block, with the terms of its columns."""

    frequencies: tuple[sp.csr_matrix, ...]
    terms: tuple[NDArray[np.str_], ...]

    @classmethod
    def count(cls, counts: Sequence[Counts], lexicon: Lexicon) -> "Matrix":
        """Lay out what was counted in each example."""
        frequencies, terms = [], []
        for block in zip(*(blocks(c, lexicon) for c in counts), strict=True):
            vectorizer = DictVectorizer()
            frequencies.append(sp.csr_matrix(vectorizer.fit_transform(block)))
            terms.append(np.array(vectorizer.feature_names_, dtype=np.str_))
        return cls(tuple(frequencies), tuple(terms))

    def weigh(self, rows: NDArray[np.intp], min_df: int) -> tuple[Features, sp.csr_matrix]:
        """Learn features from `rows` alone and weigh every example with them.

        Returns
        -------
        features : Features
            The terms that occur in `rows` (words: in at least `min_df` of them) and their idf.
        X : csr_matrix of shape (n_examples, n_features)
            All examples, those outside `rows` included.
        """
        terms, idfs, weighed = [], [], []
        for name, frequency, all_terms in zip(BLOCKS, self.frequencies, self.terms, strict=True):
            df = np.asarray((frequency[rows] > 0).sum(axis=0)).ravel()
            kept = np.flatnonzero(df >= (min_df if name == "word" else 1))
            terms.append(tuple(all_terms[kept].tolist()))
            if len(kept):  # scikit-learn refuses a block without a term
                transformer = TfidfTransformer(sublinear_tf=True).fit(frequency[rows][:, kept])
                idfs.append(transformer.idf_)
                weighed.append(transformer.transform(frequency[:, kept]))
        features = Features(tuple(terms), np.concatenate(idfs).astype(np.float32))
        return features, sp.hstack(weighed, format="csr")
