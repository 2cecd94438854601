"""Extraction: from labelled texts to what can be counted in them, to pool labels on texts that one may not share.

What is kept of a paragraph is a bag: its words in alphabetical order with their counts, without those found in one
article only (names above all), and its word classes.  No order and no phrase survives, so the text can't be rebuilt.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classifier.article import paragraphs
from classifier.errors import InputRejectedError
from classifier.features import Counts
from classifier.frequencies import count_all
from classifier.furniture import repeated
from classifier.text import words
from training.codebook import Codebook
from training.labels import line_number, read_jsonl, write_jsonl

#: A word has to be found in this many articles to be kept.
MIN_ARTICLES = 2

_SENTENCE_END = re.compile(r"[.!?]+(?=\s|[\"'”’)]|$)")
_NEEDED = {"id": str, "text": str, "labels": list}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A labelled text on its way to being counted."""

    id: str
    article: str
    text: str
    labels: tuple[str, ...]
    boilerplate: bool
    readers: int
    origin: str | None


def extract(files: Sequence[Path], folder: Path, codebook: Codebook) -> int:
    """Count the paragraphs of labelled JSONL `files` into files of the same names in `folder`.

    Parameters
    ----------
    files : sequence of Path
        Objects with ``id``, ``text``, ``labels`` and, where known, ``article``, ``boilerplate``, ``readers`` and
        ``origin``.
    folder : Path
        Where the records go.
    codebook : Codebook
        Its lexicon counts the word classes.

    Returns
    -------
    int
        How many records were written.

    Raises
    ------
    InputRejectedError
        If a row lacks a field or carries an unknown theme.
    """
    return _write({path.name: _read(path, codebook) for path in files}, folder, codebook)


def renew(files: Sequence[Path], folder: Path, codebook: Codebook) -> int:
    """Count the texts of the records in `folder` anew, with the labels that the records have.

    `files` hold the texts: objects with ``id`` and ``text``.  A text that is no record's is taken for a whole article,
    whose paragraphs are known as ``<id>:<nn>``.

    Raises
    ------
    InputRejectedError
        If the text of a record is not among them; nothing is written then.
    """
    records = {path.name: [row for row, _ in read_jsonl(path)] for path in sorted(folder.glob("*.jsonl"))}
    known = {row["id"] for rows in records.values() for row in rows}
    texts = read_texts(files, known)
    missing = sorted(known - texts.keys())
    if missing:
        raise InputRejectedError(f"input: no text for {len(missing)} records, {missing[0]} first; name their files too")
    batches = {name: [_labelled(row, texts[row["id"]], codebook) for row in rows] for name, rows in records.items()}
    return _write(batches, folder, codebook)


def read_texts(files: Sequence[Path], known: Collection[str]) -> dict[str, str]:
    """Read texts by id from JSONL `files` with ``id`` and ``text``.

    A text that is none of the `known` is taken for a whole article, whose paragraphs are known as ``<id>:<nn>``.
    """
    texts = {row["id"]: row["text"] for path in files for row, _ in read_jsonl(path)}
    for name in texts.keys() - known:
        texts |= {f"{name}:{i:02}": piece.text for i, piece in enumerate(paragraphs(texts[name]))}
    return texts


def _read(path: Path, codebook: Codebook) -> list[Labelled]:
    found = []
    for row, where in read_jsonl(path):
        if not all(isinstance(row.get(name), kind) for name, kind in _NEEDED.items()):
            raise InputRejectedError(f"input: {where}: id, text and labels expected; mend the line")
        unknown = sorted(set(map(str, row["labels"])) - set(codebook.theme_ids))
        if unknown:
            raise InputRejectedError(f"input: {where}: unknown themes {unknown}; mend the line")
        found.append(_labelled(row, row["text"], codebook))
    return found


def _labelled(row: Mapping[str, Any], text: str, codebook: Codebook) -> Labelled:
    return Labelled(
        id=row["id"],
        article=row.get("article") or row["id"],
        text=text,
        labels=tuple(theme for theme in codebook.theme_ids if theme in row["labels"]),
        boilerplate=bool(row.get("boilerplate")),
        readers=int(row.get("readers", 1)),
        origin=row.get("origin"),
    )


def _write(batches: Mapping[str, Sequence[Labelled]], folder: Path, codebook: Codebook) -> int:
    """Count all batches together, so that a word is rare or not in all of them, and write each to its file."""
    counted = {name: count_all([row.text for row in rows], codebook.lexicon) for name, rows in batches.items()}
    articles_of: dict[str, set[str]] = defaultdict(set)
    for name, rows in batches.items():
        for row, counts in zip(rows, counted[name], strict=True):
            for word in counts.words:
                articles_of[word].add(row.article)
    shared = {word for word, articles in articles_of.items() if len(articles) >= MIN_ARTICLES}
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in batches.items():
        pairs, twice = zip(rows, counted[name], strict=True), _repeated(rows)
        write_jsonl(folder / name, [_record(row, counts, shared, row.id in twice, codebook) for row, counts in pairs])
    return sum(map(len, batches.values()))


def _repeated(rows: Sequence[Labelled]) -> set[str]:
    """Return the ids of the lines of whole articles that stand in their article more than once."""
    numbered = [(number, row) for row in rows if (number := line_number(row.id, row.article)) is not None]
    articles: dict[str, list[Labelled]] = defaultdict(list)
    for _, row in sorted(numbered, key=lambda pair: pair[0]):
        articles[row.article].append(row)
    flags = (zip(lines, repeated([line.text for line in lines]), strict=True) for lines in articles.values())
    return {line.id for flagged in flags for line, is_repeated in flagged if is_repeated}


def _record(row: Labelled, counts: Counts, shared: set[str], is_repeated: bool, codebook: Codebook) -> dict[str, Any]:
    return {
        "id": row.id,
        "article": row.article,
        "source": "imported",
        **({"origin": row.origin} if row.origin else {}),
        "readers": row.readers,
        "labels": list(row.labels),
        "boilerplate": row.boilerplate,
        **({"repeated": True} if is_repeated else {}),
        "words": {word: counts.words[word] for word in sorted(counts.words) if word in shared},
        "classes": dict(sorted(counts.classes.items())),
        "n_words": len(words(row.text)),
        "n_sentences": max(1, len(_SENTENCE_END.findall(row.text))),
        "lexicon": codebook.lexicon.version,
        "guide": codebook.guide,
    }
