"""The compiled kernel and the Python reference are one engine."""

import dataclasses
import subprocess
import sys
import threading
import time
import timeit
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from classifier import Classifier, tables
from classifier.engine import Engine, Kernel
from classifier.errors import LabelsRejectedError, ModelRejectedError
from classifier.features import BLOCKS, LENGTHS, Features
from classifier.lexicon import Lexicon
from classifier.model import Model, Theme
from classifier.reference import Reference
from classifier.text import tokens
from tests.conftest import INTEGRITY, MERIT, NEUTRALITY, NOTHING, ROOT, make_model

# The extension is optional: without a compiler the reference serves, and there is nothing to compare.
pytestmark = pytest.mark.skipif(tables.compiled is None, reason="the kernel is not built")

# Words that overlap as prefixes, phrases that overlap as word runs, letters that change length when folded.
WORDS = (
    "a ab abc abcdefg abcdefgh abcdefghi abcdefghijklmnopq i kepala dinas dinasnya kepalanya x9 café "
    "straße ﬁnal İstanbul 한국어 𝐛𝐨𝐥𝐝 ½ ㍿ e\u0301 \u00ad"
).split()
FOLDED = tuple("ab abc abcdefg abcdefgh abcdefghi cafe strasse final istanbul kepala dinas bold x9".split())
ENTRY = st.lists(
    st.sampled_from((*FOLDED, "a", "i", "*", "a*", "ab*", "abc*", "abcdefgh*", "kepala*", "dinas*", "cafe*")),
    min_size=1,
    max_size=5,
).map(" ".join)
SEPARATORS = st.sampled_from([" ", "  ", ", ", "-", "_", "\0", "\n", "\u2019", "\ud800", "\u0301", "🙂", "", "\u200b"])
TEXT = st.lists(st.tuples(st.sampled_from(WORDS), SEPARATORS), max_size=40).map(
    lambda pairs: "".join(word + separator for word, separator in pairs)
) | st.text(st.characters(), max_size=60)


LEXICONS = st.dictionaries(
    st.sampled_from("ABC"),
    st.dictionaries(st.sampled_from("defA"), st.lists(ENTRY, max_size=8), max_size=3),
    max_size=3,
).map(Lexicon)
# All of them may be absent, some, or none.
MANY_CLASSES = Lexicon({f"class{i:02}": {f"fine{i}": [word]} for i, word in enumerate(FOLDED)})


@st.composite
def models(draw: st.DrawFn, lexicons: st.SearchStrategy[Lexicon] = LEXICONS) -> Model:
    """Draw a model with any of `lexicons`, any part of its terms and any weights."""
    lexicon = draw(lexicons)
    sources = (FOLDED, lexicon.coarse, sorted(set(lexicon.fine)), lexicon.coarse, [str(n) for n in LENGTHS])
    terms = tuple(tuple(sorted(draw(st.sets(st.sampled_from(list(source)))))) if source else () for source in sources)
    n = sum(map(len, terms))
    n_themes = draw(st.sampled_from([5, 5, 1, 8]))
    random = np.random.default_rng(draw(st.integers(0, 1 << 32)))
    assert len(BLOCKS) == len(terms)
    return Model(
        themes=tuple(Theme(f"t{i}", "", "", "") for i in range(n_themes)),
        lexicon=lexicon,
        features=Features(terms, random.uniform(1, 9, n).astype(np.float32)),
        coef=random.normal(0, 5, (n, n_themes + 1)).astype(np.float32),
        intercept=random.normal(0, 5, n_themes + 1).astype(np.float32),
        cuts=np.zeros((n_themes + 1, 2), dtype=np.float32),
    )


def pack(texts: list[bytes]) -> tuple[bytes, NDArray[np.int64]]:
    return b"".join(texts), np.cumsum([0, *map(len, texts)])


@given(model=models(), texts=st.lists(TEXT, max_size=4))
def test_any_text_has_the_references_logits_under_any_model(model: Model, texts: list[str]) -> None:
    expected = Reference(model).logits(texts)
    kernel = Kernel(model)

    assert kernel.logits(texts) == pytest.approx(expected, abs=1e-5)
    assert kernel.logits(texts).shape == expected.shape
    buffer, offsets = pack([text.encode(errors="surrogatepass") for text in texts])
    assert kernel.logits_utf8(buffer, offsets).tolist() == kernel.logits(texts).tolist()


@given(model=models(st.just(MANY_CLASSES)), words=st.sets(st.sampled_from(FOLDED)))
def test_any_set_of_absent_classes_counts_as_in_the_reference(model: Model, words: set[str]) -> None:
    text = " ".join(sorted(words))

    assert Kernel(model).logits([text]) == pytest.approx(Reference(model).logits([text]), abs=1e-5)


@given(model=models(), text=TEXT)
def test_any_walk_meets_the_references_words_and_classes(model: Model, text: str) -> None:
    expected, walk = Reference(model).walk(text), Kernel(model).walk(text)

    assert list(expected.tokens) == list(walk.tokens)
    assert set(expected.matches) == set(walk.matches)
    assert len(expected.matches) == len(walk.matches)


@pytest.mark.parametrize("space", [*map(chr, range(33)), "  ", "\x7f", "\x85", "\xa0", "\u3000"])
def test_the_words_of_an_entry_are_parted_as_python_parts_them(model: Model, space: str) -> None:
    spaced = dataclasses.replace(model, lexicon=Lexicon({"a": {"b": [f"{space}jual{space}beli{space}", "x"]}}))
    expected = Reference(spaced).walk("jual beli x").matches

    assert set(expected) == set(Kernel(spaced).walk("jual beli x").matches)


@pytest.mark.parametrize("word", ["beli", "penyalahgunaan"])
def test_a_word_with_a_nul_hides_no_other(model: Model, word: str) -> None:
    lexicon = Lexicon({"a": {"b": [f"{word}\0", f"{word}\0\0"], "c": [word]}})
    terms = ((f"{word}\0",), *[()] * (len(BLOCKS) - 1))
    features = Features(terms, np.ones(1, dtype=np.float32))
    odd = dataclasses.replace(model, lexicon=lexicon, features=features, coef=np.ones_like(model.coef[:1]))

    assert set(Kernel(odd).walk(word).matches) == set(Reference(odd).walk(word).matches)
    assert Kernel(odd).logits([word]) == pytest.approx(Reference(odd).logits([word]), abs=1e-5)


def test_a_lexicon_that_fits_too_many_rows_of_words_is_refused(model: Model) -> None:
    wide = Lexicon({"a": {"b": ["p* p*", *(f"p{i}" for i in range(1100))]}})

    with pytest.raises(ModelRejectedError, match="make the stems longer"):
        Kernel(dataclasses.replace(model, lexicon=wide))
    with pytest.raises(LabelsRejectedError, match="make the stems longer"):
        tables.of_lexicon(wide)


@given(buffer=st.binary(max_size=80) | st.text(max_size=30).map(str.encode))
def test_damaged_utf8_parts_words_as_the_replacement_character_does(model: Model, buffer: bytes) -> None:
    damaged = b"netral " + buffer + b"suap"
    expected = Reference(model).logits([damaged.decode(errors="replace")])

    assert Kernel(model).logits_utf8(damaged, [0, len(damaged)]) == pytest.approx(expected, abs=1e-5)


def test_every_assigned_code_point_folds_as_the_contract_says(model: Model) -> None:
    # Between two letters: shows what joins, what parts and what a character becomes.
    kernel = Kernel(model)
    assigned = [chr(c) for c in range(0x110000) if unicodedata.category(chr(c)) not in {"Cn", "Co"}]
    for first in range(0, len(assigned), 2048):
        text = "".join(f"a{c}b " for c in assigned[first : first + 2048])
        assert tokens(text) == kernel.walk(text).tokens


@pytest.mark.parametrize(
    "text",
    [
        "a" * (1 << 20),
        "suap" * (1 << 18),
        "jual beli " * (1 << 17),
        " " * (1 << 20),
        "\u0301" * (1 << 20),
        "ﷺ㍿" * (1 << 12),  # short: the reference's str.translate is quadratic under a sanitizer's allocator
        "x" * 31 + "é" + "y" * (1 << 12),
        "\0suap\0",
    ],
    ids=range(8),
)
def test_a_very_long_line_is_a_text_like_any_other(model: Model, text: str) -> None:
    assert Kernel(model).logits([text]) == pytest.approx(Reference(model).logits([text]), abs=1e-5)


@pytest.mark.parametrize("letter", "yé한𝐛㍿")
def test_a_word_of_a_million_characters_is_an_unseen_word(model: Model, letter: str) -> None:
    kernel = Kernel(model)

    assert kernel.logits(["suap " + letter * (1 << 20)]).tolist() == kernel.logits(["suap " + letter * 9]).tolist()


@given(words=st.lists(st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=2, max_size=12)))
def test_an_unseen_word_adds_nothing(model: Model, words: list[str]) -> None:
    expected = Reference(model).logits([" ".join(words)])

    assert Kernel(model).logits([" ".join(words)]) == pytest.approx(expected, abs=1e-5)


def test_threads_share_a_kernel(model: Model) -> None:
    kernel = Kernel(model)
    texts = [NEUTRALITY, MERIT, INTEGRITY, NOTHING, "é한" * 50] * 200
    expected = kernel.logits(texts).tolist()
    answers: list[object] = []
    threads = [threading.Thread(target=lambda: answers.append(kernel.logits(texts).tolist())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [expected] * 8 == answers


@pytest.mark.parametrize("make", [Kernel, Reference])
@pytest.mark.parametrize("offsets", [[0, 9], [-1, 3], [2, 1], []])
def test_offsets_outside_the_buffer_are_refused(model: Model, make: type[Kernel], offsets: list[int]) -> None:
    with pytest.raises(ValueError, match="offsets"):
        make(model).logits_utf8(b"netral", offsets)


def test_what_is_no_text_is_refused(model: Model) -> None:
    with pytest.raises(TypeError, match="str, not int"):
        Kernel(model).logits([MERIT, 1])  # type: ignore[list-item]


@pytest.mark.parametrize("make", [Kernel, Reference])
def test_either_engine_can_be_forced(model: Model, make: type[Engine]) -> None:
    forced = Classifier(model, "0" * 64, engine=make)

    assert forced.engine.name == {Kernel: "c", Reference: "python"}[make]
    assert forced.classify(INTEGRITY, explain=True).themes == ["integrity"]


def test_without_the_extension_the_reference_serves_with_one_warning(model_path: Path) -> None:
    code = (
        "import sys; sys.modules['classifier._kernel'] = None\n"
        "from classifier import Classifier\n"
        f"names = [Classifier.load({str(model_path)!r}).engine.name for _ in range(2)]\n"
        "assert names == ['python', 'python'], names"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert done.returncode == 0
    assert done.stderr.count("RuntimeWarning: the compiled kernel is missing") == 1


def test_the_fixture_model_has_more_than_words() -> None:
    assert all(make_model().features.terms)


FAMILIES = {
    "one word": lambda n: "a" * n,
    "single characters": lambda n: "a " * (n // 2),
    "spaces": lambda n: " " * n,
    "marks": lambda n: "a" + "\u0301" * n,
    "expansions": lambda n: "㍿" * n,
    "emoji": lambda n: "🙂" * n,
    "surrogates": lambda n: "\ud800" * n,
    "NUL": lambda n: "a\0" * (n // 2),
    "one phrase": lambda n: "jual beli jabatan " * (n // 18),
    "half a phrase": lambda n: "jual beli " * (n // 10),
    "new words": lambda n: " ".join(f"kata{i}" for i in range(n // 10)),
    "beginnings of stems": lambda n: "kepala dinasnyalah " * (n // 19),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_time_is_linear_in_the_length_of_a_text(model: Model, family: str) -> None:
    # Four times the text may take nine times as long on a noisy machine; a square would take sixteen.  Both lengths fit
    # the scratch memory that the kernel keeps: beyond it, pages are asked for anew each time.
    kernel, n = Kernel(model), 1 << 16
    short, long = ([FAMILIES[family](size)] for size in (n, 4 * n))
    kernel.logits(long)

    def fastest(texts: list[str]) -> float:
        return min(timeit.repeat(lambda: kernel.logits(texts), timer=time.process_time, number=5, repeat=5))

    assert fastest(long) < 9 * fastest(short)
