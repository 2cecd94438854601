"""The kernel cuts articles where `classifier.article` does, and sums them up as the reference does."""

from dataclasses import replace
from itertools import accumulate, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import engine
from classifier.article import paragraphs
from classifier.cut import Cut
from classifier.engine import Kernel
from classifier.furniture import furniture, repeated
from classifier.reference import Reference
from tests.conftest import AWARDS, FURNITURE, INTEGRITY, MERIT, NOTHING, make_model

if engine._kernel is None:
    # The extension is optional: without a compiler the reference serves, and there is nothing to compare.
    pytest.skip("the kernel is not built", allow_module_level=True)

MODEL = replace(make_model(), context=np.array([0.5, 4.0, -0.5], dtype=np.float32))
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


def check(found: Cut, fields: list[str]) -> None:
    """Assert that `found` is what the Python side of the kernel's own logits gives."""
    cut = [paragraphs(field) for field in fields]
    pieces = [piece for field in cut for piece in field]
    logits = KERNEL.logits([piece.text for piece in pieces])
    own, ends = logits[:, -1], np.cumsum([*map(len, cut)], dtype=np.int64)
    twice = np.array([flag for field in cut for flag in repeated([piece.text for piece in field])], dtype=np.bool_)
    boilerplate = furniture(own, ends, twice, float(MODEL.cuts[-1, 1]), MODEL.context).tolist()
    content = [any(map(str.isalnum, p.text)) and not b for p, b in zip(pieces, boilerplate, strict=True)]

    assert found.ends.tolist() == list(accumulate(map(len, cut)))
    assert found.places.tolist() == [[p.start, p.end, c] for p, c in zip(pieces, content, strict=True)]
    assert found.logits.tolist() == logits.tolist()
    for article, (start, end) in enumerate(pairwise([0, *found.ends.tolist()[1::2]])):
        rows = logits[start:end][np.array(content[start:end], dtype=bool), :-1]
        assert found.n_content[article] == len(rows)
        assert found.strongest[article].tolist() == rows.max(axis=0, initial=-np.inf).tolist()
        assert found.yes[article].tolist() == (rows >= MODEL.cuts[:-1, 1]).sum(axis=0).tolist()


@given(st.lists(st.tuples(FIELD, FIELD), max_size=4))
def test_any_article_is_cut_and_summed_up_as_the_python_side_does(articles: list[tuple[str, str]]) -> None:
    fields = [field for article in articles for field in article]

    check(KERNEL.articles(fields), fields)


def test_every_code_point_parts_words_lines_and_sentences_as_python_says() -> None:
    few = [chr(c) for c in range(0x110000) if c < 0x100 or chr(c).isspace() or c % 61 == 0]
    fields = [f"a{c}b. {c}C" for c in few] + [" kata" * 89 + f"{c}. {c}B" for c in few if c < "\u3001"]
    fields += [""] * (len(fields) % 2)

    check(KERNEL.articles(fields), fields)


def test_both_engines_say_the_same_of_an_article() -> None:
    fields = [
        "",
        f"{MERIT}\n{FURNITURE}\n🙂\n{INTEGRITY}",
        "",
        f"{MERIT}\nLain\n{NOTHING}\nLain",
        AWARDS,
        NOTHING,
        "",
        "",
        "Judul",
        "\n \u2028",
    ]
    fast, slow = KERNEL.articles(fields), Reference(MODEL).articles(fields)

    for name in ("ends", "places", "yes", "n_content"):
        assert getattr(fast, name).tolist() == getattr(slow, name).tolist()
    assert fast.strongest == pytest.approx(slow.strongest, abs=1e-5)
    assert KERNEL.articles([]).strongest.shape == Reference(MODEL).articles([]).strongest.shape == (0, 5)


@pytest.mark.parametrize("fields", [["a"], ["a", 1], None])
def test_what_are_no_articles_is_refused(fields: list[str]) -> None:
    with pytest.raises((TypeError, ValueError)):
        KERNEL.articles(fields)
