from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import Classifier
from tests.conftest import INTEGRITY, MERIT, NOTHING, THEMES

WORDS = st.sampled_from("netral melantik suap Kinerja target jual beli jabatan kepala dinas ASN café 🙂 camat".split())


@given(text=st.lists(WORDS, max_size=30).map(" ".join) | st.text(max_size=100))
def test_the_weights_of_a_theme_add_up_to_its_logit(model_path: Path, text: str) -> None:
    classifier = Classifier.load(model_path)
    sums: dict[str, float] = defaultdict(float)
    for contribution in classifier.explain(text):
        sums[contribution.theme] += contribution.weight

    assert classifier.decision_function([text])[0].tolist() == pytest.approx([sums[t] for t in THEMES], abs=1e-5)


def test_evidence_points_at_the_words_that_raised_it(classifier: Classifier) -> None:
    evidence = {c.term: c for c in classifier.explain(f"Kasus: {INTEGRITY}") if c.theme == "integrity"}

    bought = evidence["fine:post_bought"]
    assert bought.weight > 0
    assert {"Jual beli jabatan", "suap"} == {
        c.text
        for c in classifier.explain(f"Kasus: {INTEGRITY}")
        if c.term == "fine:post_bought" and c.theme == "integrity"
    }


def test_an_article_carries_evidence_for_open_themes_with_offsets_into_the_article(classifier: Classifier) -> None:
    article = f"{NOTHING}\n  {MERIT}"

    first, second = classifier.classify(article, explain=True).paragraphs

    assert first.evidence == ()
    assert second.evidence
    assert {"merit"} == {c.theme for c in second.evidence}
    for contribution in second.evidence:
        if contribution.start is not None:
            assert article[contribution.start : contribution.end] == contribution.text


def test_evidence_is_given_only_when_asked_for(classifier: Classifier) -> None:
    assert all(p.evidence is None for p in classifier.classify(MERIT).paragraphs)
