import json
from dataclasses import replace
from pathlib import Path

import pytest

from training.doubts import Doubt, Everything, doubts
from training.fit import Recipe
from training.labels import Labels, read_labels


@pytest.fixture
def wrong(folder: Path) -> Labels:
    """Give two of the sample labels that their texts speak against."""
    path = folder / "paragraphs" / "a.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for row in rows:
        if row["id"] == "merit-3":
            row["labels"] = []
        if row["id"] == "none-5":
            row["labels"] = ["awards"]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return read_labels(folder)


@pytest.fixture
def found(wrong: Labels) -> tuple[Doubt, ...]:
    return doubts(Everything(wrong, Recipe()))


def test_wrong_labels_are_doubted_first_and_for_what_is_wrong_with_them(
    found: tuple[Doubt, ...], wrong: Labels
) -> None:
    first = {wrong.examples[doubt.row].id: doubt for doubt in found[:2]}

    assert first.keys() == {"merit-3", "none-5"}
    assert (first["merit-3"].output, first["merit-3"].given) == ("merit", False)
    assert (first["none-5"].output, first["none-5"].given) == ("awards", True)
    assert first["merit-3"].said.labels == ("merit",)


def test_every_example_is_doubted_once_the_written_ones_too(found: tuple[Doubt, ...], wrong: Labels) -> None:
    assert sorted(doubt.row for doubt in found) == list(range(len(wrong.examples)))
    assert [doubt.quality for doubt in found] == sorted(doubt.quality for doubt in found)


def test_the_score_of_a_doubt_is_that_of_its_output(found: tuple[Doubt, ...]) -> None:
    for doubt in found:
        if doubt.output in doubt.said.scores:
            assert doubt.score == pytest.approx(doubt.said.scores[doubt.output])


def test_labels_without_furniture_can_be_doubted(folder: Path) -> None:
    labels = read_labels(folder)
    content = replace(labels, examples=tuple(e for e in labels.examples if not e.boilerplate))

    found = doubts(Everything(content, Recipe()))

    assert len(found) == len(content.examples)
    assert not any(doubt.said.boilerplate for doubt in found)
