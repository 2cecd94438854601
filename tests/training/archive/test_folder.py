import threading
from pathlib import Path

import pytest

from classifier.errors import OutputFailedError
from training.archive.folder import RunFolder, opened


def test_a_tidied_folder_stays_tidy_while_a_late_worker_writes_into_it(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, "jsonl")
    over = threading.Event()
    written = 0

    def write() -> None:
        nonlocal written
        while not over.is_set():
            try:
                folder.part_rejects(written).write_bytes(b"")
                written += 1
            except FileNotFoundError:
                continue

    late = threading.Thread(target=write)
    late.start()
    try:
        for _ in range(50):
            before = written
            folder.prepare()
            while written == before:
                continue
            folder.tidy(parts=True)
            assert list(tmp_path.iterdir()) == []
    finally:
        over.set()
        late.join()


@pytest.mark.parametrize("leftover", [".o.jsonl.0123abcd", ".rejects/00001.jsonl", "rejects/.00001.jsonl.0123abcd"])
def test_what_a_killed_run_left_half_done_is_gone_when_the_next_one_begins(tmp_path: Path, leftover: str) -> None:
    folder = tmp_path / "o.jsonl.parts"
    with opened(RunFolder(folder, "jsonl")):
        pass
    (folder / leftover).parent.mkdir(exist_ok=True)
    (folder / leftover).touch()

    with opened(RunFolder(folder, "jsonl")):
        assert not list(folder.rglob(".*"))


@pytest.mark.parametrize(
    "theirs", [".env", ".git/config", "done/thesis.txt", "part-00000.jsonl", "_SUCCESS", "thesis.doc"]
)
def test_a_folder_that_no_run_made_is_refused_and_left_as_it_is(tmp_path: Path, theirs: str) -> None:
    (tmp_path / theirs).parent.mkdir(exist_ok=True)
    (tmp_path / theirs).write_text("mine")

    with pytest.raises(OutputFailedError, match="is no file of a run"), opened(RunFolder(tmp_path, "jsonl")):
        pass

    assert [tmp_path / theirs] == [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("theirs", [".env", ".git", "thesis.doc", ".thesis.doc.0123abcd"])
def test_a_file_of_others_in_the_folder_of_a_run_is_refused_and_left_alone(tmp_path: Path, theirs: str) -> None:
    folder = RunFolder(tmp_path, "jsonl")
    with opened(folder):
        (tmp_path / theirs).write_text("mine")

    with pytest.raises(OutputFailedError, match="is no file of a run"), opened(folder):
        pass

    assert (tmp_path / theirs).read_text() == "mine"
