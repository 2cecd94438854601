"""The folder of a run: what is in it appears whole, by rename, and one run at a time works in it."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from classifier.errors import OutputFailedError
from classifier.files import TEMPORARY, held, writing

_FOLDERS = ("done", "rejects", "ids", "unpacked")
_FILES = r"manifest\.json|rejects\.jsonl|repeats\.jsonl|_SUCCESS|lock|part-\d{5,}\.\w+"
#: A folder that holds files has one of these from its first run on.
_OWNED = {"lock", "manifest.json"}


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Where a run keeps its work.

    Attributes
    ----------
    path : Path
        The folder: ``X.parts`` for an output X, or the output folder itself.
    suffix : str
        What the names of parts end in.
    """

    path: Path
    suffix: str

    @property
    def manifest(self) -> Path:
        """The plan of the run."""
        return self.path / "manifest.json"

    @property
    def success(self) -> Path:
        """What is written last."""
        return self.path / "_SUCCESS"

    @property
    def rejects(self) -> Path:
        """The rejected rows of the whole run."""
        return self.path / "rejects.jsonl"

    @property
    def repeats(self) -> Path:
        """The rows whose id an earlier row has."""
        return self.path / "repeats.jsonl"

    @property
    def unpacked(self) -> Path:
        """Where plain copies of packed inputs go."""
        return self.path / "unpacked"

    def part(self, number: int) -> Path:
        """Where the rows of a part go."""
        return self.path / f"part-{number:05}.{self.suffix}"

    def part_rejects(self, number: int) -> Path:
        """Where the rejected rows of a part go."""
        return self.path / "rejects" / f"{number:05}.jsonl"

    def part_ids(self, number: int) -> Path:
        """Where the digests of the ids of a part go."""
        return self.path / "ids" / f"{number:05}"

    def last_row(self, number: int) -> Path:
        """Where a part that is scored with care says which row comes next."""
        return self.path / f".row-{number:05}"

    def done(self, number: int) -> Path:
        """Where the record of a part goes; it is written last, and the part counts from then on."""
        return self.path / "done" / f"{number:05}.json"

    def prepare(self) -> None:
        """Make what parts are written into."""
        with writing(self.path):
            for name in ("done", "rejects", "ids"):
                (self.path / name).mkdir(exist_ok=True)

    def tidy(self, *, parts: bool) -> None:
        """Remove what a finished run no longer needs; with `parts`, the parts too."""
        for name in _FOLDERS:
            # Out of the way first: a folder that a cluster's late worker still writes into could not be removed.
            away = self.path / f".{name}"
            with suppress(OSError):
                (self.path / name).rename(away)
            shutil.rmtree(away, ignore_errors=True)
        for part in self.path.glob("part-*") if parts else ():
            part.unlink(missing_ok=True)


@contextmanager
def opened(folder: RunFolder) -> Iterator[None]:
    """Make the folder where it is missing, and hold it for this run.

    Raises
    ------
    ResumeRefusedError
        If another run holds it.
    OutputFailedError
        If it can't be made, or holds files that no run made.
    """
    with writing(folder.path):
        folder.path.mkdir(exist_ok=True)
        _refuse_foreign(folder.path)
    with held(folder.path):
        with writing(folder.path):
            _clear_leftovers(folder.path)
        yield


def _refuse_foreign(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    # The output itself is written here before it is published.
    output = re.escape(folder.name.removesuffix(".parts"))
    ours = re.compile(rf"{_FILES}|\.?({'|'.join(_FOLDERS)})|\.row-\d{{5,}}|\.({_FILES}|{output}){TEMPORARY}")
    foreign = {name for name in names if not ours.fullmatch(name) or (folder / name).is_symlink()}
    if names and not names & _OWNED:
        foreign = names
    if foreign:
        raise OutputFailedError(f"output: {folder / min(foreign)} is no file of a run; choose another place")


def _clear_leftovers(folder: Path) -> None:
    """Remove what a run that was killed left half done."""
    for place in (folder, *(folder / name for name in _FOLDERS)):
        for leftover in place.glob(".*"):
            if leftover.is_dir():
                shutil.rmtree(leftover, ignore_errors=True)
            else:
                # A late worker of a cluster may clear away its own meanwhile.
                leftover.unlink(missing_ok=True)
