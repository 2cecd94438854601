import json
from pathlib import Path

import pytest

from classifier import InputRejectedError
from tests.conftest import INTEGRITY, MERIT
from tests.labels_folder import write
from training.codebook import read_codebook
from training.extract import extract, renew
from training.labels import read_jsonl


def rows(path: Path) -> dict[str, dict[str, object]]:
    return {row["id"]: row for row, _ in read_jsonl(path)}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    write(
        tmp_path,
        [
            {"id": "b", "article": "1", "text": f"{MERIT} Lurah Zainuddin.", "labels": ["merit"], "readers": 2},
            {"id": "a", "article": "2", "text": f"{MERIT}! {INTEGRITY}", "labels": ["integrity", "merit"]},
        ],
        "in.jsonl",
    )
    return tmp_path / "in.jsonl"


def test_a_record_is_a_sorted_bag_of_shared_words_with_labels_in_theme_order(source: Path, folder: Path) -> None:
    assert extract([source], folder / "extracted", read_codebook(folder)) == 2

    records = rows(folder / "extracted" / "in.jsonl")
    assert list(records) == ["a", "b"]
    assert records["a"]["labels"] == ["merit", "integrity"]
    assert "zainuddin" not in records["b"]["words"]  # type: ignore[operator]
    assert "melantik" in records["a"]["words"]  # type: ignore[operator]
    assert (records["b"]["readers"], records["a"]["n_sentences"]) == (2, 2)


def test_words_are_rare_or_not_over_all_files_together(source: Path, folder: Path, tmp_path: Path) -> None:
    write(tmp_path, [{"id": "c", "article": "3", "text": "Zainuddin pergi", "labels": []}], "other.jsonl")

    extract([source, tmp_path / "other.jsonl"], folder / "extracted", read_codebook(folder))

    assert "zainuddin" in rows(folder / "extracted" / "in.jsonl")["b"]["words"]  # type: ignore[operator]


@pytest.mark.parametrize(
    "bad", [{"id": "x", "labels": []}, {"id": "x", "text": "a", "labels": ["promosi"]}, {"text": "a"}]
)
def test_a_row_that_cannot_be_counted_is_refused_with_its_place(
    folder: Path, tmp_path: Path, bad: dict[str, object]
) -> None:
    write(tmp_path, [bad], "in.jsonl")

    with pytest.raises(InputRejectedError, match=r"in\.jsonl:1"):
        extract([tmp_path / "in.jsonl"], folder / "extracted", read_codebook(folder))


def test_renewing_keeps_labels_and_finds_the_paragraphs_of_whole_articles(folder: Path, tmp_path: Path) -> None:
    codebook = read_codebook(folder)
    parts = [
        {"id": f"art:{i:02}", "article": "art", "text": t, "labels": ["merit"]}
        for i, t in enumerate([MERIT, INTEGRITY])
    ]
    write(tmp_path, parts, "in.jsonl")
    extract([tmp_path / "in.jsonl"], folder / "extracted", codebook)
    before = rows(folder / "extracted" / "in.jsonl")

    (tmp_path / "whole.jsonl").write_text(json.dumps({"id": "art", "text": f"{MERIT}\n{INTEGRITY}"}))
    assert renew([tmp_path / "whole.jsonl"], folder / "extracted", codebook) == 2

    assert rows(folder / "extracted" / "in.jsonl") == before


def test_lines_that_stand_twice_in_an_article_labelled_whole_say_so(folder: Path, tmp_path: Path) -> None:
    lines = ["Judul", "Harga cabai naik", MERIT, "Harga cabai naik", MERIT]
    parts = [{"id": f"art:{i:02}", "article": "art", "text": text, "labels": []} for i, text in enumerate(lines)]
    loose = [{"id": f"b-{i}", "article": "b", "text": "Harga cabai naik", "labels": []} for i in range(2)]
    write(tmp_path, parts[::-1] + loose, "in.jsonl")

    extract([tmp_path / "in.jsonl"], folder / "extracted", read_codebook(folder))

    records = rows(folder / "extracted" / "in.jsonl")
    assert [name for name, record in records.items() if record.get("repeated")] == ["art:01", "art:03"]


def test_renewing_without_a_text_changes_nothing(source: Path, folder: Path, tmp_path: Path) -> None:
    codebook = read_codebook(folder)
    extract([source], folder / "extracted", codebook)
    before = (folder / "extracted" / "in.jsonl").read_bytes()
    write(tmp_path, [{"id": "a", "text": "lain"}], "part.jsonl")

    with pytest.raises(InputRejectedError, match="no text for 1 records, b first"):
        renew([tmp_path / "part.jsonl"], folder / "extracted", codebook)

    assert (folder / "extracted" / "in.jsonl").read_bytes() == before
