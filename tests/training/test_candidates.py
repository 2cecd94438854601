import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import Classifier
from tests.conftest import AWARDS, INTEGRITY, MERIT, NEUTRALITY, NOTHING
from training import candidates
from training.archive.documents import Document
from training.candidates import Candidates, draw


def document(name: str | None, text: str, **kept: str | None) -> Document:
    return Document(text, name, None, dict(kept))


def named(article: str, text: str) -> str:
    return f"{article}#{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def read(classifier: Classifier, documents: list[Document], n: int = 5, **known: set[str]) -> Candidates:
    found = Candidates(classifier, n, 0, known.get("ids", set()), known.get("texts", set()))
    for one in documents:
        found.add([one])
    return found


@given(st.text(), st.integers(0, 9))
def test_a_draw_follows_from_the_text_and_the_seed(text: str, seed: int) -> None:
    assert draw(text, seed) == draw(text, seed) != draw(text, seed + 1)
    assert 0 <= draw(text, seed) < 1


def test_draws_are_even() -> None:
    tenths = [int(10 * draw(f"paragraf {i}", 0)) for i in range(5000)]

    assert all(400 < tenths.count(tenth) < 600 for tenth in range(10))


def test_paragraphs_are_named_by_article_and_text_and_tell_where_they_stand(classifier: Classifier) -> None:
    held, pool = read(classifier, [document("x", f"{MERIT}\n—\n{AWARDS}", outlet="Antara", date=None)]).pool()

    assert {(c.id, c.article, c.text) for c in held} == {(named("x", t), "x", t) for t in (MERIT, AWARDS)}
    assert held[0].meta == {"outlet": "Antara"}
    assert pool.outlets.tolist() == ["Antara", "Antara"]
    assert pool.logits.tolist() == classifier.logits([candidate.text for candidate in held]).tolist()


def test_an_article_without_an_id_is_named_by_its_text(classifier: Classifier) -> None:
    (first,), _ = read(classifier, [document(None, MERIT)]).pool()
    (again,), _ = read(classifier, [document(None, MERIT)]).pool()

    assert first.id == again.id
    assert len(first.article) == 12


def test_what_is_labelled_is_no_candidate_by_paragraph_line_article_or_text(classifier: Classifier) -> None:
    documents = [document("x", f"{MERIT}\n{AWARDS}\n{NEUTRALITY}"), document("y", NOTHING), document("z", INTEGRITY)]

    found = read(classifier, documents, ids={named("x", AWARDS), "x:02", "y"}, texts={INTEGRITY})

    assert [c.text for c in found.pool()[0]] == [MERIT]
    assert found.seen == 1


@pytest.mark.parametrize("order", ["xyz", "zyx"])
def test_a_text_that_stands_in_many_articles_is_one_candidate_of_the_first_by_name(
    classifier: Classifier, order: str
) -> None:
    held, _ = read(classifier, [document(name, MERIT) for name in order]).pool()

    assert [candidate.article for candidate in held] == ["x"]


def test_articles_that_share_an_id_neither_share_those_of_their_paragraphs_nor_hide_each_other(
    classifier: Classifier,
) -> None:
    documents = [document("1", MERIT), document("1", AWARDS)]

    (first, second), _ = read(classifier, documents).pool()
    (left,), _ = read(classifier, documents, ids={first.id}).pool()

    assert first.id != second.id
    assert left == second


def test_what_is_held_does_not_hang_on_the_order_of_reading(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "HELD_PER_PICK", 1)
    # Of most of these words the model knows none: they are equally near to every cut.
    documents = [document(f"d{i}", f"{['netral', 'bupati', 'x'][i % 3]} {i // 2}", date=str(i)) for i in range(300)]

    held, pool = read(classifier, documents, n=4).pool()
    again, mirrored = read(classifier, documents[::-1], n=4).pool()

    assert len(held) <= 4 * 6
    assert held == again
    assert pool.logits.tolist() == mirrored.logits.tolist()


def test_what_is_let_go_is_neither_drawn_nor_in_doubt(classifier: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "HELD_PER_PICK", 1)
    words = ["bupati", "netral", "melantik", "suap", "target", "award"]
    documents = [document(f"d{i}", f"{words[i % 6]} {words[i % 5]} nomor {i}") for i in range(300)]

    few = read(classifier, documents, n=4)
    held, _ = few.pool()
    everything, _ = read(classifier, documents, n=300).pool()

    assert few.seen == len(everything) == 300
    assert len(held) <= 4 * 6
    lowest = sorted(candidate.draw for candidate in everything)[:4]
    assert set(lowest) <= {candidate.draw for candidate in held}
