"""From what readers said to tasks for people who label, and the end of it all."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import click
import pytest

from classifier import Classifier, modelfile
from corrections import open_store
from corrections.correction import Correction, Receipt, Stored
from corrections.store import Store
from tests.conftest import AWARDS, INTEGRITY, MERIT, NOTHING
from tests.labels_folder import record, write
from training.commands.feedback import feedback
from training.exchange.kinds import read
from training.exchange.kinds import write as write_tasks
from training.exchange.tasks import Vote
from training.fit import Recipe
from training.intake import Importer
from training.labels import Labels, read_labels
from training.review import FORMATS, MAX_SHARE, erase, review, task_id
from training.train import train

GIVEN = Correction(MERIT, "merit", "no", "0" * 12, "Bukan seleksi", "a1")


@pytest.fixture
def labels(folder: Path) -> Labels:
    return read_labels(folder)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = open_store(f"sqlite:///{tmp_path}/feedback.db")
    store.prepare()
    return store


def said(*given: tuple[str, str, str], text: str = MERIT) -> list[Stored]:
    """Make corrections of (giver, theme, verdict)."""
    return [
        Stored(
            GIVEN._replace(text=text, theme=theme, verdict=verdict), giver, Receipt(str(n), f"2026-11-22T00:00:{n:02}Z")
        )
        for n, (giver, theme, verdict) in enumerate(given)
    ]


def proposed(stored: Iterable[Stored], labels: Labels, classifier: Classifier) -> tuple[str, ...]:
    (task,) = review(stored, labels, classifier).tasks
    assert task.prediction
    return task.prediction.labels


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([("g1", "merit", "no")], ()),
        ([("g1", "merit", "yes")], ("merit",)),
        ([("g1", "awards", "yes")], ("merit", "awards")),
        ([("g1", "merit", "no"), ("g2", "merit", "yes")], ("merit",)),
        ([("g1", "awards", "no"), ("g2", "awards", "yes")], ("merit",)),
        ([("g1", "merit", "no"), ("g2", "merit", "no"), ("g3", "merit", "yes")], ()),
        ([("g1", "merit", "no"), ("g1", "merit", "yes")], ("merit",)),
        ([("g1", "merit", "yes"), ("g1", "merit", "no"), ("g1", "merit", "no")], ()),
    ],
)
def test_a_proposal_is_the_models_answer_as_most_givers_would_have_it(
    labels: Labels, classifier: Classifier, given: list[tuple[str, str, str]], expected: tuple[str, ...]
) -> None:
    assert proposed(said(*given), labels, classifier) == expected


def test_what_was_said_stands_beside_the_text(labels: Labels, classifier: Classifier) -> None:
    (task,) = review(said(("g1", "merit", "no"), ("g2", "awards", "yes")), labels, classifier).tasks

    assert (task.id, task.text, task.article) == (task_id(MERIT), MERIT, "a1")
    assert task.meta == {"feedback": "awards: 1 yes, merit: 1 no", "note": "Bukan seleksi"}


@pytest.mark.parametrize("kind", FORMATS)
def test_an_export_read_back_unreviewed_holds_no_vote(labels: Labels, classifier: Classifier, kind: str) -> None:
    tasks = review(said(("g1", "merit", "no")) + said(("g1", "awards", "yes"), text=AWARDS), labels, classifier).tasks
    data, _ = write_tasks(tasks, labels.codebook, kind)

    assert [task.votes for task in tasks] == [(), ()]
    found = read(data, labels.codebook, kind).tasks
    assert [(task.id, task.votes) for task in found] == [(task.id, ()) for task in tasks]
    assert b"merit: 1 no" in data


def test_the_verb_offers_the_formats_that_keep_proposals_apart() -> None:
    (choice,) = (option.type for option in feedback.params if option.name == "kind")

    assert isinstance(choice, click.Choice)
    assert tuple(choice.choices) == FORMATS


def test_what_is_most_spoken_of_comes_first(labels: Labels, classifier: Classifier) -> None:
    few = said(("g1", "merit", "no"))
    many = said(("g1", "awards", "no"), ("g2", "awards", "no"), text=AWARDS)

    assert [task.text for task in review(few + many, labels, classifier).tasks] == [AWARDS, MERIT]


def test_what_is_labelled_already_is_left_out_and_counted(folder: Path, classifier: Classifier) -> None:
    write(folder, [record("x", MERIT, [])], "paragraphs/b.jsonl")
    found = review(said(("g1", "merit", "no")), read_labels(folder), classifier)

    assert (found.tasks, dict(found.losses)) == ((), {"texts that are in the labels already": 1})


def test_ten_thousand_flips_of_one_giver_come_to_a_hundredth_of_a_theme_at_most(
    labels: Labels, classifier: Classifier
) -> None:
    flips = [said(("g1", "merit", "no"), text=f"{MERIT} nomor {n}")[0] for n in range(10_000)]
    other = said(("g2", "awards", "yes"), text=NOTHING)
    found = review(flips + other, labels, classifier)
    positives = sum("merit" in example.labels for example in labels.examples)

    assert len(found.tasks) == max(1, int(MAX_SHARE * positives)) + 1
    assert found.losses["corrections beyond one giver's share of a theme"] == 10_000 - len(found.tasks) + 1


def test_a_theme_that_is_no_more_is_counted_and_left_out(labels: Labels, classifier: Classifier) -> None:
    found = review(said(("g1", "cuaca", "yes")), labels, classifier)

    assert (found.tasks, found.losses["corrections of themes that are no more"]) == ((), 1)


def test_an_erased_giver_leaves_the_very_model_that_was_before(
    folder: Path, rows: list[dict[str, object]], store: Store, tmp_path: Path
) -> None:
    write(folder, [row | {"source": "imported"} for row in rows])

    def version() -> str:
        path = tmp_path / "m.npz"
        modelfile.save(train(folder, Recipe(), lambda _: None).model, path)
        return Classifier.load(path).version

    before = version()
    for n, (giver, text) in enumerate((("g1", MERIT), ("g1", INTEGRITY), ("g2", INTEGRITY))):
        store.add(GIVEN._replace(text=text, theme="awards", verdict="yes"), giver, str(n), 9)
    reviewed = [record(task_id(text), text, ["awards"], source="feedback") for text in (MERIT, INTEGRITY)]
    write(folder, reviewed, "paragraphs/feedback.jsonl")
    with_both = version()

    assert erase(store, folder, giver="g1") == (2, 1)
    assert [example.text for example in read_labels(folder).examples if example.source == "feedback"] == [INTEGRITY]
    assert erase(store, folder, giver="g2") == (1, 1)
    assert with_both != before == version()


def test_an_article_is_erased_from_the_store_and_the_labels(folder: Path, store: Store) -> None:
    store.add(GIVEN, "g1", "1", 9)
    store.add(GIVEN._replace(text=AWARDS, article="a2"), "g1", "2", 9)
    write(folder, [record(task_id(MERIT), MERIT, [], source="feedback")], "paragraphs/feedback.jsonl")

    assert erase(store, folder, article="a1") == (1, 1)
    assert [found.correction.article for found in store.read()] == ["a2"]
    assert not (folder / "paragraphs" / "feedback.jsonl").exists()


def test_what_people_labelled_of_it_comes_back_as_feedback_and_is_trained_on(
    folder: Path, labels: Labels, classifier: Classifier, tmp_path: Path
) -> None:
    tasks = review(said(("g1", "merit", "no")), labels, classifier).tasks
    data, _ = write_tasks(tasks, labels.codebook, "prodigy")
    (tmp_path / "raw.jsonl").write_bytes(data)
    assert Importer(folder, "raw").take({"raw": tmp_path / "raw.jsonl"}).records == []

    read = [replace(task, votes=(Vote("ani"),)) for task in tasks]
    data, _ = write_tasks(read, labels.codebook, "prodigy")
    (tmp_path / "reviewed.jsonl").write_bytes(data)
    Importer(folder, "reviewed").take({"reviewed": tmp_path / "reviewed.jsonl"})

    (found,) = (example for example in read_labels(folder).examples if example.source == "feedback")
    assert (found.text, found.labels, found.id) == (MERIT, (), task_id(MERIT))
