"""Scoring one part: what a worker does, here or on another machine."""

import hashlib
import json
from collections.abc import Iterator
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
from training.archive.readers import Reject, read
from training.archive.writers import writer

# Articles scored by one call: enough to make the call cheap, few enough to hold.
_BATCH_CHARS = 1 << 20
# What a row weighs beside its text, so that a file of empty or bad rows is no heap in memory either.
_ROW_CHARS = 100


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
    sha256, rejects_sha256 : str
        Of the part's file and of its rejected rows.
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


def score(job: Job, part: Part) -> Done:
    """Score a part into its file, then its record: the part counts from then on.

    Twice at the same time is no harm: both write the same bytes under names of their own, then rename.
    """
    classifier = _classifier(job.model, job.version, job.options.prior)
    rows = chain.from_iterable(read(span, job.options, job.root) for span in part.spans)
    counts = {"articles": 0, "rejected": 0, "rows": 0, "empty": 0}
    themes = dict.fromkeys(classifier.themes, 0)
    folder = job.folder
    with whole(folder.part_rejects(part.number)) as rejects, whole(folder.part(part.number)) as output:
        target = writer(output, job.options, classifier.themes)
        for batch, rejected in _batches(rows):
            articles = [(document.text, document.title) for document in batch]
            results = classifier.classify_many(articles, explain=job.options.explain, paragraphs=job.options.paragraphs)
            target.write(zip(batch, results, strict=True))
            rejects.writelines(_line(reject) for reject in rejected)
            counts["articles"] += len(batch)
            counts["rejected"] += len(rejected)
            counts["rows"] += sum(len(r.paragraphs) for r in results) if job.options.paragraphs else len(batch)
            counts["empty"] += sum(result.empty for result in results)
            for theme in chain.from_iterable(result.themes for result in results):
                themes[theme] += 1
        target.close()
    hashes = sha256(folder.part(part.number)), sha256(folder.part_rejects(part.number))
    done = Done(part.number, part.bytes, **counts, themes=themes, sha256=hashes[0], rejects_sha256=hashes[1])
    publish(json.dumps(asdict(done)).encode(), folder.done(part.number))
    return done


def finished(folder: RunFolder, number: int) -> Done | None:
    """Return the record of a part, where it was finished and its files are still those that were written."""
    try:
        done = Done(**json.loads(folder.done(number).read_bytes()))
        found = sha256(folder.part(number)), sha256(folder.part_rejects(number))
    except (OSError, ValueError, TypeError):
        return None
    return done if found == (done.sha256, done.rejects_sha256) else None


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


def _batches(rows: Iterator[Document | Reject]) -> Iterator[tuple[list[Document], list[Reject]]]:
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
        if size >= _BATCH_CHARS:
            yield batch, rejected
            batch, rejected, size = [], [], 0
    yield batch, rejected


def _line(reject: Reject) -> bytes:
    line: dict[str, Any] = reject._asdict()
    return json.dumps(line, ensure_ascii=False).encode() + b"\n"
