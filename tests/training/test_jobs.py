import json
import os
from pathlib import Path

import pytest

from classifier import InputRejectedError
from training.jobs import take


def leave(folder: Path, project: int, at: int = 0) -> Path:
    path = folder / f"project-{project}.json"
    path.write_text(json.dumps({"project": project, "asked": "2026-11-22T05:00:00+00:00"}))
    os.utime(path, (at, at))
    return path


def test_the_oldest_job_is_taken_first_and_gone_when_done(tmp_path: Path) -> None:
    leave(tmp_path, 3, at=20)
    leave(tmp_path, 12, at=10)

    for project in (12, 3):
        job = take(tmp_path)
        assert job is not None
        assert job.project == project
        job.done()
    assert take(tmp_path) is None


def test_a_call_that_comes_while_its_project_is_trained_on_stays(tmp_path: Path) -> None:
    leave(tmp_path, 3)
    job = take(tmp_path)
    again = leave(tmp_path, 3)
    assert job is not None
    job.done()

    assert [path.name for path in tmp_path.iterdir()] == [again.name]


def test_a_job_that_was_cut_short_is_taken_again_before_others(tmp_path: Path) -> None:
    leave(tmp_path, 3, at=10)
    take(tmp_path)
    leave(tmp_path, 1, at=5)

    job = take(tmp_path)
    assert job is not None
    assert job.project == 3


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"project":"x"}', b"\xff"])
def test_what_is_no_job_is_told_and_out_of_the_way(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "project-1.json").write_bytes(content)

    with pytest.raises(InputRejectedError, match=r"project-1\.json is no job"):
        take(tmp_path)
    assert take(tmp_path) is None
