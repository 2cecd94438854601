"""Training whole: labels in, model out, with its quality measured out of fold."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from platform import python_version

import numpy as np

from classifier.errors import ModelRejectedError
from classifier.model import Model
from classifier.modelfile import load
from training.agreement import read_agreements
from training.confusion import confusion
from training.crossval import N_FOLDS, Experiment
from training.fit import Recipe, fit_linear
from training.judgements import Judgements
from training.labels import Labels, labels_version, read_labels
from training.lint import check
from training.metrics import Quality, measure


@dataclass(frozen=True)
class Trained:
    """A model, and how well its recipe did on articles it had not seen, at cuts chosen on other articles.

    Attributes
    ----------
    model : Model
    quality : Quality
    judgements : Judgements
        What `quality` measures.
    experiment : Experiment
        The labels as they were fitted.
    """

    model: Model
    quality: Quality
    judgements: Judgements
    experiment: Experiment


def train(
    folder: Path, recipe: Recipe, say: Callable[[str], None], yes_precision: Mapping[str, float] | None = None
) -> Trained:
    """Read and check the labels of `folder`, fit and measure a model.

    Parameters
    ----------
    folder : Path
        A labels folder.
    recipe : Recipe
        The choices of the fit.
    say : callable
        Takes one line of progress at a time.
    yes_precision : mapping of str to float, optional
        The precision that ``yes`` is to have, by theme or for ``all``; other themes have the cut of the best F1.

    Raises
    ------
    LabelsRejectedError
        If the labels break a rule.
    SettingError
        If `yes_precision` names an unknown theme or no precision.
    """
    say(f"reading labels from {folder}")
    labels = read_labels(folder)
    check(labels)
    say(f"counted {len(labels.examples)} paragraphs; scoring out of fold, {N_FOLDS} folds")
    experiment = Experiment(labels, recipe, yes_precision)
    everything = np.arange(len(labels.examples))
    rows, raw = experiment.raw_out_of_fold(everything, N_FOLDS)
    rule = experiment.settle(rows, raw)
    judgements = experiment.cross_fit(raw, N_FOLDS)
    quality = measure(judgements)
    say("fitting on all paragraphs")
    features, X = experiment.matrix.weigh(everything, recipe.min_df)
    linear = rule.calibration.fold_into(fit_linear(X, experiment.Y, experiment.weights, recipe))
    model = Model(
        themes=labels.codebook.themes,
        lexicon=labels.codebook.lexicon,
        features=features,
        coef=linear.coef.astype(np.float32),
        intercept=linear.intercept.astype(np.float32),
        cuts=rule.cuts,
        context=rule.context,
        metadata=_metadata(experiment, judgements, quality) | {"agreement": _agreement(folder, labels)},
    )
    return Trained(model, quality, judgements, experiment)


def _agreement(folder: Path, labels: Labels) -> dict[str, list[list[object]]]:
    """Return, for each file of readings, the rows of how far two readers agree."""
    found = read_agreements(folder, labels.codebook.theme_ids)
    return {name: [[a.name, a.positives, a.f1, a.alpha.value] for a in rows] for name, rows in found.items()}


def is_current(model_path: Path, folder: Path, yes_precision: Mapping[str, float] | None = None) -> bool:
    """Say whether the model at `model_path` is what this release makes of `folder` as it is now."""
    try:
        model, _ = load(model_path)
    except ModelRejectedError:
        return False
    made = {"release": _release(), "labels": labels_version(folder), "yes_precision": dict(yes_precision or {})}
    return all(model.metadata.get(name) == value for name, value in made.items())


def _release() -> str:
    return version("asn-themes")


def _metadata(experiment: Experiment, judgements: Judgements, quality: Quality) -> dict[str, object]:
    labels, recipe, examples = experiment.labels, experiment.recipe, experiment.labels.examples
    themes = labels.codebook.theme_ids
    return {
        "release": _release(),
        "labels": labels.version,
        "lexicon": labels.codebook.lexicon.version,
        "guide": labels.codebook.guide,
        **({"title": dict(labels.codebook.title)} if labels.codebook.title else {}),
        "recipe": asdict(recipe),
        "paragraphs": len(examples),
        "real_paragraphs": sum(example.real for example in examples),
        "articles": len({example.article for example in examples}),
        "prior": dict(zip(themes, judgements.Y.mean(axis=0).tolist(), strict=False)),
        "yes_precision": experiment.yes_precision,
        "quality": quality.to_json(),
        "confusion": confusion(judgements).tolist(),
        "versions": {"python": python_version(), **{name: version(name) for name in ("numpy", "scikit-learn")}},
    }
