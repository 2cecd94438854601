from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from zlib import crc32

import pytest

from benchmarks.planted_labels import KINDS, recalled, spoiled
from tests.conftest import AWARDS, MERIT, ROOT
from tests.labels_folder import record, write
from training.audit import Audit, answer, audit, repeats_of, summary, tasks, write_page
from training.labels import Labels, read_labels

HOSTILE = "<script>alert(1)</script> Bupati & camat berbicara tentang hal lain di kantor."


@pytest.fixture
def found(folder: Path) -> Audit:
    """Audit labels in which one text stands twice, with two labels, and two readers disagree."""
    twin = " ".join(f"kata{n}" for n in range(9))
    write(
        folder,
        [
            record("twin-a", f"{twin} {MERIT}", ["merit"]),
            record("twin-b", f"{twin} {MERIT} Selesai.", []),
            record("hostile", HOSTILE, ["awards"], source="imported"),
        ],
        "paragraphs/b.jsonl",
    )
    votes = [("x", "a", ["merit"]), ("x", "b", ["merit"]), ("y", "a", ["merit"]), ("y", "b", [])]
    rows: list[dict[str, object]] = [
        {"id": name, "annotator": reader, "labels": labels, "boilerplate": False} for name, reader, labels in votes
    ]
    write(folder, rows, "readings/pair.jsonl")
    return audit(folder, read_labels(folder))


def test_contradictions_head_the_queue_and_say_what_contradicts_them(found: Audit) -> None:
    first, second, third = found.queue()[:3]

    assert {first.example.id, second.example.id} == {"twin-a", "twin-b"}
    assert first.why == "the same text is no theme as twin-b"
    assert third.why.startswith("awards: labelled yes, scored 0.")
    assert third.example.id == "hostile"


def test_every_paragraph_stands_in_the_queue_once(found: Audit) -> None:
    queue = found.queue()

    assert len(queue) == len({entry.example.id for entry in queue}) == len(found.labels.examples)


def test_repeats_that_cross_validation_parts_are_leaks(found: Audit) -> None:
    (repeat,) = found.repeats

    assert (repeat.first.id, repeat.second.id) == ("twin-a", "twin-b")
    assert found.leaks in ((), (repeat,))


def test_an_article_does_not_leak_into_itself(folder: Path) -> None:
    twin = " ".join(f"kata{n}" for n in range(9))
    write(folder, [record(n, f"{twin} {AWARDS}", ["awards"], article="one") for n in "pq"], "paragraphs/b.jsonl")
    found = audit(folder, read_labels(folder))

    assert (len(found.repeats), found.contrary, found.leaks) == (1, (), ())


def test_thin_outputs_are_named_with_what_there_is(found: Audit) -> None:
    by_name = {support.name: support for support in found.supports}

    assert (by_name["merit"].positives, by_name["merit"].real, by_name["merit"].articles) == (13, 0, 0)
    assert (by_name["awards"].real, by_name["awards"].articles) == (1, 1)
    assert by_name["awards"].thin


def test_the_summary_tells_of_support_agreement_and_repeats(found: Audit) -> None:
    text = summary(found)

    assert "| merit | 13 | 0 | 0 | thin |" in text
    assert "| merit | 3 | 0.667 | 0.000 [" in text
    assert "1 pairs of paragraphs are nearly the same; 1 contradict each other" in text


def test_the_queue_becomes_tasks_with_the_label_the_answer_and_the_doubt(found: Audit) -> None:
    by_id = {task.id: task for task in tasks(found.queue(), {})}
    task = by_id["hostile"]

    assert (task.votes[0].labels, task.text) == (("awards",), HOSTILE)
    assert task.prediction is not None
    assert task.prediction.labels == ()
    assert task.meta["doubt"].startswith("awards: labelled yes")
    assert answer(found.queue()[0].example) in {"merit", "no theme"}


def test_records_without_a_text_become_tasks_where_it_is_given(found: Audit) -> None:
    entry = found.queue()[0]
    counted = replace(entry, example=replace(entry.example, text=None))

    assert [task.text for task in tasks([counted], {counted.example.id: "Teksnya."})] == ["Teksnya."]
    assert list(tasks([counted], {})) == []


def test_the_page_escapes_what_it_shows_and_asks_for_nothing(found: Audit, tmp_path: Path) -> None:
    write_page(tmp_path / "a.html", found, found.queue()[:5], {})
    page = (tmp_path / "a.html").read_text(encoding="utf-8")

    HTMLParser().feed(page)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; Bupati &amp; camat" in page
    assert "twin-a" in page
    assert "src=" not in page
    assert "href=" not in page


@pytest.fixture(scope="module")
def some_labels() -> Labels:
    """Take every paragraph of a quarter of the articles of the real labels."""
    labels = read_labels(ROOT / "labels")
    return replace(labels, examples=tuple(e for e in labels.examples if crc32(e.article.encode()) % 4 == 0))


@pytest.mark.parametrize("kind", KINDS)
def test_planted_errors_are_a_twentieth_and_none_by_name_alone(some_labels: Labels, kind: str) -> None:
    wrong, planted = spoiled(some_labels, kind, 0)
    pairs = zip(some_labels.examples, wrong.examples, strict=True)
    changed = {a.id for a, b in pairs if (a.labels, a.boilerplate) != (b.labels, b.boilerplate)}

    assert changed == planted
    assert len(planted) == round(len(some_labels.examples) / 20)


def test_most_planted_errors_stand_in_the_first_tenth_of_the_queue(some_labels: Labels) -> None:
    # The short version of `make audit-planted`, on a quarter of the articles.
    every, _ = recalled(some_labels, repeats_of(some_labels), "flip", 0)

    assert every >= 0.7
