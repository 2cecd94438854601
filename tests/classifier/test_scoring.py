import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import Classifier
from classifier.scale import sigmoids
from tests.conftest import AWARDS, FURNITURE, INTEGRITY, MERIT, NEUTRALITY, NOTHING, PERFORMANCE, THEMES

BY_THEME = dict(zip(THEMES, (NEUTRALITY, MERIT, INTEGRITY, PERFORMANCE, AWARDS), strict=True))


@pytest.mark.parametrize("theme", THEMES)
def test_a_paragraph_has_the_theme_that_its_words_speak_for(classifier: Classifier, theme: str) -> None:
    decided = classifier.predict([BY_THEME[theme]])[0]

    assert [theme] == [t for t, yes in zip(THEMES, decided, strict=True) if yes]


def test_scores_have_a_row_a_text_and_a_column_a_theme(classifier: Classifier) -> None:
    assert classifier.predict_proba([NEUTRALITY, NOTHING]).shape == (2, 5)
    assert classifier.predict_proba([]).shape == (0, 5)


def test_a_score_is_the_sigmoid_of_its_logit(classifier: Classifier) -> None:
    logits = classifier.decision_function([NEUTRALITY, NOTHING])

    assert classifier.predict_proba([NEUTRALITY, NOTHING]) == pytest.approx(1 / (1 + np.exp(-logits)))


def test_sigmoids_of_far_logits_do_not_overflow() -> None:
    assert sigmoids([-1e4, 0.0, 1e4]) == [0.0, 0.5, 1.0]


def test_a_text_has_the_same_bits_alone_and_among_others(classifier: Classifier) -> None:
    texts = [NEUTRALITY, NOTHING, MERIT, FURNITURE]

    assert classifier.decision_function(texts).tolist() == [
        classifier.decision_function([t])[0].tolist() for t in texts
    ]


def test_furniture_is_recognised_and_has_no_theme(classifier: Classifier) -> None:
    assert classifier.is_boilerplate([FURNITURE, MERIT]).tolist() == [True, False]


def test_an_article_has_the_decision_of_its_strongest_content_paragraph(classifier: Classifier) -> None:
    result = classifier.classify(f"{NOTHING}\n{MERIT}\nBaca juga: penghargaan BKN Award dan baca juga yang lain")

    by_theme = {label.label: label for label in result.labels}
    assert result.themes == ["merit"]
    assert by_theme["merit"].score == max(p.scores["merit"] for p in result.paragraphs if not p.boilerplate)
    assert by_theme["merit"].share == 0.5
    assert by_theme["awards"].decision == "no"


def test_a_title_is_a_paragraph_of_its_own(classifier: Classifier) -> None:
    result = classifier.classify(NOTHING, title=AWARDS)

    assert [p.field for p in result.paragraphs] == ["title", "text"]
    assert result.themes == ["awards"]
    assert (0, len(AWARDS)) == (result.paragraphs[0].start, result.paragraphs[0].end)


@pytest.mark.parametrize("text", ["", "  \n ", "🙂 !!! …", FURNITURE])
def test_an_article_without_content_is_empty_and_has_no_theme(classifier: Classifier, text: str) -> None:
    result = classifier.classify(text)

    assert result.empty
    assert result.themes == []
    assert {0.0} == {label.score for label in result.labels}


def test_between_the_cuts_the_decision_is_review(classifier: Classifier) -> None:
    # Four known words share the length of the block: each gives less than it would alone.
    text = "Netral, melantik, kinerja, target."

    (logits,) = classifier.decision_function([text])
    decided = {label.label: label.decision for label in classifier.classify(text).labels}

    assert -1 < logits[1] < 1
    assert decided["merit"] == "review"


@given(text=st.text(max_size=300))
def test_any_text_has_an_answer_in_range(classifier: Classifier, text: str) -> None:
    result = classifier.classify(text)

    assert all(0 <= label.score <= 1 and 0 <= label.share <= 1 for label in result.labels)
    assert all(text[p.start : p.end].strip() for p in result.paragraphs)
    assert result.empty == all(p.boilerplate for p in result.paragraphs)


def test_the_version_shown_is_the_beginning_of_the_hash(classifier: Classifier) -> None:
    assert classifier.version.startswith(classifier.short_version)
    assert len(classifier.short_version) == 12
