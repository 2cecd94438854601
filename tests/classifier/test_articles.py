"""Engines cut articles where `classifier.article` does, and say the same of them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from classifier import tables
from classifier.engine import Engine, Kernel
from classifier.reference import Reference
from tests.conftest import FURNITURE, INTEGRITY, MERIT, NOTHING, make_model

if tables.compiled is None:
    # The extension is optional: without a compiler the reference serves, and there is nothing to compare.
    pytest.skip("the kernel is not built", allow_module_level=True)

MODEL = replace(
    make_model(),
    # Each theme has cuts of its own, and a wide review.
    cuts=np.array([*([-3.0 - k, 2.0 * k] for k in range(5)), [2.0, 2.0]], dtype=np.float32),
    context=np.array([0.5, 4.0, -0.5], dtype=np.float32),
)
KERNEL = Kernel(MODEL)
# Ends of sentences and what nearly is one, in long lines and short, among all kinds of white space.
PIECE = (
    st.sampled_from(
        ["Aa", "b", ". ", ".' ", "?)] ", '!”’" X', ".”’\"] X", ". “A", '. "(B', ". \"'(B", ".  9", ". a", "...",
         " ", "\n", "\r\n", "\v", "\x1c", "\x1f", "\x85", "\xa0", "\u2028", "\u3000",
         "é", "½", "²", "\U0001d400", "\ud800",
         "\nJudul\n", "\nLain \n", "\nLain.\n", "🙂", "\0", " kata " * 30, " Kata." * 40, MERIT, FURNITURE]
    )
    | st.text(max_size=5)
)  # fmt: skip
FIELD = st.lists(PIECE, max_size=40).map("".join)


class Twin(Reference):
    """The reference over the kernel's logits: what is left is how articles are cut and what is said of them."""

    def logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
        return KERNEL.logits(texts)


TWIN = Twin(MODEL)


@given(st.lists(st.tuples(FIELD, FIELD), max_size=4))
def test_the_kernel_says_of_any_article_what_the_reference_does(articles: list[tuple[str, str]]) -> None:
    fields = [field for article in articles for field in article]

    assert KERNEL.articles(fields, True) == TWIN.articles(fields, True)
    assert KERNEL.articles(fields, False) == TWIN.articles(fields, False)


def test_every_code_point_parts_words_lines_and_sentences_as_python_says() -> None:
    few = [chr(c) for c in range(0x110000) if c < 0x100 or chr(c).isspace() or c % 61 == 0]
    fields = [f"a{c}b. {c}C" for c in few] + [" kata" * 89 + f"{c}. {c}B" for c in few if c < "\u3001"]
    fields += [""] * (len(fields) % 2)

    assert KERNEL.articles(fields, True) == TWIN.articles(fields, True)


BOTH = pytest.mark.parametrize("scoring", [KERNEL, Reference(MODEL)])


@BOTH
def test_the_strongest_paragraph_of_the_content_speaks_for_a_theme(scoring: Engine) -> None:
    ((_, rows, paragraphs),) = scoring.articles(["", f"{MERIT}\n{FURNITURE}\n{NOTHING}\n{INTEGRITY}"], True)
    content = [rows for *_, furniture, rows in paragraphs if not furniture]

    assert len(content) == len(paragraphs) - 1
    for theme, column in zip(rows, zip(*content, strict=True), strict=True):
        said = [decision for _, _, decision in column]
        assert theme == (*max(column, key=lambda row: row[1]), said.count("yes") / len(said))


@BOTH
def test_an_article_without_content_is_empty_and_says_no(scoring: Engine) -> None:
    ((empty, rows, _),) = scoring.articles([FURNITURE, ""], False)

    assert empty
    assert {row[1:] for row in rows} == {(0.0, "no", 0.0)}


@pytest.mark.parametrize("fields", [["a"], ["a", 1], None])
def test_what_are_no_articles_is_refused(fields: list[str]) -> None:
    with pytest.raises((TypeError, ValueError)):
        KERNEL.articles(fields, True)
