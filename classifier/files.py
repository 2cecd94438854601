"""Files that appear under their names whole and durable, or not at all."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from classifier.errors import OutputFailedError, ResumeRefusedError

#: What the name of a file ends in, a pattern, before it is whole; a dot stands before it.
TEMPORARY = r"\.[0-9a-z_]{8}"


def publish(data: bytes, path: Path) -> None:
    """Write `data` beside `path`, make it durable, and rename it into place.

    Raises
    ------
    OutputFailedError
        If it cannot be written; what stood at `path` stays.
    """
    with whole(path) as file:
        file.write(data)


@contextmanager
def whole(path: Path, folder: Path | None = None) -> Iterator[BinaryIO]:
    """Give a file to write that appears at `path` whole and durable, or not at all.

    It is written in `folder`, on the same filesystem, or beside `path`.

    Raises
    ------
    OutputFailedError
        If it cannot be written; what stood at `path` stays.
    """
    # Not of `tempfile`, whose files are their owner's alone: the rights are those that the umask leaves.
    temporary = (folder or path.parent) / f".{path.name}.{os.urandom(4).hex()}"
    with writing(path), temporary.open("xb") as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync(path.parent)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the system says of a failed write into the project's error."""
    try:
        yield
    except BrokenPipeError:
        # Who read along has gone, as `head` does: nothing failed.
        raise
    except OSError as err:
        raise OutputFailedError(
            f"output: cannot write {path} ({err.strerror or err}); free space or choose another place"
        ) from err


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder against other runs; the kernel lets go of it with the process, so no lock is ever stale.

    Raises
    ------
    ResumeRefusedError
        If another run holds it.
    OutputFailedError
        If it can't be written in.
    """
    with writing(folder):
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as err:
            raise ResumeRefusedError(f"resume: another run works in {folder}; wait for its end") from err
        yield
    finally:
        os.close(lock)


def sync(folder: Path) -> None:
    """Make renames in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
