"""Exports that a real Label Studio wrote, of the answers in `benchmarks.labelstudio` (`make label-studio`)."""

import pytest

from benchmarks.labelstudio import READ, SKIPPED
from benchmarks.studio import RECORDED
from tests.conftest import ROOT
from training.codebook import read_codebook
from training.exchange.kinds import load


@pytest.mark.parametrize("kind", ["json", "min"])
def test_what_a_real_label_studio_exported_is_what_its_reader_said(kind: str) -> None:
    path = RECORDED / {"json": "export_json.json", "min": "export_json_min.json"}[kind]
    loaded = load(path, read_codebook(ROOT / "labels"))
    found = {
        task.text: [*vote.labels, *(["boilerplate"] if vote.boilerplate else [])]
        for task in loaded.tasks
        for vote in task.votes
    }

    assert loaded.kind == f"labelstudio-{kind}"
    assert found == {text: said for text, said in READ.items() if text != SKIPPED}
