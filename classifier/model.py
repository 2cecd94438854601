"""The model: a frozen record of arrays, word classes and themes, checked when it is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import ge
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.errors import ModelRejectedError
from classifier.features import Features
from classifier.lexicon import Lexicon

#: The output column after those of the themes.
BOILERPLATE = "boilerplate"
#: What the themes are called where the codebook does not say.
TITLE = {"id": "Tema ASN", "en": "Tema ASN"}
#: What people see in its place, in Indonesian and English, without regard to case.
BOILERPLATE_NAMES = ("bukan isi artikel", "not part of the article")
# Trained weights stay below 20; a thousand says that the file is not ours.
_MAX_WEIGHT = 1e3


class Theme(NamedTuple):
    """A theme of the codebook, as ``labels/themes.toml`` defines it."""

    id: str
    name_id: str
    name_en: str
    definition: str


def name_key(name: str) -> str:
    """Return what names of themes are told apart by: case, runs of spaces and underscores don't matter."""
    return " ".join(name.replace("_", " ").split()).casefold()


@dataclass(frozen=True)
class Model:
    """Everything needed to score a paragraph.

    Parameters
    ----------
    themes : tuple of Theme
        In the order of the columns of `coef`.
    lexicon : Lexicon
        The word classes that the features count.
    features : Features
        The terms and their idf.
    coef : ndarray of float32, shape (n_features, n_themes + 1)
        One column a theme and, last, one for boilerplate; calibration is folded in.
    intercept : ndarray of float32, shape (n_themes + 1,)
        The bias of each column.
    cuts : ndarray of float32, shape (n_themes + 1, 2)
        Logits: below the first the decision is ``no``, from the second it is ``yes``, between them ``review``.
    metadata : mapping
        What the model was trained on and how well it did; plain JSON.
    context : ndarray of float32, shape (3,)
        How the lines around a line and its repetition tell furniture, see `classifier.furniture`; zeros where each line
        is judged on its own.

    Raises
    ------
    ModelRejectedError
        If shapes, ranges or names don't fit together.
    """

    themes: tuple[Theme, ...]
    lexicon: Lexicon
    features: Features
    coef: NDArray[np.float32]
    intercept: NDArray[np.float32]
    cuts: NDArray[np.float32]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    context: NDArray[np.float32] = field(default_factory=lambda: np.zeros(3, dtype=np.float32))

    def __post_init__(self) -> None:
        n_features, n_outputs = len(self.features), len(self.themes) + 1
        for name, array, shape in (
            ("idf", self.features.idf, (n_features,)),
            ("coef", self.coef, (n_features, n_outputs)),
            ("intercept", self.intercept, (n_outputs,)),
            ("cuts", self.cuts, (n_outputs, 2)),
            ("context", self.context, (3,)),
        ):
            _check_array(name, array, shape)
        ids = self.theme_ids
        if not all(isinstance(text, str) for theme in self.themes for text in theme):
            raise ModelRejectedError("model: a theme has a field that is no text; retrain with `asn-themes train`")
        if len(set(ids)) != len(ids) or BOILERPLATE in ids:
            raise ModelRejectedError(f"model: theme ids {ids} are not distinct; retrain with `asn-themes train`")
        for block in self.features.terms:
            if any(map(ge, block, block[1:])):
                raise ModelRejectedError("model: terms are not sorted and distinct; retrain with `asn-themes train`")
        if (self.cuts[:, 0] > self.cuts[:, 1]).any():
            raise ModelRejectedError("model: a lower cut lies above the upper; retrain with `asn-themes train`")

    @property
    def theme_ids(self) -> tuple[str, ...]:
        """Theme ids, in the order of the columns."""
        return tuple(theme.id for theme in self.themes)

    @property
    def title(self) -> dict[str, str]:
        """What the themes are called together, by language: ``id`` and ``en``."""
        return dict(self.metadata.get("title", TITLE))

    def expected(self, theme: str) -> dict[str, list[float]]:
        """Return what training states of the decisions on `theme`, out of fold, each as value, low and high (95 %).

        ``precision`` and ``recall`` of yes, the share in ``review``, the share of positives that are ``kept`` from no.
        """
        figures = self.metadata.get("quality", {}).get("figures", {})
        names = ("precision", "recall", "review", "kept")
        return {name: figures[f"{theme}_{name}"] for name in names if f"{theme}_{name}" in figures}


def _check_array(name: str, array: NDArray[Any], shape: tuple[int, ...]) -> None:
    cure = "retrain with `asn-themes train`"
    if array.shape != shape:
        raise ModelRejectedError(f"model: {name} has shape {array.shape}, expected {shape}; {cure}")
    if array.dtype != np.float32:
        raise ModelRejectedError(f"model: {name} has type {array.dtype}, expected float32; {cure}")
    if not (np.isfinite(array).all() and (np.abs(array) <= _MAX_WEIGHT).all()):
        raise ModelRejectedError(f"model: {name} holds values that are not finite or above {_MAX_WEIGHT:g}; {cure}")
