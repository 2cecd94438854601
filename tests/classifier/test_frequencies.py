import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import frequencies, tables
from classifier.features import count
from classifier.model import Model
from tests.classifier.test_engine import MANY_CLASSES, TEXT, models

# The extension is optional: without a compiler the reference serves, and there is nothing to compare.
pytestmark = pytest.mark.skipif(tables.compiled is None, reason="the kernel is not built")


@given(texts=st.lists(TEXT, max_size=5), model=models())
def test_the_kernel_counts_what_the_reference_counts(texts: list[str], model: Model) -> None:
    assert frequencies.count_all(texts, model.lexicon) == [count(text, model.lexicon) for text in texts]


@given(texts=st.lists(TEXT, max_size=5))
def test_words_are_counted_in_alphabetical_order(texts: list[str]) -> None:
    for counted in frequencies.frequencies(texts, MANY_CLASSES):
        rows = np.split(counted.columns, counted.starts[1:-1])

        assert list(counted.terms) == sorted(counted.terms)
        assert all(row.tolist() == sorted(row.tolist()) for row in rows)
        assert (counted.counts > 0).all()


@given(
    rows=st.lists(st.dictionaries(st.integers(0, 6), st.integers(1, 9), max_size=7), min_size=1, max_size=6),
    left_out=st.sets(st.integers(0, 6), max_size=6),
)
def test_rows_are_weighed_to_the_bit_as_the_reference_weighs_them(
    rows: list[dict[int, int]], left_out: set[int]
) -> None:
    kept = sorted(set(range(7)) - left_out)
    column_of = np.full(7, -1, np.int32)
    column_of[kept] = np.arange(len(kept))
    counted = frequencies.Rows(
        np.cumsum([0, *map(len, rows)], dtype=np.int32),
        np.array([column for row in rows for column in sorted(row)], np.int32),
        np.array([float(row[column]) for row in rows for column in sorted(row)]),
    )
    idf = 1 + np.arange(len(kept)) / 3
    by_kernel = frequencies.weigh(counted, column_of, idf)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "compiled", None)
        by_reference = frequencies.weigh(counted, column_of, idf)

    assert [part.tolist() for part in by_kernel] == [part.tolist() for part in by_reference]


@pytest.mark.parametrize(
    ("starts", "columns", "counts"),
    [
        ([0, 3], [0, 1], [1, 1]),
        ([2, 0], [0, 1], [1, 1]),
        ([-1, 2], [0, 1], [1, 1]),
        ([0, 2], [0, 2], [1, 1]),
        ([0, 2], [-1, 0], [1, 1]),
        ([0, 2], [0, 1], [1, -1]),
        ([0, 2], [0, 1], [1]),
        ([], [0, 1], [1, 1]),
    ],
)
def test_what_is_no_matrix_of_counts_is_refused(starts: list[int], columns: list[int], counts: list[float]) -> None:
    with pytest.raises(ValueError, match="not a matrix of counts"):
        frequencies.weigh(
            frequencies.Rows(np.array(starts, np.int32), np.array(columns, np.int32), np.array(counts, float)),
            np.arange(2, dtype=np.int32),
            np.ones(2),
        )
