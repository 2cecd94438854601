"""Labelled paragraphs: texts that the project holds, and counts of texts that it may not copy."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.errors import LabelsRejectedError
from classifier.features import Counts, count
from classifier.files import publish
from classifier.frequencies import count_all
from classifier.lexicon import Lexicon
from training.codebook import Codebook, read_codebook

_PARAGRAPH_FIELDS = {"id", "text", "labels", "boilerplate", "source", "annotator", "guide"}
_EXTRACTED_FIELDS = {
    "id",
    "labels",
    "boilerplate",
    "source",
    "words",
    "classes",
    "n_words",
    "n_sentences",
    "lexicon",
    "guide",
}
_OPTIONAL_FIELDS = {"article", "readers", "origin", "repeated"}
#: Sources whose paragraphs are real news, as against those composed for the project.
REAL_SOURCES = frozenset({"seed", "imported", "feedback"})
_SOURCES = REAL_SOURCES | {"written"}
# A paragraph of an article that was labelled whole is named <article>:<nn>; ids of others may end like it.
_NUMBER = re.compile(r":(\d\d+)")
#: How the ids of paragraphs begin that readers of the service spoke of.
FEEDBACK_PREFIX = "feedback-"


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled paragraph.

    Attributes
    ----------
    id, article : str
        Its name, and that of the article it stands in; paragraphs of one article never part in a split.
    labels : tuple of str
        Theme ids it carries.
    boilerplate : bool
        Whether it is page furniture.
    source : str
        ``seed``, ``written``, ``imported`` or ``feedback``.
    readers : int
        How many readers labelled it independently before the label was settled.
    counts : Counts
        What features are made of.
    text : str or None
        None where only its counts may be kept.
    where : str
        File and line, for messages.
    repeated : bool
        Whether it stands more than once in its article, as `classifier.furniture.repeated` says.
    """

    id: str
    article: str
    labels: tuple[str, ...]
    boilerplate: bool
    source: str
    readers: int
    counts: Counts
    text: str | None = field(repr=False)
    where: str
    repeated: bool = False

    @property
    def real(self) -> bool:
        """Whether it comes from real news."""
        return self.source in REAL_SOURCES


@dataclass(frozen=True)
class Labels:
    """All examples of a labels folder with the codebook they follow."""

    codebook: Codebook
    examples: tuple[Example, ...]
    version: str

    def targets(self) -> NDArray[np.bool_]:
        """Return Y of shape (n_examples, n_themes + 1); the last column is boilerplate."""
        themes = self.codebook.theme_ids
        rows = [[theme in e.labels for theme in themes] + [e.boilerplate] for e in self.examples]
        return np.array(rows, dtype=np.bool_).reshape(len(rows), len(themes) + 1)


def read_labels(folder: Path) -> Labels:
    """Read every example under `folder`, in the order of its files and lines.

    Raises
    ------
    LabelsRejectedError
        If a line is not a record of the documented shape, or was counted with another lexicon.
    """
    codebook = read_codebook(folder)
    rows = [(_checked(row, where), where) for row, where in _rows(folder / "paragraphs")]
    counted = count_all([row["text"] for row, _ in rows], codebook.lexicon)
    texts = [_example(row, where, counts, row["text"]) for (row, where), counts in zip(rows, counted, strict=True)]
    extracted = [_extracted(row, where, codebook.lexicon) for row, where in _rows(folder / "extracted")]
    return Labels(codebook, (*texts, *extracted), labels_version(folder))


def labels_version(folder: Path) -> str:
    """Return the SHA-256 of all that training reads in `folder`."""
    digest = hashlib.sha256()
    for path in [folder / "themes.toml", folder / "lexicon.toml", *_files(folder / "paragraphs", folder / "extracted")]:
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def read_jsonl(path: Path) -> Iterator[tuple[dict[str, Any], str]]:
    """Read the objects of a JSONL file, each with its place.

    Raises
    ------
    LabelsRejectedError
        If the file cannot be read or a line is not one JSON object.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as err:
        raise LabelsRejectedError(f"labels: cannot read {path}: {err.strerror}") from err
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            row = json.loads(line.decode("utf-8"))
        except ValueError as err:
            raise LabelsRejectedError(f"labels: {where}: not JSON in UTF-8; mend the line") from err
        if not isinstance(row, dict):
            raise LabelsRejectedError(f"labels: {where}: an object expected; mend the line")
        yield row, where


def write_jsonl(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Write `rows` to `path`, sorted by id, one compact object a line."""
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in sorted(rows, key=lambda row: str(row["id"]))]
    publish("".join(lines).encode(), path)


def _files(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in sorted(folder.glob("*.jsonl"))]


def _rows(folder: Path) -> Iterator[tuple[dict[str, Any], str]]:
    for path in _files(folder):
        yield from read_jsonl(path)


def _check_fields(row: dict[str, Any], needed: set[str], where: str) -> None:
    missing, unknown = needed - row.keys(), row.keys() - needed - _OPTIONAL_FIELDS
    if missing or unknown:
        raise LabelsRejectedError(
            f"labels: {where}: missing {sorted(missing)}, unknown {sorted(unknown)} fields; mend it"
        )
    labels = row["labels"]
    strings = isinstance(row["id"], str) and isinstance(labels, list) and all(isinstance(t, str) for t in labels)
    flags = isinstance(row["boilerplate"], bool) and isinstance(row.get("repeated", False), bool)
    if not strings or not flags or row["source"] not in _SOURCES:
        raise LabelsRejectedError(f"labels: {where}: a field is of the wrong kind; mend the record")
    if row["source"] == "feedback" and not row.get("annotator"):
        raise LabelsRejectedError(
            f"labels: {where}: feedback that nobody reviewed, as it has no annotator; take it through "
            f"`asn-themes labels feedback` and `labels import`"
        )


def paragraph(row: dict[str, Any], where: str, lexicon: Lexicon) -> Example:
    """Make an example of a record with its text; raises as `read_labels` does."""
    _checked(row, where)
    return _example(row, where, count(row["text"], lexicon), row["text"])


def _checked(row: dict[str, Any], where: str) -> dict[str, Any]:
    _check_fields(row, _PARAGRAPH_FIELDS, where)
    if not isinstance(row["text"], str):
        raise LabelsRejectedError(f"labels: {where}: text is no string; mend the record")
    return row


def _extracted(row: dict[str, Any], where: str, lexicon: Lexicon) -> Example:
    _check_fields(row, _EXTRACTED_FIELDS, where)
    if row["lexicon"] != lexicon.version:
        raise LabelsRejectedError(
            f"labels: {where}: counted with lexicon {str(row['lexicon'])[:12]}, labels/lexicon.toml is "
            f"{lexicon.version[:12]}; renew with `asn-themes labels extract`"
        )
    return _example(row, where, Counts(row["words"], row["classes"]), None)


def _example(row: dict[str, Any], where: str, counts: Counts, text: str | None) -> Example:
    return Example(
        id=row["id"],
        article=row.get("article") or row["id"],
        labels=tuple(row["labels"]),
        boilerplate=row["boilerplate"],
        source=row["source"],
        readers=row.get("readers", 1),
        counts=counts,
        text=text,
        where=where,
        repeated=row.get("repeated", False),
    )


def line_number(name: str, article: str) -> int | None:
    """Return which line of its article, labelled whole, is called `name`; None where it is of another kind."""
    number = _NUMBER.fullmatch(name.removeprefix(article)) if name.startswith(article) else None
    return int(number.group(1)) if number else None


def articles(examples: Sequence[Example]) -> NDArray[np.str_]:
    """Return the article of each example, the groups of every split, of shape (n_examples,)."""
    return np.array([example.article for example in examples], dtype=np.str_)
