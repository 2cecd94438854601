"""`make audit-planted`: ways to rank paragraphs by how likely their labels are wrong; writes docs/audit.md."""

import sys
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
from cleanlab.multilabel_classification import get_label_quality_scores
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import rankdata

from benchmarks.document import replace_section
from benchmarks.planted_labels import DOCUMENT, KINDS, READ, spoiled
from training.doubts import Everything, out_of_fold
from training.fit import Recipe
from training.labels import read_labels

Floats, Bools = NDArray[np.float64], NDArray[np.bool_]
#: A ranking: calibrated logits and given labels to a number a paragraph, the lowest the worst.
Ranking = Callable[[Floats, Bools], Floats]
_AVERAGE = {"method": "exponential_moving_average", "alpha": 0.8}
_SOFTMIN = {"method": "softmin", "temperature": 0.1}


def cleanlab(method: str, combine: dict[str, object]) -> Ranking:
    """Make the ranking by cleanlab's score `method` of an output, combined over outputs."""

    def rank(logits: Floats, Y: Bools) -> Floats:
        given = [np.flatnonzero(y).tolist() for y in Y]
        return np.asarray(get_label_quality_scores(given, expit(logits), method=method, aggregator_kwargs=combine))

    return rank


def given(logits: Floats, Y: Bools) -> Floats:
    """Return the logit that each label as given has."""
    return np.where(Y, logits, -logits)


def within(measure: Callable[[Floats], Floats]) -> Ranking:
    """Make the ranking by the worst output's margin, measured among those of its output with the same label."""

    def rank(logits: Floats, Y: Bools) -> Floats:
        margins, measured = given(logits, Y), np.zeros(logits.shape)
        for k in range(Y.shape[1]):
            for side in (True, False):
                here = Y[:, k] == side
                measured[here, k] = measure(margins[here, k])
        return measured.min(axis=1)

    return rank


RANKINGS: dict[str, Ranking] = {
    "cleanlab, self-confidence, softmin at 0.1 over outputs: **shipped**": cleanlab("self_confidence", _SOFTMIN),
    "the worst output alone": lambda logits, Y: given(logits, Y).min(axis=1),
    "cleanlab, self-confidence, moving average at 0.8 (its default)": cleanlab("self_confidence", _AVERAGE),
    "cleanlab, confidence-weighted entropy, softmin": cleanlab("confidence_weighted_entropy", _SOFTMIN),
    "cleanlab, confidence-weighted entropy, moving average": cleanlab("confidence_weighted_entropy", _AVERAGE),
    "all outputs together: the product of probabilities": lambda logits, Y: -np.logaddexp(0, -given(logits, Y)).sum(1),
    "the margin in standard deviations, within output and label": within(lambda m: (m - np.median(m)) / m.std()),
    "the margin as a rank, within output and label": within(lambda m: rankdata(m) / len(m)),
}


@click.command()
@click.option("--seeds", default=2, show_default=True)
def main(seeds: int) -> None:
    """Rank by every way and write the table."""
    labels = read_labels(Path("labels"))
    recalls = {name: {kind: 0.0 for kind in KINDS} for name in RANKINGS}
    for kind in KINDS:
        for seed in range(seeds):
            wrong, planted = spoiled(labels, kind, seed)
            experiment = Everything(wrong, Recipe())
            logits, _ = out_of_fold(experiment)
            bad = np.array([example.id in planted for example in wrong.examples])
            for name, rank in RANKINGS.items():
                worst = np.argsort(rank(logits, experiment.Y), kind="stable")[: round(READ * len(bad))]
                recalls[name][kind] += bad[worst].sum() / bad.sum() / seeds
            print(kind, seed, file=sys.stderr, flush=True)
    lines = [f"| ranking | {' | '.join(title for title, _ in KINDS.values())} |", f"|---|{'---|' * len(KINDS)}"]
    lines += [f"| {name} | {' | '.join(f'{value:.1%}' for value in by.values())} |" for name, by in recalls.items()]
    replace_section(DOCUMENT, "rankings", "\n".join(lines))


if __name__ == "__main__":
    main()
