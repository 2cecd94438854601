from dataclasses import replace

import numpy as np

from classifier import Classifier
from classifier.features import Counts
from tests.conftest import AWARDS, FURNITURE, INTEGRITY, MERIT, NOTHING
from training.judgements import Judgements
from training.labels import Example
from training.wholes import by_article, find_lines, whole

LINES = [MERIT, NOTHING, FURNITURE, INTEGRITY, AWARDS]


def example(name: str, *, repeated: bool = False) -> Example:
    article = name.partition(":")[0]
    return Example(name, article, (), False, "imported", 1, Counts({}, {}), None, "here", repeated)


def judge(classifier: Classifier, articles: dict[str, list[str]]) -> Judgements:
    names = [
        (article, f"{article}:{i:02}", text) for article, texts in articles.items() for i, text in enumerate(texts)
    ]
    logits, cuts = classifier.logits([text for _, _, text in names]), classifier.model.cuts
    return Judgements(
        names=(*classifier.themes, "boilerplate"),
        ids=np.array([name for _, name, _ in names]),
        articles=np.array([article for article, _, _ in names]),
        Y=np.array([[k == LINES.index(text) % 5 for k in range(6)] for _, _, text in names]),
        logits=logits,
        decisions=logits >= cuts[:, 1],
        reviews=(logits >= cuts[:, 0]) & (logits < cuts[:, 1]),
    )


def test_an_article_is_answered_as_the_classifier_answers_it(classifier: Classifier) -> None:
    articles = {"a": LINES, "b": [NOTHING, INTEGRITY], "c": [FURNITURE], "d": [NOTHING]}
    together = by_article(judge(classifier, articles))

    for row, (name, texts) in enumerate(articles.items()):
        labels = classifier.classify("\n".join(texts)).labels
        assert together.ids[row] == name
        assert np.allclose(together.scores[row], [label.score for label in labels], atol=1e-12)
        assert together.decisions[row].tolist() == [label.decision == "yes" for label in labels]
        assert together.reviews[row].tolist() == [label.decision == "review" for label in labels]


def test_an_article_carries_what_any_paragraph_carries(classifier: Classifier) -> None:
    judgements = judge(classifier, {"a": [MERIT, INTEGRITY], "b": [MERIT]})

    assert by_article(judgements).Y.tolist() == [
        [True, False, False, True, False],
        [True, False, False, False, False],
    ]


def test_only_paragraphs_numbered_within_their_article_are_of_whole_articles() -> None:
    names = {"seed-000:03": "seed-000", "0a1b:110": "0a1b", "0a1b-3": "0a1b", "a:b": "a", "a:1": "a", "a:b:07": "a:b"}
    others = {"kompas:12": "kompas:12", "kompas:13": "pemilu", "a:b:08": "a"}
    ids, articles = np.array([*names, *others]), np.array([*names.values(), *others.values()])
    empty = np.zeros((len(ids), 1), dtype=bool)

    found = whole(Judgements(("a",), ids, articles, empty, empty * 1.0, empty, empty))

    assert ids[found].tolist() == ["seed-000:03", "0a1b:110", "a:b:07"]


def test_an_id_that_ends_as_a_line_does_is_no_line_of_another_article() -> None:
    assert find_lines([replace(example("kompas:12"), article="kompas:12")]).rows.tolist() == []


def test_lines_stand_in_the_order_of_their_articles_whatever_the_order_of_the_labels() -> None:
    examples = [example("b:10"), example("net-001"), example("a:01", repeated=True), example("b:09"), example("a:00")]
    lines = find_lines(examples)

    assert [examples[row].id for row in lines.rows] == ["a:00", "a:01", "b:09", "b:10"]
    assert (lines.ends.tolist(), lines.repeated.tolist()) == ([2, 4], [False, True, False, False])
    assert len(find_lines([]).ends) == 0
