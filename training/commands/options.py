"""Options and helpers that verbs share."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from classifier import Classifier
    from training.codebook import Codebook
    from training.exchange.tasks import Task

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

#: Formats of labelling tools that hold a text with what a model says of it.
TOOLS = {"doccano": "doccano-jsonl", "label-studio": "labelstudio-json", "prodigy": "prodigy"}
tool_option = click.option(
    "--to", "tool", type=click.Choice([*TOOLS]), default="doccano", show_default=True, help="Tool that OUTPUT is for."
)


def say(line: str) -> None:
    """Tell the person a line, on stderr: stdout is for answers."""
    click.echo(line, err=True)


def load_classifier(model: Path, prior: str = "") -> "Classifier":
    """Load a model file with a prior as the option states it."""
    from classifier import Classifier
    from classifier.prior import parse_shares

    return Classifier.load(model, parse_shares(prior))


def write_tasks(tasks: "Sequence[Task]", output: Path, tool: str, codebook: "Codebook") -> None:
    """Write tasks for a labelling tool and tell the person what its format could not hold."""
    from training.exchange.kinds import save

    losses = save(tasks, output, TOOLS[tool], codebook)
    say(f"wrote {len(tasks)} tasks to {output}")
    for what, n in losses.items():
        say(f"not held by {tool}: {what} ({n})")
