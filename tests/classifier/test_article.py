from hypothesis import given
from hypothesis import strategies as st

from classifier.article import MAX_WORDS, paragraphs


def test_every_line_is_a_paragraph_with_its_place() -> None:
    article = "Judul\n\n  Paragraf satu. \r\nParagraf dua."

    found = paragraphs(article)

    assert [p.text for p in found] == ["Judul", "Paragraf satu.", "Paragraf dua."]
    assert all(article[p.start : p.end] == p.text for p in found)


def test_a_line_of_many_sentences_is_cut_between_sentences() -> None:
    sentence = "Bupati melantik pejabat baru di aula kantor itu."
    article = " ".join([sentence] * 40)

    found = paragraphs(article)

    assert len(found) > 1
    assert all(p.text.startswith("Bupati") and p.text.endswith("itu.") for p in found)
    assert all(len(p.text.split()) <= MAX_WORDS for p in found)


def test_a_sentence_is_never_cut() -> None:
    article = "kata " * 500

    assert len(paragraphs(article)) == 1


@given(st.text(alphabet=st.sampled_from("aB. \n\r\u2028“”?!1\t"), max_size=400))
def test_all_that_is_not_white_space_belongs_to_exactly_one_paragraph(article: str) -> None:
    found = paragraphs(article)
    covered = [i for p in found for i in range(p.start, p.end)]

    assert len(covered) == len(set(covered))
    assert all(article[p.start : p.end] == p.text == p.text.strip() != "" for p in found)
    assert {i for i, c in enumerate(article) if not c.isspace()} <= set(covered)
