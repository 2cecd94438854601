"""What docs/labels.md says is so."""

import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

import asn_themes
from tests.conftest import ROOT
from tests.test_docs import blocks
from training.exchange.kinds import KINDS

DOC = (ROOT / "docs" / "labels.md").read_text(encoding="utf-8")
SHAPES = ROOT / "tests" / "training" / "exchange" / "shapes"


@pytest.fixture
def place(folder: Path) -> Path:
    """Make a folder with labels and with the exports that the page speaks of."""
    place = folder.parent
    for source, name in (("labelstudio.json", "project-1.json"),):
        shutil.copy(SHAPES / source, place / name)
    lines = (SHAPES / "doccano.jsonl").read_text(encoding="utf-8").splitlines()
    (place / "ani.jsonl").write_text("\n".join(lines[:3]), encoding="utf-8")
    (place / "export-2.jsonl").write_text("\n".join(lines[:2]), encoding="utf-8")
    return place


@pytest.mark.parametrize("number", range(4))
def test_the_pages_commands_run_and_say_what_it_shows(
    number: int, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    commands = [shlex.split(line)[1:] for line in blocks("sh", DOC)[number].splitlines()]

    done = [CliRunner().invoke(asn_themes.main, command) for command in commands]

    shown = dict(zip((0, 1), blocks("text", DOC), strict=True)).get(number, "")
    assert [result.exit_code for result in done] == [0] * len(commands)
    assert shown in "".join(result.stderr for result in done)


def test_the_table_states_what_each_format_holds() -> None:
    rows = [line.strip("|").split("|") for line in DOC.splitlines() if line.startswith("| `") and line.count("|") == 9]
    stated = {
        name.strip(" `"): [cell.strip() for cell in cells] for names, _, *cells in rows for name in names.split(",")
    }
    held = {
        name: [
            "yes" if kind.capacity.readers else "numbered",
            "yes" if kind.capacity.asked else "no",
            "yes" if kind.capacity.gold else "no",
            "as a label" if kind.capacity.filled else "yes" if kind.capacity.prediction else "no",
            "yes" if kind.capacity.score else "no",
            "yes" if kind.capacity.unread else "no",
        ]
        for name, kind in KINDS.items()
    }

    assert stated == held


def test_two_files_of_one_name_are_not_taken_for_one_reader(place: Path) -> None:
    (place / "b").mkdir()
    shutil.copy(place / "ani.jsonl", place / "b" / "ani.jsonl")
    files = [str(place / "ani.jsonl"), str(place / "b" / "ani.jsonl")]

    done = CliRunner().invoke(asn_themes.main, ["labels", "import", *files, "--labels", str(place / "labels")])

    assert (done.exit_code, "READER=FILE" in done.stderr) == (2, True)
