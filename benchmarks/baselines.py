"""What the usual classifiers make of the same labels, in the same folds.

``python -m benchmarks.baselines [REAL]``: REAL is the folder with the texts of the real paragraphs (they may not be
kept with the project, their counts are in labels/extracted).  fastText runs where FASTTEXT_PYTHON names an interpreter
that has it.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from benchmarks.document import replace_section
from benchmarks.keyword_rules import themes_of
from classifier.article import paragraphs
from classifier.text import words
from training.compare import compare
from training.crossval import N_FOLDS, Experiment
from training.evaluate import MIN_READERS
from training.fit import Recipe
from training.judgements import Judgements
from training.labels import read_jsonl, read_labels
from training.metrics import measure

#: Fitted on training texts and labels, returns scores of the test texts and the score from which it says yes itself.
Baseline = Callable[[list[str], NDArray[np.bool_], list[str]], NDArray[np.float64]]


@dataclass(frozen=True)
class Entrant:
    name: str
    scores: Baseline
    own_cut: float


def _estimator(estimator: object, vectorizer: TfidfVectorizer) -> Baseline:
    def scores(train: list[str], Y: NDArray[np.bool_], test: list[str]) -> NDArray[np.float64]:
        model = make_pipeline(vectorizer, OneVsRestClassifier(estimator)).fit(train, Y.astype(int))
        if hasattr(model, "decision_function"):
            return np.asarray(model.decision_function(test))
        shares = np.clip(model.predict_proba(test), 1e-9, 1 - 1e-9)
        return np.log(shares / (1 - shares))

    return scores


def _fasttext(train: list[str], Y: NDArray[np.bool_], test: list[str]) -> NDArray[np.float64]:
    names = [str(k) for k in range(Y.shape[1])]
    labels = [[name for name, yes in zip(names, row, strict=True) if yes] for row in Y]
    job = {"train": [_plain(t) for t in train], "labels": labels, "test": [_plain(t) for t in test]}
    worker = Path(__file__).with_name("fasttext_worker.py")
    done = subprocess.run(
        [os.environ["FASTTEXT_PYTHON"], str(worker)], input=json.dumps(job), text=True, capture_output=True, check=True
    )
    shares = np.array([[json.loads(line).get(name, 0.0) for name in names] for line in done.stdout.splitlines()])
    shares = np.clip(shares, 1e-6, 1 - 1e-6)
    return np.log(shares / (1 - shares))


def _plain(text: str) -> str:
    return " ".join(words(text))


def entrants() -> list[Entrant]:
    usual = [
        Entrant("TfidfVectorizer + LogisticRegression", _estimator(LogisticRegression(), TfidfVectorizer()), 0.0),
        Entrant(
            "the same, bigrams, sublinear, balanced",
            _estimator(
                LogisticRegression(class_weight="balanced", max_iter=1000),
                TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
            ),
            0.0,
        ),
        Entrant("TfidfVectorizer + LinearSVC", _estimator(LinearSVC(), TfidfVectorizer()), 0.0),
        Entrant("TfidfVectorizer + ComplementNB", _estimator(ComplementNB(), TfidfVectorizer()), 0.0),
        # The default smooths a rare theme's few words away.
        Entrant("the same, alpha 0.01", _estimator(ComplementNB(alpha=0.01), TfidfVectorizer()), 0.0),
    ]
    return [*usual, Entrant("fastText", _fasttext, 0.0)] if "FASTTEXT_PYTHON" in os.environ else usual


def texts_of(experiment: Experiment, real: Path) -> list[str]:
    """Return the text of every example, those of real paragraphs from the folder `real`."""
    found = {}
    for path in sorted(real.glob("*.jsonl")):
        for row, _ in read_jsonl(path):
            found[row["id"]] = row["text"]
            if path.stem == "raw_articles":
                found |= {f"{row['id']}:{i:02}": piece.text for i, piece in enumerate(paragraphs(row["text"]))}
    missing = [e.id for e in experiment.labels.examples if e.text is None and e.id not in found]
    if missing:
        raise SystemExit(f"no text in {real} for {len(missing)} paragraphs, {missing[0]} first")
    return [e.text if e.text is not None else found[e.id] for e in experiment.labels.examples]


def out_of_fold(experiment: Experiment, texts: list[str], entrant: Entrant) -> NDArray[np.float64]:
    """Return the scores of the judged rows, each from a fit without its article."""
    rows = experiment.judged
    raw = np.zeros((len(rows), len(experiment.names)))
    for fold in experiment.folds(rows, N_FOLDS):
        train, test = ([texts[i] for i in part] for part in (fold.train, fold.test))
        raw[np.isin(rows, fold.test)] = entrant.scores(train, experiment.Y[fold.train], test)
    return raw


def judged(experiment: Experiment, scores: NDArray[np.float64], decisions: NDArray[np.bool_]) -> Judgements:
    rows = experiment.judged
    ids = np.array([experiment.labels.examples[row].id for row in rows])
    return Judgements(
        experiment.names, ids, experiment.articles[rows], experiment.Y[rows], scores, decisions, decisions & False
    )


def main(real: Path) -> None:
    experiment = Experiment(read_labels(Path("labels")), Recipe())
    texts = texts_of(experiment, real)
    twice = np.array([experiment.labels.examples[row].readers >= MIN_READERS for row in experiment.judged])
    ours = experiment.cross_validate().select(twice)
    lines = [
        "| on paragraphs read twice, out of fold | macro-F1 at its own cut | macro-F1 at cuts chosen as ours "
        "| macro average precision | ours − its better macro-F1, paired |",
        "|---|---|---|---|---|",
        f"| **asn-themes** | | {measure(ours)['macro_f1']} | {measure(ours)['macro_average_precision']} | |",
    ]
    for entrant in entrants():
        print(entrant.name, file=sys.stderr)
        raw = out_of_fold(experiment, texts, entrant)
        own = judged(experiment, raw, raw >= entrant.own_cut).select(twice)
        cut = experiment.cross_fit(raw, N_FOLDS).select(twice)
        lines.append(row(entrant.name, ours, own, cut))
    answers = np.array([[t in themes_of(texts[i]) for t in experiment.names] for i in experiment.judged])
    lines.append(row("keyword rules", ours, judged(experiment, answers * 1.0, answers).select(twice), None))
    replace_section(Path("docs/quality.md"), "baselines", "\n".join(lines))
    print("\n".join(lines))


def row(name: str, ours: Judgements, own: Judgements, cut: Judgements | None) -> str:
    figures = [measure(judgements) for judgements in (own, cut) if judgements is not None]
    best = own if cut is None or figures[0].macro_f1.value >= figures[1].macro_f1.value else cut
    difference = compare(best, ours).differences["macro_f1"]
    tuned = str(figures[1].macro_f1) if cut else ""
    precision = figures[0]["macro_average_precision"] if cut else ""
    return f"| {name} | {figures[0].macro_f1} | {tuned} | {precision} | {difference} |"


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/real"))
