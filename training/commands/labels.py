"""Verbs that check and make labels."""

from pathlib import Path

import click

from training.commands.options import FILE, OUTPUT, exchange_options, labels_option, say, tell_losses
from training.commands.queues import audit, estimate, sample
from training.commands.retrain import retrain

# Refused texts that are shown.
_MAX_SHOWN = 20


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
    """Show how far readers of the same paragraphs agree, theme by theme, with 95 % intervals."""
    from training.agreement import read_agreement, table
    from training.codebook import read_codebook

    click.echo(table("output", read_agreement(file, read_codebook(labels_folder).theme_ids)))


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
    """Count labelled texts, so that labels on texts that may not be shared can be pooled.

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


def _plain_name(context: click.Context, parameter: click.Parameter, name: str | None) -> str | None:
    if name is not None and (name != Path(name).name or name == ".."):
        raise click.BadParameter("a name of a file, without a folder")
    return name


@labels.command("import")
@click.argument("files", nargs=-1, required=True, metavar="[READER=]FILE...")
@exchange_options
@click.option(
    "--name",
    callback=_plain_name,
    help="Of the files of records, and before ids that are numbers.  [default: the first file's]",
)
@click.option("--absent-means-no", is_flag=True, help="Take an empty label, and themes not asked about, for no.")
@click.option("--update", is_flag=True, help="Give texts that are in the labels already the labels that come in.")
@click.option("--replace", is_flag=True, help="Import anew what was imported under this name.")
@labels_option
def labels_import(
    files: tuple[str, ...],
    kind: str | None,
    name: str | None,
    text: str | None,
    label: str | None,
    drop: tuple[str, ...],
    labels_folder: Path,
    **flags: bool,
) -> None:
    """Take in what was labelled in another tool: doccano, Label Studio, Prodigy, Annif, datasets, a table.

    New texts become records in LABELS/paragraphs/NAME.jsonl; where several readers labelled a text, the majority
    stands and every vote goes to LABELS/readings/NAME.jsonl.  What is not taken is told, with how often.

    \b
    Examples:
      asn-themes labels import project-1.json
      asn-themes labels import ani=ani.jsonl budi=budi.jsonl --name doccano
      asn-themes labels import sheet.csv --text isi --drop "perlu dibahas"
    """
    from training.exchange.source import Columns
    from training.intake import Importer

    named = dict(map(_reader, files))
    if len(named) < len(files):
        raise click.UsageError("two files of one reader; tell them apart as READER=FILE")
    importer = Importer(
        labels_folder,
        name or next(iter(named.values())).stem,
        kind,
        Columns(text, label, drop),
        **flags,
    )
    intake = importer.take(named)
    for line in intake.refused[:_MAX_SHOWN]:
        say(f"refused {line}")
    losses = {"texts refused, as above": len(intake.refused), **intake.losses}
    tell_losses(losses)
    say(
        f"imported {', '.join(intake.kinds)} as {importer.name} into {labels_folder}: {len(intake.records)} new, "
        f"{len(intake.changes)} relabelled, {len(intake.readings)} votes of several readers"
    )


def _reader(given: str) -> tuple[str, Path]:
    """Cut ``READER=FILE``; a file alone is its own reader's."""
    reader, _, path = given.rpartition("=") if not Path(given).exists() else ("", "", given)
    return reader or Path(path).stem, Path(path)


@labels.command("export")
@click.option("--to", "kind", required=True, metavar="FORMAT", help="Format to write, as labels import reads it.")
@click.option("-o", "--output", type=OUTPUT, required=True, help="The file.")
@labels_option
def labels_export(kind: str, output: Path, labels_folder: Path) -> None:
    """Write the labelled paragraphs in the format of another tool.

    FORMAT is doccano-jsonl, doccano-json, doccano-csv, labelstudio-json, labelstudio-min, prodigy, annif, hf-jsonl,
    hf-parquet or csv.  What it cannot hold is told, with how often.

    \b
    Examples:
      asn-themes labels export --to labelstudio-json -o tasks.json
      asn-themes labels export --to csv -o sheet.csv
    """
    from training.exchange.kinds import save
    from training.export import read_tasks

    codebook, tasks, losses = read_tasks(labels_folder)
    losses += save(tasks, output, kind, codebook)
    tell_losses(losses)
    say(f"wrote {len(tasks)} texts to {output}")


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
def new(folder: Path) -> None:
    """Start a taxonomy of your own in DIR: themes to name, a guide to write, a folder for labels."""
    from training.taxonomy import create

    create(folder)
    say(f"made {folder}; name your themes in {folder / 'labels' / 'themes.toml'}, then see {folder / 'README.md'}")


for verb in (sample, estimate, audit, retrain):
    labels.add_command(verb)
