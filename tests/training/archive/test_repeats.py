import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import MERIT, NOTHING
from tests.training.archive.conftest import Score
from training.archive import repeats as module
from training.archive.documents import Document
from training.archive.folder import RunFolder
from training.archive.plan import Part
from training.archive.readers import Span
from training.archive.repeats import note, repeats


def _reported(path: Path) -> list[tuple[str, int, int]]:
    rows = [json.loads(line) for line in path.read_bytes().splitlines()]
    return [(Path(row["file"]).name, row["line"], row["first"]["line"]) for row in rows]


def test_rows_with_the_id_of_an_earlier_one_are_kept_and_named(score: Score, tmp_path: Path) -> None:
    rows = [{"id": "a", "text": MERIT}, {"id": "b", "text": MERIT}, {"text": MERIT}, {"id": "a", "text": NOTHING}]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "in.csv").write_text("id,text\nc,x\nb,y\na,z\n")

    for size in (1, 1 << 20):
        done = score(tmp_path / "in.jsonl", tmp_path / "in.csv", to=tmp_path / f"{size}.jsonl", part_bytes=size)

        assert (done.rows, done.repeated) == (7, 3)
        reported = _reported(tmp_path / f"{size}.jsonl.parts/repeats.jsonl")
        assert reported == [("in.jsonl", 4, 1), ("in.csv", 3, 2), ("in.csv", 4, 1)]


@given(st.lists(st.lists(st.sampled_from(["a", "b", "c", "d", "", None]), max_size=6), max_size=5), st.integers(1, 9))
def test_each_row_is_matched_with_the_first_of_its_id_however_many_are_compared_at_once(
    tmp_path_factory: pytest.TempPathFactory, ids: list[list[str | None]], at_once: int
) -> None:
    folder = RunFolder(tmp_path_factory.mktemp("run"), "jsonl")
    folder.prepare()
    parts, seen, expected = [], {}, []
    for number, names in enumerate(ids):
        part = Part(number, (Span(f"f{number}", "jsonl", "", 0, 0, 1, len(names), ""),))
        parts.append(part)
        for line, name in enumerate(names, 1):
            if name in seen:
                expected.append((f"f{number}", line, seen[name]))
            elif name:
                seen[name] = line
        with folder.part_ids(number).open("wb") as file:
            note(file, part, [Document("", name, None, {}, f"f{number}", line) for line, name in enumerate(names, 1)])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_NOTES_AT_ONCE", at_once)
        found = [json.loads(line) for line in repeats(folder, parts)]

    assert expected == [(row["file"], row["line"], row["first"]["line"]) for row in found]
