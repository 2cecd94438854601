"""Jobs: calls for training that wait in a folder, one file a project."""

import json
from dataclasses import dataclass
from pathlib import Path

from classifier.errors import InputRejectedError
from classifier.files import writing

#: A job that was taken; one that is still there when the next run begins was cut short, and is done again.
_TAKEN = ".taken"


@dataclass(frozen=True, slots=True)
class Job:
    """A call to train on a project's annotations."""

    project: int
    path: Path

    def done(self) -> None:
        """Take the job out of the folder; a call that came meanwhile stays."""
        with writing(self.path):
            self.path.unlink()


def take(folder: Path) -> Job | None:
    """Take the oldest job of a folder that this process holds, or None.

    Raises
    ------
    InputRejectedError
        If the job isn't what the service leaves; it is removed.
    OutputFailedError
        If it can't be taken.
    """
    waiting = [*folder.glob(f"project-*{_TAKEN}"), *sorted(folder.glob("project-*.json"), key=_age)]
    if not waiting:
        return None
    path = waiting[0].with_suffix(_TAKEN)
    with writing(path):
        waiting[0].replace(path)
    try:
        return Job(int(json.loads(path.read_bytes())["project"]), path)
    except (ValueError, KeyError, TypeError) as err:
        path.unlink()
        raise InputRejectedError(f"input: {waiting[0]} is no job; ask for training again") from err


def _age(path: Path) -> float:
    return path.stat().st_mtime
