"""Verbs that check and make labels."""

from pathlib import Path

import click

from training.commands.options import FILE, labels_option, say


@click.group()
def labels() -> None:
    """Check and make labels."""


@labels.command("check")
@labels_option
def labels_check(labels_folder: Path) -> None:
    """Refuse labels and word classes that break a rule (exit 3)."""
    from training.labels import read_labels
    from training.lint import check

    found = read_labels(labels_folder)
    check(found)
    say(f"{len(found.examples)} paragraphs and {len(found.codebook.lexicon.fine)} word classes: fine")


@labels.command("agreement")
@click.argument("file", type=FILE, default="labels/readings/second_pass.jsonl")
@labels_option
def labels_agreement(file: Path, labels_folder: Path) -> None:
    """Show how far two readers of the same paragraphs agree, theme by theme."""
    from training.agreement import read_agreement
    from training.codebook import read_codebook

    click.echo("| output | votes | F1 between readers | Krippendorff's alpha |\n|---|---|---|---|")
    for found in read_agreement(file, read_codebook(labels_folder).theme_ids):
        click.echo(f"| {found.name} | {found.positives} | {found.f1:.3f} | {found.alpha:.3f} |")


@labels.command("extract")
@click.argument("files", type=FILE, nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    "output",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the records, e.g. labels/extracted.",
)
@click.option("--renew", is_flag=True, help="Take the labels from the records already in the folder, by id.")
@labels_option
def labels_extract(files: tuple[Path, ...], output: Path, renew: bool, labels_folder: Path) -> None:
    r"""Count labelled texts, so that labels on texts that may not be shared can be pooled.

    FILES are JSONL: `id`, `text`, `labels`, and where known `article`, `boilerplate`, `readers` and `origin`. One file
    of records a FILE goes to the output folder: no order of words, no phrase, no word of a single article.

    After a change of lexicon, --renew counts the same texts again with the labels that their records already have; a
    FILE may then also hold whole articles, whose paragraphs are known as <id>:<nn>.

    \b
    Examples:
      asn-themes labels extract mine.jsonl -o labels/extracted
      asn-themes labels extract --renew texts.jsonl -o labels/extracted
    """
    from training import extract
    from training.codebook import read_codebook

    verb = extract.renew if renew else extract.extract
    written = verb(files, output, read_codebook(labels_folder))
    say(f"wrote {written} records to {output}")
