"""Options and helpers that verbs share."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from classifier import Classifier

LABELS = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUTPUT = click.Path(dir_okay=False, path_type=Path)

labels_option = click.option(
    "--labels", "labels_folder", type=LABELS, default="labels", show_default=True, help="Labels folder."
)
prior_option = click.option(
    "--prior",
    default="",
    envvar="ASN_THEMES_PRIOR",
    help="How common themes are in these texts: theme=share,….  [default: as in the labels]",
)
model_option = click.option("--model", type=OUTPUT, default="model.npz", show_default=True, help="Model file.")


def say(line: str) -> None:
    """Tell the person a line, on stderr: stdout is for answers."""
    click.echo(line, err=True)


def load_classifier(model: Path, prior: str = "") -> "Classifier":
    """Load a model file with a prior as the option states it."""
    from classifier import Classifier
    from classifier.prior import parse_shares

    return Classifier.load(model, parse_shares(prior))


def tell_losses(losses: Mapping[str, int]) -> None:
    """Tell what a format did not hold, and how often."""
    for what, n in losses.items():
        if n:
            say(f"  {n} {what}")
