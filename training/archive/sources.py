"""Where an archive comes from: files, folders, globs and stdin, found strictly and unpacked where they are packed."""

import glob
import hashlib
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from classifier.errors import InputRejectedError, SettingError
from classifier.extras import needed
from classifier.files import publish, whole
from training.archive.options import KINDS, PACKED

STDIN = "-"
_SUFFIXES = {f".{kind}": kind for kind in KINDS} | {".ndjson": "jsonl", ".htm": "html"}
_BLOCK_BYTES = 1 << 20
# A packed block of 4 KiB unpacks to 4 MiB at most with gzip and about 128 MiB with zstd.
_PACKED_BLOCK_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the archive.

    Attributes
    ----------
    file : str
        Its name as given, or as found below a folder that was given.
    kind : str
        One of `KINDS`.
    path : str
        Where its plain bytes are: itself, or its unpacked copy.
    damage : str
        Why its end is missing, where it is a packed file that was cut.
    """

    file: str
    kind: str
    path: str
    damage: str = ""


def find(inputs: tuple[str, ...], kind: str | None, unpacked: Path, max_bytes: int) -> Iterator[Source]:
    """Find the files that `inputs` name, in order; packed ones and stdin are unpacked into the folder `unpacked`.

    Raises
    ------
    InputRejectedError
        If a file is missing, a link or no regular file, its name is not UTF-8, or nothing is found.
    SettingError
        If the kind of a file can't be told from its name and `kind` is None.
    """
    for name in inputs:
        if name == STDIN:
            unpacked.mkdir(exist_ok=True)
            yield Source(STDIN, kind or "jsonl", str(_spool(sys.stdin.buffer, unpacked)))
            continue
        for path in _expand(name, kind):
            yield _source(path, kind, unpacked, max_bytes)


def _expand(name: str, kind: str | None) -> list[Path]:
    if not glob.has_magic(name) or os.path.lexists(name):
        path = _real(Path(name))
        return sorted(_below(path, kind)) if path.is_dir() else [path]
    if ".." in Path(name).parts:
        raise InputRejectedError(f"input: {name}: no `..` in a pattern; name the folder itself")
    paths = sorted(Path(found) for found in glob.glob(name, recursive=True))
    if not paths:
        raise InputRejectedError(f"input: nothing matches {name}; mend the pattern")
    return [path for path in map(_real, paths) if path.is_file()]


def _below(folder: Path, kind: str | None) -> Iterator[Path]:
    found = False
    for path in folder.rglob("*"):
        _real(path)
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden and (kind or _kind(path)):
            found = True
            yield path
    if not found:
        raise InputRejectedError(f"input: no archive below {folder}; files end in {', '.join(sorted(_SUFFIXES))}")


def _real(path: Path) -> Path:
    if path.is_symlink():
        raise InputRejectedError(f"input: {path} is a link; name the file that it leads to")
    if not path.exists():
        raise InputRejectedError(f"input: {path} is not there; name another file")
    if not (path.is_file() or path.is_dir()):
        raise InputRejectedError(f"input: {path} is no regular file; name a file, or - for stdin")
    return path


def _kind(path: Path) -> str | None:
    plain = path.with_suffix("") if path.suffix.lower() in PACKED else path
    return _SUFFIXES.get(plain.suffix.lower())


def _source(path: Path, kind: str | None, unpacked: Path, max_bytes: int) -> Source:
    shown = os.fsencode(path).decode(errors="backslashreplace")
    if shown != str(path):
        raise InputRejectedError(f"input: {shown}: the name is not UTF-8; rename it")
    found = kind or _kind(path)
    if found is None:
        raise SettingError(f"setting: {path}: what it holds does not show in its name; say --from")
    if path.suffix.lower() not in PACKED:
        return Source(str(path), found, str(path))
    if found == "parquet":
        raise InputRejectedError(f"input: {path}: Parquet is packed inside; unpack the file first")
    unpacked.mkdir(exist_ok=True)
    return _unpack(path, found, unpacked, max_bytes)


def _unpack(path: Path, kind: str, unpacked: Path, max_bytes: int) -> Source:
    """Unpack a file once: its copy is named by its hash and appears whole, or after the mark that says it was cut."""
    name = unpacked / f"{_hash(path)}.{kind}"
    cut = name.with_suffix(".cut")
    if not name.exists():
        with whole(name) as target:
            if _inflate(path, target, max_bytes):
                publish(b"", cut)
    return Source(str(path), kind, str(name), "is cut or damaged; copy it again" if cut.exists() else "")


def _hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as err:
        raise InputRejectedError(f"input: cannot read {path} ({err.strerror}); name another file") from err


def _inflate(path: Path, target: BinaryIO, max_bytes: int) -> bool:
    """Unpack all members of `path`; return whether its end is missing."""
    start, error, padding = _unpacker(path.suffix.lower())
    member, size, packed = start(), 0, b""
    with path.open("rb") as file:
        while packed := packed or file.read(_PACKED_BLOCK_BYTES):
            if member.eof:
                packed = packed.lstrip(padding)
                member = start() if packed else member
                continue
            try:
                block = member.decompress(packed)
            except error:
                return True
            size += len(block)
            if size > max_bytes:
                raise InputRejectedError(f"input: {path} holds over {max_bytes} bytes; raise --max-unpacked-gb")
            target.write(block)
            packed = member.unused_data if member.eof else b""
    return not member.eof


def _unpacker(suffix: str) -> tuple[Callable[[], Any], type[Exception], bytes]:
    """Return what makes the unpacker of a member, its error with damaged ones, and what may stand after a member."""
    if suffix == ".gz":
        return lambda: zlib.decompressobj(wbits=31), zlib.error, b"\0"
    zstandard = needed("zstandard", "batch")
    return lambda: zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj(), zstandard.ZstdError, b""


def _spool(stream: BinaryIO, unpacked: Path) -> Path:
    """Copy a stream to a file named by its hash."""
    digest = hashlib.sha256()
    name = unpacked / "stdin"
    with whole(name) as target:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
            target.write(block)
    return name.replace(unpacked / f"{digest.hexdigest()}.stdin")
