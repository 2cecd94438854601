"""Training whole: labels in, model out, with its quality measured out of fold."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from classifier.errors import ModelRejectedError
from classifier.model import BOILERPLATE, Model
from classifier.modelfile import load
from training.calibrate import fit_calibration
from training.crossval import N_FOLDS, Experiment
from training.fit import Recipe, fit_linear
from training.labels import Labels, labels_version, read_labels
from training.lint import check
from training.metrics import Quality, measure
from training.thresholds import fit_cuts


@dataclass(frozen=True)
class Trained:
    """A model, and how well its recipe did on articles it had not seen (at cuts chosen on the same scores)."""

    model: Model
    quality: Quality


def train(folder: Path, recipe: Recipe, say: Callable[[str], None]) -> Trained:
    """Read and check the labels of `folder`, fit and measure a model.

    Parameters
    ----------
    folder : Path
        A labels folder.
    recipe : Recipe
        The choices of the fit.
    say : callable
        Takes one line of progress at a time.

    Raises
    ------
    LabelsRejectedError
        If the labels break a rule.
    """
    say(f"reading labels from {folder}")
    labels = read_labels(folder)
    check(labels)
    say(f"counted {len(labels.examples)} paragraphs; scoring out of fold, {N_FOLDS} folds")
    experiment = Experiment(labels, recipe)
    everything = np.arange(len(labels.examples))
    rows, raw = experiment.raw_out_of_fold(everything, N_FOLDS)
    calibration = fit_calibration(raw, experiment.Y[rows])
    logits = calibration.apply(raw)
    cuts = fit_cuts(logits, experiment.Y[rows])
    say("fitting on all paragraphs")
    features, X = experiment.matrix.weigh(everything, recipe.min_df)
    linear = calibration.fold_into(fit_linear(X, experiment.Y, experiment.weights, recipe))
    model = Model(
        themes=labels.codebook.themes,
        lexicon=labels.codebook.lexicon,
        features=features,
        coef=linear.coef.astype(np.float32),
        intercept=linear.intercept.astype(np.float32),
        cuts=cuts,
        metadata=_metadata(labels, recipe),
    )
    names = (*labels.codebook.theme_ids, BOILERPLATE)
    quality = measure(names, experiment.Y[rows], logits >= cuts[:, 1], logits, experiment.articles[rows])
    return Trained(model, quality)


def is_current(model_path: Path, folder: Path) -> bool:
    """Say whether the model at `model_path` was trained by this release on the labels of `folder` as they are now."""
    try:
        model, _ = load(model_path)
    except ModelRejectedError:
        return False
    return bool(model.metadata.get("labels") == labels_version(folder) and model.metadata.get("release") == _release())


def _release() -> str:
    return version("asn-themes")


def _metadata(labels: Labels, recipe: Recipe) -> dict[str, object]:
    examples = labels.examples
    return {
        "release": _release(),
        "labels": labels.version,
        "lexicon": labels.codebook.lexicon.version,
        "guide": labels.codebook.guide,
        "recipe": {"min_df": recipe.min_df, "C": recipe.C, "real_weight": recipe.real_weight},
        "paragraphs": len(examples),
        "real_paragraphs": sum(example.real for example in examples),
        "articles": len({example.article for example in examples}),
    }
