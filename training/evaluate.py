"""Evaluation: the recipe by cross-validation, or a model on a labelled file."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from classifier import Classifier
from classifier.errors import InputRejectedError
from classifier.model import BOILERPLATE
from training.crossval import Experiment
from training.fit import Recipe
from training.labels import read_jsonl, read_labels
from training.metrics import Quality, measure

#: Quality is stated on paragraphs that this many readers agreed on, where there are any.
MIN_READERS = 2


def cross_validate(folder: Path, recipe: Recipe, say: Callable[[str], None]) -> Quality:
    """Measure `recipe` on the real paragraphs of `folder`, each judged by a model that saw nothing of its article."""
    labels = read_labels(folder)
    experiment = Experiment(labels, recipe)
    say(f"scoring {len(experiment.judged)} of {len(labels.examples)} paragraphs out of fold, all fitted in each fold")
    out = experiment.cross_validate()
    twice = np.array([labels.examples[row].readers >= MIN_READERS for row in out.rows])
    shown = twice if twice.any() else np.ones(len(out.rows), dtype=np.bool_)
    names = (*labels.codebook.theme_ids, BOILERPLATE)
    rows = out.rows[shown]
    return measure(names, experiment.Y[rows], out.decisions[shown], out.logits[shown], experiment.articles[rows])


def evaluate_file(classifier: Classifier, path: Path) -> Quality:
    """Measure a model on a labelled JSONL file: ``text``, ``labels`` and, where given, ``article`` and ``boilerplate``.

    Raises
    ------
    InputRejectedError
        If a line lacks ``text`` or ``labels`` or the file is empty.
    """
    rows = []
    for row, where in read_jsonl(path):
        if not isinstance(row.get("text"), str) or not isinstance(row.get("labels"), list):
            raise InputRejectedError(f"input: {where}: text and labels expected; mend the line")
        rows.append(row)
    if not rows:
        raise InputRejectedError(f"input: {path} holds no labelled paragraph; name another file")
    gold = [[t in row["labels"] for t in classifier.themes] + [bool(row.get("boilerplate"))] for row in rows]
    logits = classifier.logits([row["text"] for row in rows])
    groups = np.array([row.get("article") or row.get("id") or str(i) for i, row in enumerate(rows)], dtype=np.str_)
    decisions = logits >= classifier.model.cuts[:, 1]
    return measure((*classifier.themes, BOILERPLATE), np.array(gold, dtype=np.bool_), decisions, logits, groups)
