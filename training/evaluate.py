"""Evaluation: the recipe by cross-validation, or a model on a labelled file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classifier import Classifier
from classifier.errors import InputRejectedError
from training.crossval import Experiment
from training.fit import Recipe
from training.judgements import Judgements
from training.labels import read_jsonl, read_labels

#: Quality is stated on paragraphs that this many readers agreed on, where there are any.
MIN_READERS = 2


@dataclass(frozen=True)
class Gold:
    """Labelled paragraphs and the judgements on them; a text is None where only its counts are kept."""

    texts: tuple[str | None, ...]
    judgements: Judgements


def cross_validate(
    folder: Path, recipe: Recipe, say: Callable[[str], None], yes_precision: Mapping[str, float] | None = None
) -> Gold:
    """Judge the real paragraphs of `folder` by `recipe`, each by a model that saw nothing of its article."""
    labels = read_labels(folder)
    experiment = Experiment(labels, recipe, yes_precision)
    rows = experiment.judged
    say(f"scoring {len(rows)} of {len(labels.examples)} paragraphs out of fold, all fitted in each fold")
    judgements = experiment.cross_validate()
    twice = np.array([labels.examples[row].readers >= MIN_READERS for row in rows])
    shown = twice if twice.any() else np.ones(len(rows), dtype=np.bool_)
    return Gold(tuple(labels.examples[row].text for row in rows[shown]), judgements.select(shown))


def judge_file(classifier: Classifier, path: Path) -> Gold:
    """Judge a labelled JSONL file: ``text``, ``labels`` and, where given, ``id``, ``article`` and ``boilerplate``.

    Raises
    ------
    InputRejectedError
        If a line lacks ``text`` or ``labels`` or names an unknown theme, or the file is empty or without any theme.
    """
    rows = []
    for row, where in read_jsonl(path):
        if not isinstance(row.get("text"), str) or not isinstance(row.get("labels"), list):
            raise InputRejectedError(f"input: {where}: text and labels expected; mend the line")
        unknown = sorted(set(map(str, row["labels"])) - set(classifier.themes))
        if unknown:
            raise InputRejectedError(f"input: {where}: unknown themes {unknown}; the model has other ones")
        rows.append(row)
    if not any(row["labels"] for row in rows):
        raise InputRejectedError(f"input: {path} holds no labelled paragraph with a theme; name another file")
    texts = tuple(row["text"] for row in rows)
    ids = [str(row.get("id") or f"{path.name}:{number}") for number, row in enumerate(rows, 1)]
    groups = [str(row.get("article") or name) for row, name in zip(rows, ids, strict=True)]
    gold = [[t in row["labels"] for t in classifier.themes] + [bool(row.get("boilerplate"))] for row in rows]
    return Gold(texts, Judgements.of(classifier, texts, ids, groups, gold))
