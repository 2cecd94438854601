import json
from pathlib import Path
from typing import Any

import pytest

from classifier.errors import InputRejectedError, SettingError
from tests.labels_folder import write
from training.intake import Importer, Intake
from training.labels import read_jsonl, read_labels
from training.lint import problems_of

NEW = "Gubernur memutasi tiga puluh pejabat eselon tiga di aula kantor."
OTHER = "Panen padi di lereng gunung itu mundur dua minggu karena kemarau."


def row(number: int, text: str, *label: str, **fields: Any) -> dict[str, object]:
    return {"id": number, "text": text, "label": list(label), **fields}


def take(folder: Path, *files: list[dict[str, object]], **options: Any) -> Intake:
    """Import each file as that of a reader: a, then b, then c."""
    named = dict(zip("abc", files, strict=False))
    for reader, rows in named.items():
        write(folder.parent, rows, f"{reader}.jsonl")
    return Importer(folder, "doccano", **options).take({reader: folder.parent / f"{reader}.jsonl" for reader in named})


def records(folder: Path, kind: str = "paragraphs") -> list[dict[str, Any]]:
    path = folder / kind / "doccano.jsonl"
    return [row for row, _ in read_jsonl(path)] if path.exists() else []


def existing(folder: Path) -> dict[str, Any]:
    return next(row for row, _ in read_jsonl(folder / "paragraphs" / "a.jsonl") if row["id"] == "merit-0")


def test_a_labelled_text_becomes_a_record(folder: Path) -> None:
    take(folder, [row(7, NEW, "Merit dan promosi", article="n1")])

    assert records(folder) == [
        {
            "id": "doccano-7", "article": "n1", "text": NEW, "labels": ["merit"], "boilerplate": False,
            "source": "imported", "annotator": "a", "guide": 1,
        }
    ]  # fmt: skip


def test_labels_pass_the_linter_after_an_import(folder: Path) -> None:
    take(folder, [row(1, NEW, "merit"), row(2, OTHER, "none"), row(3, NEW + "!", "merit"), row(4, " ", "none")])

    assert list(problems_of(read_labels(folder))) == []


def test_what_the_linter_would_refuse_is_left_out_with_its_rule(folder: Path) -> None:
    rows = [row(1, NEW, "merit"), row(2, NEW + " Lalu.", "none"), row(3, "…", "none"), row(4, "Ã© rusak", "none")]

    intake = take(folder, rows)

    assert [record["id"] for record in intake.records] == ["doccano-1"]
    assert intake.refused == (
        "doccano-2: nearly the text of doccano-1",
        "doccano-3: empty text",
        "doccano-4: damaged text: wrongly decoded characters",
    )


def test_a_text_without_a_label_is_no_negative(folder: Path) -> None:
    intake = take(folder, [row(1, NEW), row(2, OTHER, "none")])

    assert [record["id"] for record in intake.records] == ["doccano-2"]
    assert any("left out" in what for what in intake.losses)


def test_silence_is_a_no_where_one_says_so(folder: Path) -> None:
    intake = take(folder, [row(1, NEW)], absent_means_no=True)

    assert [record["labels"] for record in intake.records] == [[]]
    assert intake.losses["texts where silence on a theme was taken for no"] == 1


def test_several_readers_are_settled_by_majority_and_kept_apart(folder: Path) -> None:
    take(folder, [row(1, NEW, "merit")], [row(9, NEW, "merit", "performance")], [row(5, NEW, "performance", "merit")])

    (record,) = records(folder)
    assert (record["labels"], record["readers"], record["annotator"]) == (["merit", "performance"], 3, "a, b, c")
    assert [(vote["id"], vote["annotator"], vote["labels"]) for vote in records(folder, "readings")] == [
        ("doccano-1", "a", ["merit"]),
        ("doccano-1", "b", ["merit", "performance"]),
        ("doccano-1", "c", ["merit", "performance"]),
    ]


def test_a_text_that_one_reader_skipped_is_the_others(folder: Path) -> None:
    done = {"was_cancelled": False, "result": [{"type": "choices", "value": {"choices": ["merit"]}}]}
    tasks = [
        {"id": 1, "data": {"text": NEW}, "annotations": [{"completed_by": 1, **done}, {"was_cancelled": True}]},
        {"id": 2, "data": {"text": OTHER}, "annotations": [{"completed_by": 1, "was_cancelled": True, "result": []}]},
    ]
    path = folder.parent / "ls.json"
    path.write_text(json.dumps(tasks), encoding="utf-8")

    intake = Importer(folder, "ls").take({"ls": path})

    assert [(record["id"], record["labels"]) for record in intake.records] == [("ls-1", ["merit"])]
    assert intake.losses["texts skipped by a reader"] == 2
    assert intake.losses["texts that nobody labelled"] == 1


def test_a_known_text_keeps_its_labels_unless_they_are_to_be_updated(folder: Path) -> None:
    text = existing(folder)["text"]

    assert take(folder, [row(1, text, "awards")]).changes == {}
    assert existing(folder)["labels"] == ["merit"]

    take(folder, [row(1, text, "awards")], update=True)
    assert (existing(folder)["labels"], existing(folder)["annotator"]) == (["awards"], "a")
    assert records(folder) == []


def test_a_known_text_with_the_same_labels_is_told_and_nothing_else(folder: Path) -> None:
    intake = take(folder, [row(1, existing(folder)["text"], "merit")])

    assert (intake.records, intake.changes, intake.refused) == ([], {}, ())
    assert intake.losses["texts that are in the labels already, with these labels"] == 1


def test_an_import_is_not_repeated_by_mistake(folder: Path) -> None:
    take(folder, [row(1, NEW, "merit")])

    with pytest.raises(SettingError, match="--replace"):
        take(folder, [row(1, NEW, "merit")])
    assert [r["id"] for r in take(folder, [row(1, NEW, "merit"), row(2, OTHER, "none")], replace=True).records] == [
        "doccano-1",
        "doccano-2",
    ]


def test_an_id_of_our_own_stays_and_is_not_given_twice(folder: Path) -> None:
    intake = take(folder, [row(1, NEW, "merit", task="kompas-9:04"), row(2, OTHER, "none", task="merit-0")])

    assert [record["id"] for record in intake.records] == ["kompas-9:04"]
    assert intake.refused == ("merit-0: another text has this id already",)


def test_a_file_with_an_unknown_theme_leaves_the_labels_as_they_were(folder: Path) -> None:
    with pytest.raises(InputRejectedError, match="'Politik'"):
        take(folder, [row(1, NEW, "merit"), row(2, OTHER, "Politik")])
    assert records(folder) == []


def test_what_is_assumed_of_articles_is_told(folder: Path) -> None:
    intake = take(folder, [row(1, NEW + "\n\n" + OTHER, "merit", outlet="Harian A")])

    assert intake.losses["texts whose article is not told: each is taken for an article of its own"] == 1
    assert intake.losses["texts of several paragraphs: taken as one"] == 1
    assert intake.losses["dates, outlets, addresses and reasons: label records hold none"] == 1
