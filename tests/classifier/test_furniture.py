from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from classifier import Classifier
from classifier.furniture import find_repeated, furniture, neighbours, repeated
from classifier.model import Model
from tests.conftest import FURNITURE, INTEGRITY, MERIT, NOTHING

HEADLINE = "Harga cabai naik lagi menjelang Lebaran"
ARTICLES = st.lists(st.lists(st.sampled_from(["a", "b", "b.", "c", "d”"]), max_size=6), max_size=6)


def ends_of(articles: list[list[str]]) -> NDArray[np.int64]:
    return np.cumsum([len(lines) for lines in articles], dtype=np.int64)


def in_context(model: Model, *context: float) -> Classifier:
    return Classifier(replace(model, context=np.array(context, dtype=np.float32)), "0" * 64)


def flags(classifier: Classifier, *lines: str, title: str | None = None) -> list[bool]:
    return [paragraph.boilerplate for paragraph in classifier.classify("\n".join(lines), title=title).paragraphs]


def test_a_repeated_line_is_neither_the_first_nor_a_sentence() -> None:
    lines = ["Judul", "Judul", "Isi berita.", "Lainnya", "Isi berita.", "Lainnya", "Sekali"]

    assert repeated(lines) == [False, False, False, True, False, True, False]


@given(ARTICLES)
def test_repeated_lines_are_found_among_many_articles_as_in_each(articles: list[list[str]]) -> None:
    flat = [line for lines in articles for line in lines]
    logits = np.array([float("ab".find(line[0])) for line in flat])  # different lines may have equal logits

    found = find_repeated(logits, ends_of(articles), flat.__getitem__)

    assert found.tolist() == [flag for lines in articles for flag in repeated(lines)]


@given(ARTICLES)
def test_neighbours_stand_in_the_same_article(articles: list[list[str]]) -> None:
    logits = np.arange(1.0, 1.0 + sum(map(len, articles)))
    rows = np.split(logits, ends_of(articles)[:-1]) if articles else []
    expected = [0.5 * (sum(row[max(i - 1, 0) : i]) + sum(row[i + 1 : i + 2])) for row in rows for i in range(len(row))]

    assert neighbours(logits, ends_of(articles)).tolist() == expected


def test_a_line_on_its_own_keeps_its_cut() -> None:
    context = np.array([1.0, 1.0, -9.0], dtype=np.float32)
    found = furniture(np.array([1.0, 1.0, 1.0]), np.array([1, 1, 3]), np.zeros(3, dtype=bool), 2.0, context)

    assert found.tolist() == [False, True, True]


def test_a_line_among_furniture_is_furniture_and_one_among_content_is_not(model: Model) -> None:
    classifier = in_context(model, 1.0, 0.0, -1.0)

    assert flags(classifier, FURNITURE, NOTHING, FURNITURE) == [True, True, True]
    assert flags(classifier, MERIT, NOTHING, INTEGRITY) == [False, False, False]


def test_a_headline_that_stands_twice_is_furniture_and_an_article_pasted_twice_is_content(model: Model) -> None:
    classifier = in_context(model, 0.0, 9.0, 0.0)

    assert flags(classifier, MERIT, HEADLINE, INTEGRITY, HEADLINE) == [False, True, False, True]
    assert flags(classifier, MERIT, INTEGRITY, NOTHING, MERIT, INTEGRITY, NOTHING) == [False] * 6


def test_the_title_is_no_line_of_its_text(model: Model) -> None:
    classifier = in_context(model, 1.0, 9.0, -1.0)

    assert flags(classifier, MERIT, title=FURNITURE) == [True, False]
    assert flags(classifier, HEADLINE, MERIT, title=HEADLINE) == [False, False, False]


def test_articles_scored_together_are_judged_each_alone(model: Model) -> None:
    classifier = in_context(model, 1.0, 9.0, -1.0)
    articles = [("\n".join(lines), None) for lines in ([FURNITURE], [NOTHING, MERIT], [], [NOTHING, FURNITURE])]

    assert classifier.classify_many(articles) == [classifier.classify(text) for text, _ in articles]


def test_texts_that_are_no_article_are_judged_each_alone(model: Model) -> None:
    lines = [FURNITURE, NOTHING, FURNITURE]

    assert in_context(model, 1.0, 9.0, -9.0).is_boilerplate(lines).tolist() == [True, False, True]
