from pathlib import Path
from typing import Any

import pytest

from classifier.errors import LabelsRejectedError
from classifier.features import count
from tests.labels_folder import record, write
from training.codebook import read_codebook
from training.labels import labels_version, read_labels


def extracted(folder: Path, **fields: object) -> dict[str, object]:
    return {
        "id": "x", "article": "n1", "source": "imported", "labels": ["merit"], "boilerplate": False,
        "words": {"asn": 1}, "classes": {"person": 1, "servant": 1}, "n_words": 9, "n_sentences": 1,
        "lexicon": read_codebook(folder).lexicon.version, "guide": 1,
    } | fields  # fmt: skip


def test_texts_and_extracted_records_become_examples_alike(folder: Path) -> None:
    write(folder, [extracted(folder)], "extracted/n.jsonl")

    labels = read_labels(folder)

    text, counted = labels.examples[0], labels.examples[-1]
    assert text.counts == count(text.text or "", labels.codebook.lexicon)
    assert (counted.counts.words, counted.text, counted.real) == ({"asn": 1}, None, True)
    assert (len(labels.examples), 6) == labels.targets().shape


def test_a_paragraph_without_an_article_is_its_own(folder: Path) -> None:
    assert {"none-0"} == {e.article for e in read_labels(folder).examples if e.id == "none-0"}


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (record("x", "a", []) | {"colour": 1}, "unknown"),
        ({"id": "x"}, "missing"),
        (record("x", "a", []) | {"labels": "merit"}, "wrong kind"),
        (record("x", "a", []) | {"boilerplate": 1}, "wrong kind"),
        (record("x", "a", []) | {"source": "elsewhere"}, "wrong kind"),
        (record("x", "a", []) | {"text": None}, "no string"),
    ],
)
def test_a_record_of_another_shape_is_refused_with_its_place(folder: Path, row: dict[str, Any], says: str) -> None:
    write(folder, [row], "paragraphs/b.jsonl")

    with pytest.raises(LabelsRejectedError, match=rf"b\.jsonl:1.*{says}"):
        read_labels(folder)


@pytest.mark.parametrize("annotator", [None, ""])
def test_feedback_is_never_trained_on_unless_someone_reviewed_it(folder: Path, annotator: str | None) -> None:
    write(folder, [record("x", "Teks baru", ["merit"], source="feedback", annotator=annotator)], "paragraphs/b.jsonl")
    with pytest.raises(LabelsRejectedError, match="nobody reviewed"):
        read_labels(folder)

    write(folder, [record("x", "Teks baru", ["merit"], source="feedback", annotator="ani")], "paragraphs/b.jsonl")
    assert read_labels(folder).examples[-1].source == "feedback"


def test_counts_of_feedback_that_nobody_reviewed_are_refused_too(folder: Path) -> None:
    write(folder, [extracted(folder, source="feedback")], "extracted/n.jsonl")

    with pytest.raises(LabelsRejectedError, match="nobody reviewed"):
        read_labels(folder)


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff\xfe", b'{"id":"\x0b"'])
def test_a_line_that_is_no_object_is_refused_with_its_place(folder: Path, content: bytes) -> None:
    (folder / "paragraphs" / "b.jsonl").write_bytes(b"\n" + content)

    with pytest.raises(LabelsRejectedError, match=r"b\.jsonl:2"):
        read_labels(folder)


def test_records_counted_with_another_lexicon_are_refused_naming_the_command(folder: Path) -> None:
    write(folder, [extracted(folder, lexicon="0" * 64)], "extracted/n.jsonl")

    with pytest.raises(LabelsRejectedError, match="asn-themes labels extract"):
        read_labels(folder)


def test_the_version_changes_with_any_file_that_training_reads(folder: Path) -> None:
    versions = {labels_version(folder)}
    write(folder, [extracted(folder)], "extracted/n.jsonl")
    versions.add(labels_version(folder))
    with (folder / "lexicon.toml").open("a") as file:
        file.write("# note\n")
    versions.add(labels_version(folder))

    assert len(versions) == 3


def test_a_missing_codebook_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabelsRejectedError, match=r"themes\.toml"):
        read_labels(tmp_path)
