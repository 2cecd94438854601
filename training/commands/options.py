"""Options and helpers that verbs share."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from training.archive.options import KINDS

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


def _picture(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    if path and path.suffix not in {".png", ".svg"}:
        raise click.UsageError(f"--plot {path}: end it in .png or .svg")
    return path


plot_option = click.option(
    "--plot", "picture", type=OUTPUT, metavar="FILE", callback=_picture, help="Draw it too: .png or .svg."
)
kind_option = click.option("--from", "kind", type=click.Choice(KINDS), help="Kind of input.")
html_option = click.option(
    "--html", default="html", show_default=True, help="Column of its page, read where there is no text."
)


def _together(*options: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return add


#: How the rows of an archive are read.
reading_options = _together(
    kind_option,
    click.option("--text", default="text", show_default=True, help="Column of the article's text."),
    click.option("--title", default="title", show_default=True, help="Column of its title."),
    html_option,
    click.option("--limit", type=click.IntRange(1), help="Only the first rows."),
    click.option(
        "--sample", type=click.FloatRange(0, 1, min_open=True), help="Only this share of the rows, e.g. 0.01."
    ),
)
#: How the files of a labelling tool are read.
exchange_options = _together(
    click.option("--from", "kind", metavar="FORMAT", help="Format of the file.  [default: told from what it holds]"),
    click.option("--text", help="Column of the text, if not the format's own."),
    click.option("--label", help="Column (Label Studio: control) of the labels, if not the format's own."),
    click.option("--drop", multiple=True, metavar="NAME", help="A label to leave out; may be given again."),
)


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
