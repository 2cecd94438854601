"""Verbs that make, judge and read a model."""

import os
import sys
from pathlib import Path

import click

from training.commands.options import FILE, OUTPUT, labels_option, load_classifier, model_option, prior_option, say


@click.command()
@labels_option
@click.option("-o", "--output", type=OUTPUT, default="model.npz", show_default=True, help="Where the model goes.")
@click.option("--if-changed", is_flag=True, help="Do nothing where the model was made of these very labels.")
@click.option(
    "--yes-precision",
    default="",
    envvar="ASN_THEMES_YES_PRECISION",
    help="Precision that yes is to have: a share, or theme=share,….  [default: the best F1]",
)
def train(labels_folder: Path, output: Path, if_changed: bool, yes_precision: str) -> None:
    """Train a model on a labels folder and print how well it does out of fold."""
    from classifier.modelfile import save
    from classifier.prior import parse_shares
    from training.fit import Recipe
    from training.metrics import table
    from training.train import is_current, train

    precision = parse_shares(yes_precision)
    if if_changed and is_current(output, labels_folder, precision):
        return
    trained = train(labels_folder, Recipe(), say, precision)
    version = save(trained.model, output)
    click.echo(table(trained.quality))
    say(f"wrote {output}, version {version[:12]}, {len(trained.model.features)} features")


@click.command()
@click.argument("file", type=FILE, required=False)
@click.option("--cv", is_flag=True, help="Cross-validate the recipe on the labels instead.")
@click.option("--min", "minima", default="", help="Exit 3 where a figure is lower: macro_f1=0.7,merit_recall=0.6.")
@click.option("--html", type=OUTPUT, help="Write a report to read and print here.")
@click.option("--yes-precision", default="", help="With --cv: as in train.")
@labels_option
@model_option
def evaluate(
    file: Path | None, cv: bool, minima: str, html: Path | None, yes_precision: str, labels_folder: Path, model: Path
) -> None:
    """Measure quality: a model on a labelled FILE, or with --cv the recipe on articles it has not seen.

    FILE is JSONL with `text`, `labels` and, where known, `id`, `article` and `boilerplate`.

    \b
    Examples:
      asn-themes evaluate gold.jsonl --html report.html
      asn-themes evaluate --cv --min macro_f1=0.7
    """
    from classifier.prior import parse_shares
    from training.archive.target import refuse_overlap
    from training.evaluate import cross_validate, judge_file
    from training.fit import Recipe
    from training.metrics import decisions_table, measure, table

    if cv == (file is not None):
        raise click.UsageError("name a labelled FILE, or say --cv")
    if yes_precision and not cv:
        raise click.UsageError("--yes-precision goes with --cv: the cuts of a model are in its file")
    if file is not None and html is not None:
        refuse_overlap([str(file)], str(html))
    least = parse_shares(minima)
    classifier = None if file is None else load_classifier(model)
    gold = (
        cross_validate(labels_folder, Recipe(), say, parse_shares(yes_precision))
        if classifier is None or file is None
        else judge_file(classifier, file)
    )
    quality = measure(gold.judgements)
    click.echo(f"{table(quality)}\n\n{decisions_table(quality)}")
    say(f"{quality.n_examples} paragraphs of {quality.n_articles} articles; 95 % bootstrap intervals by article")
    if html:
        from training.report import write_report

        write_report(html, gold, quality, classifier)
        say(f"wrote {html}")
    quality.demand(least)


@click.command()
@click.argument("old", type=OUTPUT)
@click.argument("new", type=OUTPUT)
@click.argument("file", type=FILE)
def compare(old: Path, new: Path, file: Path) -> None:
    """Compare two models on a labelled FILE: figures, whether they differ beyond chance, paragraphs that flip."""
    from training.compare import compare_files, render

    click.echo(render(compare_files(load_classifier(old), load_classifier(new), file)))


@click.command()
@click.argument("file", type=FILE)
@click.option(
    "--color/--no-color", default=None, help="Mark words by colour or by brackets.  [default: by the terminal]"
)
@prior_option
@model_option
def explain(file: Path, color: bool | None, prior: str, model: Path) -> None:
    """Show an article, a text or HTML FILE, with its themes and the words that decided."""
    from training.reading import read_article, show

    coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ if color is None else color
    click.echo(show(load_classifier(model, prior), read_article(file), coloured), color=coloured)


@click.command()
@click.argument("theme")
@click.option("-n", "--number", type=click.IntRange(1), default=20, show_default=True, help="How many of either kind.")
@model_option
def terms(theme: str, number: int, model: Path) -> None:
    """List the terms that speak most for THEME (or boilerplate) and most against it."""
    from training.reading import heaviest_terms

    strong, weak = heaviest_terms(load_classifier(model).model, theme, number)
    for title, ranked in (("for", strong), ("against", weak)):
        click.echo(f"{title} {theme}")
        for term in ranked:
            click.echo(f"  {term.weight:+6.2f}  {term.name}")


@click.command()
@click.option("-o", "--output", type=OUTPUT, help="Write the card here instead, e.g. model.md.")
@model_option
def card(output: Path | None, model: Path) -> None:
    """Write the model card as Markdown: data, quality, cuts, strongest terms, use and misuse."""
    from classifier.files import publish
    from training.card import card as render

    text = render(load_classifier(model))
    if output is None:
        click.echo(text, nl=False)
        return
    publish(text.encode(), output)
    say(f"wrote {output}")
