"""Priors: how common each theme is where the texts come from, and what that does to the scores.

A score is a probability in the labelled sample, which is richer in themes than a news stream.  Where the share of a
theme is known to be another, its odds move by the ratio of the two odds (Saerens, Latinne and Decaestecker 2002, eq. 4
in odds form): ``offset = logit(stated) - logit(sample)``, the same for every text.
"""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from classifier.errors import ModelRejectedError, SettingError
from classifier.model import Model


def parse_shares(text: str) -> dict[str, float]:
    """Read ``name=number,name=number``; a number alone goes by the name ``all``, an empty text is no share.

    Raises
    ------
    SettingError
        If a part is not of that form, or a name comes twice.
    """
    shares: dict[str, float] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        name, _, number = part.rpartition("=")
        if (name or "all") in shares:
            raise SettingError(f"setting: {name or 'all'} stands twice in {text!r}; write it once")
        try:
            shares[name or "all"] = float(number)
        except ValueError as err:
            raise SettingError(f"setting: {part!r} is no name=number; write e.g. merit=0.02,awards=0.01") from err
    return shares


def sample_prior(model: Model) -> dict[str, float]:
    """Return the share of each theme in the labelled sample that `model` was calibrated on.

    Raises
    ------
    ModelRejectedError
        If the model does not state it.
    """
    stated = model.metadata.get("prior")
    if not isinstance(stated, Mapping) or not all(_is_share(stated.get(theme)) for theme in model.theme_ids):
        raise ModelRejectedError("model: the sample's prior is not stated; retrain with `asn-themes train`")
    return {theme: float(stated[theme]) for theme in model.theme_ids}


def at_prior(model: Model, prior: Mapping[str, float]) -> Model:
    """Return `model` with its scores moved to `prior`: one addend to the bias of each theme that it names.

    The cuts, which are logits before the addend, move along: the decisions are the same.

    Raises
    ------
    SettingError
        If a theme is unknown or a share does not lie between 0 and 1.
    ModelRejectedError
        If the model does not state the sample's prior.
    """
    for theme, share in prior.items():
        if theme not in model.theme_ids:
            raise SettingError(f"setting: prior names {theme!r}; themes are {', '.join(model.theme_ids)}")
        if not _is_share(share):
            raise SettingError(f"setting: prior of {theme} is {share}; a share above 0 and below 1 expected")
    sample = sample_prior(model)
    moves = [logit(prior.get(theme, sample[theme])) - logit(sample[theme]) for theme in model.theme_ids]
    offset = np.array([*moves, 0.0], dtype=np.float32)
    return replace(model, intercept=model.intercept + offset, cuts=model.cuts + offset[:, None])


def _is_share(value: object) -> bool:
    return isinstance(value, float) and 0.0 < value < 1.0


def logit(share: float) -> float:
    """Return the log-odds of `share`, which lies between 0 and 1."""
    return math.log(share) - math.log1p(-share)
