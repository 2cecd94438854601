"""Scoring one part: what a worker does, here or on another machine."""

import gc
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

from classifier import Classifier
from classifier.errors import ModelRejectedError
from classifier.files import publish, whole
from classifier.prior import parse_shares
from training.archive.documents import Document
from training.archive.folder import RunFolder
from training.archive.options import Options
from training.archive.plan import Part
from training.archive.readers import Reject, Watch, read, unwatched
from training.archive.repeats import note
from training.archive.writers import writer

# Articles scored by one call: enough to make the call cheap, few enough to stay within the second cache.
_BATCH_CHARS = 1 << 19
# New objects between two looks for garbage in cycles, of which rows make none: the looks took some 2 % of the time.
_SELDOM = 50_000
# What a row weighs beside its text, so that a file of empty or bad rows is no heap in memory either.
_ROW_CHARS = 100

#: A row: its file and line.
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Job:
    """What all parts of a run share; small, since it travels with each of them.

    Attributes
    ----------
    root : Path
        Where relative paths of inputs begin; a cluster's workers must see the same files there.
    model : Path
        The model file; workers open it themselves.
    version : str
        The version that it must have.
    """

    root: Path
    folder: RunFolder
    model: Path
    version: str
    options: Options


@dataclass(frozen=True, slots=True)
class Done:
    """The record of a finished part: rows in, and what became of them.

    Attributes
    ----------
    articles, rejected : int
        Rows scored and rows rejected; together all rows read.
    rows : int
        Rows written: articles, or their paragraphs.
    themes : dict of str to int
        Articles that carry each theme.
    sha256, rejects_sha256, ids_sha256 : str
        Of the part's file, of its rejected rows and of the digests of its ids.
    """

    number: int
    bytes: int
    articles: int
    rejected: int
    rows: int
    empty: int
    themes: dict[str, int]
    sha256: str
    rejects_sha256: str
    ids_sha256: str


def score(job: Job, part: Part, deadly: frozenset[Place] | None = None) -> Done:
    """Score a part into its files, then write its record: the part counts from then on.

    Twice at the same time is no harm: both write the same bytes under names of their own, then rename.  With `deadly`,
    rows that killed a worker, these are rejected untouched, and of each other row it is noted when it is touched.
    """
    classifier = _classifier(job.model, job.version, job.options.prior)
    watch, size = (unwatched, _BATCH_CHARS) if deadly is None else (_watch(job.folder, part, deadly), 0)
    rows = chain.from_iterable(read(span, job.options, job.root, watch) for span in part.spans)
    counts = {"articles": 0, "rejected": 0, "rows": 0, "empty": 0}
    themes = dict.fromkeys(classifier.themes, 0)
    files = _files(job.folder, part.number)
    paragraphs = job.options.paragraphs or job.options.explain
    with _seldom_collected(), whole(files[2]) as ids, whole(files[1]) as rejects, whole(files[0]) as output:
        target = writer(output, job.options, classifier.themes)
        for batch, rejected in _batches(rows, size):
            articles = [(document.text, document.title) for document in batch]
            results = classifier.classify_many(articles, explain=job.options.explain, paragraphs=paragraphs)
            target.write(zip(batch, results, strict=True))
            rejects.writelines(_line(reject) for reject in rejected)
            note(ids, part, batch)
            counts["articles"] += len(batch)
            counts["rejected"] += len(rejected)
            counts["rows"] += sum(len(r.paragraphs) for r in results) if job.options.paragraphs else len(batch)
            counts["empty"] += sum(result.empty for result in results)
            for theme in chain.from_iterable(result.themes for result in results):
                themes[theme] += 1
        target.close()
    done = Done(number=part.number, bytes=part.bytes, themes=themes, **counts, **_hashes(files))  # type: ignore[arg-type]
    publish(json.dumps(asdict(done)).encode(), job.folder.done(part.number))
    job.folder.last_row(part.number).unlink(missing_ok=True)
    return done


def finished(folder: RunFolder, number: int) -> Done | None:
    """Return the record of a part, where it was finished and its files are still those that were written."""
    try:
        done = Done(**json.loads(folder.done(number).read_bytes()))
        found = _hashes(_files(folder, number))
    except (OSError, ValueError, TypeError):
        return None
    return done if found.items() <= asdict(done).items() else None


def last_row(folder: RunFolder, number: int) -> Place | None:
    """Return the row of a part that was touched last, where the part is scored with care."""
    try:
        file, line = json.loads(folder.last_row(number).read_bytes())
    except (OSError, ValueError):
        return None
    return file, line


@contextmanager
def _seldom_collected() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _watch(folder: RunFolder, part: Part, deadly: frozenset[Place]) -> Watch:
    path = folder.last_row(part.number)

    def watch(file: str, line: int) -> str:
        if (file, line) in deadly:
            return "ended the process that scored it"
        path.write_text(json.dumps([file, line]))
        return ""

    return watch


def _files(folder: RunFolder, number: int) -> tuple[Path, Path, Path]:
    return folder.part(number), folder.part_rejects(number), folder.part_ids(number)


def _hashes(files: tuple[Path, Path, Path]) -> dict[str, str]:
    return dict(zip(("sha256", "rejects_sha256", "ids_sha256"), map(sha256, files), strict=True))


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@lru_cache(maxsize=1)
def _classifier(path: Path, version: str, prior: str) -> Classifier:
    classifier = Classifier.load(path, parse_shares(prior))
    if classifier.version != version:
        raise ModelRejectedError(f"model: {path} was replaced while the run went on; bring back {version[:12]}")
    return classifier


def _batches(rows: Iterator[Document | Reject], most: int) -> Iterator[tuple[list[Document], list[Reject]]]:
    batch: list[Document] = []
    rejected: list[Reject] = []
    size = 0
    for row in rows:
        if isinstance(row, Reject):
            rejected.append(row)
        else:
            batch.append(row)
            size += len(row.text)
        size += _ROW_CHARS
        if size >= most:
            yield batch, rejected
            batch, rejected, size = [], [], 0
    yield batch, rejected


def _line(reject: Reject) -> bytes:
    line: dict[str, Any] = reject._asdict()
    return json.dumps(line, ensure_ascii=False).encode() + b"\n"
