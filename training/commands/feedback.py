"""Verbs on what readers said of the model's answers."""

from pathlib import Path

import click

from training.commands.options import OUTPUT, labels_option, load_classifier, model_option, say

_store_option = click.option(
    "--store",
    envvar="ASN_THEMES_FEEDBACK",
    required=True,
    show_envvar=True,
    help="Where the service keeps feedback: sqlite:///FILE or postgresql://….",
)


@click.command()
@click.option(
    "--to",
    "kind",
    # Others would have proposals for labels; tests hold the list to training.review.
    type=click.Choice(["labelstudio-json", "prodigy"]),
    default="labelstudio-json",
    show_default=True,
    help="Format to write.",
)
@click.option("-o", "--output", type=OUTPUT, required=True, help="The file.")
@_store_option
@model_option
@labels_option
def feedback(kind: str, output: Path, store: str, model: Path, labels_folder: Path) -> None:
    """Write what readers said, for people to review in a labelling tool.

    A text has the model's answer, put right as most readers would, for a prediction, and what they said beside it;
    labels it has none until someone has labelled it and `labels import` has taken it in.

    \b
    Example:
      asn-themes labels feedback -o review.json
    """
    from corrections import open_store
    from training.exchange.kinds import save
    from training.labels import read_labels
    from training.review import review

    found = review(open_store(store).read(), read_labels(labels_folder), load_classifier(model))
    losses = found.losses + save(found.tasks, output, kind, read_labels(labels_folder).codebook)
    for what, n in losses.items():
        say(f"  {n} {what}")
    say(f"wrote {len(found.tasks)} texts to {output}")


@click.command()
@click.option("--giver", default="", help="Who gave it: the first 12 hex digits of the key's SHA-256.")
@click.option("--article", default="", help="The article it bears on, as the sender named it.")
@_store_option
@labels_option
def erase(giver: str, article: str, store: str, labels_folder: Path) -> None:
    """Erase the feedback of a giver or on an article, and the labels that rest on it alone.

    \b
    Example:
      asn-themes labels erase --giver 5d4140...
    """
    from corrections import open_store
    from training.review import erase

    if bool(giver) == bool(article):
        raise click.UsageError("one of --giver and --article expected")
    corrections, records = erase(open_store(store), labels_folder, giver, article)
    say(f"erased {corrections} corrections and {records} label records; train again")
