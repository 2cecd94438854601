"""Doubts: labels that are likely wrong, by what models say that saw nothing of their articles.

cleanlab's quality of a paragraph's labels (Thyagarajan et al. 2023, "Identifying incorrect annotations in multi-label
classification data"): the lowest probability that an output's given label has, softened over the outputs.
"""

from dataclasses import dataclass

import numpy as np
from cleanlab.multilabel_classification import get_label_quality_scores
from numpy.typing import NDArray
from scipy.special import expit

from training.crossval import N_FOLDS, Experiment
from training.exchange.tasks import Prediction
from training.preannotation import prediction

# The worst output decides almost alone: of the ways to combine them, docs/audit.md, the one that finds most.
_SOFTMIN_TEMPERATURE = 0.1


@dataclass(frozen=True)
class Doubt:
    """How far a paragraph's labels are doubted.

    Attributes
    ----------
    row : int
        Its row in the labels.
    quality : float
        In [0, 1]; low is doubtful.
    output : str
        The theme, or boilerplate, that is doubted most.
    given : bool
        Whether the label says that the paragraph carries it.
    score : float
        The out-of-fold probability that it does.
    said : Prediction
        All that was said out of fold.
    """

    row: int
    quality: float
    output: str
    given: bool
    score: float
    said: Prediction


class Everything(Experiment):
    """Labels that are all judged, the written ones too."""

    @property
    def judged(self) -> NDArray[np.intp]:
        """All rows."""
        return np.arange(len(self.labels.examples))


def doubts(experiment: Everything) -> tuple[Doubt, ...]:
    """Doubt every example, the worst first.

    Raises
    ------
    LabelsRejectedError
        If an output has too few examples to be learnt in a fold.
    """
    rows, raw = experiment.raw_out_of_fold(experiment.judged, N_FOLDS)
    calibration, cuts = experiment.calibrate(rows, raw)
    logits, Y = calibration.apply(raw), experiment.Y
    scores = expit(logits)
    quality = get_label_quality_scores(
        [np.flatnonzero(y).tolist() for y in Y],
        scores,
        method="self_confidence",
        aggregator_kwargs={"method": "softmin", "temperature": _SOFTMIN_TEMPERATURE},
    )
    worst = np.where(Y, scores, 1 - scores).argmin(axis=1)
    themes = experiment.labels.codebook.theme_ids
    return tuple(
        Doubt(
            row=row,
            quality=float(quality[row]),
            output=experiment.names[worst[row]],
            given=bool(Y[row, worst[row]]),
            score=float(scores[row, worst[row]]),
            said=prediction(themes, logits[row], cuts),
        )
        for row in np.argsort(quality, kind="stable").tolist()
    )
