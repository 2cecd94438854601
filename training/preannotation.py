"""Pre-annotations: what a model says of a paragraph, as labelling tools show it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classifier.scale import certainty, sigmoids
from training.exchange.tasks import Prediction


def prediction(
    themes: Sequence[str], logits: NDArray[np.float64], cuts: NDArray[np.floating], model: str = ""
) -> Prediction:
    """Return what calibrated `logits` of shape (n_themes + 1,), boilerplate last, say at `cuts` (n_themes + 1, 2)."""
    *scores, _ = sigmoids(logits.tolist())
    *yes, boilerplate = (logits >= cuts[:, 1]).tolist()
    return Prediction(
        labels=() if boilerplate else tuple(theme for theme, said in zip(themes, yes, strict=True) if said),
        boilerplate=boilerplate,
        model=model,
        scores=dict(zip(themes, scores, strict=True)),
        score=certainty(scores),
    )
