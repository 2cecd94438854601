from pathlib import Path

from tests.labels_folder import write
from training.exchange.kinds import KINDS, save
from training.export import read_tasks
from training.intake import Importer


def test_every_text_is_exported_with_the_label_that_stands(folder: Path, rows: list[dict[str, object]]) -> None:
    _, tasks, losses = read_tasks(folder)

    said = {task.id: (task.text, list(task.votes[0].labels), task.votes[0].boilerplate) for task in tasks}
    assert said == {row["id"]: (row["text"], row["labels"], row["boilerplate"]) for row in rows}
    assert not +losses


def test_records_without_a_text_are_counted(folder: Path) -> None:
    codebook, *_ = read_tasks(folder)
    counted = {
        "id": "x", "source": "imported", "labels": [], "boilerplate": False, "words": {}, "classes": {}, "n_words": 0,
        "n_sentences": 1, "lexicon": codebook.lexicon.version, "guide": 1,
    }  # fmt: skip
    write(folder, [counted], "extracted/n.jsonl")

    assert read_tasks(folder)[2]["records that hold counts and no text"] == 1


def test_labels_come_back_from_every_format_as_they_were(folder: Path) -> None:
    codebook, tasks, _ = read_tasks(folder)
    for kind in KINDS:
        save(tasks, folder.parent / kind, kind, codebook)

        intake = Importer(folder, kind).take({"a": folder.parent / kind})

        assert (intake.kinds, intake.records, intake.changes, intake.refused) == ((kind,), [], {}, ())
        assert intake.losses["texts that are in the labels already, with these labels"] == len(tasks)
