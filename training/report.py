"""The report: one HTML page on how good the answers are, to read and to print."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from classifier import Classifier
from classifier.files import publish
from training import plots
from training.confusion import confusion
from training.evaluate import Gold
from training.metrics import Quality
from training.pages import render

#: Worst errors shown a theme and direction, and words of evidence with each.
N_ERRORS = 5
N_EVIDENCE = 6


@dataclass(frozen=True)
class Word:
    """A stretch of text, with what it adds to the logit (0 where nothing)."""

    text: str
    weight: float

    @property
    def strength(self) -> float:
        """How dark it is shown, from 0 to 0.6; a word that adds 0.7 is shown as dark as any."""
        return min(abs(self.weight) / 1.2, 0.6)


@dataclass(frozen=True)
class Mistake:
    """A paragraph that was judged wrongly, by how far."""

    id: str
    kind: str
    score: float
    words: tuple[Word, ...]
    evidence: tuple[Word, ...]


def write_report(path: Path, gold: Gold, quality: Quality, classifier: Classifier | None) -> None:
    """Write the report on `gold` to `path`, whole or not at all.

    Parameters
    ----------
    path : Path
        Where the page goes.
    gold : Gold
        The labelled paragraphs and the judgements on them.
    quality : Quality
        Their measures.
    classifier : Classifier or None
        The model that judged, for the evidence of its errors; None where many models judged out of fold.

    Raises
    ------
    OutputFailedError
        If the page cannot be written.
    """
    judgements = gold.judgements
    themes = [judgements.names[k] for k in judgements.themes]
    page = render(
        "report.html",
        version=classifier.short_version if classifier else None,
        quality=quality,
        names=judgements.names,
        themes=themes,
        confusion=confusion(judgements).tolist(),
        reliability=plots.reliability(judgements),
        curves=plots.threshold_curves(judgements),
        mistakes={theme: worst_errors(gold, k, classifier) for k, theme in enumerate(themes)},
    )
    publish(page.encode(), path)


def worst_errors(gold: Gold, column: int, classifier: Classifier | None) -> list[Mistake]:
    """Return the wrong answers on the theme of `column` with the highest and, where missed, the lowest scores."""
    judgements = gold.judgements
    y, yes, logits = judgements.Y[:, column], judgements.decisions[:, column], judgements.logits[:, column]
    mistakes = []
    for kind, wrong, order in (("false alarm", yes & ~y, -logits), ("missed", y & ~yes, logits)):
        rows = np.flatnonzero(wrong)
        for row in rows[np.argsort(order[rows], kind="stable")][:N_ERRORS]:
            words, evidence = _read(gold.texts[row], judgements.names[column], classifier)
            score = float(judgements.scores[row, column])
            mistakes.append(Mistake(str(judgements.ids[row]), kind, score, words, evidence))
    return mistakes


def _read(text: str | None, theme: str, classifier: Classifier | None) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    if text is None:
        return (), ()
    if classifier is None:
        return (Word(text, 0.0),), ()
    addends = [c for c in classifier.explain(text) if c.theme == theme]
    terms: dict[str, float] = {}
    weights = np.zeros(len(text))
    for addend in addends:
        terms[addend.term] = terms.get(addend.term, 0.0) + addend.weight
        if addend.start is not None:
            weights[addend.start : addend.end] += addend.weight
    strongest = sorted(terms.items(), key=lambda item: -abs(item[1]))[:N_EVIDENCE]
    # A stretch ends where the weight of its characters changes.
    edges = [0, *(np.flatnonzero(np.diff(weights)) + 1).tolist(), len(text)]
    words = tuple(Word(text[a:b], float(weights[a])) for a, b in pairwise(edges) if a < b)
    return words, tuple(Word(term, weight) for term, weight in strongest)
