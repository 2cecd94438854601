"""Batch scoring: a file of articles in, a file of answers out.  Needs no scikit-learn."""

import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classifier import Classifier
from classifier.errors import InputRejectedError, OutputFailedError


@dataclass(frozen=True)
class Summary:
    """What a run did: articles scored, and how many of them carry each theme."""

    rows: int
    themes: dict[str, int]


def score_file(classifier: Classifier, source: Path, target: Path) -> Summary:
    """Score each article of a JSONL file (``text``, optional ``id`` and ``title``) into a JSONL file of answers.

    The output appears whole under its name or not at all.

    Raises
    ------
    InputRejectedError
        If a line is no article; its number is named.
    OutputFailedError
        If the output cannot be written.
    """
    themes = dict.fromkeys(classifier.themes, 0)
    rows = 0
    temporary = None
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=target.parent, delete=False) as file:
            temporary = Path(file.name)
            for answer in _answers(classifier, source):
                file.write(json.dumps(answer, ensure_ascii=False) + "\n")
                rows += 1
                for theme in answer["themes"]:
                    themes[theme] += 1
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except OSError as err:
        raise OutputFailedError(f"output: cannot write {target} ({err.strerror}); choose another place") from err
    finally:
        if temporary:
            temporary.unlink(missing_ok=True)
    return Summary(rows, themes)


def _answers(classifier: Classifier, source: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(_lines(source), 1):
        try:
            row = json.loads(line.decode("utf-8"))
        except ValueError as err:
            raise InputRejectedError(f"input: {source}:{number}: not JSON in UTF-8; mend or remove the line") from err
        if not isinstance(row, dict) or not isinstance(row.get("text"), str):
            raise InputRejectedError(f"input: {source}:{number}: no object with a string `text`; mend the line")
        result = classifier.classify(row["text"], title=row.get("title"))
        yield result.to_json(document_id=row.get("id"), paragraphs=False)


def _lines(source: Path) -> Iterator[bytes]:
    try:
        with source.open("rb") as file:
            yield from (line for line in file if line.strip())
    except OSError as err:
        raise InputRejectedError(f"input: cannot read {source} ({err.strerror}); name another file") from err


if __name__ == "__main__":
    from asn_themes import score

    score()
