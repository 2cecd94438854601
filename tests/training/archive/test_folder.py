import threading
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("leftover", [".part-00001.jsonl.x", ".rejects/00001.jsonl", "rejects/.00001.jsonl.x"])
def test_what_a_killed_run_left_half_done_is_gone_when_the_next_one_begins(tmp_path: Path, leftover: str) -> None:
    path = tmp_path / leftover
    path.parent.mkdir(exist_ok=True)
    path.touch()

    with opened(RunFolder(tmp_path, "jsonl")):
        assert not list(tmp_path.rglob(".*"))
