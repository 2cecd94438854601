import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from classifier.features import blocks, count
from classifier.lexicon import Lexicon
from classifier.text import words
from tests.conftest import AWARDS, FURNITURE, INTEGRITY, MERIT, NEUTRALITY, NOTHING, PERFORMANCE
from training.labels import Example
from training.matrix import Matrix

LEXICON = Lexicon({"person": {"servant": ["asn", "camat"]}, "deed": {"given": ["melantik", "seleksi terbuka"]}})
TEXTS = [NEUTRALITY, MERIT, INTEGRITY, PERFORMANCE, AWARDS, FURNITURE, NOTHING, MERIT + " " + MERIT, "ASN, asn! ASN?"]
SOME = st.lists(st.sampled_from(TEXTS) | st.text(max_size=60), min_size=2, max_size=12)


def examples(texts: list[str]) -> list[Example]:
    """Every other one as a record that holds no text."""
    return [
        Example(str(i), str(i), (), False, "written", 1, count(text, LEXICON), text if i % 2 else None, "")
        for i, text in enumerate(texts)
    ]


@given(texts=SOME, min_df=st.integers(1, 3))
def test_the_word_block_is_scikit_learns_tf_idf(texts: list[str], min_df: int) -> None:
    matrix = Matrix.count(examples(texts), LEXICON)
    features, X = matrix.weigh(np.arange(len(texts)), min_df)
    joined = [" ".join(words(text)) for text in texts]
    vectorizer = TfidfVectorizer(token_pattern=r"(?u)\b\w\w+\b", lowercase=False, sublinear_tf=True, min_df=min_df)
    try:
        expected = vectorizer.fit_transform(joined)
    except ValueError:  # scikit-learn refuses an empty vocabulary
        assert features.terms[0] == ()
        return

    assert tuple(vectorizer.get_feature_names_out()) == features.terms[0]
    assert np.abs(expected - X[:, : len(features.terms[0])]).max() < 1e-6


@given(texts=SOME)
def test_the_training_matrix_holds_the_rows_that_serving_computes(texts: list[str]) -> None:
    features, X = Matrix.count(examples(texts), LEXICON).weigh(np.arange(len(texts)), 1)

    for text, expected in zip(texts, X.toarray(), strict=True):
        row = features.row(blocks(count(text, LEXICON), LEXICON))
        dense = np.zeros(len(features))
        dense[row.indices] = row.values
        assert dense == pytest.approx(expected, abs=1e-6)


def test_terms_are_sorted_and_columns_ascend_in_every_block() -> None:
    for block in Matrix.count(examples(TEXTS), LEXICON).blocks:
        rows = np.split(block.frequencies.indices, block.frequencies.indptr[1:-1])

        assert list(block.terms) == sorted(block.terms)
        assert all(row.tolist() == sorted(row.tolist()) for row in rows)


def test_features_are_learnt_from_the_given_rows_alone() -> None:
    matrix = Matrix.count(examples(TEXTS), LEXICON)

    features, X = matrix.weigh(np.array([0, 1]), 1)

    assert "penghargaan" not in features.terms[0]
    assert (len(TEXTS), len(features)) == X.shape
