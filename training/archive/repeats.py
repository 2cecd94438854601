"""Ids that occur more than once: workers note a digest a row, and at the end these are compared in bounded memory."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from training.archive.documents import Document
from training.archive.folder import RunFolder
from training.archive.plan import Part

# Among ten million different ids, two share 64 bits by chance once in some 370,000 runs.
_NOTE = np.dtype([("id", "<u8"), ("span", "<u4"), ("line", "<u8")])
#: So that memory does not grow with the archive: the digests are compared in shares of about this many.
_NOTES_AT_ONCE = 1_000_000


def note(file: BinaryIO, part: Part, batch: Sequence[Document]) -> None:
    """Append the digests of the ids of some rows of `part`, with where they stand; rows without an id have none."""
    spans = {span.file: number for number, span in enumerate(part.spans)}
    named = [(document.id.encode(), document) for document in batch if document.id]
    notes = np.empty(len(named), _NOTE)
    digests = b"".join(hashlib.blake2b(name, digest_size=8).digest() for name, _ in named)
    notes["id"] = np.frombuffer(digests, "<u8")
    notes["span"] = [spans[document.file] for _, document in named]
    notes["line"] = [document.line for _, document in named]
    file.write(notes.tobytes())


def repeats(folder: RunFolder, parts: Sequence[Part]) -> Iterator[bytes]:
    """Give a JSON line for each row whose id an earlier row has, in the order of the rows: both places, not the id."""
    sizes = [folder.part_ids(part.number).stat().st_size // _NOTE.itemsize for part in parts]
    if not sizes:
        return
    n_shares = 1 + sum(sizes) // _NOTES_AT_ONCE
    pairs = np.concatenate([_pairs(folder, parts, share, n_shares) for share in range(n_shares)])
    for pair in pairs[np.lexsort(pairs[:, 2::-1].T)].tolist():
        place, first = (
            {"file": parts[number].spans[span].file, "line": line} for number, span, line in (pair[:3], pair[3:])
        )
        yield json.dumps(place | {"first": first}, ensure_ascii=False).encode() + b"\n"


def _pairs(folder: RunFolder, parts: Sequence[Part], share: int, n_shares: int) -> NDArray[np.uint64]:
    """Return part, span and line of each row of a share that repeats an id, and those of the first row with it."""
    notes, places = [], []
    for number, part in enumerate(parts):
        found = np.fromfile(folder.part_ids(part.number), _NOTE)
        found = found[found["id"] % n_shares == share]
        notes.append(found["id"])
        places.append(np.column_stack((np.full(len(found), number), found["span"], found["line"])))
    ids, rows = np.concatenate(notes), np.concatenate(places).astype(np.uint64)
    # Stable: of equal ids the first row comes first.
    order = np.argsort(ids, kind="stable")
    is_first = np.diff(ids[order], prepend=~ids[order[:1]]) != 0
    first = order[np.maximum.accumulate(np.where(is_first, np.arange(len(order)), 0))]
    return np.column_stack((rows[order[~is_first]], rows[first[~is_first]]))
